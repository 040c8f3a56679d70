"""Without a network, the course still works and says what could not be downloaded."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Runs before any code that could open a connection.
BLOCK = """
import socket
def refuse(*arguments, **options):
    raise OSError(101, "Network is unreachable")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""
USE = """
from helpers.networks import imagenet
here = imagenet.setting(4)
print("\\nphotos |" if here.backbone.name == "photos" else "no", here)
print("names:", imagenet.guess_names(here.data.X_train[:1])[0])
from helpers.strategies import LinearProbe
print("score:", LinearProbe(here.backbone).fit(here.data.X_train, here.data.y_train)
      .score(here.data.X_test, here.data.y_test))
"""


def test_everything_but_the_download_works(tmp_path):
    settings = {k: v for k, v in os.environ.items() if k != "TRANSFER_DATA_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", BLOCK + USE],
        cwd=ROOT,
        env=settings | {"KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "\nphotos | Backbone photos" in done.stdout and "Remedies: connect to the internet" in done.stdout
    assert "names: The complete VGG16 could not be loaded" in done.stdout
    assert float(done.stdout.split("score:")[1]) > 0.4
