"""kill -9 at 200 random moments: nothing is corrupt, and nothing finished is lost."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers import features

KILLING = Path(__file__).with_name("killing.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes to be killed")
@pytest.mark.parametrize("kind, kills", [("cache", 100), ("grid", 100)])
def test_killed_at_random(kind, kills, tmp_path):
    done = subprocess.run(
        [sys.executable, str(KILLING), kind, str(tmp_path), str(kills), "20"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    seen = json.loads(done.stdout)
    assert "error" not in seen and seen["kills"] >= kills, seen
    # Kills that never met work in progress would prove nothing.
    assert seen["partial"] > 0 and seen["writes"] > 50 if kind == "cache" else seen["tables"] >= 3


def test_what_killed_writers_left_is_swept_up(tmp_path):
    for name, age in (("old.part", 4000), ("young.part", 5)):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    features._write(tmp_path / "codes.npy", np.zeros(3))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["codes.npy", "young.part"]
