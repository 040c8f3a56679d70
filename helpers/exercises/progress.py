"""What a student has tried since the notebook was started; `hand_in` writes it down, and nothing else does.

`check` notes each try, a reply each hint that is opened, a quiz each answer. The answers themselves are not
kept, only whether they were correct.
"""

from dataclasses import dataclass, field


@dataclass
class Tried:
    """What was tried at one exercise or quiz question.

    Args:
        tries: number of answers up to the first correct one.
        right: whether one of them was correct.
        hints: numbers of the hints that were opened before.
        solution: whether the solution was opened before.

    Example:
        >>> tried = Tried()
        >>> for right in (False, True, False):
        ...     tried.answer(right)
        >>> tried.tries, tried.right
        (2, True)
    """

    tries: int = 0
    right: bool = False
    hints: list[int] = field(default_factory=list)
    solution: bool = False

    def answer(self, right: bool) -> None:
        """Note an answer; what follows a correct one no longer counts."""
        if not self.right:
            self.tries += 1
            self.right = right

    def open_hint(self, number: int) -> None:
        """Note that a hint was opened."""
        if not self.right and number not in self.hints:
            self.hints.append(number)

    def open_solution(self) -> None:
        """Note that the solution was opened."""
        self.solution = self.solution or not self.right


_TRIED: dict[str, Tried] = {}


def of(name: str) -> Tried:
    """Return what was tried at an exercise, such as "03.2", or at a quiz question, such as "03 quiz 1".

    Example:
        >>> of("no exercise").tries
        0
    """
    return _TRIED.setdefault(name, Tried())


def quiz_name(notebook: str, question: int) -> str:
    """Return the name of a quiz question.

    Example:
        >>> quiz_name("03", 1)
        '03 quiz 1'
    """
    return f"{notebook} quiz {question}"
