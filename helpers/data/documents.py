"""Short documents in two languages, generated word by word: the lecture's bag-of-words example."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.data.domains import Domain, Task
from helpers.data.validation import check_integer

TOPICS = ("sport", "cooking", "technology")
_WORDS = {
    "English": {
        "sport": "match team goal player coach ball win score stadium referee",
        "cooking": "recipe rice soup salt oven sauce noodle onion taste kitchen",
        "technology": "computer network data software screen robot code chip phone battery",
        "common": "the new today people very good day many with first",
    },
    "Vietnamese": {
        "sport": "trận_đấu đội bàn_thắng cầu_thủ huấn_luyện_viên bóng thắng tỉ_số sân_vận_động trọng_tài",
        "cooking": "công_thức cơm canh muối lò_nướng nước_sốt bún hành vị bếp",
        "technology": "máy_tính mạng dữ_liệu phần_mềm màn_hình rô_bốt mã vi_mạch điện_thoại pin",
        "common": "và mới hôm_nay người rất tốt ngày nhiều với đầu_tiên",
    },
}
LANGUAGES = tuple(_WORDS)
MIXES: dict[str, dict[str, Any]] = {  # arguments of `draw`
    "equally often": {},
    "other sub-topics": {"other_words": 0.3},
    "mostly sport": {"topics": {"sport": 4, "cooking": 1, "technology": 1}},
    "no sport": {"topics": {"cooking": 1, "technology": 1}},
}
LABELS = {
    "topics": {},
    "sport or not (other classes)": {"cooking": "other", "technology": "other"},
    "sport and cooking exchanged": {"sport": "cooking", "cooking": "sport"},
}
TARGETS = {
    "feature space": {"language": "Vietnamese"},
    "marginal": {"mix": "other sub-topics"},
    "label space": {"labels": "sport or not (other classes)"},
    "conditional": {"labels": "sport and cooking exchanged"},
}


def vocabulary(language: str) -> tuple[str, ...]:
    """Return the feature space of a language: its words, in a fixed order.

    Raises:
        ValueError: If the language is unknown.
    """
    if language not in _WORDS:
        raise ValueError(f"Unknown language {language!r}. Use one of {', '.join(LANGUAGES)}.")
    return tuple(word for words in _WORDS[language].values() for word in words.split())


def draw(
    n: int,
    language: str = "English",
    topics: Mapping[str, float] | None = None,
    length: int = 12,
    seed: int = 0,
    other_words: float = 0.0,
) -> tuple[list[str], np.ndarray]:
    """Draw documents at random.

    Args:
        n: number of documents.
        language: one of LANGUAGES.
        topics: relative frequencies of the topics, such as {"sport": 3, "cooking": 1}; None for equal
            ones.
        length: words per document; on average, half of them belong to its topic.
        seed: random seed.
        other_words: share of the words in the first half of each list that a word of the second half
            replaces. All topics change alike, so P(X) differs, and P(Y) and P(Y|X) stay the same.

    Returns:
        The documents as text, and their topics, str (n,).

    Raises:
        ValueError: If n is not a positive integer, the language or a topic is unknown, no weight is
            positive, or other_words is not between 0 and 1.

    Example:
        >>> texts, topics = draw(2, length=4)
        >>> texts[0].split()
        ['sauce', 'noodle', 'recipe', 'very']
    """
    vocabulary(language)
    n, weights = check_integer("n", n, 1), dict.fromkeys(TOPICS, 1.0) if topics is None else topics
    if not isinstance(weights, Mapping) or not set(weights) <= set(TOPICS) or not _positive(weights):
        raise ValueError(
            f"topics must map some of {', '.join(TOPICS)} to positive weights. Received: {topics!r}"
        )
    if not 0 <= other_words <= 1:
        raise ValueError(f"other_words must be between 0 and 1. Received: {other_words!r}")
    rng = np.random.default_rng(seed)
    names = rng.choice(list(weights), n, p=np.array(list(weights.values())) / sum(weights.values()))
    words = {topic: text.split() for topic, text in _WORDS[language].items()}
    others = sorted({word for text in words.values() for word in text})
    texts = []
    for name in names:
        own = rng.random(length) < 0.5
        texts.append(np.where(own, rng.choice(words[name], length), rng.choice(others, length)))
    if other_words:
        texts = _replaced(np.array(texts), list(words.values()), other_words, rng)
    return [" ".join(text) for text in texts], names


def _replaced(texts, lists, share, rng):
    """Replace a share of the words in the first half of each list by their partners in the second half.

    The words of a list are equally frequent within each topic. So every topic changes by the same factors:
    they cancel in Bayes' rule, and P(Y|X) stays the same.
    """
    half = len(lists[0]) // 2
    partner = {word: words[k + half] for words in lists for k, word in enumerate(words[:half])}
    chosen = rng.random(texts.shape) < share
    return np.where(chosen, np.vectorize(lambda word: partner.get(word, word))(texts), texts)


def _positive(weights):
    return sum(weights.values()) > 0 and min(weights.values()) >= 0


def counts(texts: list[str], words: tuple[str, ...]) -> np.ndarray:
    """Count how often each word of a vocabulary occurs in each document: a bag of words.

    Args:
        texts: n documents.
        words: the vocabulary of d words; other words are ignored.

    Returns:
        int64 (n, d).

    Example:
        >>> counts(["goal goal ball"], ("goal", "ball", "rice")).tolist()
        [[2, 1, 0]]
    """
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=list(words), token_pattern=r"\S+").transform(texts).toarray()


def domain_and_task(
    language: str = "English", mix: str = "equally often", labels: str = "topics", n: int = 200, seed: int = 0
) -> tuple[Domain, Task]:
    """Draw documents and return their domain and task.

    Args:
        language: one of LANGUAGES.
        mix: one of MIXES: the frequencies of the topics, or of the words within each topic.
        labels: one of LABELS, the classes to distinguish.
        n: number of documents.
        seed: random seed.

    Raises:
        ValueError: If the language, mix or labels are unknown.

    Example:
        >>> domain, task = domain_and_task("Vietnamese", n=50)
        >>> domain.X.shape, sorted(task.labels)
        ((50, 40), ['cooking', 'sport', 'technology'])
    """
    for name, value, table in (("mix", mix, MIXES), ("labels", labels, LABELS)):
        if value not in table:
            raise ValueError(f"Unknown {name} {value!r}. Use one of {', '.join(table)}.")
    texts, topics = draw(n, language, seed=seed, **MIXES[mix])
    words = vocabulary(language)
    y = np.array([LABELS[labels].get(topic, topic) for topic in topics])
    return Domain(counts(texts, words), words), Task(y)


def costs(seeds: int = 10) -> dict[str, np.ndarray]:
    """Measure, on each target, the accuracy of a classifier trained on the source and of one trained on it.

    Each is trained on 200 documents; both are tested on 200 other documents of the target. If the words
    differ, the source classifier knows none of the words it sees.

    Args:
        seeds: number of repetitions.

    Returns:
        For each difference in TARGETS, float64 (2, seeds): trained on the source, trained on the target.
    """
    return {
        name: np.array([_pair(target, seed) for seed in range(seeds)]).T for name, target in TARGETS.items()
    }


def mildest(table: dict[str, np.ndarray]) -> str:
    """Return the difference that costs the least accuracy on average."""
    return min(table, key=lambda name: (table[name][1] - table[name][0]).mean())


def _pair(target, seed):
    from sklearn.naive_bayes import MultinomialNB

    (source, task), (train, train_task), (test, test_task) = (
        domain_and_task(seed=3 * seed),
        domain_and_task(seed=3 * seed + 1, **target),
        domain_and_task(seed=3 * seed + 2, **target),
    )
    known = source.features == test.features
    seen = test.X if known else np.zeros_like(test.X)
    from_source = MultinomialNB().fit(source.X, task.y).predict(seen)
    from_target = MultinomialNB().fit(train.X, train_task.y).predict(test.X)
    return [np.mean(from_source == test_task.y), np.mean(from_target == test_task.y)]
