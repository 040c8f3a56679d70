"""Quiz of notebook 05, the four scenarios."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "You have 8 X-ray images per class and a model that was trained on photographs. What does the "
        "textbook's board recommend?",
        {
            "A linear classifier on the CNN codes of the last layer, because images are few": (
                "This is for similar data. The last layer is specific to photographs."
            ),
            "Fine-tuning of the whole network": (
                "This is the textbook's choice for large data sets. With few images, it expects overfitting."
            ),
            "An SVM on activations of an earlier layer, because they are more general": (
                "Few images: train little. Different images: use features that are more general."
            ),
        },
        right="An SVM on activations of an earlier layer, because they are more general",
    ),
    Question(
        "The textbook recommends A for your data. On your validation images, B clearly beats A over ten "
        "seeds. What do you take?",
        {
            "A: the textbook's rule rests on more data sets than yours": (
                "A rule of thumb is a first guess. A measurement on your own data is worth more."
            ),
            "B": "The rule says where to start, and the validation set decides.",
            "The one with the higher accuracy on the test set": (
                "Then the test set has made a choice, and its score is no longer fair."
            ),
        },
        right="B",
    ),
    Question(
        # given: exercise
        "Over ten seeds, A minus B is 1 point; its 95 % interval is ± 2 points. What do you say?",
        {
            "A tie: take the cheaper one, or run more seeds": (
                "The interval contains zero, so these runs do not show which one is better."
            ),
            "A is better, but only slightly": (
                # given: exercise
                "The interval goes from -1 to 3 points, so B may be better as well."
            ),
            "A and B are equally good on this target": (
                # given: exercise
                "A may be up to 3 points better. The runs do not show equality."
            ),
        },
        right="A tie: take the cheaper one, or run more seeds",
    ),
    Question(
        "The error bars of A and B overlap. Both ran on the same ten draws of images. Is this a tie?",
        {
            "Yes, because intervals that overlap show no difference": (
                "A draw that is hard for A is often hard for B, too. This variation cancels in the "
                "difference."
            ),
            "No: with ten draws, the higher mean is reliable": (
                "Ten draws may still vary more than the means differ. The interval of the difference shows "
                "it."
            ),
            "That depends: look at the interval of the paired difference": (
                "Paired differences can show a clear winner although the two error bars overlap."
            ),
        },
        right="That depends: look at the interval of the paired difference",
    ),
    Question(
        # given: exercise
        "A linear probe on a source model reaches 80 %. From scratch, a network reaches 90 %. Full "
        "fine-tuning from the same source model reaches 90 %, too. Is this negative transfer?",
        {
            "No: what costs accuracy here is freezing, not the source": (
                "Compare like with like: with everything trained, the source does no harm."
            ),
            # given: exercise
            "Yes: with the source, it is 10 points lower": (
                "Only with a frozen source model. A frozen network is compared with a trained one here."
            ),
            "Yes, because the source model brings no gain even if everything is trained": (
                "No gain is not a loss. Transfer is negative if the result is worse than without the source."
            ),
        },
        right="No: what costs accuracy here is freezing, not the source",
    ),
    Question(
        "On a target, full fine-tuning beats the probe from a crossing point of 50 images per class on. What "
        "follows?",
        {
            "With 20 images per class, the probe is better": (
                "Below the crossing point, the probe may be better, or the two may tie."
            ),
            "With 100, fine-tuning is better on this target": (
                "From the crossing point on, it is better at every size that was measured."
            ),
            "Nothing for another size: each size has to be measured first": (
                "They have been measured: from a crossing point on, fine-tuning beats the probe at every "
                "larger size of the study. At 50 itself, it does so, too."
            ),
        },
        right="With 100, fine-tuning is better on this target",
    ),
)
