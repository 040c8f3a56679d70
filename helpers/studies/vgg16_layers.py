"""Which layer of VGG16 suits a linear SVM best? All 18 layers, five real targets, at 224 pixels.

The lecture's third scenario says: with few images that differ from the source, train an SVM on an earlier
layer. Each seed draws the training images. For every layer, three-fold cross-validation on these images
chooses C; its mean accuracy is `cross_validated`, by which a layer can be chosen. The SVM is then trained on
all of them and scored on the test images, once. Each draw can choose another layer; the layer with the best
mean over the five draws is a choice of more images than one draw has. The draws overlap: they come from the
same images, at most 100 per class. Whether a target is similar was stated before
(`_vgg16.LIKENESS`).

Plan: 5,640 images pass once through the frozen network (about 30 minutes on one core, then cached); 900 cells
of ten SVMs each take another 30. Needs the folder that `TRANSFER_DATA_DIR` names.
"""

import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from helpers.data.splits import n_per_class
from helpers.studies import _vgg16

SEEDS = 5
SIZES = (10, 50)
GRID = {"linearsvc__C": [0.001, 0.01, 0.1]}


def cells() -> list[dict]:
    return [
        {"target": target, "images": images, "seed": seed, "layer": layer}
        for target in _vgg16.LIKENESS  # one after the other: the features of one fill memory
        for seed in range(SEEDS)
        for images in SIZES
        for layer in _vgg16.LAYERS
    ]


def measure(cell: dict) -> dict:
    train, test = (_vgg16.features(cell["target"], part) for part in ("train", "test"))
    rows, y = n_per_class(np.arange(len(train["y"])), train["y"], cell["images"], cell["seed"])
    folds = StratifiedKFold(3, shuffle=True, random_state=cell["seed"])
    search = GridSearchCV(make_pipeline(StandardScaler(), LinearSVC()), GRID, cv=folds)
    search.fit(train[cell["layer"]][rows], y)
    return {
        "C": search.best_params_["linearsvc__C"],
        "cross_validated": float(search.best_score_),
        "accuracy": float(search.score(test[cell["layer"]], test["y"])),
    }
