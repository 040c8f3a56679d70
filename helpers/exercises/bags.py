"""Bags of words without a vocabulary (feature hashing), and two texts that are one bag: exercise 03.1."""

import zlib
from collections.abc import Callable, Iterable

from helpers.data.documents import vocabulary

SIZE = 16
MOST_CHARACTERS = 500


def _crc(word: str) -> int:
    return zlib.crc32(word.encode())


def hashed(
    text: str, size: int, number: Callable[[str], int] = _crc, words: Iterable[str] | None = None
) -> list[int]:
    """Return how many words of a text belong to each of `size` places (Weinberger et al. 2009).

    Args:
        text: words, separated by spaces.
        size: the number of places.
        number: another way to find a place, which is wrong.
        words: other words that count, which is wrong.

    Example:
        >>> hashed("rice rice goal", 4)
        [0, 0, 1, 2]
    """
    bag = [0] * size
    for word in text.split() if words is None else words:
        bag[number(word) % size] += 1
    return bag


def one_bag(texts: object) -> str | None:
    """Check two texts of the vocabulary that share no word and have the same bag."""
    if not (
        isinstance(texts, (list, tuple)) and len(texts) == 2 and all(type(text) is str for text in texts)
    ):
        return "Give a list of two texts, each in quotes."
    if not all(text.split() for text in texts):
        return "Now write the two texts."
    if max(map(len, texts)) > MOST_CHARACTERS:
        return f"Each text may have at most {MOST_CHARACTERS} characters."
    first, second = ({*text.split()} for text in texts)
    if strange := sorted((first | second) - {*vocabulary("English")}):
        return f"{strange[0]} is not in `words`. Take words of the source only."
    if shared := sorted(first & second):
        return f"{shared[0]} is in both texts. They must not share a word."
    bags = [hashed(text, SIZE) for text in texts]
    if bags[0] == bags[1]:
        return None
    place = next(k for k in range(SIZE) if bags[0][k] != bags[1][k])
    return (
        f"Place {place} has {bags[0][place]} words of the first text and {bags[1][place]} of the second. "
        "Which words of `words` belong to the same place? Your function can tell, word by word."
    )
