"""The four differences: false alarms and finds, counted over many draws."""

import numpy as np
import pytest
from of_today import share

from helpers.data import documents, synthetic
from helpers.data.domains import Domain, Task
from helpers.data.image_sets import builtin
from helpers.findings import comparison
from helpers.findings.comparison import compare

WORDS = documents.vocabulary("English")
N = 200
ALIKE, UNLIKE = 100, 40  # pairs of samples in which false alarms, or finds, are counted
FEWEST, MOST = 0.01, 0.1  # false alarms in nearly all such counts, at a level of 5 %


def papers(seed, n=N, topics=None, relabel=None, language="English"):
    texts, y = documents.draw(n, language, topics, seed=seed)
    words = documents.vocabulary(language)
    if relabel:
        y = np.array([relabel.get(label, label) for label in y])
    return Domain(documents.counts(texts, words), words), Task(y)


@pytest.fixture(scope="module")
def pool():
    """Codes and labels of many pictures; samples are drawn from it without overlap."""
    sizes = {"shapes": 150, "micrographs": 120, "streets_day": 300, "streets_night": 300}
    sets = {name: builtin(name, n, 0, 0, seed=9) for name, n in sizes.items()}
    return {name: (comparison.numbers(Domain(d.X_train)), d.y_train) for name, d in sets.items()}


def two_samples(pool, one, other, seed, n=N):
    rng = np.random.default_rng(seed)
    if one == other:
        order = rng.permutation(len(pool[one][1]))
        parts = order[:n], order[n : 2 * n]
    else:
        parts = (rng.permutation(len(pool[name][1]))[:n] for name in (one, other))
    return [(pool[name][0][i], pool[name][1][i]) for name, i in zip((one, other), parts, strict=True)]


@pytest.mark.slow
def test_false_alarms_on_documents():
    found = [compare(papers(2 * k), papers(2 * k + 1), seed=k) for k in range(ALIKE)]
    assert FEWEST <= np.mean([rows[1].differs for rows in found]) <= MOST
    assert FEWEST <= np.mean([rows[3].differs for rows in found]) <= MOST
    assert not any(rows[0].differs or rows[2].differs for rows in found)


def test_a_pure_difference_of_the_marginal_is_no_label_shift():
    def found(mix):
        return [
            compare(documents.domain_and_task(seed=2 * k), documents.domain_and_task(mix=mix, seed=2 * k + 1))
            for k in range(12)
        ]

    pure, shifted = found("other sub-topics"), found("mostly sport")
    assert all(rows[1].differs for rows in pure + shifted)
    assert sum(rows[3].differs for rows in pure) <= 2  # false alarms
    assert all("Same labels for the same inputs?" in rows[3].evidence for rows in pure)
    assert all(rows[3].differs for rows in shifted)


@pytest.mark.slow
@pytest.mark.parametrize("name", share(["shapes", "streets_day"], 2))
def test_false_alarms_on_pictures(pool, name):
    marginal, conditional = [], []
    for k in range(ALIKE):
        (a, y_a), (b, y_b) = two_samples(pool, name, name, k)
        marginal.append(comparison.two_sample_test(a, b, k)[0] < comparison.LEVEL)
        conditional.append(comparison._compare_conditionals(a, b, y_a, y_b, 0.5, k).differs)
    assert FEWEST <= np.mean(marginal) <= MOST
    assert np.mean(conditional) <= MOST


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_false_alarms_on_pictures_drawn_afresh():
    """No pool is shared by all pairs: two worlds of new streets, 50 pairs each, ten disjoint at a time."""
    size, marginal, conditional = 40, [], []
    for world in range(ALIKE // 50):
        X, y = synthetic.streets(800, seed=[77, world])
        codes, rng = comparison.numbers(Domain(X)), np.random.default_rng(world)
        for order in (rng.permutation(len(y)) for _ in range(5)):
            for a, b in order.reshape(-1, 2, size):
                k = len(marginal)
                p, _ = comparison.two_sample_test(codes[a], codes[b], k)
                row = comparison._compare_conditionals(codes[a], codes[b], y[a], y[b], 0.5, k)
                marginal.append(p < comparison.LEVEL)
                conditional.append(row.differs)
    assert len(marginal) == ALIKE
    assert FEWEST <= np.mean(marginal) <= MOST
    assert np.mean(conditional) <= MOST


@pytest.mark.slow
def test_false_alarms_where_the_source_is_ten_times_as_large(pool):
    """Who learns from more pictures labels them better, which is no other labelling."""
    codes, y = pool["streets_day"]
    found = []
    for k in range(ALIKE // 2):
        order = np.random.default_rng(k).permutation(len(y))
        few, many = order[:50], order[50:550]
        for a, b in ((few, many), (many, few)):
            row = comparison._compare_conditionals(codes[a], codes[b], y[a], y[b], 0.5, k)
            found.append(row.differs)
    assert np.mean(found) <= MOST


def test_feature_spaces_are_sets_of_names():
    X, y = np.random.default_rng(0).normal(size=(200, 3)) * [1, 1, 5], np.tile(["a", "b"], 100)
    one = Domain(X[:100], ["x", "y", "z"]), Task(y[:100])
    other = Domain(X[100:, [2, 0, 1]], np.array(["z", "x", "y"])), Task(y[100:])
    assert compare(one, other).differing() == ()
    assert "no difference found" in repr(compare(one, other)).splitlines()[0]


PLANTED = {
    "feature space F": {"language": "Vietnamese"},
    "marginal P(X)": {"topics": {"sport": 3, "cooking": 1, "technology": 1}},
    "label space Y": {"relabel": {"sport": "leisure", "cooking": "leisure"}},
    "conditional P(Y|X)": {"relabel": {"sport": "cooking", "cooking": "sport"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("part, change", PLANTED.items(), ids=PLANTED)
def test_planted_differences_are_found_in_documents(part, change):
    pairs = ((papers(2 * k, 2 * N), papers(2 * k + 1, 2 * N, **change)) for k in range(UNLIKE))
    assert sum(part in compare(*pair, seed=k).differing() for k, pair in enumerate(pairs)) >= 0.95 * UNLIKE


@pytest.mark.slow
def test_imbalance_is_a_different_conditional():
    change = {"topics": {"sport": 3, "cooking": 1, "technology": 1}}
    rows = [compare(papers(2 * k), papers(2 * k + 1, **change), seed=k)[3] for k in range(UNLIKE)]
    assert sum(row.differs for row in rows) >= 0.95 * UNLIKE
    assert sum("Only the class proportions differ" in row.evidence for row in rows) >= 0.9 * UNLIKE


@pytest.mark.slow
@pytest.mark.parametrize("one, other", [("streets_day", "streets_night"), ("shapes", "micrographs")])
def test_a_moved_marginal_is_found_in_pictures(pool, one, other):
    found = []
    for k in range(UNLIKE):
        (a, _), (b, _) = two_samples(pool, one, other, k)
        found.append(comparison.two_sample_test(a, b, k)[0] < comparison.LEVEL)
    assert np.mean(found) >= 0.95


@pytest.mark.slow
def test_changed_labels_are_found_in_pictures(pool):
    found = []
    for k in range(UNLIKE):
        (a, y_a), (b, y_b) = two_samples(pool, "micrographs", "micrographs", k)
        swap = {"round_cell": "lobed_cell", "lobed_cell": "round_cell"}
        y_b = np.array([swap.get(label, label) for label in y_b])
        found.append(comparison._compare_conditionals(a, b, y_a, y_b, 0.5, k).differs)
    assert np.mean(found) >= 0.95


def test_pictures_go_through_the_same_call():
    day, night = builtin("streets_day", 60, 0, 0), builtin("streets_night", 60, 0, 0)
    rows = compare(*((Domain(d.X_train), Task(d.y_train)) for d in (day, night)))
    assert rows.differing() == ("marginal P(X)",)
    assert "too far apart" in rows[3].evidence and rows[3].differs is None
    codes, y = np.random.default_rng(0).normal(size=(200, 2)), np.tile(["a", "b"], 100)
    far = comparison._compare_conditionals(codes, codes + 9, y, np.sort(y)[:150].repeat(2)[:200], 1.0, 0)
    assert far.differs and "Only the class proportions differ" in far.evidence


def test_what_cannot_be_compared_is_said():
    rows = compare(papers(0), papers(1, language="Vietnamese"))
    assert [row.differs for row in rows] == [True, None, False, None]
    assert "different feature spaces" in rows[1].evidence and "cannot be compared" in rows._repr_html_()
    rows = compare(papers(0), papers(1, relabel={"sport": "games"}))
    assert rows[2].differs and rows[3].differs is None


@pytest.mark.parametrize(
    "make, word",
    [
        (lambda: Domain(np.zeros((5, 3))), "at least 20"),
        (lambda: Domain(np.zeros(50)), "features"),
        (lambda: Domain(np.full((50, 2), np.nan)), "finite"),
        (lambda: Domain(np.zeros((50, 2)), ("a",)), r"one name per column.*len\(features\)=1"),
        (lambda: Domain(np.zeros((50, 2)), ("a", "a")), "more than once: a"),
        (lambda: Task(np.zeros((3, 2))), "shape"),
        (lambda: Task(np.array(["a", "b"]), frozenset("a")), "outside"),
        (lambda: compare((Domain(np.zeros((50, 2))), Task(np.zeros(3))), papers(0)), "50 rows but y has 3"),
    ],
)
def test_bad_input_is_named(make, word):
    with pytest.raises(ValueError, match=word):
        make()


ROWS = np.random.default_rng(0).normal(size=(30, 3))
LABELS = np.arange(30) % 2


@pytest.mark.parametrize(
    "a, b, message",
    [
        (ROWS, np.where(ROWS == ROWS[1, 1], np.nan, ROWS), "^b has 1 NaN"),
        (ROWS[:19], ROWS, "^a must have at least 20 rows.*19"),
        (ROWS, ROWS[:, :2], "^a and b must have the same features. Received: 3 and 2"),
        (ROWS, ROWS[0], "^b must have one row per image"),
    ],
)
def test_samples_that_cannot_be_compared_are_refused_by_name(a, b, message):
    with pytest.raises(ValueError, match=message):
        comparison.two_sample_test(a, b)
    with pytest.raises(ValueError, match=message):
        comparison.labelling_test(a, LABELS[: len(a)], b, LABELS[: len(b)])


@pytest.mark.parametrize("wrong", [LABELS[1:], LABELS[:, None], np.where(LABELS, LABELS, np.nan)])
def test_labels_that_cannot_be_compared_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match="^y_b "):
        comparison.labelling_test(ROWS, LABELS, ROWS, wrong)
    for labels in (wrong[:0], np.where(LABELS, LABELS, np.nan)):
        with pytest.raises(ValueError, match="^y_a "):
            comparison.proportions_test(labels, LABELS)


def test_equal_constant_samples_do_not_differ():
    assert comparison.two_sample_test(np.ones((30, 3)), np.ones((30, 3))) == (1.0, 0.5)


def test_a_single_class_is_not_reported_as_an_accuracy():
    found = compare((Domain(ROWS), Task(0 * LABELS)), (Domain(ROWS[::-1]), Task(0 * LABELS)))
    assert "nan" not in repr(found) and "labels are not compared" in found[3].evidence
    assert found[3].differs is False


def test_domains_and_tasks_of_many_names_describe_themselves_in_short():
    names = [f"a rather long name {k}" for k in range(1300)]
    assert len(repr(Task(np.array(names)))) < 400 and "1300 labels" in repr(Task(np.array(names)))
    assert len(repr(Domain(np.zeros((20, 1300)), names))) < 400
    assert repr(Task(np.array(["cat", "dog"]))) == "Task(y of length 2, 2 labels: frozenset({'cat', 'dog'}))"
