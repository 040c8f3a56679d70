"""Quiz of notebook 04, the two approaches."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "You train a linear probe on a frozen backbone for many epochs. Which weights have changed "
        "afterwards?",
        {
            "It depends on the learning rate and on the number of epochs that you choose": (
                "They decide how far trainable weights move. Those of a frozen backbone do not move at all."
            ),
            "Only those of the new head, because training updates nothing else": (
                "The backbone gives the same features as before; the head has learned to use them."
            ),
            "All of them a little, because the error passes back through every layer": (
                "Training updates only trainable weights, and those of the backbone are frozen."
            ),
        },
        right="Only those of the new head, because training updates nothing else",
    ),
    Question(
        "Activation maximisation gives an image of fur for one channel. What can you safely say?",
        {
            "The network recognises cats by means of this channel": (
                "Which classes use the channel is another question. The image does not answer it."
            ),
            "The channel responds to fur and to nothing else": (
                "A channel can respond to several things, and the image shows only one of them."
            ),
            "A texture that looks like fur activates this channel strongly": (
                "The method looks for one such image. It does not say what else activates the channel."
            ),
        },
        right="A texture that looks like fur activates this channel strongly",
    ),
    Question(
        "With no, one or two frozen blocks, the validation accuracies tie over ten seeds. What do you "
        "choose?",
        {
            "Two frozen blocks: fewer weights to train, and no loss that these runs show": (
                "If accuracy does not decide, cost does."
            ),
            "No frozen blocks: a network that can adapt more cannot be worse": (
                "It can be worse: more trainable weights can over-fit. Here, the runs show neither."
            ),
            "The number with the highest mean: this is what the seeds are for": (
                "The seeds show that this difference may be chance."
            ),
        },
        right="Two frozen blocks: fewer weights to train, and no loss that these runs show",
    ),
    Question(
        "In block 1, two networks trained on different images have a CKA of 0.70. With an untrained network, "
        "each of them has 0.75. Is the first value evidence of general features?",
        {
            "Yes, because two networks found nearly the same features on different images": (
                "They agree no more than with a network that has learned nothing."
            ),
            "No, because it would be as high without any training": (
                "An untrained network is as similar: perhaps because all see the same pixels. Compare "
                "with a baseline."
            ),
            "No, because it shows that early layers learn nothing": (
                "CKA compares activations. Filters can learn much and still give similar activations."
            ),
        },
        right="No, because it would be as high without any training",
    ),
    Question(
        "You have thirty labelled images of a rare disease, and no published model fits. On which task do "
        "you develop a source model?",
        {
            "On a related disease with thousands of labelled images": (
                "A source needs plenty of data, and knowledge that the target can use."
            ),
            "On the rare disease itself: it is most similar": (
                "Then the source model knows nothing that the thirty images do not contain."
            ),
            "On the largest labelled data set that you can find, whatever it shows": (
                "Size is not enough: the source model has to know something that the target needs."
            ),
        },
        right="On a related disease with thousands of labelled images",
    ),
    Question(
        "On its own task, a source model is far better than a naive model. Is it good enough for your "
        "target?",
        {
            "Yes: this is the condition for a source": (
                "It is the lecture's condition, but not sufficient: its features may not suit the target."
            ),
            "No, a source model has to be almost perfect on its own task": (
                "There is no fixed limit. A source model with many mistakes can have useful features."
            ),
            "Perhaps: test it with a quick probe on your target": (
                "It has learned something. A probe shows whether your target can use it."
            ),
        },
        right="Perhaps: test it with a quick probe on your target",
    ),
)
