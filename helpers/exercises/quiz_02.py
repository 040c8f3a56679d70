"""Quiz of notebook 02, what transfer learning is."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "A pedestrian detector was trained by day, and it fails at night. Which remedy removes the cause?",
        {
            "More images taken by day, so that the detector becomes more reliable": (
                "It becomes more reliable by day. Night images are still unlike anything that it has seen."
            ),
            "Images taken at night: they belong in the training set, too": (
                "The training images have to come from the domain in which the model will work."
            ),
            "A larger network: night images are more difficult": (
                "A larger network fits the day images better. It still has not seen a night image."
            ),
        },
        right="Images taken at night: they belong in the training set, too",
    ),
    Question(
        # given: exercise
        "On its validation set, a detector has an accuracy of 98 %; all its images were taken by day. What "
        "does this say about its accuracy at night?",
        {
            "Hardly anything: all its validation images show the day": (
                "Validation images come from the same domain as the training images, so they cannot show a "
                "shift."
            ),
            "It will be a little lower, as on all new images": (
                "This is true of new images from the same domain. A domain shift can cost much more."
            ),
            "It will be the same, if the validation set is large": (
                "A large validation set makes the number more precise, but only for the day."
            ),
        },
        right="Hardly anything: all its validation images show the day",
    ),
    Question(
        "Which of these is transfer learning?",
        {
            "Interrupting a training, and continuing it on the next day with the same images": (
                "The domain and the task stay the same: this is one training with a break."
            ),
            "Training from scratch on many more labelled images of the target": (
                "This is traditional learning. Transfer uses knowledge from another domain or task."
            ),
            "Training a network that knows dog breeds further, on diseases of rice leaves": (
                "What was learned on the source, dog breeds, is used for the target, rice leaves."
            ),
        },
        right="Training a network that knows dog breeds further, on diseases of rice leaves",
    ),
    Question(
        "You have few labelled X-ray images and a network that was pre-trained on photographs. A colleague "
        "says: these look so different that transfer cannot help. What do you answer?",
        {
            "That is true: they have to look alike": (
                "Edges and textures occur in both. Whether that is enough has to be measured."
            ),
            "It may help; measure it against training from scratch": (
                "How useful a source is cannot be seen by eye, and a comparison is cheap."
            ),
            "That is wrong, because a pre-trained network always helps with few images": (
                "It often helps, but not always: a source that does not fit can do harm."
            ),
        },
        right="It may help; measure it against training from scratch",
    ),
    Question(
        "You train a detector on photographs of your factory. It will be used in other factories. Which "
        "photographs belong in the test set?",
        {
            "A large random part of your own photographs": (
                "This measures your own factory. Light, cameras and parts may differ in the others."
            ),
            "The most difficult of your own photographs, to be on the safe side": (
                "Difficult or not, they show your own factory. Nobody knows whether the others are harder."
            ),
            "Photographs from other factories": (
                "A test set should come from the domain in which the model will work."
            ),
        },
        right="Photographs from other factories",
    ),
    Question(
        # given: exercise
        "There are two classes, equally frequent. A detector has an accuracy of 90 % by day and 50 % at "
        "night. How much of its skill is left at night?",
        {
            # given: definition
            "Nothing": "With two classes, guessing has an accuracy of 50 %.",
            "More than half of it: 50 of 90": (
                "Of these 50, guessing gets all. Compare what lies above chance."
            ),
            # given: exercise
            "Half of it: half of its predictions are correct": "A coin is right just as often.",
        },
        right="Nothing",
    ),
)
