"""Labs of the site: which cells become one, what each state shows, and what is left out."""

import json

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.authoring import moving_labs
from helpers.widgets.advice import bug_gallery
from helpers.widgets.figure_lab import FigureLab, choice, slider, whole


@pytest.fixture
def lab():
    def draw(axes, power, kind):
        if kind == "impossible" and power > 1:
            raise ValueError("No such line <here>.")
        axes[0].plot([0, power])
        return f"A </script> line\nup to {power}."

    controls = {
        "power": slider("power", [("one", 1), ("two", 2), ("three", 3)], 2),
        "kind": choice("kind", ["line", "impossible", "the same line"], "the same line"),
    }
    return FigureLab(draw, controls, name="test-lab", columns=1)


@pytest.fixture
def page(lab, tmp_path):
    return BeautifulSoup(moving_labs.as_html(lab, "lab-7", tmp_path, "../labs/"), "html.parser")


def states(page):
    return json.loads(page.script.string)


def test_every_state_is_drawn_and_the_same_image_is_stored_once(page, tmp_path):
    found = states(page)
    assert len(found) == 9
    assert [state["caption"] for state in found[6:]] == [
        "A &lt;/script&gt; line<br>up to 3.",
        "<b>No such line &lt;here&gt;.</b>",
        "A &lt;/script&gt; line<br>up to 3.",
    ]
    images = [state["image"] for state in found if "image" in state]
    assert len(images) == 7 and sorted(set(images)) == sorted(path.name for path in tmp_path.iterdir())
    assert len(set(images)) == 3
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in images)


def test_before_any_move_the_page_shows_what_the_notebook_shows(page, lab):
    first = states(page)[5]
    assert page.img["src"] == f"../labs/{first['image']}"
    assert page.img["alt"] == first["alt"] == lab.alt
    assert page.select_one(".lab-caption").decode_contents() == "A &lt;/script&gt; line<br/>up to 2."
    assert page.select_one(".lab-controls").has_attr("hidden"), "without JavaScript, nothing would happen"


def test_every_control_has_a_label_and_starts_where_the_notebook_does(page):
    controls = page.select("input, select")
    assert [page.select_one(f"label[for={c['id']}]").text for c in controls] == ["power", "kind"]
    power, kind = controls
    assert (power["type"], power["min"], power["max"], power["value"]) == ("range", "0", "2", "1")
    assert [o.text for o in page.select(f"#{power['list']} option")] == ["one", "two", "three"]
    assert page.select_one(f"output[for={power['id']}]").text == "two"
    assert [o.text for o in kind.select("option")] == ["line", "impossible", "the same line"]
    assert kind.select_one("[selected]").text == "the same line"
    assert not page.select(".lab-note")


def test_a_slider_gives_way_to_the_limit_and_the_page_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(moving_labs, "MOST_STATES", 10)
    controls = {"steps": whole("steps", 40, 1, 200), "kind": choice("kind", ["a", "b"])}
    lab = FigureLab(lambda axes, steps, kind: f"{steps}, {kind}", controls, "test-lab")
    page = BeautifulSoup(moving_labs.as_html(lab, "lab-0", tmp_path, "labs/"), "html.parser")
    assert [o.text for o in page.select("datalist option")] == ["1", "40", "101", "150", "200"]
    assert page.select_one("input")["value"] == "1" and len(states(page)) == 10
    assert [note.text for note in page.select(".lab-note")] == [
        "On this page, “steps” has 5 of the 200 steps that it has in the notebook."
    ]


@pytest.mark.parametrize("initial", [1, 2, 199, 200])
def test_first_last_and_initial_value_are_kept(initial):
    kept = [value for _, value in moving_labs.fewer({"steps": whole("steps", initial, 1, 200)})["steps"]]
    assert {1, initial, 200} <= set(kept) and kept == sorted(set(kept)) and len(kept) == 100


def test_lists_keep_all_their_entries():
    targets = choice("target", [f"target {k}" for k in range(120)])
    controls = {"target": targets, "case": choice("case", [1, 2, 3, 4]), "rate": slider("rate", "abcd", "c")}
    assert [len(found) for found in moving_labs.fewer(controls).values()] == [120, 4, 3]


def test_the_gallery_replies_to_every_diagnosis(tmp_path):
    gallery = bug_gallery()
    page = BeautifulSoup(moving_labs.as_html(gallery, "lab-1", tmp_path, ""), "html.parser")
    cases, diagnoses = (len(control.options) for control in gallery.controls.values())
    found = states(page)
    assert len(found) == cases * diagnoses and len([*tmp_path.iterdir()]) == cases
    for case in range(cases):
        replies = [state["caption"] for state in found[case * diagnoses :][:diagnoses]]
        assert sum("✓" in reply for reply in replies) == 1 and "✗" not in replies[0]


def test_only_cells_that_open_a_lab_without_training_are_replaced(tmp_path):
    sources = [
        "!pip list",
        "from helpers.widgets import advice as labs\nfrom helpers.widgets import strategy_lab",
        "from helpers.widgets.basics import overfitting_lab",
        "labs.rate_ratio_lab()",
        "overfitting_lab()",
        "overfitting_lab().alt",
        "lab = overfitting_lab()",
        "strategy_lab()",
        "strategy_lab(None)",
        "print()",
        "unknown_lab()",
    ]
    saved = [new_output("stream", text="as saved")]
    notebook = new_notebook(cells=[new_code_cell(source, outputs=saved) for source in sources])
    moving_labs.put_into(notebook, tmp_path, "../labs/")
    moved = {cell.source: cell.outputs for cell in notebook.cells if cell.outputs != saved}
    assert set(moved) == {"labs.rate_ratio_lab()", "overfitting_lab()"}
    pages = [outputs[0].data["text/html"] for outputs in moved.values()]
    ids = [tag["id"] for html in pages for tag in BeautifulSoup(html, "html.parser").select("[id]")]
    assert len(ids) == len(set(ids)) > 0


def test_too_many_bytes_are_refused_by_name(monkeypatch, tmp_path):
    (tmp_path / "a.png").write_bytes(b"0" * 2_000_001)
    moving_labs.check_size(tmp_path)
    monkeypatch.setattr(moving_labs, "MOST_BYTES", 2_000_000)
    with pytest.raises(RuntimeError, match=r"2\.0 MB.*MOST_STATES"):
        moving_labs.check_size(tmp_path)
