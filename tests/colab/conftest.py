"""Google Colab, as far as it can be had offline: its packages, its module, a notebook alone."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ADDRESS = "someone/course"


@pytest.fixture(scope="session")
def colab_python(request) -> Path:
    """The Python of an environment with Colab's versions, made once and kept in pytest's cache."""
    wanted = (HERE / "requirements.txt").read_bytes() + sys.version.encode()
    folder = Path(request.config.cache.mkdir("colab")) / hashlib.sha256(wanted).hexdigest()[:12]
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = folder / "complete"
    if not complete.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        uv = [sys.executable, "-m", "uv", "pip", "install", "-q"]  # four times as fast as pip
        subprocess.run([*uv, "--python", python, "-r", HERE / "requirements.txt"], check=True)
        complete.touch()
    return python


@pytest.fixture(scope="session")
def git_server(tmp_path_factory) -> str:
    """The address of a git server on this computer that has the series as it stands here."""
    base = tmp_path_factory.mktemp("git-server")
    series = base / ADDRESS
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "cache", "my_model")
    for name in ("helpers", "datasets", "notebooks"):
        shutil.copytree(ROOT / name, series / name, ignore=ignore)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-C", str(series)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "the series"]):
        subprocess.run([*git, *command], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    daemon = ["git", "daemon", "--export-all", f"--base-path={base}", "--listen=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(daemon, start_new_session=True) as server:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"git://127.0.0.1:{port}/"
        server.terminate()


@pytest.fixture
def colab(colab_python, git_server, tmp_path):
    """A function that runs a notebook alone in a folder, as Colab opens it, and returns it."""
    content = tmp_path / "content"
    content.mkdir()
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("VIRTUAL_ENV", "TRANSFER_DATA"))}
    settings |= {
        "PYTHONPATH": str(HERE / "fake"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{git_server}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }

    def run(notebook: nbformat.NotebookNode, name: str = "notebook.ipynb") -> nbformat.NotebookNode:
        nbformat.write(notebook, content / name)
        done = subprocess.run(
            [colab_python, HERE / "execute.py", content / name],
            cwd=content,
            env=settings,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-5000:]
        assert (content / "deep-transfer-learning" / "helpers").is_dir(), "the set-up cell cloned the series"
        return nbformat.read(content / name, as_version=4)

    return run
