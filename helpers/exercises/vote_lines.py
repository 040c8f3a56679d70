"""A class votes on a prediction: each vote is a short line to paste, and many lines are counted.

No server is needed. A line looks like

    vote;0.9.0;c0e6f5a4;1;9f3a61;80#5a2ad0bc

version of the series; question; first or second vote; voter; answer; checksum. The question is a checksum of
its text and options. The answer is a number, or the place of an option, beginning with 1. The voter is a
random number of the running notebook: equal answers of two students are two votes, and a line that is pasted
twice is one.
"""

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

import helpers
from helpers.findings import lines

FIELDS = ("kind", "version", "question", "vote", "voter", "answer")
VOTES = {1: "first vote", 2: "after the discussion"}
MOST_BARS = 12  # a wider range of numbers is drawn in ten bins


@dataclass(frozen=True, eq=False)
class Tally:
    """The votes in pasted text.

    Args:
        votes: one row per counted vote: vote (1 or 2), voter, answer, version.
        repeated: number of duplicate lines.
        elsewhere: number of votes on other questions.
        other_versions: the other versions of the series that these votes, or counted ones, come from.
        conflicting: "line: reason" for each line of a voter who has answered differently above.
        refused: "line: reason" for each line that cannot be read.

    Example:
        >>> Poll("Which is better?", ["probe", "fine-tuning"]).tally("hello").refused
        ('hello: this is not a vote: copy the whole line, with its checksum',)
    """

    votes: pd.DataFrame
    repeated: int
    elsewhere: int
    other_versions: tuple[str, ...]
    conflicting: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Poll:
    """A question that a class votes on.

    Args:
        question: its text.
        options: a list of answers to choose from, or a tuple (lowest, highest) of numbers.

    Example:
        >>> poll = Poll("Which is better?", ["probe", "fine-tuning"])
        >>> tally = poll.tally(poll.line("probe", vote=1))
        >>> poll.counts(tally.votes)
                     first vote  after the discussion
        probe                 1                     0
        fine-tuning           0                     0
    """

    question: str
    options: Sequence

    @property
    def key(self) -> str:
        """Eight digits that identify the question and its options."""
        return lines.checksum(repr((self.question, *map(str, self.options))))

    def line(self, answer: float | str, vote: int) -> str:
        """Write a vote of this notebook as a line to paste.

        Args:
            answer: one of the options, or a number between them.
            vote: 1, or 2 after the discussion.
        """
        text = answer if isinstance(self.options, tuple) else list(self.options).index(answer) + 1
        return lines.encode(["vote", helpers.__version__, self.key, vote, voter(), text])

    def tally(self, text: str) -> Tally:
        """Count the votes in pasted text; what stands beside a vote in its line does not matter.

        Two votes of one voter count once: the first line counts, and a line with another answer is listed. A
        vote from another version of the series counts if it has the same question and options.
        """
        found, refused = lines.read(lines.pieces(text, "vote"), self._from_line)
        counted: dict[tuple, dict] = {}
        repeated, conflicting = 0, []
        here = [(line, values) for line, values in found if values["question"] == self.key]
        for line, values in here:
            first = counted.setdefault((values["vote"], values["voter"]), values)
            if first["answer"] != values["answer"]:
                conflicting.append(f"{line}: a line above says {first['answer']!r} for the same voter")
            elif first is not values:
                repeated += 1
        versions = {values["version"] for _, values in found} - {helpers.__version__}
        return Tally(
            pd.DataFrame([*counted.values()], columns=["vote", "voter", "answer", "version"]),
            repeated,
            len(found) - len(here),
            tuple(sorted(versions)),
            tuple(conflicting),
            tuple(refused),
        )

    def counts(self, votes: pd.DataFrame) -> pd.DataFrame:
        """Return the number of votes for each answer; numbers from a wide range are put into ten bins.

        Args:
            votes: of `Tally`.

        Returns:
            One row per answer or bin, one column per vote. A bin contains its lower end; only the last one
            contains its upper end, too.
        """
        answers = {name: votes.loc[votes["vote"] == vote, "answer"] for vote, name in VOTES.items()}
        if not isinstance(self.options, tuple):
            rows = {
                name: [(given == option).sum() for option in self.options] for name, given in answers.items()
            }
            return pd.DataFrame(rows, index=[str(option) for option in self.options])
        low, high = self.options
        if _whole(self.options) and high - low < MOST_BARS:
            edges = np.arange(low, high + 2)
            names = [str(value) for value in edges[:-1]]
        else:
            edges = np.linspace(low, high, 11)
            names = [f"{start:g}–{end:g}" for start, end in zip(edges, edges[1:], strict=False)]
        rows = {name: np.histogram(given.astype(float), edges)[0].tolist() for name, given in answers.items()}
        return pd.DataFrame(rows, index=names)

    def _from_line(self, line):
        values = dict(zip(FIELDS, lines.decode(line, len(FIELDS), "a vote"), strict=True))
        if values["kind"] != "vote":
            raise ValueError("this is not a vote: paste the line that Commit has written")
        if values["question"] != self.key:  # its answer cannot be read without its options
            return values
        if values["vote"] not in map(str, VOTES):
            raise ValueError(f"the vote must be 1 or 2, not {values['vote']!r}")
        return values | {"vote": int(values["vote"]), "answer": self._answer(values["answer"])}

    def _answer(self, text):
        try:
            if not isinstance(self.options, tuple):
                place = int(text)
                if 1 <= place <= len(self.options):
                    return self.options[place - 1]
            else:
                value = int(text) if _whole(self.options) else float(text)
                low, high = self.options
                if low <= value <= high:
                    return value
        except ValueError:
            pass
        raise ValueError(f"there is no answer {text!r} to this question")


def _whole(options):
    return all(isinstance(end, int) for end in options)


@functools.cache
def voter() -> str:
    """Return the number of this notebook's voter, the same one until the kernel ends.

    It is random and says nothing about the student; the seeds of Python and NumPy stay as they are.
    """
    return secrets.token_hex(3)
