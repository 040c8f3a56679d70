"""kill -9 at 200 random moments: nothing is corrupt, and nothing finished is lost."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.networks import features

KILLING = Path(__file__).with_name("killing.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes to be killed")
@pytest.mark.parametrize("kind, kills", [("cache", 70), ("training", 60), ("grid", 70)])
def test_killed_at_random(kind, kills, tmp_path):
    done = subprocess.run(
        [sys.executable, str(KILLING), kind, str(tmp_path), str(kills), "20"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    seen = json.loads(done.stdout)
    assert "error" not in seen and seen["kills"] >= kills, seen
    # Kills prove nothing unless they interrupt work: the program continues until enough of them did.
    assert {
        "cache": seen.get("partial", 0) > 0 and seen.get("writes", 0) > 50,
        "training": seen.get("epochs", 0) > 20,
        "grid": seen.get("tables", 0) > 1,
    }[kind], seen


def test_leftovers_of_killed_writers_are_removed(tmp_path):
    for name, age in (("old.part", 4000), ("young.part", 5)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    features._write(tmp_path / "codes.npy", np.zeros(3))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["codes.npy", "young.part"]


TRAIN = """
import sys
import numpy as np
from helpers.networks import heads, backbones
from helpers.strategies import training
X = np.random.default_rng(0).integers(0, 256, (96, 32, 32, 3), np.uint8)
model = heads.classifier(backbones.mini_vgg(widths=(4, 4)), 2, dropout=0.2)
history = training.fit(model, X, np.arange(96) % 2, epochs=12, batch_size=8, seed=0, head_lr=1e-2,
                       base_lr=1e-3, checkpoint=sys.argv[1] if len(sys.argv) > 1 else None,
                       on_epoch=lambda epoch, logs: print(epoch, flush=True))
print([round(x, 5) for x in history["loss"]], [round(float(np.sum(w)), 4) for w in model.get_weights()])
"""


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, *arguments], cwd=KILLING.parents[2], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.timeout(600)
def test_a_killed_training_ends_like_an_uninterrupted_one(tmp_path):
    whole, _ = start().communicate(timeout=300)
    checkpoint = str(tmp_path / "run.npz")
    for epochs in (3, 4):  # killed in the middle of an epoch, twice
        with start(checkpoint) as process:
            for _ in range(epochs):
                process.stdout.readline()
            process.kill()
    resumed, _ = start(checkpoint).communicate(timeout=300)
    assert whole.splitlines()[-1] == resumed.splitlines()[-1]
    assert len(resumed.splitlines()) <= len(whole.splitlines()) - 5, "finished epochs are not repeated"
