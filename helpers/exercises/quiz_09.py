"""Quiz of notebook 09, after the lecture."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "A new camera gives darker, noisier images of the same things. You have ten images per class. What "
        "do you tune first?",
        {
            "The head alone, because it has the fewest weights": (
                "The features that reach it are already wrong, so it has little to work with."
            ),
            "The first block and the head; those between then get what they know": (
                "The inputs are corrected where they enter, and the head settles what is left."
            ),
            "All layers, so that each of them can adapt a little to the new light": (
                "A hundred images are few for so many weights. Measure it: two small parts may do as well."
            ),
        },
        right="The first block and the head; those between then get what they know",
    ),
    Question(
        "You have unlabelled images by night, and a network that was trained by day. What can you do now?",
        {
            "Compute the statistics of BatchNorm again, from these images": (
                "Means and variances need no label, and a change of light changes exactly those."
            ),
            "Tune the first block, because only the inputs differ": (
                "Tuning needs a loss, and the loss needs labels. What can be computed without them?"
            ),
            "Nothing, because every adaptation needs some labels of the target": (
                "Not every one: a mean of activations is computed from images alone."
            ),
        },
        right="Compute the statistics of BatchNorm again, from these images",
    ),
    Question(
        "SimCLR has trained a network without labels. Two views of an image were random crops in random "
        "colours. Which target suits it least?",
        {
            "Telling dogs from cats: it has never seen the label of a dog or a cat": (
                "It has seen no label at all. A probe adds the labels to what the views taught."
            ),
            "Photographs that show only a part of each thing, as its views did": (
                "Crops were its views, so it has learned to call a part and its whole the same."
            ),
            "Sorting apples by ripeness, which shows in their colour": (
                "Views of other colours counted as the same image, so colour was worth forgetting."
            ),
        },
        right="Sorting apples by ripeness, which shows in their colour",
    ),
    Question(
        "LoRA of rank 4 replaces the update of a kernel of 864 rows and 96 columns. How many numbers train?",
        {
            "4 · 864 · 96": ("That is more than the full matrix. Rank 4 means two thin matrices."),
            "864 · 96 / 4": ("The rank does not divide the matrix. It is the width of two thin ones."),
            "4 · (864 + 96)": "Two thin matrices: 864 rows by 4, and 4 by 96 columns.",
        },
        right="4 · (864 + 96)",
    ),
    Question(
        "You average the weights of two networks that were trained from different random weights. What do "
        "you expect?",
        {
            "A soup: it is better than each of the two networks": (
                "Soups need networks that were fine-tuned from the same weights."
            ),
            "Chance: channel 7 of one has nothing to do with channel 7 of the other": (
                "A common start gives channels the same meaning in all networks; here there is none."
            ),
            "About the mean of both accuracies, as with a vote of the two": (
                "A vote averages predictions. Averaged weights are a third network."
            ),
        },
        right="Chance: channel 7 of one has nothing to do with channel 7 of the other",
    ),
    Question(
        "You move from the source classifier to the fine-tuned network, and stop halfway. What can you gain?",
        {
            "Accuracy on shifts that nobody has trained for": (
                "The source network is often more robust; the fine-tuned one knows the target."
            ),
            "Nobody can say: a network halfway was never trained": (
                "Both ends were trained, one from the weights of the other. So a mix of the two works."
            ),
            "Labels: the middle needs no images of the target at all": (
                "One end was fine-tuned on labelled images of the target, so the middle needs them, too."
            ),
        },
        right="Accuracy on shifts that nobody has trained for",
    ),
)
