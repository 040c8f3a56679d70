"""Exercises and quiz of notebook 08, your own images."""

from helpers.exercises.checks import Exercise, Question, choice, function, number

EXERCISES = {
    "08.1": Exercise(
        check=number(
            0.9, tolerance=0.001, mistakes={0.5: "The classes are not equally large.", 90: "As a fraction."}
        ),
        hints=(
            "A classifier that always says 'healthy' is right for all healthy pictures.",
            "It is right 900 times in 1000.",  # given: exercise
        ),
        solution="answer = 900 / 1000",
        wrong=(0.5, 0.1, 90),
    ),
    "08.2": Exercise(
        check=choice(
            "put all pictures of a patient into one split",
            {
                "shuffle all pictures": "Then both splits hold pictures of the same patient.",
                "delete the duplicates": "Two pictures of one patient are no duplicates, but nearly.",
            },
        ),
        hints=("What do two pictures of the same patient have in common?", "Split patients, not pictures."),
        solution='answer = "put all pictures of a patient into one split"',
        wrong=("shuffle all pictures", "delete the duplicates", "more data"),
    ),
    "08.3": Exercise(
        check=function(
            [
                *[((5, True), 1), ((5000, True), 2), ((5, False), 3), ((5000, False), 4)],
                *[((99, True), 1), ((100, False), 4)],
            ],
            name="scenario",
        ),
        hints=(
            "Similar: 1 if small, 2 if large. Different: 3 if small, 4 if large.",
            "large = images_a_class >= 100; the cell is 1 + large + 2 * (not similar).",
        ),
        solution="""
def scenario(images_a_class, similar):
    large = images_a_class >= 100
    return 1 + large + 2 * (not similar)


answer = scenario
""",
        wrong=(lambda images_a_class, similar: 1, 3),
    ),
    "08.4": Exercise(
        check=number(
            2000,
            tolerance=400,
            mistakes={100: "With 100 pictures the interval is ± 6 points or so."},  # given: definition
        ),
        hints=(
            "The half width of the interval is about 1.96 · sqrt(p (1 - p) / n).",
            "Solve 0.0131 = 1.96 · sqrt(0.9 · 0.1 / n) for n.",
        ),
        solution="answer = 0.9 * 0.1 * (1.96 / 0.0131) ** 2",
        wrong=(100, 10, "many"),
    ),
    "08.5": Exercise(
        check=number(
            2,
            tolerance=1e-9,
            mistakes={
                10: "The second channel speaks against the class: its mean gradient is negative.",
                -2: "Which channel has which sign?",
                6: "The second channel counts too.",
            },
        ),
        hints=(
            "Each channel's activation counts as much as its mean gradient.",
            "2 · 3 + (−1) · 4; what is negative would become 0.",
        ),
        solution="answer = max(0, 2 * 3 + (-1) * 4)",
        wrong=(10, 6, 0, "two"),
    ),
}

QUIZ = (
    Question(
        "A trivial baseline on colours gets 90 % right. Your network gets 91 %. What now?",  # given: exercise
        {
            "Publish": "The colours alone nearly solve it: what has the network learnt?",
            "Look at what makes colours so telling": "Perhaps each class came from another camera.",
            "Use a larger network": "First find out what the task really is.",
        },
        right="Look at what makes colours so telling",
    ),
    Question(
        "Which pictures may the advisor look at to recommend a strategy?",
        {
            "Training pictures": "In cross-validation; validation then checks the choice.",
            "Test pictures": "Then they would no longer be an honest test.",
            "All": "See the answer about test pictures.",
        },
        right="Training pictures",
    ),
    Question(
        "What has to travel with an exported model?",
        {
            "The training pictures": "They are not needed to predict.",
            "The class names and the picture size": "Without them its numbers mean nothing.",
            "The optimiser": "Only to go on training.",
        },
        right="The class names and the picture size",
    ),
    Question(
        "Ten pictures of the same cat, some in training, some in validation. What will happen?",
        {
            "Validation looks too good": "The network may know the cat, not the class.",
            "Validation looks too bad": "Near-duplicates make it easier, not harder.",
            "Nothing": "Near-duplicates on both sides are a leak.",
        },
        right="Validation looks too good",
    ),
    Question(
        "Thirty microscope pictures in each of three classes, and a model trained on photographs. What does "
        "the textbook advise?",
        {
            "From scratch": "Ninety pictures do not teach a network to see.",
            "A linear classifier on an earlier layer": "Few pictures, and unlike the source.",
            "Fine-tune through the whole network": "That takes more pictures.",
        },
        right="A linear classifier on an earlier layer",
    ),
    Question(
        "Twenty test pictures are mirrored copies of training pictures. What does that do to the accuracy?",
        {
            "It is too high": "The model has seen these pictures, nearly. New ones will go worse.",
            "It is too low": "The copies are easy for it, not hard.",
            "Nothing, since they are not the same pixel by pixel": "To a network they look nearly the same.",
        },
        right="It is too high",
    ),
    Question(
        "Your classes are ants and bees; so are two of ImageNet's. You use a model trained on ImageNet. What "
        "does its accuracy tell?",
        {
            "How well transfer works for new classes": "These classes are not new to it.",
            "How well it names what it has learnt to name": "Expect less on classes that it has not met.",
            "Nothing": "It tells how good the model is on your pictures; only do not generalise from it.",
        },
        right="How well it names what it has learnt to name",
    ),
    Question(
        "Grad-CAM lights up the label in a picture's corner, not the leaf. What now?",
        {
            "Fine: accuracy is high": "Where the label is missing, the model will fail.",
            "Remove or hide the labels, and train anew": "Then it has to look at the leaf.",
            "Use an earlier layer for the map": "The map shows the fault; it is not the fault.",
        },
        right="Remove or hide the labels, and train anew",
    ),
)
