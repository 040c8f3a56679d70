"""Unpack archives of images safely: completely, or not at all.

Members outside the target folder, links, devices and archive bombs (small files that unpack to
enormous ones) are refused. Declared sizes are checked before unpacking, actual sizes during it.
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
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from helpers.data.folder_contents.clutter import visible
from helpers.data.validation import existing

MOST_BYTES = 4 * 2**30
MOST_FILES = 200_000
MOST_RATIO = 100  # images are already compressed, so a higher compression ratio suggests a bomb
HARMLESS = 64 * 2**20  # up to this many bytes, any compression ratio is fine
_PIECE = 2**20
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # an unsupported compression method
    RuntimeError,  # encrypted
)
_temporary: dict[Path, str] = {}  # folders to delete when Python exits -> names of their archives


def unzip(path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Path:
    """Unpack a zip file and return the folder that contains the class folders, at any depth.

    Args:
        path: the zip file.
        folder: as for `unpack`.

    Raises:
        ValueError: If the file is not a zip file, or for the reasons of `unpack`.
        OSError: For the reasons of `unpack`.
    """
    if not zipfile.is_zipfile(_file(path)):
        raise ValueError(f"{Path(path).name!r} is not a zip file. Zip the class folders and try again.")
    target = unpack(path, folder)
    # Files beside a single folder are ignored, such as a README; a folder without folders is a class.
    while len(inner := visible(target)[0]) == 1 and visible(inner[0])[0]:
        target = inner[0]
    return target


def unpack(path: str | os.PathLike, folder: str | os.PathLike | None = None) -> Path:
    """Unpack a zip, tar or tar.gz file into a new folder and return the folder.

    After an error, nothing is left on the disk.

    Args:
        path: the archive.
        folder: the target, which must not exist; it appears only when it is complete. None creates a
            temporary folder, which is deleted when Python exits.

    Raises:
        FileNotFoundError: If the archive does not exist.
        FileExistsError: If the target exists.
        ValueError: If the file is not an archive, is damaged or encrypted; if a member is a link or a
            device, leads out of the folder, or occurs twice; or if the content exceeds 4 GiB, 200,000
            files, or 100 times the size of the archive.
        OSError: If the disk is full or does not accept the name of a member.
    """
    path = _file(path)
    target = None if folder is None else Path(folder).expanduser().resolve()
    if target is not None and target.exists():
        raise FileExistsError(f"{str(target)!r} already exists. Remove it or choose another folder.")
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
        fresh.chmod(0o755)  # mkdtemp makes its folder private; this one may be shared
        return fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def shown(path: Path) -> str:
    """Return a path as the user knows it: a temporary folder is shown as the archive it came from."""
    top = _temporary_above(path)
    return str(path) if top is None else str(Path(_temporary[top], path.relative_to(top)))


def set_name(folder: Path) -> str:
    """Name the image set of a folder: after the archive it came from, else after the folder."""
    top = _temporary_above(folder)
    return folder.resolve().name if top is None else Path(_temporary[top]).stem


def _temporary_above(path):
    return next((top for top in _temporary if path.is_relative_to(top)), None)


def _file(path):
    place = existing(path)
    if place is None or not place.is_file():
        raise FileNotFoundError(f"File not found: {str(path)!r}. Check the path or upload the file first.")
    return place


def _extract(path, target):
    budget = _Budget(path)
    try:
        members = _zip_members(path, budget) if zipfile.is_zipfile(path) else _tar_members(path, budget)
        for name, stream in members:
            _write(target / _safe(name, path.name), name, stream, budget)
    except _DAMAGE as error:
        raise ValueError(
            f"{path.name!r} is damaged or encrypted ({error}). Download it again, or create it again "
            "without a password."
        ) from error
    except OSError as error:
        raise OSError(
            error.errno,
            f"{path.name!r} could not be unpacked ({error.strerror or error}). Free some disk space or "
            "choose a folder on another disk; shorten very long file names",
        ) from error


def _write(place, name, stream, budget):
    """Write one member; a stream of None makes a folder."""
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
            f"{budget.name!r} contains {name!r} twice, as two files or as a file and a folder. Create the "
            "archive again."
        ) from error


def _safe(name, archive):
    """Return the name if it stays inside the folder on every operating system."""
    for flavour in (PurePosixPath, PureWindowsPath):
        pure = flavour(name)
        if pure.anchor or ".." in pure.parts:
            raise ValueError(
                f"{archive!r} contains {name!r}, which leads out of the folder; such archives are refused. "
                "Create the archive again, with the class folders only."
            )
    return name


class _Budget:
    """Count what is unpacked from an archive, and refuse too much."""

    def __init__(self, path):
        self.name, self.packed = path.name, path.stat().st_size
        self.files = self.bytes = 0

    def check(self, size, files=0):
        """Raise an error if this many bytes or files are too many."""
        dense = size > max(HARMLESS, MOST_RATIO * self.packed)
        if size > MOST_BYTES or files > MOST_FILES or dense:
            raise ValueError(
                f"{self.name!r} would unpack to at least {size / 2**30:.3g} GiB in at least "
                f"{files or self.files} files. The limits are {MOST_BYTES / 2**30:.3g} GiB, {MOST_RATIO} "
                f"times its own size, and {MOST_FILES} files. Make the images smaller or pack fewer."
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
        names = _zip_names(members, path.name)
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


def _zip_names(members, archive):
    """Return the members' names as they were meant.

    Info-ZIP and the Finder of macOS write UTF-8 without declaring it, so Python decodes the names as code
    page 437; some programs on Windows write backslashes. Others write a code page that nothing names.
    """
    names, unsure = [], []
    for member in members:
        name = member.filename
        if not member.flag_bits & 0x800:
            try:
                name = name.encode("cp437").decode("utf-8")
            except UnicodeError:
                unsure.append(name)
        names.append(unicodedata.normalize("NFC", name))
    if unsure:
        warnings.warn(
            f"{archive!r} does not say how its names are encoded. They are read as Western European letters, "
            f"such as {unsure[0]!r}. If these are wrong, create the archive again with names in UTF-8.",
            stacklevel=2,
        )
    if not any("/" in name for name in names):
        names = [name.replace("\\", "/") for name in names]
    return names


def _tar_members(path, budget) -> Iterator:
    """Yield the members of a tar file, which has no list of them: each is checked when it is reached."""
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(open(path, "rb"))
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = _Metered(stack.enter_context(gzip.GzipFile(fileobj=raw)) if packed else raw, budget)
        try:
            # The type requires a `write` method, which reading never calls.
            archive = stack.enter_context(tarfile.TarFile(fileobj=stream))  # type: ignore[arg-type]
        except _DAMAGE as error:
            raise ValueError(
                f"{path.name!r} is not an archive that can be read here ({error}). Pack the class folders "
                "as zip, tar or tar.gz."
            ) from error
        for member in archive:
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise _odd(path, member.name)
            budget.announce(member.size)
            yield member.name, archive.extractfile(member) if member.isreg() else None
        stream.finish()


def _odd(path, name):
    return ValueError(
        f"{path.name!r} contains a link or a device, {name!r}. Pack the image files themselves."
    )


class _Metered:
    """A stream for tarfile that counts the unpacked bytes and checks that the archive is complete."""

    def __init__(self, stream, budget):
        self.stream, self.budget, self.last = stream, budget, b""

    def tell(self):
        return self.stream.tell()

    def seek(self, position):
        self.budget.check(position)
        return self.stream.seek(position)

    def read(self, size):
        if size > _PIECE:  # members are read in pieces; only a forged header asks for so much
            raise tarfile.ReadError("a header has an impossible size")
        self.budget.check(self.stream.tell())
        self.last = self.stream.read(size)
        return self.last

    def finish(self):
        """Check that the end is a block of zeros: tarfile takes a damaged header for the end, too.

        Reading the rest lets gzip verify its checksum.
        """
        if self.last != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("the file is incomplete")
        while self.stream.read(_PIECE):
            self.budget.check(self.stream.tell())
