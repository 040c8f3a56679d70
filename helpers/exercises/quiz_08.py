"""Quiz of notebook 08, your own images."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        # given: exercise
        "A baseline that looks only at colours has an accuracy of 90 %. Your network has 91 %. What do you "
        "do?",
        {
            "Report both: the network wins, if only by a little": (
                "Colours alone nearly solve the task, so the network may have learned nothing else."
            ),
            "Use a larger network: the task is harder than it seems": (
                "The task is easier than it seems: colours nearly solve it. First find out why."
            ),
            "Find out why colours are enough": (
                "Perhaps each class was photographed with another camera, or on another background."
            ),
        },
        right="Find out why colours are enough",
    ),
    Question(
        # given: exercise
        "There are ten X-ray images of each patient. Cross-validation on shuffled images gives 95 %. What do "
        "you expect for new patients?",
        {
            "A lower accuracy, because the model has seen other images of the same patients": (
                "It may recognise patients instead of diseases. Keep all images of a patient in one part."
            ),
            # given: exercise
            "About 95 %, because cross-validation scores only images that were left out": (
                "The images were left out, but not the patients: other images of them were used in training."
            ),
            "It depends on the patients: nobody can say before some of them are tested": (
                "Nobody knows by how much, but you do know in which direction: this test was too easy."
            ),
        },
        right="A lower accuracy, because the model has seen other images of the same patients",
    ),
    Question(
        "Your classes are ants and bees, and ImageNet contains both. A model pre-trained on ImageNet does "
        "very well with ten images per class. What does this show about transfer?",
        {
            "With ImageNet, ten images per class are enough for insects in general": (
                "Ants and bees are among its classes. Other insects may be new to it."
            ),
            "That the model knows these classes; it does not show how it does on new ones": (
                "Source and target share their classes here. Expect less for classes that ImageNet lacks."
            ),
            "Nothing, because such a model must not be used here": (
                "You may use it, and the accuracy on your images counts. But do not generalise from it."
            ),
        },
        right="That the model knows these classes; it does not show how it does on new ones",
    ),
    Question(
        "You have thirty microscope images per class. By the textbook, they differ from photographs, so an "
        "earlier layer should be best. Your quick probes say that the last layer is better. What do you do?",
        {
            "Take the earlier layer, because the probes rest on few images": (
                "So does the rule, if on others. Your own validation images can decide."
            ),
            "Train from scratch: the two contradict each other": (
                "They contradict each other about a layer. Both say that the source model has useful "
                "features."
            ),
            "Compare both layers on your validation images": (
                "The rule and the probes are both guesses. The validation images measure it."
            ),
        },
        right="Compare both layers on your validation images",
    ),
    Question(
        "On many images, Grad-CAM highlights a printed label in a corner and not the leaf. The test accuracy "
        "is high. What do you do?",
        {
            "Nothing: the test images were not used in training": (
                "They have the same printed labels. On leaves without a label, the model will fail."
            ),
            "Remove or cover the printed labels, and train again": (
                "Then the model has to use the leaf, and the test shows whether it does."
            ),
            "Use the map of an earlier layer: its resolution is finer": (
                "The map shows the problem. Another map does not change what the model uses."
            ),
        },
        right="Remove or cover the printed labels, and train again",
    ),
    Question(
        # given: exercise
        "Your test accuracy is 82 %. You change the strategy, score the same test set again, and get 86 %. "
        "Which number is fair for the model that you keep?",
        {
            "Neither, because the test set has now made a choice": (
                # given: exercise
                "82 % belongs to another model, and 86 % is too optimistic. Score new test images."
            ),
            # given: exercise
            "86 %, because each model was scored only once": (
                "But the higher score made you keep this model, and a high score is partly luck."
            ),
            # given: exercise
            "82 %, because it was measured before you made a choice": (
                "It was a fair score, but of the model that you have given up."
            ),
        },
        right="Neither, because the test set has now made a choice",
    ),
)
