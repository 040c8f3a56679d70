"""What was tried in a notebook: noted, handed in, and collected for a class."""

import json
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from PIL import Image

import helpers
from helpers.__main__ import main
from helpers.exercises import (
    check,
    checks,
    class_results,
    hand_in,
    hand_in_files,
    handing_in,
    kinds,
    progress,
    quiz,
    replies,
)
from helpers.exercises.checks import Exercise
from helpers.exercises.hand_in_files import HandIn
from helpers.exercises.progress import Tried

EXERCISES = {
    f"{notebook}.{number}": Exercise(
        level="do it",
        kind="number",
        minutes=1,
        check=kinds.number(12),
        means="A dozen is twelve.",
        hints=("Think of eggs.", "It is more than 11 & less than 13."),
        solution="answer = 12",
    )
    for notebook in ("00", "01")
    for number in (1, 2, 3)
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """A notebook that was just started, in an empty folder; its exercises are as above."""
    monkeypatch.setattr(progress, "_TRIED", {})
    monkeypatch.chdir(tmp_path)
    of_notebook = checks.exercises

    def exercises(notebook):
        return {name: one for name, one in EXERCISES.items() if name[:2] == notebook} or of_notebook(notebook)

    monkeypatch.setattr(checks, "exercises", exercises)


def test_tries_count_up_to_the_first_correct_one():
    check("00.1", ...)
    check("00.1")
    assert progress.of("00.1") == Tried()
    for answer in (5, 6, 12, 7, 12):
        check("00.1", answer)
    assert progress.of("00.1") == Tried(tries=3, right=True)


def view(name, tried=True):
    return replies.ReplyView(name, "Reply.", checks.exercises(name[:2])[name], tried)


def test_opened_hints_are_noted_once_and_only_before_success():
    first = view("00.2")
    assert [button.description for button in first.buttons] == ["Hint 1", "Hint 2", "Solution"]
    first.buttons[1].click()
    view("00.2").buttons[1].click()
    assert progress.of("00.2").hints == [2] and not progress.of("00.2").solution
    assert "more than 11 &amp; less" in first.shown.value
    first.buttons[2].click()
    assert progress.of("00.2").solution and "<pre>" in first.shown.value and "Hint 2" in first.shown.value
    check("00.3", 12)
    for button in view("00.3").buttons:
        button.click()
    assert progress.of("00.3") == Tried(tries=1, right=True)


def test_before_a_try_there_is_no_solution_in_a_reply():
    early = view("00.2", tried=False)
    assert [button.description for button in early.buttons] == ["Hint 1", "Hint 2"]
    assert "after your first try" in early.children[0].value


def test_a_reply_is_a_widget_with_a_text_for_pages_without_one():
    shown = check("00.1", 5)._repr_mimebundle_()
    assert shown["text/plain"] == "✗ 5 is too low." and shown["text/html"].count("<details>") == 3
    assert any("widget-view" in kind for kind in shown)


def test_quiz_answers_are_noted():
    asked = quiz("03")
    right = checks.questions("03")[1].right
    asked.choices[1].value = next(option for option in asked.choices[1].options if option != right)
    asked.choices[1].value = right
    assert progress.of("03 quiz 2") == Tried(tries=2, right=True)
    assert progress.of("03 quiz 1") == Tried()


def test_the_form_writes_what_was_tried_and_replaces_only_files_of_its_session(tmp_path):
    check("00.1", 5)
    form = hand_in("00")
    form.button.click()
    assert "four to twelve" in form.status.value and not [*tmp_path.iterdir()]
    form.code.value = "an07"
    form.button.click()
    check("00.1", 12)
    form.button.click()
    (path,) = tmp_path.iterdir()
    handed = hand_in_files.from_text(path.read_text("utf-8"))
    assert handed.tried["00.1"] == Tried(tries=2, right=True) and handed.code == "AN07"
    assert list(handed.tried) == hand_in_files.names("00") and path.stat().st_size < 4000
    assert "Not tried since the notebook was started: 00.2," in form.status.value
    again = hand_in("00")
    again.code.value = "AN07"
    again.button.click()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "hand_in_00_AN07.json",
        "hand_in_00_AN07_2.json",
    ]


def test_a_full_disk_is_reported_in_the_form(monkeypatch):
    form = hand_in("00")
    form.code.value = "an07"
    monkeypatch.setattr(handing_in, "_new_path", lambda handed: handing_in.Path("nowhere/file.json"))
    form.button.click()
    assert "nowhere" in form.status.value and form.paths == {}


def test_a_notebook_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="'12'"):
        hand_in("12")


def handed(code="AN07", notebook="00", written="2026-01-01T10:00:00", **tried):
    """A file with some exercises tried: first_try, later, wrong by number."""
    everything = {name: Tried() for name in hand_in_files.names(notebook)}
    everything |= {f"{notebook}.{number[1:]}": one for number, one in tried.items()}
    return HandIn(notebook, code, written, helpers.__version__, everything)


def save(folder, name, one):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(hand_in_files.to_text(one), encoding="utf-8")


def test_the_table_shows_which_exercise_was_hard():
    counted = [
        handed("AAAA", x1=Tried(1, True), x2=Tried(3, True, [1, 2], True)),
        handed("BBBB", x1=Tried(1, True), x2=Tried(2, False, [1])),
        handed("CCCC", x1=Tried(2, True)),
        handed("AAAA", "01", x1=Tried(1, True)),
    ]
    table = class_results.table(counted[::-1])
    assert list(table.index) == hand_in_files.names("00") + hand_in_files.names("01")
    assert table.loc["00.1"].tolist() == [2, 1, 0, 0, 1.33, 0, 0]
    assert table.loc["00.2"].tolist() == [0, 1, 1, 1, 2.5, 1.5, 0.5]
    assert table.loc["00 quiz 1", class_results.ENDINGS].tolist() == [0, 0, 0, 3]
    assert pd.isna(table.loc["00 quiz 1", "tries"])


def test_files_that_do_not_count_are_named(tmp_path, monkeypatch):
    save(tmp_path, "one.json", handed(x1=Tried(1, True)))
    save(tmp_path, "one (1).json", handed(x1=Tried(1, True)))
    (tmp_path / ".DS_Store").write_bytes(b"Bud1")
    (tmp_path / "._one.json").write_bytes(b"Mac OS X")
    save(tmp_path, "older.json", handed(written="2025-12-31T10:00:00"))
    save(tmp_path, "another student.json", handed("BAO1"))
    text = hand_in_files.to_text(handed("CUT1", x1=Tried(2, True)))
    (tmp_path / "cut.json").write_text(text[:300])
    (tmp_path / "changed.json").write_text(text.replace('"tries": 2', '"tries": 1'))
    (tmp_path / "no checksum.json").write_text(json.dumps({"what": hand_in_files.WHAT}))
    (tmp_path / "list.json").write_text(json.dumps([hand_in_files.WHAT]))
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "video.mp4").write_bytes(b"\x00" * 300_000)
    (tmp_path / "photograph.jpg").write_bytes(b"\xff\xd8\xff\x00")
    save(tmp_path, "old version.json", replace(handed("OLD1"), version="0.1.0"))
    collected = class_results.collect(tmp_path)
    assert {one.code for one in collected.counted} == {"AN07", "BAO1"}
    reasons = dict(line.split(": ", 1) for line in collected.left_out)
    assert reasons.pop("one (1).json") == "the same as one.json"
    assert reasons.pop("older.json").startswith("older, of the same student and notebook, than one.json")
    assert "checksum does not fit" in reasons.pop("changed.json")
    assert "version 0.1.0" in reasons.pop("old version.json")
    for name in ("empty.json", "photograph.jpg", "video.mp4"):
        assert "not a file that hand_in has written" in reasons.pop(name)
    assert {*reasons} == {"cut.json", "no checksum.json", "list.json"}
    assert {reason.partition(":")[0] for reason in reasons.values()} == {"the file is damaged"}


def test_two_sittings_of_a_student_count_together(tmp_path):
    monday, tuesday = "2026-01-05T10:00:00", "2026-01-06T10:00:00"
    save(tmp_path, "monday.json", handed(written=monday, x1=Tried(1, True), x2=Tried(3, False)))
    save(tmp_path, "tuesday.json", handed(written=tuesday, x2=Tried(1, True)))
    collected = class_results.collect(tmp_path)
    (one,) = collected.counted
    tried = [of for of in one.tried.values() if of.tries]
    assert tried == [Tried(1, True), Tried(1, True)], "the first exercise is of Monday, the second of Tuesday"
    assert collected.left_out == ("monday.json: older than tuesday.json, so that it counts only for 00.1",)
    assert collected.shared == ("AN07 in 00: tuesday.json, monday.json",)
    assert "of two students" in class_results.write(tmp_path), "two students may have chosen the same code"


def test_archives_are_named_and_files_in_utf_16_count(tmp_path):
    text = hand_in_files.to_text(handed("UTF1"))
    (tmp_path / "saved by an editor.json").write_text(text, encoding="utf-16")
    with zipfile.ZipFile(tmp_path / "all.ZIP", "w") as archive:  # stored: the text stands in it as it is
        archive.writestr("one.json", text)
    collected = class_results.collect(tmp_path)
    assert [one.code for one in collected.counted] == ["UTF1"]
    (left_out,) = collected.left_out
    assert left_out.startswith("all.ZIP: an archive: unpack it")


@pytest.mark.parametrize(
    ("change", "tried"),
    [
        *[({}, change) for change in ({"tries": "many"}, {"tries": -1}, {"luck": 1}, {"hints": None})],
        *[({name: 5}, {}) for name in ("notebook", "code", "written", "tried")],
    ],
)
def test_a_forged_file_does_no_harm(change, tried):
    values = json.loads(hand_in_files.to_text(handed()))
    del values["checksum"]
    values["tried"]["00.1"] |= tried
    values |= change
    text = json.dumps(values | {"checksum": hand_in_files._checksum(values)})
    with pytest.raises(ValueError, match="damaged"):
        hand_in_files.from_text(text)


def test_the_command_writes_a_table_and_a_figure_and_can_be_repeated(tmp_path, capsys):
    folder = tmp_path / "class"
    save(folder, "one.json", handed(x1=Tried(1, True), x2=Tried(4, True)))
    save(folder, "two.json", handed("BAO1", x1=Tried(2, True)))
    for _ in range(2):
        main(["class", str(folder)])
        said = capsys.readouterr().out
    assert "Counted: 2 files of 2 students.\nNot counted: 0\n" in said and "not an exam" in said
    assert "Fewest correct at the first try: 00.2 (0% of those who tried), 00.1 (50%" in said
    table = pd.read_csv(folder / "class.csv", index_col="exercise")
    assert table.loc["00.2", "tries"] == 4
    with Image.open(folder / "class.png") as figure:
        assert figure.width > 900


def test_files_that_do_not_count_are_separated_in_the_error(tmp_path, capsys):
    for name in ("bin.txt", "junk.txt"):
        (tmp_path / name).write_text("junk")
    with pytest.raises(SystemExit):
        main(["class", str(tmp_path)])
    said = capsys.readouterr().err
    reason = "this is not a file that hand_in has written"
    assert f"counts. Not counted (2): bin.txt: {reason}; junk.txt: {reason}." in said


@pytest.mark.parametrize("name", ["class.csv", "class.png"])
@pytest.mark.parametrize("content", ["", "name,mark\nAn,1\n", class_results.HEADER + ",notes\n"])
@pytest.mark.parametrize("again", [False, True])
def test_a_file_of_the_lecturer_is_not_replaced(tmp_path, capsys, name, content, again):
    save(tmp_path, "one.json", handed(x1=Tried(1, True)))
    if again:
        class_results.write(tmp_path)
    (tmp_path / name).write_text(content)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SystemExit):
        main(["class", str(tmp_path)])
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"{name}' would be replaced" in said and "Rename it" in said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_class_that_has_not_tried_anything_is_told_so(tmp_path):
    save(tmp_path, "one.json", handed())
    said = class_results.write(tmp_path)
    assert "Nobody tried an exercise." in said and "Fewest" not in said


@pytest.mark.parametrize("gone", ["class.csv", "class.png"])
def test_a_deleted_result_is_written_again(tmp_path, gone):
    save(tmp_path, "one.json", handed(x1=Tried(1, True)))
    class_results.write(tmp_path)
    (tmp_path / gone).unlink()
    class_results.write(tmp_path)
    assert (tmp_path / gone).exists()
