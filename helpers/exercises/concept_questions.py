"""The eight questions of the concept test, one for each of the notebooks 01 to 08.

They are asked before and after the series, so no notebook asks or answers them in these words.
"""

from helpers.exercises.checks import Question

QUESTIONS = (
    Question(
        "A network has thirty sigmoid layers. Its first layers hardly learn. What helps most?",
        {
            "A much larger learning rate for all layers, first and last": (
                "The last layers have large gradients already. Such steps would destroy what they learn."
            ),
            "ReLU instead of sigmoid, and initial weights that fit it": (
                "The slope of ReLU is 1 where its input is positive, so gradients reach the first layers."
            ),
            "Many more training images, so that the first layers see enough": (
                "The gradient is a product of small factors in every image, however many there are."
            ),
        },
        right="ReLU instead of sigmoid, and initial weights that fit it",
    ),
    Question(
        "You compare fine-tuning with training from scratch, first with 10, then with 1,000 images per "
        "class. How does the advantage of fine-tuning usually change?",
        {
            "It shrinks, because many images can teach the features themselves": (
                "With enough labelled images, training from scratch learns such features on its own."
            ),
            "It grows, because fine-tuning makes better use of many images": (
                "Fine-tuning gets better with more images, but training from scratch gains more."
            ),
            "It stays the same, because the source model is the same": (
                "The source model is worth most where the target's own images are few."
            ),
        },
        right="It shrinks, because many images can teach the features themselves",
    ),
    Question(
        "A model names five diseases from photographs of leaves on a white table. Now it is to name the same "
        "five diseases in the field. What is new?",
        {
            "The task, because the model has to solve another problem": (
                "The classes are the same, and a leaf has the disease that it had before."
            ),
            "Neither the domain nor the task, because the diseases stay the same": (
                "The diseases stay the same, but light and background do not."
            ),
            "The domain: the images look different, and the labels mean what they meant": (
                "Other images occur, and the same leaf would still get the same label."
            ),
        },
        right="The domain: the images look different, and the labels mean what they meant",
    ),
    Question(
        "A network was pre-trained on photographs. You want to use its features for satellite images. How do "
        "you choose the layer?",
        {
            "The one with the best validation accuracy": (
                "No layer is the best for all targets. Trying them takes seconds."
            ),
            "The first layer: edges and colours occur in all images": (
                "Its features are general, but too simple for most classes."
            ),
            "The last layer: it has learned the most from the photographs": (
                "It is also the most specific. On images far from photographs, an earlier one can be better."
            ),
        },
        right="The one with the best validation accuracy",
    ),
    Question(
        "You have ten images per class, and they look like those of the source model. What do you try first?",
        {
            "Training a smaller network from scratch, which fits the data better": (
                "Ten images per class are too few to teach even a small network good features."
            ),
            "Fine-tuning all layers, because the images are so similar": (
                "It can work, but with so few images millions of weights can learn them by heart."
            ),
            "A linear classifier on the features of the frozen network": (
                "It has few weights to learn, and similar images need similar features."
            ),
        },
        right="A linear classifier on the features of the frozen network",
    ),
    Question(
        "You fine-tune a pre-trained network with a new head. Which learning rates do you choose?",
        {
            "The same for both, as in training from scratch": (
                "A rate that suits the random head is usually too large for trained weights."
            ),
            "A smaller one for the pre-trained layers than for the head": (
                "The head starts from random weights; the other weights are good already and change little."
            ),
            "A larger one for the pre-trained layers, because they have to forget the old task": (
                "Large steps would destroy the features for which you took the network."
            ),
        },
        right="A smaller one for the pre-trained layers than for the head",
    ),
    Question(
        "You set trainable = False for all layers of the backbone, compile the model and train it. What do "
        "these layers do?",
        {
            "They compute features as before, and their weights stay as they are": (
                "Freezing stops the updates of the weights, not the computation."
            ),
            "They are skipped, so that the images go directly to the head": (
                "Then the head would see pixels. A frozen layer still computes its outputs."
            ),
            "They still learn a little, but much more slowly than the head does": (
                "Their weights get no updates at all. A small learning rate would do what you describe."
            ),
        },
        right="They compute features as before, and their weights stay as they are",
    ),
    Question(
        "You have ten photographs of each of fifty cows, healthy or ill. How do you split them to find out "
        "how well your model will do on the cows of another farmer?",
        {
            "At random, so that each split is a fair sample of all photographs": (
                "Then the model knows the test cows from other photographs, and the accuracy is too high."
            ),
            "Seven photographs of each cow for training and three for testing": (
                "The model can recognise a cow that it has seen in training, instead of the illness."
            ),
            "Some cows for training, other cows for testing": (
                "The test cows must be new to the model, as those of the other farmer will be. (Cows of yet "
                "another farm would test more: another barn, another camera.)"
            ),
        },
        right="Some cows for training, other cows for testing",
    ),
)
