"""Numbers in prose come from the tables; typed numbers are found."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import claims, values
from helpers.studies.engine import tables

TABLE = """# Made up for these tests
target,strategy,images,seed,accuracy,seconds
new,Linear probe,10,0,0.90,2
new,Linear probe,10,1,0.92,2
new,Linear probe,10,2,0.94,2
new,Full fine-tune,10,0,0.70,8
new,Full fine-tune,10,1,0.73,8
new,Full fine-tune,10,2,0.76,8
old,Linear probe,10,0,0.50,2
old,Linear probe,10,1,0.52,2
old,Linear probe,10,2,0.54,2
old,"Probe, then fine-tune",10,0,0.50,2
"""
CHOICES = """# Made up for these tests
target,images,seed,layer,cross_validated,accuracy
new,10,0,middle,0.8,0.50
new,10,0,last,0.7,0.60
new,10,1,middle,0.7,0.70
new,10,1,last,0.8,0.60
new,10,2,middle,0.7,0.50
new,10,2,last,0.7,0.40
"""
TRIED = """# Made up for these tests
strategy,seed,tried,validation_accuracies
Head only,0,0.001 0.01,0.5 0.7
Head only,1,0.001 0.01,0.6 0.9
"""
TARGETS = """# Made up for these tests
target,strategy,seed,accuracy
first,head,0,0.5
first,head,1,0.5
first,block5,0,0.4
first,block5,1,0.6
second,head,0,0.5
second,head,1,0.5
second,block5,0,0.6
second,block5,1,0.8
"""
PROBE = '"made_up", "accuracy", target="new", strategy="Linear probe", images=10'
PAIR = '"made_up", "accuracy", one="Linear probe", other="Full fine-tune", target="new", images=10'


@pytest.fixture(autouse=True)
def made_up(tmp_path, monkeypatch):
    """A results folder with one small table."""
    (tmp_path / "made_up.csv").write_text(TABLE)
    monkeypatch.setattr(tables, "RESULTS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('points(choice_gain("chosen", "accuracy", "last", images=10))', "0.0 points"),  # -10, 0 and 10
        ('points(choice_gain_interval("chosen", "accuracy", "last", images=10))', "24.8 points"),
        ('number(choices("chosen", "last", images=10))', "1"),
        ('number(choices("chosen", ["middle", "last"], images=10))', "3"),
        ('percent(mean_tried("tried", 0.01, strategy="Head only"))', "80.0 %"),
        ('percent(mean_tried("tried", 1e-3, strategy="Head only"))', "55.0 %"),
    ],
)
def test_a_claim_says_what_each_run_chose_and_tried(made_up, expression, text):
    (made_up / "chosen.csv").write_text(CHOICES)
    (made_up / "tried.csv").write_text(TRIED)
    assert claims.evaluate(expression) == text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('number(choices("chosen", "first"))', "has no layer 'first'"),
        ('number(choices("chosen", "last"))', "several rows per seed and layer"),
        ('percent(mean_tried("tried", 0.1))', "0.1 was not tried"),
    ],
)
def test_a_choice_that_the_table_does_not_have_is_an_error(made_up, expression, message):
    (made_up / "chosen.csv").write_text(CHOICES + "new,50,0,last,0.9,0.9\n")
    (made_up / "tried.csv").write_text(TRIED)
    with pytest.raises(claims.ClaimError, match=message):
        claims.evaluate(expression)


def claim(expression, text):
    return f"It gets <!--= {expression} -->{text}<!--/--> right."


def test_each_target_counts_once_where_targets_are_the_unit(made_up):
    (made_up / "targets.csv").write_text(TARGETS)
    pair = '"targets", "accuracy", "block5", "head", unit="target"'
    assert claims.evaluate(f"points(difference({pair}))") == "10.0 points"  # 0 and 20, not four runs
    assert claims.evaluate(f"points(difference_interval({pair}))") == "127.1 points"  # 12.71 * 14.1 / sqrt(2)
    assert claims.evaluate(f"verdict({pair})") == "ties with"
    for fault in ('"targets", "accuracy", "block5", "head", unit="colour"', pair + ', target="first"'):
        with pytest.raises(values.ClaimError, match="fewer than two values"):
            claims.evaluate(f"points(difference({fault}))")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (f"percent(mean({PROBE}))", "92.0 %"),
        (f"percent(mean({PROBE}), digits=0)", "92 %"),
        (f"points(interval({PROBE}))", "5.0 points"),  # 4.303 * 0.02 / sqrt(3)
        (f"points(difference({PAIR}))", "19.0 points"),
        (f"points(difference_interval({PAIR}))", "2.5 points"),  # differences 20, 19, 18
        (f"verdict({PAIR})", "beats"),
        ('times(ratio("made_up", "seconds", "Full fine-tune", "Linear probe", target="new"))', "4.0 times"),
        ('number(count("made_up", target="new"))', "6"),
        ('number(seeds("made_up", strategy="Linear probe"))', "3"),
        ("number(-1234567.8)", "-1,234,568"),
        ('percent(mean("made_up", "accuracy", strategy="Linear probe", target=["new", "old"]))', "72.0 %"),
    ],
)
def test_a_claim_says_what_the_table_says(expression, text):
    assert claims.evaluate(expression) == text


@pytest.mark.parametrize("source", ["shapes", "photos"])
def test_a_claim_reads_the_recipe_of_a_source_model(source):
    share = values.record(source, "validation_accuracy")
    expression = f'percent(record("{source}", "validation_accuracy"))'
    assert claims.evaluate(expression) == f"{100 * share:.1f} %"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('percent(mean("made_up", "accuracy"))', "rows per seed"),  # pools strategies unasked
        ('percent(mean("made_up", "accuracy", target=["new", "old"]))', "rows per seed"),
        (
            'percent(mean("made_up", "accuracy", target="nowhere"))',
            "no target 'nowhere' here, only 'new', 'old'",
        ),
        ('percent(mean("made_up", "accuracy", images="10"))', "no images '10' here, only 10"),
        ('percent(mean("made_up", "accuracy", colour="red"))', "no column 'colour'"),
        ('percent(mean("made_up", "speed", target="old", strategy="Linear probe"))', "no column 'speed'"),
        ('percent(mean("made_up", "target", target="old", strategy="Linear probe"))', "not a number"),
        ('percent(mean("absent", "accuracy"))', "helpers study absent"),
        ('points(interval("made_up", "accuracy", strategy="Probe, then fine-tune"))', "two seeds"),
        (
            'verdict("made_up", "accuracy", "Linear probe", "Probe, then fine-tune", target="old")',
            "fewer than two seeds",
        ),
        ('percent(record("nothing", "classes"))', "no record"),
        ('percent(record("shapes", "optimizer"))', "no number 'optimizer'"),
        ('mean("made_up", "accuracy", target="old", strategy="Linear probe")', "value without a format"),
        ('"93 %"', "value without a format"),
        ("percent(0.5, colour=1)", "unexpected keyword"),
        ("percent(", "cannot be read"),
        ("percent(x)", "neither a literal"),
        ("percent(1 + 1)", "neither a literal"),
        ("__import__('os').getcwd()", "unknown"),
        ("eval('1')", "'eval' is unknown"),
        ("percent(**{'value': 1})", "write each condition as"),
    ],
)
def test_a_claim_that_cannot_be_rendered_says_why(expression, message):
    with pytest.raises(claims.ClaimError, match=message):
        claims.evaluate(expression)


def test_rendering_replaces_the_text_and_nothing_else():
    old = claim(f"percent(mean({PROBE}))", "17 %") + "\nAnd 5 images.\n"
    new = claims.render(old)
    assert new == claim(f"percent(mean({PROBE}))", "92.0 %") + "\nAnd 5 images.\n"
    assert claims.render(new) == new
    assert not [*claims.problems(new)]


def test_text_that_differs_from_the_table_is_a_problem():
    (problem,) = claims.problems(claim(f"percent(mean({PROBE}))", "17 %"))
    assert "'17 %'" in problem and "'92.0 %'" in problem


@pytest.mark.parametrize(
    "text",
    [
        "It gets 93.7 % right.",
        "It gets 93% right.",
        "About 12 percent are wrong.",
        "It is 2 points better.",
        "It is three points better.",
        "It is 3x faster.",
        "It is 2.5 × as fast.",
        "It takes 3 times the memory.",
        "It takes ten times as long.",
        "It is twice as fast.",
        "A tenfold gain.",
        "| probe | 93 % |",
        "Kumar et al. 2022 say so. We measured 93 %.",
        "In 2012 it was 93 %.",
        "Use `x`. It gets 93 % right, $y = 2$.",
        "It is two thirds of a point better.",
        "It is better by two\nthirds of a point.",
        "It is larger by a factor of a hundred.",
        "It falls by a factor of about 7.",
        "It gets nine of ten right.",
        "It is right in 3 out of 4 runs.",
        "It is right in 95 of 100 draws.",
        "It has an accuracy of 0.93.",
        "The test accuracy is only 0.9.",
        "It has 0.93 accuracy.",
        "It finds a third of the images.",
        "It makes a third fewer mistakes.",
        "It takes half the time.",
        "It takes three quarters of the whole memory.",
        "It halves the error.",
        "The gap was nearly halved.",
        "Doubling the accuracy is easy.",
        "The score doubled.",
        "A rate 10 to 100 times smaller than from scratch.",
        "A hundred times smaller.",
        "Thirty per cent are right.",
    ],
)
def test_a_typed_number_is_found(text):
    assert len(claims.typed_numbers(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Bars are 95 % intervals, and the test is at 5 %.",
        "Images of 32x32 pixels, 3×3 kernels, 64 x 64.",
        "Draw 100 pairs, five times over, with 20 images per class.",
        "The error was 15.3 % (Krizhevsky et al., 2012).",
        "Pan and Yang (2010) speak of 50 %.",
        "Write `93 %` or $0.9 \\cdot 100 \\% = 90 %$ or see [this](http://a.b/93%25).",
        "```\n93 % and 3x\n```",
        'Here <img width="50%" alt="a"> an image.',
        "Say <!--given: exercise-->90 %<!--/--> are right.",
        "Two things matter at these points.",
        "Each block halves the side, and a quarter of the image is left; four halve it four times.",
        "MobileNet with three quarters of its channels; dropout drops a fifth of the codes.",
        "A third quick probe, a third time, a third run; do one of three things, one of the two.",
        "The half width of the interval; it trains for half of its usual steps.",
        "Halve the batch; a training that doubles three times.",
        "The product, factor by factor; a factor for every layer.",
        "The learning rate is 0.003, and C is 0.1; a score at a rate of 0.01.",
        "Exercise 3 of 4, block 2 of 4, run it twice, squeezed twice.",
        "It is right in two thirds of the runs (Kornblith et al., 2019).",
    ],
)
def test_other_numbers_pass(text):
    assert claims.typed_numbers(text) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('a = 1\nprint("It gets 93 % right.")', [2]),
        ('print(f"{x:.1%} of {n} are right, which is 3 points more.")', [1]),
        ('print("It gets 93 % right.")  # given: exercise', []),
        ('# given: exercise\nprint("It gets 93 % right.")', []),
        ('print("It gets 93 % right.")  # given: because', [1]),
        ('# given: exercise\nprint("It gets 93 % right.")', []),
        ('def f():\n    """It gets 93 % right."""', []),
        ('print(f"{x:.1%} right, {y:6.1%} wrong")', []),
        ('box = Layout(width="100%")', []),
        ('print("Bars are 95 % intervals of 8 X-ray images.")', []),
    ],
)
def test_typed_numbers_are_found_in_strings_of_code(code, lines):
    assert [line for line, _ in claims.typed_strings(code)] == lines


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!--given: exercise-->90 %<!--/--> are **right**.", "begins a line"),
        ("- <!--given: exercise-->90 %<!--/--> are right.", "begins a line"),
        ("Say <!--given: because-->one<!--/-->.", "not one of exercise, definition"),
        ("Say <!--= number(1) -->1 of it.", "has no end"),
    ],
)
def test_a_mark_that_would_not_work_is_a_problem(text, problem):
    assert any(problem in found for found in claims.problems(text))


@pytest.fixture
def series(tmp_path):
    """A folder like the repository's, with stale claims in a page and in a notebook with outputs."""
    stale = claim(f"percent(mean({PROBE}))", "1.0 %")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "README.md").write_text(stale)
    code = new_code_cell("print('é')", execution_count=1, outputs=[new_output("stream", text="é\n")])
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), code, new_markdown_cell(stale)])
    nbformat.write(notebook, tmp_path / "notebooks" / "01_a.ipynb")
    return tmp_path


@pytest.mark.parametrize("code", ["print('It gets 93 % right.')", "%time print('It gets 93 % right.')"])
def test_strings_of_code_cells_and_of_all_helpers_are_checked(series, code):
    claims.write(series)
    (series / "helpers" / "deep").mkdir(parents=True)
    (series / "helpers" / "deep" / "bugs.py").write_text("a = 1\nremedy = 'It is ten times as good.'\n")
    path = series / "notebooks" / "01_a.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = code
    nbformat.write(notebook, path)
    helper, cell = claims.check(series)
    assert helper.startswith("helpers/deep/bugs.py, line 2: typed") and "ten times" in helper
    assert cell.startswith("01_a.ipynb, cell 1, line 1: typed") and "93 % right" in cell


def test_files_are_rendered_in_place_and_outputs_stay(series):
    path = series / "notebooks" / "01_a.ipynb"
    before = path.read_text()
    assert [found.split(": ")[0] for found in claims.check(series)] == ["README.md", "01_a.ipynb, cell 2"]
    assert claims.write(series) == ["README.md", "01_a.ipynb"]
    assert path.read_text() == before.replace("1.0 %", "92.0 %")  # no other byte has moved
    assert claims.check(series) == [] and claims.write(series) == []


def test_nothing_is_written_where_a_claim_cannot_be_rendered(series):
    path = series / "notebooks" / "01_a.ipynb"
    path.write_text(path.read_text().replace("Linear probe", "No such strategy"))
    before = path.read_text()
    with pytest.raises(claims.ClaimError):
        claims.write(series)
    assert path.read_text() == before and sorted(series.glob("**/*.part")) == []


def test_the_marks_do_not_show_in_pages_or_slides(series):
    from html.parser import HTMLParser

    from nbconvert import HTMLExporter, SlidesExporter

    class Visible(HTMLParser):
        text = ""

        def handle_data(self, data):
            self.text += data

    for exporter in (HTMLExporter(), SlidesExporter()):
        html, _ = exporter.from_filename(str(series / "notebooks" / "01_a.ipynb"))
        reader = Visible()
        reader.feed(html[html.index("<body") :])
        assert "It gets 1.0 % right." in " ".join(reader.text.split())
        assert "made_up" not in reader.text


def test_every_number_of_the_series_is_rendered_cited_or_given(monkeypatch):
    monkeypatch.undo()  # the real tables
    assert claims.check() == []


def test_agreement_of_the_probes_with_what_was_declared(monkeypatch):
    monkeypatch.setattr(tables, "RESULTS", claims.ROOT / "datasets" / "results")
    for likeness in ("similar", "different"):
        low, mean, high = (values.agreement(likeness, part) for part in ("low", "mean", "high"))
        assert low < mean < high and 0 < mean < 1


def test_cells_of_two_strategies_are_counted_on_built_in_or_real_targets(monkeypatch):
    monkeypatch.setattr(tables, "RESULTS", claims.ROOT / "datasets" / "results")
    pair = "Earlier-layer SVM", "Linear probe"
    for builtin in (True, False):
        words = [values.pair_cells(*pair, builtin, word) for word in ("beats", "ties with", "loses to")]
        assert values.pair_cells(*pair, builtin) == sum(words) and min(words) > 0
    either = sum(values.pair_cells(*pair, builtin) for builtin in (True, False))
    assert either == sum(map(values.layer_cells, ("similar", "between", "different")))


def test_cells_of_the_board_and_regrets_have_values(monkeypatch):
    monkeypatch.setattr(tables, "RESULTS", claims.ROOT / "datasets" / "results")
    words = ("beats", "ties with", "loses to")
    assert values.board_cells() == sum(map(values.board_cells, words)) >= 8
    textbook = [values.regret("textbook", part) for part in ("low", "mean", "high", "worst")]
    assert textbook[0] < textbook[1] < textbook[2] < 1 and 0 < textbook[1] < textbook[3]
    gained = values.lead("always Probe, then fine-tune", "textbook")
    lost = values.regret("always Probe, then fine-tune")
    assert gained == pytest.approx(textbook[1] - lost)
    assert values.flipped() <= values.board_cells()
    assert values.vgg16_gain("few", "low") < values.vgg16_gain("few") < values.vgg16_gain("few", "high")
    assert values.layer_gain("different", without="spoken_digits") < values.layer_gain("different")
    assert values.tuning("Linear probe", "low") <= values.tuning("Linear probe")
    with pytest.raises(claims.ClaimError, match="There is no rule 'luck'"):
        values.regret("luck")


def test_on_the_board_training_from_random_weights_belongs_to_every_source(monkeypatch):
    monkeypatch.undo()  # the real tables
    cell = {"target": "micrographs", "images": 100, "strategy": "From scratch"}
    assert values.mean("board", "accuracy", source="shapes", **cell) == values.mean(
        "board", "accuracy", **cell
    )
