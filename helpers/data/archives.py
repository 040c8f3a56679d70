"""An archive of pictures becomes a folder, safely: whole, or not at all. Used in notebook 08.

Refused are members that lead out of the folder, links and devices, and bombs: small files that
unpack to enormous ones. What an archive declares is checked before, what really comes out while
it is written.
"""

import atexit
import contextlib
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from helpers.data.validation import existing, visible

MOST_BYTES = 4 * 2**30
MOST_FILES = 200_000
MOST_RATIO = 100  # pictures are compressed already; beyond this it is a bomb, or nothing worth unpacking
HARMLESS = 64 * 2**20  # so few bytes may be as dense as they like
_PIECE = 2**20
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # encrypted
)
_temporary: dict[Path, str] = {}  # folders that go when Python ends, and the names of their archives


def unzip(path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Path:
    """Unpack a zip file and return the folder that holds the class folders, however deep it is wrapped.

    Args and errors: as `unpack`, and
        ValueError: not a zip file.
    """
    if not zipfile.is_zipfile(_file(path)):
        raise ValueError(
            f"{Path(path).name!r} is not a zip file. Pack the class folders as zip, and try again."
        )
    target = unpack(path, folder)
    # A README beside the only folder does not matter; a folder without folders is a class.
    while len(inner := visible(target)[0]) == 1 and visible(inner[0])[0]:
        target = inner[0]
    return target


def unpack(path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Path:
    """Unpack a zip, tar or tar.gz file into a new folder, and return the folder.

    Args:
        path: the archive.
        folder: where to; it appears only when everything is in it. None makes a temporary one, which is
            removed when Python ends.

    Raises:
        FileNotFoundError: no such file.
        FileExistsError: the folder is there already.
        ValueError: not an archive, or a damaged or encrypted one; a member that is a link or a device,
            leads out of the folder, or is there twice; more than 4 GiB, 200,000 files, or 100 times the
            archive's size when unpacked.
        OSError: the disk is full, or cannot hold a member's name. Nothing is left after any error.
    """
    path = _file(path)
    target = None if folder is None else Path(folder).expanduser().resolve()
    if target is not None and target.exists():
        raise FileExistsError(f"{str(target)!r} is there already. Remove it, or give another folder.")
    if target is None:
        fresh = Path(tempfile.mkdtemp()).resolve()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(".part", target.name, target.parent)).resolve()
    try:
        _extract(path, fresh)
        if target is None:
            _temporary[fresh] = Path(path).name
            atexit.register(shutil.rmtree, fresh, ignore_errors=True)
            return fresh
        fresh.chmod(0o755)  # mkdtemp keeps its folder from others; this one may be shared
        return fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def shown(path: Path) -> str:
    """A path as a user knows it: what was unpacked into a temporary folder lies in its archive."""
    top = _temporary_above(path)
    return str(path) if top is None else str(Path(_temporary[top], path.relative_to(top)))


def set_name(folder: Path) -> str:
    """What the pictures in a folder are called: after the archive they came from, else after the folder."""
    top = _temporary_above(folder)
    return folder.resolve().name if top is None else Path(_temporary[top]).stem


def _temporary_above(path):
    return next((top for top in _temporary if path.is_relative_to(top)), None)


def _file(path):
    place = existing(path)
    if place is None or not place.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r}. Check the path, or upload it first.")
    return place


def _extract(path, target):
    budget = _Budget(path)
    try:
        members = _zip_members(path, budget) if zipfile.is_zipfile(path) else _tar_members(path, budget)
        for name, stream in members:
            _write(target / _safe(name, path.name), name, stream, budget)
    except _DAMAGE as error:
        raise ValueError(
            f"{path.name!r} is damaged or encrypted ({error}). Fetch it or pack it anew, without password."
        ) from error
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path.name!r} could not be unpacked ({error.strerror or error}). Free some disk space, or "
            "give a folder on another disk; shorten very long file names",
        ) from error


def _write(place, name, stream, budget):
    """One member: None is a folder."""
    try:
        if stream is None:
            place.mkdir(parents=True, exist_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "xb") as file:
            while piece := stream.read(_PIECE):
                budget.spend(len(piece))
                file.write(piece)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(
            f"{budget.name!r} holds {name!r} twice, as files or as a file and a folder. Pack it anew."
        ) from error


def _safe(name, archive):
    """The name as a relative path, by the rules of every system: the archive may travel on."""
    for flavour in (PurePosixPath, PureWindowsPath):
        pure = flavour(name)
        if pure.anchor or ".." in pure.parts:
            raise ValueError(f"{archive!r} holds {name!r}, which leads out of the folder: refused.")
    return name


class _Budget:
    """How much may still come out of an archive."""

    def __init__(self, path):
        self.name, self.packed = path.name, path.stat().st_size
        self.files = self.bytes = 0

    def check(self, size, files=0):
        """Raise where this many bytes and files were too many."""
        dense = size > max(HARMLESS, MOST_RATIO * self.packed)
        if size > MOST_BYTES or files > MOST_FILES or dense:
            raise ValueError(
                f"{self.name!r} would unpack to {size / 2**30:.3g} GiB or more, in {files or self.files} "
                f"files or more; allowed are {MOST_BYTES / 2**30:.3g} GiB, {MOST_RATIO} times its own size "
                f"and {MOST_FILES} files. Make the pictures smaller, or pack fewer."
            )

    def spend(self, size):
        self.bytes += size
        self.check(self.bytes)

    def announce(self, size):
        self.files += 1
        self.check(self.bytes + size, self.files)


def _zip_members(path, budget) -> Iterator:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        budget.check(sum(member.file_size for member in members), len(members))
        names = _zip_names(members)
        for member, name in zip(members, names, strict=True):
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _odd(path, name)
            _safe(name, path.name)
        for member, name in zip(members, names, strict=True):
            budget.announce(0)
            if name.endswith("/"):
                yield name, None
            else:
                with archive.open(member) as stream:
                    yield name, stream


def _zip_names(members):
    """The members' names as they were meant.

    Info-ZIP and the Mac's Finder write UTF-8 without saying so, which reads as letters of the old code page
    437; some programs on Windows write backslashes.
    """
    names = []
    for member in members:
        name = member.filename
        if not member.flag_bits & 0x800:
            with contextlib.suppress(UnicodeError):
                name = name.encode("cp437").decode("utf-8")
        names.append(unicodedata.normalize("NFC", name))
    if not any("/" in name for name in names):
        names = [name.replace("\\", "/") for name in names]
    return names


def _tar_members(path, budget) -> Iterator:
    """A tar file has no list of its members: each is checked when its turn comes."""
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(open(path, "rb"))
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = _Metered(stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw, budget)
        try:
            # Their type asks for a `write` too, which reading never calls.
            archive = stack.enter_context(tarfile.TarFile(fileobj=stream))  # type: ignore[arg-type]
        except _DAMAGE as error:
            raise ValueError(
                f"{path.name!r} is no archive that can be read here ({error}). Pack the class folders as "
                "zip, tar or tar.gz."
            ) from error
        for member in archive:
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise _odd(path, member.name)
            budget.announce(member.size)
            yield member.name, archive.extractfile(member) if member.isreg() else None
        stream.finish()


def _odd(path, name):
    return ValueError(
        f"{path.name!r} holds a link, a device or the like, {name!r}. Pack the pictures themselves."
    )


class _Metered:
    """What tarfile reads from: counts what is unpacked, and knows whether the end was the real one."""

    def __init__(self, stream, budget):
        self.stream, self.budget, self.last = stream, budget, b""

    def tell(self):
        return self.stream.tell()

    def seek(self, position):
        self.budget.check(position)
        return self.stream.seek(position)

    def read(self, size):
        if size > _PIECE:  # members are read in pieces: only a made-up header asks for so much
            raise tarfile.ReadError("a header of impossible size")
        self.budget.check(self.stream.tell())
        self.last = self.stream.read(size)
        return self.last

    def finish(self):
        """Python takes a broken header for the end, but a block of zeros is it. gzip checks the rest."""
        if self.last != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it breaks off")
        while self.stream.read(_PIECE):
            self.budget.check(self.stream.tell())
