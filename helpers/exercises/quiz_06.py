"""Quiz of notebook 06, practical advice."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "You remove a convolution from the middle of a pre-trained network. The shapes fit, and there is no "
        "error. What do you do?",
        {
            "Go on: Keras would report a change that is not allowed": (
                "Keras checks shapes. It cannot know whether the weights still make sense."
            ),
            "Undo it: the later layers get activations that they have never seen": (
                "Layers can be removed from the end. In the middle, the rest of the network was trained for "
                "other inputs."
            ),
            "Go on, because a new head adapts to what the network gives": (
                "The head adapts, but it cannot bring back what the damaged features have lost."
            ),
        },
        right="Undo it: the later layers get activations that they have never seen",
    ),
    Question(
        "You fine-tune all layers with one large learning rate. In the first steps, the training loss rises "
        "far above its initial value. What has probably happened?",
        {
            "The new head has random weights, so the loss has to be high at first": (
                "This explains a high initial value. It does not explain that the loss rises."
            ),
            "Nobody can say before the validation loss is known, too": (
                "It would show over-fitting, which lowers the training loss. A training loss that rises far "
                "says enough: the steps are too large."
            ),
            "Large steps have destroyed features of the backbone": (
                "The pre-trained weights were good. A step that is too large loses what they knew."
            ),
        },
        right="Large steps have destroyed features of the backbone",
    ),
    Question(
        "In a range test, the loss is lowest at a learning rate of 0.01. Which one do you try first?",
        {
            "0.001, because the loss is still falling there": (
                "The rates at which the loss grows are far enough away."
            ),
            "0.01, because the loss is lowest there": (
                "The loss is about to grow there. In a full training, this rate is probably too large."
            ),
            "0.000001, because such small steps can do no harm": (
                "They do no harm, but the network learns next to nothing in the time given."
            ),
        },
        right="0.001, because the loss is still falling there",
    ),
    Question(
        "Training and validation accuracy are almost perfect. New photographs from the same camera and the "
        "same place are often classified wrongly. What do you suspect first?",
        {
            "Over-fitting: the network has learned its images by heart": (
                "Then the validation accuracy would be clearly below the training accuracy."
            ),
            "A domain shift: new images are never like the old ones": (
                "The camera and the place are the same, so a large shift is unlikely."
            ),
            "Copies of training images in the validation set": (
                "Such validation images are not new to the network, so they hide over-fitting."
            ),
        },
        right="Copies of training images in the validation set",
    ),
    Question(
        "LP-FT trains the head alone before it trains the whole network. What is this good for?",
        {
            "The backbone stays frozen and cannot over-fit": (
                "It is frozen only at first. In the second stage, all layers train."
            ),
            "Once the backbone trains, the head's gradients make sense": (
                "A random head would send large gradients into good features, and distort them."
            ),
            "It saves time: the head does not have to train any more": (
                "The head trains in both stages, so this saves no time."
            ),
        },
        right="Once the backbone trains, the head's gradients make sense",
    ),
    Question(
        "A network was trained on pixels from 0 to 255. The program that uses it divides all pixels by 255. "
        "What do you see?",
        {
            "Poor predictions and no error, because nothing checks the range of pixels": (
                "This bug is silent. Put the conversion of pixels inside the model, so that nobody can "
                "forget it."
            ),
            "No difference, because BatchNorm brings its inputs back to the usual scale": (
                "In prediction, BatchNorm uses stored averages, and these belong to the old range."
            ),
            "An error, because the values have the wrong range": (
                "Keras checks shapes and types. It does not know which range the network was trained on."
            ),
        },
        right="Poor predictions and no error, because nothing checks the range of pixels",
    ),
)
