"""Quiz of notebook 00, start here."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "You train the same network with the seeds 0, 1 and 2 and get three different accuracies. What do "
        "you report?",
        {
            "The highest of the three: it shows what the method can do": (
                "The highest of several runs is partly luck. With more seeds it rises, although the method "
                "stays the same."
            ),
            "The one with seed 0: it was chosen in advance": (
                "That avoids choosing a lucky seed. But one run does not show how much the results vary."
            ),
            "Their mean, and how much they vary from seed to seed": (
                "The mean describes the method. The variation shows how much of a single run is chance."
            ),
        },
        right="Their mean, and how much they vary from seed to seed",
    ),
    Question(
        "A friend tries ten settings and reports the test accuracy of the best one. No test image was used "
        "in training. What do you expect on new images?",
        {
            "About the same accuracy, because the test images were never used in training": (
                "Choosing by the test set uses it, too: the best of ten suits these images partly by chance."
            ),
            "A lower accuracy, because the best of ten was partly lucky on these test images": (
                "Luck does not repeat on new images. Choose settings with the validation set."
            ),
            "A higher accuracy, because the best setting was found": (
                "The setting may be good. But its score was chosen because it was high."
            ),
        },
        right="A lower accuracy, because the best of ten was partly lucky on these test images",
    ),
    Question(
        # given: exercise
        "Method A has a test accuracy of 81 %, method B has 80 %, with one seed each. What do the two runs "
        "show?",
        {
            "Neither that A is better nor that the two are equal": (
                "One seed each is too little. Repeat both with several seeds, and look at the interval of "
                "the difference."
            ),
            "That A is better on such images, if only by a little": "With other seeds, the order may change.",
            "That A and B are equally good": (
                "To see no clear difference is not evidence of equality: two runs cannot show that either."
            ),
        },
        right="Neither that A is better nor that the two are equal",
    ),
    Question(
        # given: exercise
        "With two equally frequent classes, classifier A has an accuracy of 60 %. With fifty equally "
        "frequent classes, classifier B has 40 %. Which one has learned more?",
        {
            "A, because more of its predictions are correct": (
                # given: definition
                "Guessing between two classes is already correct half of the time, so A is only a little "
                "above chance."
            ),
            "B, because it is further above chance": (
                # given: definition
                "Compare each one with chance: 50 % for two classes, 2 % for fifty. B is far above chance."
            ),
            "Nobody can say that, because the numbers of classes differ": (
                "You can compare each accuracy with the chance of its own task."
            ),
        },
        right="B, because it is further above chance",
    ),
    Question(
        "A linear probe can learn a new task from only fifty images. Why are so few enough?",
        {
            "All layers but the last have learned before; only the last one has to learn": (
                "They have learned from the source. Few weights remain to be learned."
            ),
            "Its weights are good already, so they all adapt after a few images": (
                "Only the weights of the last layer change. All others stay as they are."
            ),
            "The source model has already learned the classes of the target": (
                "None of the new shapes is among the old ones. What the network knows fits them all the same."
            ),
        },
        right="All layers but the last have learned before; only the last one has to learn",
    ),
    Question(
        # given: exercise
        "On the training set, a model has an accuracy of 100 %, on the validation set 60 %. A friend says "
        "that it is perfect. What do you answer?",
        {
            "Yes: on the images that it was taught, it makes no mistake": (
                "It may know these images by heart. Only images that it has not learned from show what it "
                "can do."
            ),
            "The validation images are too hard": (
                "Both sets are random parts of the same data. Such a gap usually means learning by heart."
            ),
            # given: exercise
            "Only on these: on new images, expect about 60 %": (
                "It has not learned from the validation images, so they are like new images to it."
            ),
        },
        # given: exercise
        right="Only on these: on new images, expect about 60 %",
    ),
)
