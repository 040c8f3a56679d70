"""Names of classes, as their folders give them: a name is data, and two classes never become one."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from helpers.data.image_files.reading import printable


def class_name(name: str) -> str:
    r"""Return the name of a class from the name of its folder.

    macOS stores é as e plus an accent, other systems as one letter: both are the same class. Bytes that are
    not UTF-8 are written as escapes, since they cannot be drawn or stored.

    Example:
        >>> class_name("le\u0302"), class_name("caf\udce9")
        ('lê', 'caf\\xe9')
    """
    return re.sub("[\ud800-\udfff]", lambda found: printable(found[0]), unicodedata.normalize("NFC", name))


def too_similar(names: Iterable[str]) -> list[list[str]]:
    """Find names that differ only in case, in spaces, in invisible characters or in their Unicode form.

    Windows and macOS take most of them for one folder, and people take them for one class. Maße and Masse
    are two words, but the capitals MASSE can be either.

    Args:
        names: of class folders, as the disk spells them.

    Example:
        >>> too_similar(["Apfel", "apfel", "Birne"])
        [['Apfel', 'apfel']]
    """
    groups = defaultdict(list)
    for name in names:
        groups[_folded(name)].append(name)
    for key, group in list(groups.items()):
        if "ss" in key and not any(name.isupper() for name in group):
            del groups[key]
            for name in group:
                groups[_folded(re.sub("[ßẞ]", "\0", name))].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _folded(name):
    """Return a name without what distinguishes names only on some computers, or not for the eye."""
    seen = "".join(c for c in class_name(name).casefold() if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())
