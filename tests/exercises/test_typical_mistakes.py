"""Functions of students: right ones in several styles, and wrong ones whose reply names the mistake."""

import math
import operator
import zlib
from collections import Counter

import nbformat
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.authoring.opening import NOTEBOOKS
from helpers.exercises import bags, checks, pixels


def copies(train, test):
    seen = {image.tobytes() for image in train}
    return sum(image.tobytes() in seen for image in test)


def copies_at_once(train, test):
    return int((train[None] == test[:, None]).all(axis=(2, 3, 4)).any(axis=1).sum())


def copies_recursive(train, test):
    if not len(test):
        return 0
    return int(any(np.array_equal(test[0], image) for image in train)) + copies_recursive(train, test[1:])


def accuracy_by_loop(scores, classes, truth):
    right = [classes[row.index(max(row))] == name for row, name in zip(scores.tolist(), truth, strict=True)]
    return sum(right) / len(right)


def hashed(text, size):
    places = Counter(zlib.crc32(bytes(word, "utf-8")) % size for word in text.split(" "))
    return np.array([places[place] for place in range(size)])


ALIKE = ["win win", "oven oven"]


def winner(true, n, rows=3000):
    found = np.random.default_rng(7).binomial(n, true, (rows, len(true))) / n
    return np.array([np.mean(found.max(axis=1)), np.mean(np.array(true)[found.argmax(axis=1)])])


def regret(runs, rule, similar):
    means = runs.groupby(["target", "images", "strategy"])["accuracy"].mean().unstack()
    lost = [row.max() - row[rule(similar[target], n)] for (target, n), row in means.iterrows()]
    return float(np.mean(lost))


def regret_of_a_lucky_run(runs, rule, similar):
    return np.mean(
        [
            cell["accuracy"].max()
            - cell[cell["strategy"] == rule(similar[name[0]], name[1])]["accuracy"].mean()
            for name, cell in runs.groupby(["target", "images"])
        ]
    )


def seeds(differences, smallest, n=2):
    half = stats.t.ppf(0.975, n - 1) * np.std(differences, ddof=1) / math.sqrt(n)
    return n if half <= smallest else seeds(differences, smallest, n + 1)


def rank(shape, share):
    rows, n = int(np.prod(shape[:-1])), 0
    while (n + 1) * (rows + shape[-1]) <= share * rows * shape[-1]:
        n += 1
    return n


def greedy(networks, score, better=lambda new, old: new >= old):
    kept = []
    for weights in sorted(networks, key=score)[::-1]:
        if not kept or better(score(np.mean([*kept, weights], 0)), score(np.mean(kept, 0))):
            kept.append(weights)
    return np.mean(kept, axis=0)


def images_by_search(p, q, share):
    variance = p - p**2 + q - q**2 if share is None else share - (p - q) ** 2
    return next(n for n in range(1, 10**4) if 1.96 * math.sqrt(variance / n) <= abs(p - q))


def batchnorm(z, mean, variance, scale, offset):
    return (z - mean) * scale / (variance + 0.001) ** 0.5 + offset


def adapted_by_channel(x, layers, share):
    for weights, mean, variance, *rest in layers:
        z = np.einsum("nhwa,ab->nhwb", x, weights)
        new = np.array([(z[..., k].mean(), z[..., k].var()) for k in range(len(mean))]).T
        mixed = [old + share * (now - old) for old, now in zip((mean, variance), new, strict=True)]
        x = batchnorm(z, *mixed, *rest).clip(min=0)
    return x


def adapted_behind_old_layers(x, layers, share):
    old, statistics = x, []
    for weights, mean, variance, *rest in layers:
        z = old @ weights
        now = z.mean((0, 1, 2)), z.var((0, 1, 2))
        statistics.append([(1 - share) * a + share * b for a, b in zip((mean, variance), now, strict=True)])
        old = np.maximum(batchnorm(z, mean, variance, *rest), 0)
    for (weights, _, _, *rest), mixed in zip(layers, statistics, strict=True):
        x = np.maximum(batchnorm(x @ weights, *mixed, *rest), 0)
    return x


def mixed_outputs(x, layers, share):
    return (1 - share) * adapted_by_channel(x, layers, 0) + share * adapted_by_channel(x, layers, 1)


def names_by_loop(images, texts):
    classes = [np.mean(captions, axis=0) for captions in texts]
    classes = [code / math.sqrt(code @ code) for code in classes]
    return [max(range(len(classes)), key=lambda k: image @ classes[k]) for image in images]


def covered_by_rows(score, image, heat, share):
    rows, columns = np.unravel_index(np.argsort(-heat, axis=None)[: round(heat.size * share)], heat.shape)
    copy = image.copy()
    copy[rows, columns] = image.mean(axis=(0, 1))
    return score(image) - score(copy)


def covered_in_place(score, image, heat, share):
    before, mean, rows = score(image), image.mean(axis=(0, 1)), image.reshape(-1, image.shape[-1])
    rows[np.argsort(heat, axis=None)[-round(share * heat.size) :]] = mean
    return before - score(image)


LEAVES = ["healthy"] * 9 + ["rust"]
CHAIN = {"weights": [4] * 10, "biases": [-2] * 10, "x": 0.5}


def cross_validated(folds, groups=True):
    def mean_accuracy(codes, labels, patients):
        probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        return cross_val_score(probe, codes, labels, cv=folds, groups=patients if groups else None).mean()

    return mean_accuracy


def chain(slope):
    return lambda weights, z, error: math.prod([*map(slope, z), *weights[1:]]) * error


def as_good_as(best, scores):
    ends = stats.ttest_1samp(scores.sub(scores[best], axis=0).drop(columns=best), 0).confidence_interval()
    low, high = ends
    return {best, *scores.columns.drop(best)[(low <= 0) & (0 <= high)]}


def stopped(losses, patience, better=operator.lt):
    best, age = 0, 0
    for epoch, loss in enumerate(losses[1:], 1):
        best, age = (epoch, 0) if better(loss, losses[best]) else (best, age + 1)
        if age == patience:
            break
    return best


def mean_share(y, guesses, names, empty=0.0):
    pairs = [*zip(y, guesses, strict=True)]
    shares = [(pairs.count((name, name)), y.count(name)) for name in names]
    return np.mean([right / count if count else empty for right, count in shares])


def fastest_by_own_errors(accuracy, seconds, images):
    best = max(accuracy.values())
    near = [k for k, p in accuracy.items() if best - p <= math.sqrt(p * (1 - p) / images)]
    return min(near, key=seconds.get)


def halved_soup(networks, score):
    soup, *others = sorted(networks, key=score)[::-1]
    for network in others:
        soup = max((soup + network) / 2, soup, key=score)
    return soup


def prepared_by_fractions(array):
    if np.ptp(array) < 30:
        return "scaled before"
    if array.min() < -124:
        return "prepared twice"
    whole = array + [103.939, 116.779, 123.68]
    return "right" if np.allclose(whole, np.round(whole)) else "not reversed"


def prepared_by_a_black_pixel(array):
    values = array.reshape(-1, 3)
    black = values[values.sum(axis=1).argmin()].round(3).tolist()
    if values.max() < 0:
        return "scaled before"
    ends = {(-103.939, -116.779, -123.68): "right", (-123.68, -116.779, -103.939): "not reversed"}
    return ends.get((*black,), "prepared twice")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *[("00.1", answer) for answer in (copies, copies_at_once, copies_recursive)],
        ("00.2", (accuracy_by_loop, "C")),
        ("00.2", (lambda s, c, t: sum(c[k] == n for k, n in zip(s.argmax(1), t, strict=True)) / len(t), "c")),
        ("01.1", {"weights": np.full(10, -4), "biases": (2,) * 10, "x": [0.5]}),
        ("00.3", lambda train, test: np.mean(test == Counter(train.tolist()).most_common(1)[0][0])),
        ("02.1", lambda p, s: (np.mean(p - s), stats.t.ppf(0.975, len(p) - 1) * stats.sem(p - s))),
        ("02.2", lambda day, night, classes: 1 - (night - 1 / classes) / (day - 1 / classes)),
        ("03.1", (hashed, ALIKE)),
        *[("08.2", cross_validated(f)) for f in (LeaveOneGroupOut(), GroupKFold(40), GroupKFold(10))],
        *[("01.2", chain(lambda z: z > 0)), ("04.3", lambda s: as_good_as(s.mean().idxmax(), s))],
        *[("04.4", winner), ("07.4", (stopped, (0.9, 0.5, 0.5, 0.6, 0.7, 0.3)))],
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["rust"] * 8 + ["healthy", "rust"])),
        ("08.7", lambda p, c, a: [k if row[k] <= a else -1 for row in p @ c for k in [row.argmin()]]),
        ("03.4", lambda n, a: [stats.binom.mean(n, a), stats.binom.sf(0, n, a)]),
        *[("05.1", regret), ("05.3", seeds), ("08.5", covered_by_rows), ("09.4", rank), ("09.6", greedy)],
        ("09.7", names_by_loop),
        ("09.7", lambda i, t: (i @ (m := t.sum(1)).T / np.linalg.norm(m, axis=1)).argmax(1)),
        *[("07.2", how) for how in (prepared_by_fractions, prepared_by_a_black_pixel)],
        ("08.4", images_by_search),
        ("08.4", lambda p, q, s: images_by_search(p, q, p * (1 - q) + q * (1 - p) if s is None else s)),
        ("09.3", adapted_by_channel),
    ],
)
def test_a_right_function_in_another_style_is_right(name, answer):
    reply = checks.check(name, answer)
    assert reply.right, reply.text


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("00.1", lambda a, b: sum(i in a for i in b), "as soon as a single number agrees"),
        ("00.1", lambda a, b: sum((i == j).all() for i in b for j in a), "counts once"),
        ("00.1", lambda a, b: sum(copies(b, i[None]) for i in a), "Count the test images"),
        ("00.2", (lambda s, c, t: np.mean(s.argmax(1) == t), "C"), "numbers of columns with names"),
        ("00.2", (lambda s, c, t: accuracy_by_loop(s, sorted(c), t), "C"), "Keep the order"),
        ("00.2", (accuracy_by_loop, "?"), "The first part is right. Now set `mistaken`"),
        ("00.2", (accuracy_by_loop, "B"), "is it the one that sorted names would give"),
        ("00.2", (accuracy_by_loop, "A"), "Its number is that of your function"),
        ("01.1", CHAIN | {"biases": [0] * 10}, "At which z is the sigmoid steepest"),
        ("01.1", {"weights": [3] * 10, "biases": [-1.5] * 10, "x": 0.5}, "by its weight of 3"),
        ("01.1", CHAIN | {"weights": [5] * 10}, "at most 4 and at least -4"),
        ("01.1", CHAIN | {"weights": [4] * 9}, "Received: 9 weights, 10 biases"),
        ("01.1", CHAIN | {"x": math.nan}, "must be finite"),
        ("00.3", lambda a, b: Counter(b).most_common(1)[0][1] / len(b), "only seen the training set"),
        ("02.1", lambda p, s: (np.mean(p - s), stats.t.ppf(0.95, 4) * stats.sem(p - s)), "is expected"),
        ("02.1", lambda p, s: stats.t.interval(0.95, len(p) - 1, np.mean(p - s), stats.sem(p - s)), "ends"),
        ("01.2", chain(lambda z: float(z >= 0)), "also at z = 0"),
        ("02.2", lambda d, n, c: (d - n) / (d - 0.5), "two classes only"),
        ("03.1", (lambda t, n: [*map(bool, hashed(t, n))], ALIKE), "says whether a place has a word"),
        ("03.1", (lambda t, n: hashed(" ".join({*t.split()}), n), ALIKE), "counts twice"),
        (
            "03.1",
            (lambda t, n: bags.hashed(t, n, hash), ALIKE),
            "each session",
        ),
        ("03.1", (hashed, ["", ""]), "The first part is right. Now write the two texts"),
        ("03.1", (hashed, ["coach soup", "soup coach"]), "coach is in both texts"),
        ("03.1", (hashed, ["coach", "basil"]), "basil is not in `words`"),
        ("03.1", (hashed, ["coach coach", "soup"]), "Place 12 has 2 words of the first text and 1"),
        ("03.4", lambda n, a: (n * a, n * a), "do not add up"),
        ("04.3", lambda s: as_good_as(s.max().idxmax(), s), "highest single accuracy"),
        ("04.3", lambda s: set(s.columns), "should not be in the set"),
        ("04.4", lambda p, n: (winner(p, n)[0], max(p)), "need not be the best"),
        ("04.4", lambda p, n: (winner(p, n)[0], np.mean(p)), "that of all models"),
        ("04.4", lambda p, n: (max(p), max(p)), "Choose in each repetition"),
        ("04.4", lambda p, n: (n * winner(p, n)[0], winner(p, n)[1]), "divide by n"),
        ("04.4", lambda p, n: winner(p, n)[::-1], "First the validation accuracy"),
        ("04.4", lambda p, n: winner(p, n)[[0, 0]], "Both values are validation accuracies"),
        ("04.4", lambda p, n: winner(p, 2 * n), "is expected"),
        ("05.1", regret_of_a_lucky_run, "luckiest single run"),
        ("05.3", lambda d, q: math.ceil((1.96 * np.std(d, ddof=1) / q) ** 2), "1.96 is for many seeds"),
        ("05.3", lambda d, q: seeds(d, q) - 1, "One seed is missing"),
        ("07.2", pixels.reddish, "a blue image deceives you"),
        ("07.2", pixels.bright, "A dark image has a low mean"),
        ("07.2", pixels.below_one, "How wide is the range"),
        ("07.4", (lambda losses, n: stopped(losses, n, better=operator.le), [...]), "An equal loss"),
        ("07.4", (stopped, [...]), "The first part is right. Now replace the ..."),
        ("07.4", (stopped, [0.9, 0.5, 0.6, 0.3]), "keeps epoch 3 (0.3), and a patience of 5 keeps epoch 3"),
        ("07.4", (stopped, [0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.3]), "keeps epoch 1 (0.5). For how many"),
        ("07.4", (stopped, [0.9, math.nan]), "finite numbers"),
        ("07.4", (stopped, ["low", 0.9]), "must be a list of numbers"),
        ("07.4", (stopped, []), "1 to 30 numbers; it has 0"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y, *g}), [...]), "has no image in `y`"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y, *g}, empty=math.nan), [...]), "has no image in `y`"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y} & {*g}), [...]), "never guessed counts"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["healthy"] * 10), "do not beat 0.5"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["rust"] * 10), "do not beat 0.5"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["rust"] + LEAVES[1:]), "do not lose to 0.9"),
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["rust"] * 9), "Give ten guesses"),
        ("08.2", cross_validated(5), "keeps them together"),
        ("08.2", cross_validated(KFold(5, shuffle=True, random_state=0), False), "keeps them together"),
        ("08.3", fastest_by_own_errors, "that of the best one"),
        ("08.7", lambda p, c, a: np.where((p @ c).min(1) < a, (p @ c).argmin(1), -1), "only above it"),
        ("08.4", lambda p, q, s: images_by_search(p, q, None), "says nothing about which one"),
        ("08.4", lambda p, q, s: math.ceil((s or 2 * p * (1 - p)) * (1.96 / (p - q)) ** 2), "is expected"),
        ("08.4", lambda p, q, s: images_by_search(p, q, s and s + (p - q) ** 2), "also subtracts a square"),
        ("08.5", covered_in_place, "Work on a copy"),
        ("09.3", adapted_behind_old_layers, "a pass through the old first layer"),
        ("09.3", lambda x, layers, s: adapted_by_channel(x, layers, 1 - s), "not of the old ones"),
        ("09.3", mixed_outputs, "You mix outputs"),
        ("09.4", lambda shape, share: rank(shape, share) + 1, "round down"),
        ("09.6", halved_soup, "gives the last network as much weight as all others"),
        ("09.6", lambda n, s: greedy(n, s, lambda new, old: new > old), "if the score does not fall"),
        ("09.7", lambda i, t: np.argmax(i @ t.mean(1).T, 1), "shorter than 1"),
        ("09.7", lambda i, t: np.einsum("id,ckd->ick", i, t).max(2).argmax(1), "nearest single caption"),
        ("09.7", lambda i, t: np.argmax(i @ t[:, 0].T, 1), "one caption per class"),
    ],
)
def test_a_mistake_is_named(name, answer, words):
    reply = checks.check(name, answer)
    assert not reply.right and words in reply.text, reply.text


def test_the_rows_without_names_are_those_of_the_study():
    from helpers.data.judging_shifts import FIRST_SHIFTS
    from helpers.exercises import shift_rows

    rows = shift_rows.anonymous()
    assert sorted(shift_rows.NAMES.values()) == sorted(FIRST_SHIFTS)
    assert rows.loc["D", "nothing"] == "0 %" and list(rows.columns) == shift_rows.PARTS
    right = dict(zip("ABCDEF", ("the classes", *["the inputs"] * 2, "the labels"), strict=False))
    right |= {"E": "hardly anything", "F": "the inputs and the labels"}
    assert checks.check("09.2", right).right
    assert "Look at the untouched network" in checks.check("09.2", right | {"C": "the labels"}).text
    assert checks.check(
        "09.2", right | {"E": "the inputs"}
    ).right  # pixelated inputs differ, and hardly matter
    for cause in ("the classes", "the labels", "the inputs and the labels"):
        text = checks.check("09.2", right | {"E": cause}).text
        assert "'E'. The untouched network is right for most images" in text and "head" not in text


def test_no_text_beside_the_rows_without_names_tells_what_they_are():
    from helpers.exercises import shift_rows

    cells = nbformat.read(NOTEBOOKS / "09_after_the_lecture.ipynb", 4).cells
    texts = "\n".join(cell.source for cell in cells)
    assert not [name for name in shift_rows.NAMES.values() if f"*{name}*" in texts]


def test_results_of_several_parts_are_compared_part_by_part():
    from helpers.exercises.kinds import function

    test = function([(("a",), ([1, 0], 0.5))], "parts")
    assert test(lambda text: (np.array([1, 0]), 0.5)) is None and test(lambda text: [[1, 0], 0.5]) is None
    for wrong in (([1, 0],), ([1, 1], 0.5), (0.5, [1, 0]), "a", [[1, 0], 0.5, 0]):
        assert "is expected" in test(lambda text, wrong=wrong: wrong)


def test_arguments_of_a_reply_are_short():
    from helpers.exercises.kinds import function

    def given(x):
        return x

    reply = function([((np.zeros((4, 8)), given), 1)], "f")(lambda *_: 2)
    assert reply == "f(an array of shape (4, 8), given) returns 2, but 1 is expected."


def test_exercise_08_6_shows_framed_images_and_tells_no_width():
    from helpers.exercises.frames import WIDTH

    cells = nbformat.read(NOTEBOOKS / "08_your_own_images.ipynb", 4).cells
    (place,) = (k for k, cell in enumerate(cells) if 'check("08.6"' in cell.source)
    assert "framed(" in cells[place - 1].source and "image/png" in cells[place - 1].outputs[0].data
    words = ("two pixels", f"{WIDTH} pixels")
    assert not [word for word in words for hint in checks.exercises("08")["08.6"].hints if word in hint]


def test_two_of_the_stored_reports_are_wrong_and_one_of_them_by_sorted_names():
    from helpers.exercises.reports import accuracy, reports

    own = {letter: (r.reported, accuracy(*r[:3])) for letter, r in reports().items()}
    by_sorted = {k: accuracy(r.scores, sorted(r.classes), r.truth) for k, r in reports().items()}
    assert [k for k, (reported, right) in own.items() if reported != right] == ["B", "C"]
    assert [k for k, (reported, _) in own.items() if reported == by_sorted[k]] == ["A", "C"]
    assert own["C"][0] != 1 - own["C"][1] and own["B"][0] == pytest.approx(1 - own["B"][1])
