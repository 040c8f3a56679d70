"""A zip file of pictures becomes a folder, safely. Used in notebook 08."""

import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path

from helpers.validation import existing

MOST_BYTES = 4 * 2**30
MOST_FILES = 200_000
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)


def unzip(path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Path:
    """Unpack a zip file and return the folder that holds the class folders.

    Args:
        path: the zip file.
        folder: where to; None makes a temporary one.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a zip file, or a damaged or encrypted one; a member that is a link or leads out
            of the folder; more than 4 GiB or 200,000 files when unpacked.
        OSError: the disk is full, or cannot hold a member's name.
        After an error, a folder that was made here is gone again.
    """
    name, path = path, existing(path)
    if path is None or not path.is_file():
        raise FileNotFoundError(f"There is no file {str(name)!r}. Check the path, or upload it first.")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path.name!r} is not a zip file. Pack the class folders as zip, and try again.")
    new = folder is None or not Path(folder).exists()
    target = Path(folder or tempfile.mkdtemp()).resolve()
    try:
        _extract(path, target)
    except BaseException:
        if new:
            shutil.rmtree(target, ignore_errors=True)
        raise
    inner = [p for p in target.iterdir() if p.name not in ("__MACOSX", ".DS_Store")]
    only = inner[0] if len(inner) == 1 and inner[0].is_dir() else None
    nested = only is not None and any(p.is_dir() for p in only.iterdir())
    return only if nested else target


def _extract(path, target):
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(members, target, path.name)
            archive.extractall(target)
    except _DAMAGE as error:
        raise ValueError(
            f"{path.name!r} is damaged or encrypted ({error}). Pack the class folders anew, without password."
        ) from error


def _check(members, target, name):
    size = sum(member.file_size for member in members)
    if size > MOST_BYTES or len(members) > MOST_FILES:
        raise ValueError(
            f"{name!r} would unpack to {size / 2**30:.1f} GiB in {len(members)} files; allowed are "
            f"{MOST_BYTES / 2**30:.0f} GiB and {MOST_FILES}. Make the pictures smaller."
        )
    for member in members:
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ValueError(f"{name!r} holds a link, {member.filename!r}. Pack the pictures themselves.")
        place = (target / member.filename).resolve()
        if not place.is_relative_to(target) or member.filename.startswith(("/", "\\")):
            raise ValueError(f"{name!r} holds {member.filename!r}, which leads out of the folder: refused.")
