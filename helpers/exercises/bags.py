"""Bags of words, right and wrong, and texts that are one bag: exercise 03.1."""

from collections.abc import Callable, Iterable, Sequence

VOCABULARY = ("goal", "ball", "rice")
MOST_CHARACTERS = 500


def bag(
    text: str,
    vocabulary: Sequence[str],
    counts: Callable[[str], int] | None = None,
    words: Iterable[str] | None = None,
) -> tuple[list[int], float]:
    """Return how often each word of the vocabulary occurs, and the share of words that are not in it.

    Args:
        text: words, separated by spaces.
        vocabulary: the words that count.
        counts: another way to count a word, which is wrong.
        words: other words that may be lost, which is wrong.

    Example:
        >>> bag("rice and a sauce", ("goal", "rice"))
        ([0, 1], 0.75)
    """
    found = text.split()
    words = found if words is None else words
    return [*map(counts or found.count, vocabulary)], sum(w not in vocabulary for w in words) / len(found)


def one_bag(texts: object) -> str | None:
    """Check three texts with the same bag: the second has the first one's words, the third has others."""
    if not (
        isinstance(texts, (list, tuple)) and len(texts) == 3 and all(type(text) is str for text in texts)
    ):
        return "Give a list of three texts, each in quotes."
    if not all(text.split() for text in texts):
        return "Now write the three texts."
    if max(map(len, texts)) > MOST_CHARACTERS:
        return f"Each text may have at most {MOST_CHARACTERS} characters."
    bags = [bag(text, VOCABULARY) for text in texts]
    for number in (2, 3):
        if bags[number - 1] != bags[0]:
            return f"The bag of text 1 is {bags[0]}, and that of text {number} is {bags[number - 1]}."
    if not any(bags[0][0]):
        return f"The bags are equal. Write at least one word of {VOCABULARY} into each text."
    first, second, third = (text.split() for text in texts)
    if first == second:
        return "The bags are equal, but the first two texts have their words in the same order."
    if sorted(first) != sorted(second):
        return "The bags are equal, but the second text must have the words of the first, in another order."
    if sorted(first) == sorted(third):
        return "The bags are equal. The third text must have other words. Which words does `bag` not count?"
    return None
