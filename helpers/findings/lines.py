"""Short lines that students copy into the class chat, and that anyone can paste and check.

A line consists of fields and a checksum, `field;field#checksum`. It needs no server, and a lost or changed
character is noticed.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote, unquote

SHOWN = 60  # characters of a line that cannot be read
NAMED = 5  # lines in an error message


def encode(fields: Iterable[object]) -> str:
    """Write fields as a line.

    Example:
        >>> encode(["new_shapes", "50 %", 10])
        'new_shapes;50 %25;10#f2f80993'
    """
    body = ";".join(quote(str(field), safe=" ,/()") for field in fields)
    if body.startswith(" "):  # spaces around a line can be lost when it is pasted
        body = quote(" ") + body[1:]
    return f"{body}#{checksum(body)}"


def decode(line: str, count: int, what: str) -> list[str]:
    """Return the fields of a line.

    Args:
        line: the line, possibly with spaces around it.
        count: the number of its fields.
        what: what the line should be, for the message.

    Raises:
        ValueError: the line has another number of fields or is damaged; the message names the remedy.

    Example:
        >>> decode("new_shapes;50 %25;10#f2f80993 ", 3, "a result")
        ['new_shapes', '50 %', '10']
    """
    body, mark, last = line.strip().rpartition("#")
    if not mark or body.count(";") != count - 1:
        raise ValueError(f"this is not {what}: copy the whole line, with its checksum")
    if last != checksum(body):
        raise ValueError("the checksum does not fit, a character was lost or changed: copy the line again")
    return [unquote(field) for field in body.split(";")]


def pieces(text: str, kind: str) -> list[str]:
    """Return the lines that begin with a word, without what stands beside them; other lines as they are.

    Args:
        text: pasted from a chat, say.
        kind: the first field of the lines.

    Example:
        >>> pieces("10:31 An: vote;1#83dcefb7 thanks", "vote")
        ['vote;1#83dcefb7']
        >>> pieces("vote;1 vote;1#83dcefb7", "vote")  # a line that was cut off is not lost
        ['vote;1#83dcefb7', 'vote;1 ']
    """
    whole = re.compile(rf"{kind};(?:(?!{kind};)[^#])*#[0-9a-f]{{8}}")
    found = []
    for line in text.splitlines():
        found += whole.findall(line)
        rest = whole.sub("", line)
        if rest == line or f"{kind};" in rest:
            found.append(rest)
    return found


def read(lines: Iterable[str], from_line: Callable[[str], dict]) -> tuple[list[tuple[str, dict]], list[str]]:
    """Read lines; empty ones are skipped, and those that cannot be read are kept with the reason.

    Args:
        lines: the lines.
        from_line: returns the values of a line, or raises a ValueError with the reason.

    Returns:
        "(line, values)" of each line that could be read, and "line: reason" of each other one.

    Example:
        >>> read(["good morning"], lambda line: decode(line, 2, "a vote"))[1]
        ['good morning: this is not a vote: copy the whole line, with its checksum']
    """
    found, refused = [], []
    for line in filter(None, map(str.strip, lines)):
        try:
            found.append((line, from_line(line)))
        except ValueError as error:
            refused.append(f"{line[:SHOWN]}: {error}")
    return found, refused


def left_out_in_words(left_out: Sequence[str]) -> str:
    """Name what does not count in one line, for an error message: the first few, and how many more.

    Args:
        left_out: "what: reason" of each line or file.

    Example:
        >>> left_out_in_words(["hello: this is not a vote", "bye: this is not a vote"])
        'Not counted (2): hello: this is not a vote; bye: this is not a vote.'
    """
    more = [f"and {len(left_out) - NAMED} more"] if len(left_out) > NAMED else []
    return f"Not counted ({len(left_out)}): {'; '.join([*left_out[:NAMED], *more])}."


def decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16, as Excel saves "Unicode Text".

    Example:
        >>> decoded("vote;1#83dcefb7".encode("utf-16"))
        'vote;1#83dcefb7'
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig", errors="replace")


def checksum(text: str) -> str:
    """Return eight hexadecimal digits that change with the text.

    Example:
        >>> checksum("a") == checksum("b")
        False
    """
    return f"{zlib.crc32(text.encode()):08x}"
