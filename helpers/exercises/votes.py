"""The board of a class vote: pasted lines of `predict`, counted before the result is shown."""

from helpers.exercises.prediction import Prediction
from helpers.plots.classroom import votes
from helpers.plots.style import png, styled
from helpers.widgets.pasting import PasteBoard, listed, said


def class_votes(prediction: Prediction) -> "ClassVotes":
    """Count the votes of a class on a prediction, before the result is shown.

    Each student commits a guess and copies the line that appears into the class chat. Paste all lines here.
    After a discussion, students press "Vote again" and send a second line; paste all lines once more.

    Args:
        prediction: what `predict` has returned. It need not be answered here.

    Example:
        >>> from helpers.exercises import predict
        >>> guess = predict("Which is better?", ["probe", "fine-tuning"])
        >>> board = class_votes(guess)
        >>> board.lines.value = guess.poll.line("probe", vote=1)  # somebody pastes a line
        >>> board.button.click()
        >>> board.alt
        'Which is better? first vote: probe 1, fine-tuning 0. after the discussion: probe 0, fine-tuning 0.'
    """
    return ClassVotes(prediction)


class ClassVotes(PasteBoard):
    """The widget that `class_votes` returns.

    Attributes:
        tally: the counted votes, and what was not counted.

    Example:
        >>> from helpers.exercises import predict
        >>> len(ClassVotes(predict("How many?", (0, 100))).tally.votes)
        0
    """

    def __init__(self, prediction: Prediction) -> None:
        self.poll = prediction.poll
        self.tally = self.poll.tally("")
        super().__init__(
            "class-votes",
            "Paste the lines of the class here, one vote per line",
            "Count",
            f"Check the lines and count the votes: {self.poll.question}",
            height=1.6 + 0.5 * len(self.poll.counts(self.tally.votes)),
        )

    def read(self, text: str) -> None:
        """Count the votes in pasted text."""
        tally = self.tally = self.poll.tally(text)
        counted = (f"{name} {count}" for name, count in self._counts().sum().items())
        notes = [f"Counted: {', '.join(counted)}.", f"Duplicate lines: {tally.repeated}."]
        if tally.elsewhere:
            notes.append(f"Votes on other questions, not counted here: {tally.elsewhere}.")
        if tally.other_versions:
            notes.append(
                f"Some lines come from another version of the series ({', '.join(tally.other_versions)}); "
                "they count if question and options are the same."
            )
        self.status.value = (
            said(" ".join(notes))
            + listed("Not counted, because the same voter has another answer above", tally.conflicting)
            + listed("Not counted", tally.refused)
        )

    def draw(self) -> None:
        """Draw the number of votes for each answer."""
        with self.drawing, styled():
            votes(self.axes[0], self._counts(), self.poll.question)
            self.show(png(self.figure))

    def _counts(self):
        return self.poll.counts(self.tally.votes)

    @property
    def alt(self) -> str:
        """What the figure shows, in words."""
        answers = (
            f"{name}: {', '.join(f'{answer} {count}' for answer, count in column.items())}."
            for name, column in self._counts().items()
        )
        return f"{self.poll.question} {' '.join(answers)}"
