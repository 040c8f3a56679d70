"""Compare a linear probe on cached features with training the same head through the frozen backbone.

The Keras guide on transfer learning takes the second way: the backbone is part of the model, with
`trainable = False`, and runs again in each of 10 epochs. Both train on the same built-in images and are
scored on the same test set. The printed ratios are those of one run:

    python -m benchmarks.linear_probe
"""

import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import parser  # noqa: E402
from helpers.data.image_sets import builtin  # noqa: E402
from helpers.networks import backbones, heads  # noqa: E402
from helpers.strategies import LinearProbe  # noqa: E402


def timed(work):
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def through_the_backbone(X, labels, classes):
    """Train as the Keras guide does: frozen backbone in the model, 10 epochs, Adam."""
    keras.utils.set_random_seed(0)
    base = heads.set_trainable_from(backbones.fresh(backbones.Backbone("shapes")), None)
    model = heads.classifier(base, classes)
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(X, labels, epochs=10, batch_size=32, verbose=0)
    return model


def main(argv=None):
    parser("linear_probe", __doc__).parse_args(argv)
    data = builtin("new_shapes", 200, 1, 100)
    labels = np.searchsorted(data.classes, data.y_train)
    backbones.load(backbones.Backbone("shapes"))  # both need the weights: load them before the clock starts
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRANSFER_CACHE_DIR"] = folder
        probe, first = timed(lambda: LinearProbe().fit(data.X_train, data.y_train))
        again = min(timed(lambda: LinearProbe().fit(data.X_train, data.y_train))[1] for _ in range(3))
        probe_accuracy = probe.score(data.X_test, data.y_test)
        small = builtin("new_shapes", 20, 1, 100)
        _, small_fit = timed(
            lambda: LinearProbe().fit(small.X_train, small.y_train).predict(small.X_test[:1])
        )
    model, plain = timed(lambda: through_the_backbone(data.X_train, labels, len(data.classes)))
    predicted = model.predict(data.X_test, verbose=0).argmax(1)
    plain_accuracy = np.mean(np.asarray(data.classes)[predicted] == data.y_test)
    print(f"{len(data.X_train)} images, {os.cpu_count()} cores, keras {keras.__version__}")
    print(f"through the frozen backbone, 10 epochs: {plain:6.2f} s, accuracy {plain_accuracy:.3f}")
    print(
        f"features, first run:                    {first:6.2f} s, accuracy {probe_accuracy:.3f}, "
        f"{plain / first:.1f} times as fast"
    )
    print(
        f"features, repeated (cached):            {again:6.2f} s, accuracy {probe_accuracy:.3f}, "
        f"{plain / again:.1f} times as fast"
    )
    print(f"20 images per class, fit and first prediction: {small_fit:.2f} s")


if __name__ == "__main__":
    main()
