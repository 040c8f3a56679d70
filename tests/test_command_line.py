"""`python -m helpers COMMAND`: help, mistakes in one line, and no trace of the commands before it."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import helpers
from helpers.__main__ import main
from helpers.authoring import assets, claims, opening
from helpers.studies.engine import tables

ROOT = Path(__file__).parents[1]
SUFFIXES = (".py", ".md", ".ipynb", ".csv", ".json", ".toml", ".txt", ".yaml", ".cff")
COMMANDS = (
    "advise",
    "pretrain",
    "channels",
    "study",
    "replay",
    "board",
    "claims",
    "slides",
    "site",
    "gain",
    "class",
    "badges",
)


def said(capsys, *words) -> str:
    """What a command that is given bad input writes: one line, and nothing else."""
    with pytest.raises(SystemExit) as stopped:
        main(words)
    printed, line = capsys.readouterr()
    assert stopped.value.code == 2 and not printed
    assert "Errno" not in line
    assert line.startswith("python -m helpers") and line.count("\n") == 1 and line.endswith("\n")
    return line


def test_the_help_lists_every_command(capsys):
    main([])
    alone = capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0 and capsys.readouterr().out == alone
    assert re.findall(r"^ {4}(\w+) {2,}\S", alone, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m helpers {command}")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("slides", "that requirements-site.txt lists"),
        ("site", "that requirements-site.txt lists"),
        ("pretrain", "replaces the weights (.npz) and the recipe (.json) of this source"),
    ],
)
def test_the_help_says_what_a_command_needs_and_replaces(command, words, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert words in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", ["linear_probe", "many_images", "vgg16", "widget_latency"])
def test_every_benchmark_has_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        importlib.import_module(f"benchmarks.{name}").main(["--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m benchmarks.{name}")


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"Deep Transfer Learning, Hands On {helpers.__version__}\n"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["predict"], "'predict'"),
        (["advise"], "folder"),
        (["advise", "nowhere"], "nowhere"),
        (["advise", "nowhere", "--image-size", "large"], "must be a whole number. Received: 'large'"),
        (
            ["advise", "nowhere", "--image-size", "0"],
            "advise: --image-size must be an integer between 16 and",
        ),
        (["advise", "nowhere", "--image-size", "3"], "between 16 and 1024. Received: 3"),
        (["advise", "nowhere", "--max-skipped", "3"], "advise: --max-skipped must be a fraction"),
        (["advise", "nowhere", "--max-skipped", "nan"], "--max-skipped must be a fraction"),
        (["advise", "nowhere", "--groups", "("], "advise: --groups must be a regular expression"),
        (["advise", "nowhere", "--groups", "a"], "--groups must be a regular expression with the group"),
        (["advise", "nowhere", "--sources", "shapes", "music"], "Unknown source model 'music'"),
        (["advise", __file__], "Pass a folder or a zip file of one."),
        (["advise", "nowhere", "--walk"], "--walk"),
        (["pretrain", "--source", "music"], "'music'"),
        (["pretrain", "--source", "photos"], "--folder"),
        (["pretrain", "--source", "photos", "--folder", "nowhere"], "nowhere"),
        (["pretrain", "--folder", "nowhere"], "--source photos"),
        (["pretrain", "--epochs", "0"], "at least 1. Received: 0"),
        (["pretrain", "--seed", "-1"], "at least 0. Received: -1"),
        (["study"], "NAME"),
        (["study", "astrology"], "'astrology'"),
        (["study", "board", "--jobs", "0"], "at least 1. Received: 0"),
        (["study", "board", "--jobs", "many"], "must be a whole number. Received: 'many'"),
        (["study", "board", "--walk"], "helpers study: unknown arguments: --walk (python -m helpers study"),
        (["--walk"], "helpers: unknown arguments: --walk"),
        (["board", "game"], "game"),
        (["claims", "--chess"], "--chess"),
        (["slides", "--folder"], "--folder"),
        (["site", "--folder"], "--folder"),
        (["gain"], "FILE"),
        (["gain", "nowhere.txt"], "nowhere.txt"),
        (["class"], "FOLDER"),
        (["class", "nowhere"], "nowhere"),
        (["gain", "."], "'.' is a folder. Pass the text files"),
        (["class", "."], "No file in '.' counts. It contains no file of a student."),
        (["class", __file__], "is a file. Pass the folder"),
        (["badges"], "OWNER/REPO"),
        (["badges", "https://github.com/someone/course"], "'https://github.com/someone/course'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_bad_input_is_named_in_one_line(words, names, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert names in said(capsys, *words)


def test_a_missing_table_is_named_with_the_command_that_makes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    line = said(capsys, "board")
    assert "board.csv" in line and "python -m helpers study board" in line


@pytest.mark.parametrize("damage", ["1,2,3\n", None], ids=["a short line", "an empty file"])
def test_a_damaged_table_is_named(damage, tmp_path, monkeypatch, capsys):
    table = tmp_path / "board.csv"
    whole = (tables.RESULTS / "board.csv").read_text(encoding="utf-8")
    table.write_text(whole + damage if damage else "", encoding="utf-8")
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    assert str(table) in said(capsys, "board")


def test_a_claim_that_cannot_be_rendered_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "README.md").write_text('It gets <!--= luck("board") -->all<!--/-->.', encoding="utf-8")
    monkeypatch.setattr(claims.write, "__defaults__", (tmp_path,))
    assert "'luck' is unknown" in said(capsys, "claims")


@pytest.mark.parametrize("command", ["slides", "site"])
def test_a_file_in_the_place_of_the_pages_is_named(command, tmp_path, capsys):
    file = tmp_path / "pages"
    file.write_text("")
    assert f"must be a folder. Received the file {str(file)!r}" in said(
        capsys, command, "--folder", str(file)
    )
    below = str(file / "below")
    assert f"{below!r} cannot be made" in said(capsys, command, "--folder", below)


@pytest.mark.parametrize(
    ("command", "package"), [("slides", "sphinx-revealjs"), ("site", "sphinx-mathjax-offline")]
)
def test_a_missing_package_for_pages_is_named(command, package, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(assets, "find_spec", lambda name: None)
    line = said(capsys, command, "--folder", str(tmp_path))
    assert f"{package} is not installed" in line and "pip install -r requirements-site.txt" in line


def test_a_damaged_notebook_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "00.ipynb").write_text("{")
    monkeypatch.setattr(opening.write_badges, "__defaults__", (tmp_path,))
    assert "00.ipynb" in said(capsys, "badges", "someone/course")


@pytest.mark.parametrize(
    ("words", "names"),
    [(["advise"], "is empty"), (["pretrain", "--source", "photos", "--folder"], "train/CLASS")],
    ids=["advise", "pretrain"],
)
def test_a_terminal_shows_one_line_and_no_start_up_messages_of_keras(words, names, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "helpers", *words, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.count("\n") == 1 and names in done.stderr


def test_no_text_names_a_command_of_a_module():
    """Once, `-m helpers` was followed by the name of a module; the commands of today replace these."""
    folders = ("helpers", "tests", "notebooks", "docs", "datasets", "benchmarks", ".ci")
    texts = [path for folder in folders for path in (ROOT / folder).rglob("*")] + [*ROOT.iterdir()]
    texts = [path for path in texts if path.suffix in SUFFIXES or path.name == "run"]
    assert len(texts) > 200
    old = [path for path in texts if re.search(rb"-m helpers\.\w", path.read_bytes())]
    assert not old
