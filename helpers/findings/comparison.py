"""Domain and task, made executable: in which of the four ways do source and target differ?

A domain D = {F, P(X)} is a feature space and a marginal distribution; a task T = {Y, P(Y|X)} is a
label space and a conditional distribution (Pan & Yang 2010). Spaces are compared as sets; of
distributions we only have samples, so they are compared by tests, at 5 %. An imbalance of classes counts
as a difference of P(Y|X), as in Ruder 2017.
"""

from dataclasses import dataclass

import numpy as np

from helpers.data.domains import FEWEST, Domain, Task
from helpers.data.validation import check_features, is_missing
from helpers.findings.html_table import html_table

LEVEL = 0.05
OVERLAP = 0.8  # above this area under the curve, inputs are too far apart to compare their labels


@dataclass(frozen=True)
class Difference:
    """One row of a comparison.

    Args:
        name: one of PARTS.
        differs: None if the two cannot be compared.
        evidence: in words.
        p: of the test, if there is one.

    Example:
        >>> Difference("label space Y", True, "2 labels only in the target.").differs
        True
    """

    name: str
    differs: bool | None
    evidence: str
    p: float | None = None


class Comparison(tuple):
    """The four differences, displayed as a table.

    Example:
        >>> Comparison([Difference("label space Y", True, "2 labels only in the target.")])
        label space Y: differ. 2 labels only in the target.
    """

    __slots__ = ()

    def differing(self) -> tuple[str, ...]:
        """Return the names of the differences that hold."""
        return tuple(row.name for row in self if row.differs)

    def __repr__(self):
        return "\n".join(f"{row.name}: {_WORDS[row.differs]}. {row.evidence}" for row in self)

    def _repr_html_(self):
        rows = [(row.name, _WORDS[row.differs], row.evidence) for row in self]
        head = ("part", "source and target", "evidence")
        return html_table("Source and target compared", rows, head)


_WORDS = {True: "differ", False: "no difference found", None: "cannot be compared"}
PARTS = ("feature space F", "marginal P(X)", "label space Y", "conditional P(Y|X)")


def compare(source: tuple[Domain, Task], target: tuple[Domain, Task], seed: int = 0) -> Comparison:
    """Report which of the four differences hold between source and target, each with its evidence.

    Args:
        source: a domain and its task.
        target: a domain and its task.
        seed: splits the samples into halves for training and testing.

    Returns:
        Four rows, in the order of PARTS.

    Raises:
        ValueError: a domain and its task differ in length.

    Example:
        >>> compare((Domain(X_s), Task(y_s)), (Domain(X_t), Task(y_t))).differing()  # doctest: +SKIP
        ('marginal P(X)',)
    """
    for domain, task in (source, target):
        if len(domain.X) != len(task.y):
            raise ValueError(f"X has {len(domain.X)} rows but y has {len(task.y)} labels.")
    (source_domain, source_task), (target_domain, target_task) = source, target
    space = _compare_spaces(source_domain, target_domain)
    labels = _compare_labels(source_task, target_task)
    if space.differs:
        unknown = "The inputs are in different feature spaces."
        return Comparison(
            (space, Difference(PARTS[1], None, unknown), labels, Difference(PARTS[3], None, unknown))
        )
    samples = numbers(source_domain), _in_the_order_of(source_domain, target_domain)
    marginal, area = _compare_marginals(*samples, seed)
    if labels.differs:
        conditional = Difference(PARTS[3], None, "The label spaces differ.")
    else:
        conditional = _compare_conditionals(*samples, source_task.y, target_task.y, area, seed)
    return Comparison((space, marginal, labels, conditional))


def numbers(domain: Domain) -> np.ndarray:
    """Return the sample as rows of numbers: for images, the CNN codes of both shipped source models."""
    if domain.X.ndim == 2:
        return domain.X.astype(np.float64)
    from helpers.networks.backbones import Backbone
    from helpers.networks.features import CNNCodes

    return np.hstack([CNNCodes(Backbone(name)).fit_transform(domain.X) for name in ("shapes", "photos")])


def _in_the_order_of(source, target):
    """The target's numbers, with its columns in the order of the source's features."""
    rows = numbers(target)
    if source.features is None or target.features is None:
        return rows
    place = {name: k for k, name in enumerate(target.features)}
    return rows[:, [place[name] for name in source.features]]


def two_sample_test(a: np.ndarray, b: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Are two samples from one distribution? A classifier two-sample test.

    A classifier learns on one half to distinguish the samples; on the other half its scores are
    compared by a rank test (Lopez-Paz & Oquab 2017; ranks: Friedman 2003).

    Args:
        a: sample (n, features), of at least 20 rows.
        b: sample (m, features), of at least 20 rows.
        seed: of the split into halves.

    Returns:
        The p-value, and the area under the curve (0.5: as good as guessing).

    Raises:
        ValueError: a or b has too few rows or values that are not finite, or they differ in their features.
    """
    from scipy.stats import mannwhitneyu

    a, b = _samples(a, b)
    (a_train, a_test), (b_train, b_test) = _halves(a, seed), _halves(b, seed + 1)
    model = _classifier().fit(np.vstack([a_train, b_train]), np.repeat([0, 1], [len(a_train), len(b_train)]))
    low, high = model.decision_function(a_test), model.decision_function(b_test)
    statistic, p = mannwhitneyu(high, low, alternative="greater")
    return float(p), float(statistic / (len(low) * len(high)))


def labelling_test(
    a: np.ndarray, y_a: np.ndarray, b: np.ndarray, y_b: np.ndarray, seed: int = 0
) -> tuple[float, float, float]:
    """Do the same inputs get the same labels? Two classifiers judged on unseen target inputs.

    One is trained on the source labels, the other on the target labels. If both samples follow the same
    labelling, neither is right more often where they disagree (exact one-sided McNemar test).

    Args:
        a: source sample (n, features), of at least 20 rows.
        y_a: its labels (n,).
        b: target sample (m, features), of at least 20 rows.
        y_b: its labels (m,).
        seed: of the split into halves.

    Returns:
        The p-value, and the accuracies of both on the target. All are NaN if the half of a sample that
        trains has a single class: then there is nothing to compare.

    Raises:
        ValueError: a or b has too few rows or values that are not finite, they differ in their features, or
            there is not one label per row.
    """
    from scipy.stats import binomtest

    a, b = _samples(a, b)
    y_a, y_b = _labels("y_a", y_a, len(a)), _labels("y_b", y_b, len(b))
    (a_train, _), (b_train, b_test) = _halves(a, seed), _halves(b, seed + 1)
    (ya_train, _), (yb_train, yb_test) = _halves(y_a, seed), _halves(y_b, seed + 1)
    # As many of both: who learns from more is right more often, whatever the labels mean; and a long
    # test would find the chance in what two short trainings happened to see.
    fewest = min(len(a_train), len(b_train))
    a_train, ya_train, b_train, yb_train = (part[:fewest] for part in (a_train, ya_train, b_train, yb_train))
    b_test, yb_test = b_test[: fewest + 1], yb_test[: fewest + 1]
    if min(len(set(ya_train.tolist())), len(set(yb_train.tolist()))) < 2:
        return (float("nan"),) * 3  # a single class teaches nothing about labelling
    from_source = _classifier().fit(a_train, ya_train).predict(b_test) == yb_test
    from_target = _classifier().fit(b_train, yb_train).predict(b_test) == yb_test
    better, worse = int(np.sum(from_target & ~from_source)), int(np.sum(from_source & ~from_target))
    p = binomtest(better, better + worse, alternative="greater").pvalue if better + worse else 1.0
    return float(p), float(from_source.mean()), float(from_target.mean())


def proportions_test(y_a: np.ndarray, y_b: np.ndarray) -> float:
    """Do both samples have the same class proportions? Return the p-value of a chi-squared test.

    Args:
        y_a: labels (n,).
        y_b: labels (m,).

    Raises:
        ValueError: there are no labels, or some are missing.
    """
    from scipy.stats import chi2_contingency

    y_a, y_b = _labels("y_a", y_a), _labels("y_b", y_b)
    classes = sorted({*y_a.tolist(), *y_b.tolist()})
    table = np.array([[np.sum(y == c) for c in classes] for y in (y_a, y_b)])
    return float(chi2_contingency(table, correction=False).pvalue) if len(classes) > 1 else 1.0


def _compare_spaces(source, target):
    (shape_s, names_s), (shape_t, names_t) = source.space, target.space
    if names_s is not None and names_t is not None:
        shared = len(set(names_s) & set(names_t))
        evidence = f"{len(names_s)} and {len(names_t)} named features, {shared} in common."
        return Difference(PARTS[0], {*names_s} != {*names_t}, evidence)
    evidence = f"Shape of one input: {shape_s} and {shape_t}."
    return Difference(PARTS[0], shape_s != shape_t, evidence)


def _compare_labels(source, target):
    only_s, only_t = source.labels - target.labels, target.labels - source.labels
    shared = len(source.labels & target.labels)
    evidence = (
        f"Labels: {shared} in common, {len(only_s)} only in the source, {len(only_t)} only in the target."
    )
    return Difference(PARTS[2], bool(only_s or only_t), evidence)


def _compare_marginals(a, b, seed):
    p, area = two_sample_test(a, b, seed)
    evidence = (
        f"A classifier that distinguishes source from target inputs reaches an area under the curve of "
        f"{area:.2f} (0.5 is guessing), p = {p:.2g}."
    )
    return Difference(PARTS[1], p < LEVEL, evidence, p), area


def _compare_conditionals(a, b, y_a, y_b, area, seed):
    p_classes = proportions_test(y_a, y_b)
    evidence = f"Same class proportions? p = {p_classes:.2g}. "
    tests = [p_classes]
    if area < OVERLAP:
        p_labels, from_source, from_target = labelling_test(a, y_a, b, y_b, seed)
        if np.isnan(p_labels):
            evidence += "A sample has a single class where a classifier learns, so labels are not compared."
        else:
            tests.append(p_labels)
            evidence += (
                f"Same labels for the same inputs? On target inputs, a classifier trained on source labels "
                f"has an accuracy of {from_source:.0%}, one trained on target labels {from_target:.0%}, "
                f"p = {p_labels:.2g}."
            )
    else:
        evidence += "The inputs are too far apart to ask whether the same inputs get the same labels."
    p = min(1.0, len(tests) * min(tests))  # Bonferroni: several tests, one error rate
    if area >= OVERLAP and p >= LEVEL:
        return Difference(PARTS[3], None, evidence)
    if p < LEVEL and all(len(tests) * other >= LEVEL for other in tests[1:]):
        evidence += " Only the class proportions differ, and these can change with P(X) alone."
    return Difference(PARTS[3], p < LEVEL, evidence, p)


def _samples(a, b):
    """Both as arrays of finite numbers, with as many features and enough rows."""
    a, b = check_features("a", a), check_features("b", b)
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a and b must have the same features. Received: {a.shape[1]} and {b.shape[1]} columns."
        )
    for name, rows in (("a", a), ("b", b)):
        if len(rows) < FEWEST:
            raise ValueError(
                f"{name} must have at least {FEWEST} rows, because a test on fewer finds nothing. Received: "
                f"{len(rows)}."
            )
    return a, b


def _labels(name, y, rows=None):
    y = np.asarray(y)
    if y.ndim != 1 or not len(y) or (rows is not None and len(y) != rows):
        needed = "at least one label" if rows is None else f"one label for each of {rows} rows"
        raise ValueError(f"{name} must have shape (n,), with {needed}. Received: shape {y.shape}.")
    if bad := sum(map(is_missing, y.tolist())):
        raise ValueError(f"{name} has {bad} missing labels (None or NaN). Remove them and their rows.")
    return y


def _halves(rows, seed):
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]


def _classifier():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.03, tol=1e-3, max_iter=500))
