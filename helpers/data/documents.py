"""Little documents in two languages, drawn word by word: the lecture's bag-of-words example.

Used in notebooks 02 and 03.
"""

from collections.abc import Mapping

import numpy as np

from helpers.data.domains import Domain, Task

TOPICS = ("sport", "cooking", "technology")
_WORDS = {
    "English": {
        "sport": "match team goal player coach ball win score stadium referee",
        "cooking": "recipe rice soup salt oven sauce noodle onion taste kitchen",
        "technology": "computer network data software screen robot code chip phone battery",
        "common": "the new today people very good day many with first",
    },
    "Vietnamese": {
        "sport": "trận_đấu đội bàn_thắng cầu_thủ huấn_luyện_viên bóng thắng tỉ_số sân trọng_tài",
        "cooking": "công_thức cơm canh muối lò_nướng nước_chấm bún hành vị bếp",
        "technology": "máy_tính mạng dữ_liệu phần_mềm màn_hình rô_bốt mã vi_mạch điện_thoại pin",
        "common": "và mới hôm_nay người rất tốt ngày nhiều với đầu_tiên",
    },
}
LANGUAGES = tuple(_WORDS)
MIXES = {
    "equally often": None,
    "mostly sport": {"sport": 4, "cooking": 1, "technology": 1},
    "no sport": {"cooking": 1, "technology": 1},
}
LABELS = {
    "topics": {},
    "sport or not (other classes)": {"cooking": "other", "technology": "other"},
    "sport and cooking exchanged": {"sport": "cooking", "cooking": "sport"},
}
TARGETS = {
    "feature space": {"language": "Vietnamese"},
    "marginal": {"mix": "mostly sport"},
    "label space": {"labels": "sport or not (other classes)"},
    "conditional": {"labels": "sport and cooking exchanged"},
}


def vocabulary(language: str) -> tuple[str, ...]:
    """The feature space of a language: its words, in a fixed order."""
    if language not in _WORDS:
        raise ValueError(f"Unknown language {language!r}: use one of {', '.join(LANGUAGES)}.")
    return tuple(word for words in _WORDS[language].values() for word in words.split())


def draw(
    n: int,
    language: str = "English",
    topics: Mapping[str, float] | None = None,
    length: int = 12,
    seed: int = 0,
) -> tuple[list[str], np.ndarray]:
    """Draw documents.

    Args:
        n: how many.
        language: one of LANGUAGES.
        topics: how often each topic comes, such as {"sport": 3, "cooking": 1}; None is equally often.
        length: words a document; half of them belong to its topic, as a mean.
        seed: of everything random.

    Returns:
        The documents as text, and their topics, str (n,).

    Raises:
        ValueError: unknown language or topic, or no positive weight.
    """
    vocabulary(language)
    weights = dict.fromkeys(TOPICS, 1.0) if topics is None else dict(topics)
    unknown = set(weights) - set(TOPICS)
    total = sum(weights.values())
    if unknown or total <= 0 or min(weights.values()) < 0:
        raise ValueError(
            f"topics needs positive weights for some of {', '.join(TOPICS)}. Received: {topics!r}"
        )
    rng = np.random.default_rng(seed)
    names = rng.choice(list(weights), n, p=np.array(list(weights.values())) / total)
    words = {topic: text.split() for topic, text in _WORDS[language].items()}
    others = sorted({word for text in words.values() for word in text})
    texts = []
    for name in names:
        own = rng.random(length) < 0.5
        texts.append(" ".join(np.where(own, rng.choice(words[name], length), rng.choice(others, length))))
    return texts, names


def counts(texts: list[str], words: tuple[str, ...]) -> np.ndarray:
    """Bag of words: how often each word of a vocabulary stands in each document.

    Args:
        texts: documents (n).
        words: the vocabulary (d); words outside it are not counted.

    Returns:
        int64 (n, d).
    """
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=list(words), token_pattern=r"\S+").transform(texts).toarray()


def papers(
    language: str = "English", mix: str = "equally often", labels: str = "topics", n: int = 200, seed: int = 0
) -> tuple[Domain, Task]:
    """A domain and a task of documents.

    Args:
        language: one of LANGUAGES.
        mix: of MIXES, how often each topic comes.
        labels: of LABELS, what is to be told apart.
        n: documents.
        seed: of everything random.

    Raises:
        ValueError: an unknown language, mix or kind of labels.
    """
    for name, value, table in (("mix", mix, MIXES), ("labels", labels, LABELS)):
        if value not in table:
            raise ValueError(f"Unknown {name} {value!r}: use one of {', '.join(table)}.")
    texts, topics = draw(n, language, MIXES[mix], seed=seed)
    words = vocabulary(language)
    y = np.array([LABELS[labels].get(topic, topic) for topic in topics])
    return Domain(counts(texts, words), words), Task(y)


def costs(seeds: int = 10) -> dict[str, np.ndarray]:
    """Accuracy on each target of a classifier that learnt on the source, and of one that learnt there.

    Each learns from 200 documents; both are judged on 200 others of the target. Where the words
    differ, the source classifier sees none that it knows.

    Returns:
        By difference, float64 (2, seeds): from the source, from the target.
    """
    return {
        name: np.array([_pair(target, seed) for seed in range(seeds)]).T for name, target in TARGETS.items()
    }


def mildest(table: dict[str, np.ndarray]) -> str:
    """The difference with the smallest mean loss."""
    return min(table, key=lambda name: (table[name][1] - table[name][0]).mean())


def _pair(target, seed):
    from sklearn.naive_bayes import MultinomialNB

    (source, task), (train, train_task), (test, test_task) = (
        papers(seed=3 * seed),
        papers(seed=3 * seed + 1, **target),
        papers(seed=3 * seed + 2, **target),
    )
    known = source.features == test.features
    seen = test.X if known else np.zeros_like(test.X)
    from_source = MultinomialNB().fit(source.X, task.y).predict(seen)
    from_target = MultinomialNB().fit(train.X, train_task.y).predict(test.X)
    return [np.mean(from_source == test_task.y), np.mean(from_target == test_task.y)]
