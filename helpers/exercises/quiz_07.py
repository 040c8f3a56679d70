"""Quiz of notebook 07, VGG16 on a GPU."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "After the head has been trained, you set trainable = True for block5 and call fit again, without "
        "compile. You use TensorFlow. What does the training change?",
        {
            "The head alone, as before": (
                "The first fit after compile fixes which weights are trained. TensorFlow gives no warning."
            ),
            "The head and block5: block5 is trainable now": (
                "The setting takes effect only with the next compile."
            ),
            "Nothing: TensorFlow stops and asks for a new compile": (
                "JAX stops with an error. TensorFlow goes on as before."
            ),
        },
        right="The head alone, as before",
    ),
    Question(
        "You compute the outputs of block4 once and train what follows on them. What can you no longer do?",
        {
            "Unfreeze block5 later": "Block5 comes after the stored outputs, so it can be trained on them.",
            "Use dropout in the head": (
                "Dropout acts on the features in the head. They pass through it in every epoch."
            ),
            "Augment images at random": (
                "Every epoch sees the same stored outputs. Other images need a new pass through the frozen "
                "blocks."
            ),
        },
        right="Augment images at random",
    ),
    Question(
        # given: exercise
        "On 200 validation images, unfreezing block5 raises the accuracy from 85.0 % to 85.5 %, in one run. "
        "What do you conclude?",
        {
            "It helps, so unfreezing one block more will help further": (
                "The difference is one image. Another seed may reverse it."
            ),
            "Too little to say: one image more is classified correctly": (
                # given: exercise
                "Repeat both with several seeds. Here, one image is half a point."
            ),
            "It does not help on these images, so the head alone is enough": (
                "One run cannot show that either."
            ),
        },
        right="Too little to say: one image more is classified correctly",
    ),
    Question(
        "A backbone with BatchNorm layers should keep their stored averages while you train a new head on "
        "it, in Keras 3. What ensures this?",
        {
            "Calling the backbone with training=False": (
                "While the outer model trains, Keras 3 passes training=True on to the layers inside."
            ),
            "Setting trainable = False for these layers": (
                "A frozen BatchNorm layer always uses its stored averages."
            ),
            "Giving these layers a learning rate of zero": (
                "The averages are not learned by gradients, so the learning rate does not matter to them."
            ),
        },
        right="Setting trainable = False for these layers",
    ),
    Question(
        "All weights are frozen, and still the validation accuracy is different in every evaluation. What do "
        "you suspect?",
        {
            "The learning rate is too large: the accuracy jumps": (
                "Without trainable weights, the learning rate has no effect."
            ),
            "The validation set is too small, so the accuracy is not precise": (
                "The accuracy on a small set is not precise, but it is the same in every evaluation."
            ),
            "The validation images are augmented at random, like the training images": (
                "Every evaluation then scores other images. Augment only while you train."
            ),
        },
        right="The validation images are augmented at random, like the training images",
    ),
    Question(
        "The GPU runs out of memory while all layers train. If only the last block trains, the same batch "
        "fits. What is the main reason?",
        {
            "Backpropagation needs no activations of the frozen blocks before it": (
                "The gradient stops at the last block. The large activations of the early blocks can be "
                "dropped at once."
            ),
            "The weights of frozen layers are not loaded into the GPU's memory": (
                "They are loaded: every image passes through them."
            ),
            "In the forward pass, an image skips the frozen layers": (
                "An image passes through all layers. Only the backward pass is shorter."
            ),
        },
        right="Backpropagation needs no activations of the frozen blocks before it",
    ),
)
