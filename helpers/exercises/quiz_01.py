"""Quiz of notebook 01, deep learning basics."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        # given: exercise
        "With plain gradient descent, a sigmoid network with ten hidden layers does not learn. You train it "
        "ten times as long. What happens to its first layer?",
        {
            "It hardly changes, because its steps are far too small": (
                # given: exercise
                "Each layer multiplies the gradient by a slope of at most 1/4, and usual initial weights do "
                "not make up for it. Nor do ten times as many steps for ten such factors."
            ),
            "It catches up, because every step moves it a little": (
                "A little is too much said: ten factors of at most 1/4 make the steps about a million times "
                "smaller."
            ),
            "It over-fits, because it has seen the images too often": (
                "Over-fitting needs a low training loss. This network has not even learned its training "
                "images."
            ),
        },
        right="It hardly changes, because its steps are far too small",
    ),
    Question(
        "Before training with plain gradient descent, the gradient norm is about 0.000001 in every layer. "
        "What does this show?",
        {
            "The gradients flow well: no layer is behind the others": (
                "A level line is not enough: the size counts, too."
            ),
            "The initial weights are already close to the best ones": (
                "A small gradient does not mean a low loss. Tiny weights shrink the gradient wherever they "
                "are."
            ),
            "No layer learns at a usual learning rate, equal norms or not": (
                "The steps are too small in every layer. Larger initial weights help, such as those of He or "
                "Glorot."
            ),
        },
        right="No layer learns at a usual learning rate, equal norms or not",
    ),
    Question(
        "Why does the gradient shrink less in a deep network if ReLU replaces sigmoid?",
        {
            "ReLU is linear: the network behaves like a single linear layer": (
                "ReLU is linear only in pieces. Its bend at zero keeps the network non-linear."
            ),
            "Its slope is 1 wherever its input is positive": (
                # given: exercise
                "Factors of 1 do not shrink a product. Those of sigmoid are at most 1/4."
            ),
            "It has no upper limit, so all gradients are large": (
                "The factor in the chain rule is the slope of the activation, not its value."
            ),
        },
        right="Its slope is 1 wherever its input is positive",
    ),
    Question(
        # given: exercise
        "The input images get twice the height and twice the width. How does the number of weights of a 3 × "
        "3 convolutional layer change?",
        {
            # given: definition
            "It is four times the old number, because there are four times the pixels": (
                "This is true of a dense layer. A convolution uses the same filter at every position."
            ),
            "It stays the same, because all positions share a filter": (
                "The filter keeps its size. Only the number of its positions grows, and so does the work."
            ),
            "That depends on the number of filters, which is not given here": (
                "It decides how many weights there are, but it is the same before and after. The image size "
                "is in none of the factors."
            ),
        },
        right="It stays the same, because all positions share a filter",
    ),
    Question(
        # given: exercise
        "A dense network has a training accuracy of 100 % and a test accuracy of 70 %. Which change is most "
        "likely to raise the test accuracy?",
        {
            "More epochs, until the test accuracy catches up": (
                "All of these images are classified correctly already, so more epochs change little."
            ),
            "More neurons, because the network is too small for the task": (
                "It is large enough to learn its images by heart. More neurons may help a little (see the "
                "figure on dense networks), but most of the gap remains."
            ),
            "More training images, or convolutions in place of dense layers": (
                "Both close the gap between training and test accuracy."
            ),
        },
        right="More training images, or convolutions in place of dense layers",
    ),
    Question(
        "With a learning rate of 0.001, Adam reaches a lower training loss than SGD. What follows?",
        {
            "Not much: first tune the learning rate of each one": (
                "SGD often needs a much larger learning rate than Adam. Compare each at its best."
            ),
            "Adam is the better optimiser for this network": (
                "This learning rate may suit Adam and be far too small for SGD."
            ),
            "Adam will have the higher test accuracy, too": (
                "A lower training loss does not guarantee a higher test accuracy."
            ),
        },
        right="Not much: first tune the learning rate of each one",
    ),
)
