"""The hooks of pre-commit pass: ruff, mypy and import-linter."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
HOOKS = [hook["entry"] for repository in CONFIG["repos"] for hook in repository["hooks"]]


@pytest.mark.parametrize("entry", HOOKS)
def test_a_hook_passes(entry):
    """The programs lie beside Python, also where its environment is not activated."""
    beside = os.path.dirname(sys.executable)
    name, *words = shlex.split(entry)
    program = shutil.which(name, path=os.pathsep.join([beside, os.environ["PATH"]]))
    assert program, f"{name} is not installed: see requirements-dev.txt"
    done = subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
