"""Exercises and quiz of notebook 08, your own images."""

from helpers.exercises.checks import Exercise, Question, choice, function, number

EXERCISES = {
    "08.1": Exercise(
        check=number(
            0.9,
            tolerance=0.001,
            mistakes={0.5: "The classes are not equally large.", 90: "Give it as a fraction."},
        ),
        hints=(
            "A classifier that always predicts 'healthy' is right for every healthy leaf.",
            "It is right 900 times in 1000.",  # given: exercise
        ),
        solution="answer = 900 / 1000",
        wrong=(0.5, 0.1, 90),
    ),
    "08.2": Exercise(
        check=choice(
            "put all images of a patient into one split",
            {
                "shuffle all images": "Then different splits contain images of the same patient.",
                "delete the duplicates": "Two images of one patient are similar without being duplicates.",
            },
        ),
        hints=("What do two images of the same patient have in common?", "Split patients, not images."),
        solution='answer = "put all images of a patient into one split"',
        wrong=("shuffle all images", "delete the duplicates", "more data"),
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
            "large = images_per_class >= 100; the scenario is 1 + large + 2 * (not similar).",
        ),
        solution="""
def scenario(images_per_class, similar):
    large = images_per_class >= 100
    return 1 + large + 2 * (not similar)


answer = scenario
""",
        wrong=(lambda images_per_class, similar: 1, 3),
    ),
    "08.4": Exercise(
        check=number(
            2000,
            tolerance=400,
            mistakes={100: "With 100 images, the interval is about ± 6 points."},  # given: definition
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
                10: "The second channel counts against the class: its mean gradient is negative.",
                -2: "Which channel has which sign?",
                6: "The second channel counts, too.",
            },
        ),
        hints=(
            "Multiply the activation of each channel by its mean gradient, and add.",
            "2 · 3 + (−1) · 4; a negative sum would become 0.",
        ),
        solution="answer = max(0, 2 * 3 + (-1) * 4)",
        wrong=(10, 6, 0, "two"),
    ),
}

QUIZ = (
    Question(
        # given: exercise
        "A trivial baseline on colours reaches 90 % accuracy, your network 91 %. What do you do?",
        {
            "Publish": "Colours alone almost solve the task: what has the network learned?",
            "Find out why colours help so much": "Perhaps each class was taken with a different camera.",
            "Use a larger network": "First find out what the task really is.",
        },
        right="Find out why colours help so much",
    ),
    Question(
        "MobileNet learned from images of 224 pixels. You read your photographs at 64 pixels. What happens?",
        {
            "The accuracy falls": "Details are lost, and the last feature maps are tiny.",
            "Nothing changes": "The network takes any size, but its features fit the one that it knows.",
            "Keras raises an error": "No: it runs, so this mistake is easy to miss.",
        },
        right="The accuracy falls",
    ),
    Question(
        "Which images should the advisor use to recommend a strategy?",
        {
            "Training images": "It cross-validates on them; the validation set then checks the choice.",
            "Test images": "Then they would no longer be a fair test.",
            "All images": "These include the test images.",
        },
        right="Training images",
    ),
    Question(
        "What must be stored with an exported model?",
        {
            "The training images": "They are not needed for predictions.",
            "The class names and the image size": "Without them, the outputs mean nothing.",
            "The optimiser": "It is only needed to continue training.",
        },
        right="The class names and the image size",
    ),
    Question(
        "Of ten images of one cat, some are in training and some in validation. What will happen?",
        {
            "Validation accuracy is too high": "The network may recognise the cat, not the class.",
            "Validation accuracy is too low": "Near-duplicates make it easier, not harder.",
            "Nothing": "Near-duplicates in both splits are a leak.",
        },
        right="Validation accuracy is too high",
    ),
    Question(
        "You have thirty microscope images in each of three classes, and a model trained on photographs. "
        "What does the textbook recommend?",
        {
            "From scratch": "Ninety images are not enough to learn good features.",
            "A linear classifier on an earlier layer": "The images are few, and different from the source.",
            "Fine-tune through the whole network": "That takes more images.",
        },
        right="A linear classifier on an earlier layer",
    ),
    Question(
        "Twenty test images are mirrored copies of training images. Is the test accuracy reliable?",
        {
            "No, it is too high": "The model knows almost the same images. It will do worse on new ones.",
            "No, it is too low": "The copies are easy for the model, not hard.",
            "Yes, because the pixels differ": "To a network, the copies look almost the same.",
        },
        right="No, it is too high",
    ),
    Question(
        "Your classes are ants and bees, and ImageNet has both. You use a model trained on ImageNet. "
        "What does its accuracy show?",
        {
            "How well transfer works for new classes": "These classes are not new to the model.",
            "How well it recognises classes that it knows": "Expect a lower accuracy on new classes.",
            "Nothing": "It shows how good the model is on your images; but do not generalise from it.",
        },
        right="How well it recognises classes that it knows",
    ),
    Question(
        "Grad-CAM highlights a printed label in a corner of the image, not the leaf. What do you do?",
        {
            "Nothing: accuracy is high": "The model will fail on images without the label.",
            "Remove or hide the labels, and train again": "Then the model has to use the leaf.",
            "Use an earlier layer for the map": "The map shows the problem; it is not the cause.",
        },
        right="Remove or hide the labels, and train again",
    ),
)
