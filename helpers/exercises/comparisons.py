"""Check of exercise 05.6: which faults reports of comparisons have. One has two, and one has none."""

from helpers.exercises.attempts import shown
from helpers.exercises.kinds import Check, cases

FAULTS = {
    "copies": "Nothing here says that images of one original are on both sides of a split.",
    "unequal tuning": "Nothing here says that one side could choose among more settings than the other.",
    "chosen on the test set": "Nothing here says that the images of the result also chose what is reported.",
    "one target": "The conclusion does not claim more than the data can carry.",
    "trivial baseline": "Nothing here says that something without a network would be nearly as good.",
    "within chance": "Where a difference is claimed here, it is larger than half of its interval.",
}
RIGHT = {
    "A": {"unequal tuning"},
    "B": {"copies", "one target"},
    "C": set(),
    "D": {"trivial baseline"},
    "E": {"chosen on the test set"},
}


def _faults(right) -> Check:
    def reply(answer):
        if isinstance(answer, str):
            answer = {answer}  # the braces are easily forgotten
        if not isinstance(answer, set | frozenset | list | tuple):
            return f"Give a set of faults, or set() if there is none. Received: {shown(answer)}."
        given = {" ".join(str(name).lower().split()) for name in list(answer)[: 2 * len(FAULTS)]}
        if unknown := sorted(given - FAULTS.keys()):
            return f"Unknown: {shown(unknown)}. Use the texts that the question lists."
        if wrong := [why for name, why in FAULTS.items() if name in given - right]:
            return wrong[0]
        if given != right:
            return "A fault is missing. Who chose what, on which images? How far does the last sentence go?"
        return None

    return reply


diagnosed = cases({name: _faults(right) for name, right in RIGHT.items()})
