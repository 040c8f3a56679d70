"""Functions of students: right ones in several styles, and wrong ones whose reply names the mistake."""

import math
import operator
import zlib
from collections import Counter

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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


def most_common(train, test):
    return np.mean(test == Counter(train.tolist()).most_common(1)[0][0])


def paired_gain(probe, scratch):
    return np.mean(probe - scratch), stats.t.ppf(0.975, len(probe) - 1) * stats.sem(probe - scratch)


def above_chance(day, night, classes):
    return (day - night) / (day - 1 / classes)


def found_by_looking(most, level):
    found = np.zeros(1500, bool)
    runs = np.random.default_rng(5).normal(size=(1500, most))
    for n in range(3, most + 1):
        t = runs[:, :n].mean(1) / (runs[:, :n].std(1, ddof=1) / n**0.5)
        found |= 2 * stats.t.sf(abs(t), n - 1) < level
    return found.mean()


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


def rank_by_loop(change, share):
    left, right = np.linalg.eigh(change.T @ change)[0][::-1], 1
    while left[:right].sum() < share * (change**2).sum():
        right += 1
    return right


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
TIES = [0.5] * 5, [0.4] * 5
THREE = dict.fromkeys(("linear probe", "SVM on an earlier layer", "fine-tuning"), 0.9)
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


def fastest_of_good(accuracy, seconds, images):
    p = max(accuracy.values())
    return min((seconds[k], k) for k in accuracy if p - accuracy[k] <= (p * (1 - p) / images) ** 0.5)[1]


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
        ("00.3", (most_common, ["c", "b"])),
        ("02.1", (paired_gain, np.array([[0.9, 0.5, 0.7, 0.6, 0.8], [0.86, 0.45, 0.66, 0.56, 0.75]]))),
        ("02.2", (lambda day, night, n: 1 - (night - 1 / n) / (day - 1 / n), [(1, 0.7, 2), [0.6, 0.5, 2]])),
        ("03.1", (hashed, ALIKE)),
        *[("08.2", cross_validated(f)) for f in (LeaveOneGroupOut(), GroupKFold(40), GroupKFold(10))],
        *[("01.2", chain(lambda z: z > 0)), ("04.3", lambda s: as_good_as(s.mean().idxmax(), s))],
        *[("04.4", winner), ("07.4", (stopped, (0.9, 0.5, 0.5, 0.6, 0.7, 0.3)))],
        ("08.1", (lambda y, g: mean_share(y, g, {*y}), ["rust"] * 8 + ["healthy", "rust"])),
        ("08.7", lambda p, c, a: [k if row[k] <= a else -1 for row in p @ c for k in [row.argmin()]]),
        ("03.4", found_by_looking),
        (
            "08.3",
            (fastest_of_good, {"linear probe": 0.89, "SVM on an earlier layer": 0.91, "fine-tuning": 0.93}),
        ),
        *[
            ("05.1", regret),
            ("05.3", seeds),
            ("08.5", covered_by_rows),
            ("09.4", (rank_by_loop, {1: 1.0, 3: 3, 50: 9})),
            ("09.6", greedy),
        ],
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
        (
            "00.3",
            (lambda a, b: Counter(b).most_common(1)[0][1] / len(b), {"B"}),
            "only seen the training set",
        ),
        ("00.3", (most_common, {"?"}), "The first part is right. Unknown: ?"),
        ("00.3", (most_common, {"A", "B"}), "Too many: 1. Missing: 1. Think again about A"),
        ("02.1", (lambda p, s: (np.mean(p - s), 1.06 * stats.sem(p - s)), TIES), "is expected"),
        (
            "02.1",
            (lambda p, s: stats.t.interval(0.95, len(p) - 1, np.mean(p - s), stats.sem(p - s)), TIES),
            "ends",
        ),
        ("02.1", (paired_gain, TIES), "The first part is right. The intervals 0.500"),
        ("02.1", (paired_gain, ([0.1, 0.9, 0.5, 0.4, 0.3], [0.5, 0.2, 0.6, 0.1, 0.4])), "contains zero"),
        ("02.1", (paired_gain, ([0.5, 0.6], [0.4, 0.5])), "Give two lists of 5 accuracies"),
        ("01.2", chain(lambda z: float(z >= 0)), "also at z = 0"),
        ("02.2", (lambda d, n, c: (d - n) / (d - 0.5), [(0.9, 0.6, 10), (0.9, 0.6, 2)]), "two classes only"),
        ("02.2", (above_chance, [(0.9, 0.6, 10), (0.9, 0.6, 2)]), "has not much to lose"),
        ("02.2", (above_chance, [(0.9, 0.6, 10), (0.9, 0.4, 2)]), "between chance and 1"),
        ("02.2", (above_chance, [0.9, 0.6]), "Give two networks"),
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
        ("03.4", lambda n, a: 1 - (1 - a) ** (n - 2), "These tests share their values"),
        ("03.4", lambda n, a: np.mean([a] * n), "That is a single test"),
        ("03.4", lambda n, a: 1 - found_by_looking(n, a), "how often nothing is found"),
        ("03.4", lambda n, a: None, "Return one number"),
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
        ("08.3", (fastest_by_own_errors, {}), "that of the best one"),
        ("08.3", (fastest_of_good, THREE), "The rule chooses the linear probe of two strategies"),
        ("08.3", (fastest_of_good, THREE | {"fine-tuning": 1.2}), "between 0 and 1"),
        ("08.3", (fastest_of_good, {"linear probe": 0.9}), "Give a dict with the accuracies of"),
        ("08.7", lambda p, c, a: np.where((p @ c).min(1) < a, (p @ c).argmin(1), -1), "only above it"),
        ("08.4", lambda p, q, s: images_by_search(p, q, None), "says nothing about which one"),
        ("08.4", lambda p, q, s: math.ceil((s or 2 * p * (1 - p)) * (1.96 / (p - q)) ** 2), "is expected"),
        ("08.4", lambda p, q, s: images_by_search(p, q, s and s + (p - q) ** 2), "also subtracts a square"),
        ("08.5", covered_in_place, "Work on a copy"),
        ("09.3", adapted_behind_old_layers, "a pass through the old first layer"),
        ("09.3", lambda x, layers, s: adapted_by_channel(x, layers, 1 - s), "not of the old ones"),
        ("09.3", mixed_outputs, "You mix outputs"),
        ("09.4", (lambda c, s: rank_by_loop(c, s) - 1, {}), "An index begins with 0"),
        ("09.4", (lambda c, s: np.linalg.matrix_rank(c), {}), "the rank of the whole matrix"),
        ("09.4", (rank_by_loop, {1: 1, 3: 3, 50: 10}), "Add up the ten columns"),
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
