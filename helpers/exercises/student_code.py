"""The code with which a student signs lines and files instead of a name."""

import re

RULE = "four to twelve letters and digits"


def clean(code: str) -> str:
    """Return a student's code in capital letters, without spaces around it.

    Raises:
        ValueError: the code has another form.

    Example:
        >>> clean(" an07")
        'AN07'
    """
    if not re.fullmatch(r"[^\W_]{4,12}", code.strip()):
        raise ValueError(f"The code must have {RULE}. Received: {code!r}.")
    return code.strip().upper()
