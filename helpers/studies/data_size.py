"""Accuracy by number of training images: deep and classical models.

On handwritten digits, centred or anywhere in the image, and on the built-in shapes. The classical models
see pixels.
"""

import time

from helpers.data.image_sets import builtin
from helpers.networks import basics

SEEDS = 3
DIGITS = (20, 50, 100, 300, 1000)
SHAPES = (100, 500, 2000, 5000)  # ten classes, equally many of each
LEARNERS = ("deep (convolutional)", "support vector machine", "random forest")


def cells() -> list[dict]:
    return [
        {"task": task, "learner": learner, "images": n, "seed": seed}
        for seed in range(SEEDS)
        for task, sizes in (("centred digits", DIGITS), ("shifted digits", DIGITS), ("shapes", SHAPES))
        for n in sizes
        for learner in LEARNERS
    ]


def measure(cell: dict) -> dict:
    learn = _deep if cell["learner"] == LEARNERS[0] else _classic
    started = time.perf_counter()
    return {"accuracy": learn(**cell), "seconds": time.perf_counter() - started}


def _deep(task, learner, images, seed):
    if task.endswith("digits"):
        model = basics.conv_net(seed=seed)
        epochs = max(20, 600 // -(-images // 32))
        data = basics.digits(images, seed, task == "shifted digits")
        return basics.train(model, data, epochs=epochs, seed=seed)["val_accuracy"][-1]
    from helpers.strategies import FromScratch

    data = _shapes(images, seed)
    return FromScratch(seed=seed).fit(data.X_train, data.y_train).score(data.X_test, data.y_test)


def _classic(task, learner, images, seed):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.svm import SVC

    model = SVC() if learner == LEARNERS[1] else RandomForestClassifier(200, random_state=seed)
    if task.endswith("digits"):
        X, y, X_test, y_test = basics.digits(images, seed, task == "shifted digits")
    else:
        data = _shapes(images, seed)
        X, y, X_test, y_test = data.X_train / 255, data.y_train, data.X_test / 255, data.y_test
    return model.fit(X.reshape(len(X), -1), y).score(X_test.reshape(len(X_test), -1), y_test)


def _shapes(images, seed):
    return builtin("shapes", images // 10, 0, 100, seed)
