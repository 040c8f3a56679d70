"""Quiz of notebook 03, domain and task."""

from helpers.exercises.checks import Question

QUIZ = (
    Question(
        "A hospital buys a new X-ray scanner. Its images have more contrast. The patients and the diagnoses "
        "are the same as before. What differs, first of all?",
        {
            "The marginal distribution P(X), because other images occur": (
                "What a doctor would say about a patient stays the same."
            ),
            "The conditional distribution P(Y|X), because the old model makes more mistakes": (
                "Mistakes do not show which part differs. The same patient still gets the same diagnosis."
            ),
            "The feature space F, because the pixels have other values": (
                "The pixels and their possible values are the same. Only how often they occur has changed."
            ),
        },
        right="The marginal distribution P(X), because other images occur",
    ),
    Question(
        "In winter, pneumonia is more frequent than in summer, but it looks the same on an X-ray image. What "
        "is the origin of the difference?",
        {
            "The marginal distribution alone: other images occur, and nothing else changes": (
                "P(X) changes, but as a consequence. An unclear image now means pneumonia more often, so "
                "P(Y|X) changes, too."
            ),
            "The label space: there are more images of one class": (
                "The label space is the set of classes. It does not say how frequent they are."
            ),
            "The class frequencies P(Y); what each class looks like stays the same": (
                "This is called label shift. P(X) and P(Y|X) change as a consequence."
            ),
        },
        right="The class frequencies P(Y); what each class looks like stays the same",
    ),
    Question(
        "A new guideline calls more of the same X-ray images suspicious. What differs?",
        {
            "The marginal distribution, because more suspicious images occur": (
                "The same images occur as often as before. Only their labels are different."
            ),
            "The conditional distribution, because the labelling is new": (
                "The same image now gets another label, at least sometimes."
            ),
            "The label space, because the word suspicious has a new meaning": (
                "The set of classes is the same. Which images belong to a class is described by P(Y|X)."
            ),
        },
        right="The conditional distribution, because the labelling is new",
    ),
    Question(
        "A two-sample test on 50 source images and 50 target images gives p = 0.3. What do you conclude?",
        {
            "With a probability of 0.3, the two distributions are equal": (
                "The p-value is computed as if they were equal. So it is not the probability that they are."
            ),
            "They are equal, because p is above 0.05": "A test on small samples misses small differences.",
            "These samples show no difference; larger samples might": (
                "No evidence of a difference is not evidence of no difference."
            ),
        },
        right="These samples show no difference; larger samples might",
    ),
    Question(
        "You test twenty pairs of data sets at the 5 % level. One of the tests finds a difference. What do "
        "you do?",
        {
            # given: exercise
            "Believe it: a result at this level is 95 % certain": (
                "If nothing differs, one false alarm in twenty tests is what you expect."
            ),
            "Repeat this test on new images": (
                "It may be a false alarm or a real difference. A false alarm seldom comes twice."
            ),
            "Ignore it: one false alarm is normal in twenty tests": (
                "One false alarm is what you expect. But this one may be real."
            ),
        },
        right="Repeat this test on new images",
    ),
    Question(
        "A network classifies ten shapes. The target has ten other shapes, drawn in the same style. Which "
        "part of the network can you not keep?",
        {
            "The last layer, because its outputs stand for the old classes": (
                "The label space differs, so the outputs need a new layer. The features may still fit."
            ),
            "The first layers, because all images are new": (
                "The style is the same, so P(X) is similar, and the early features fit."
            ),
            "Nobody can say before each part is measured on target images": (
                "How useful the features are has to be measured. But outputs for the old classes cannot name "
                "new ones, whatever a measurement says."
            ),
        },
        right="The last layer, because its outputs stand for the old classes",
    ),
)
