"""Little documents in two languages, drawn word by word: the lecture's bag-of-words example.

Used in notebooks 02 and 03.
"""

from collections.abc import Mapping

import numpy as np

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
