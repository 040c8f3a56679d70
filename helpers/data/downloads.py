"""Download files: complete and verified, or a clear error; never a bad file in the cache.

The received part is kept in FILE.part, and a download continues from there after an interruption, even
after a restart of the computer. When the checksum is correct, FILE.part is renamed to FILE. pooch and
`keras.utils.get_file` verify checksums, too, but restart from zero after every interruption, so on a slow
connection they may never finish.
"""

import contextlib
import dataclasses
import errno
import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import requests
import urllib3

TRIES = 3  # in a row without progress
PAUSE = 1.0  # seconds before the second attempt; doubled before each further one
CONNECT_SECONDS = 10
STALL_SECONDS = 30  # a transfer counts as stalled if it averages less than SLOWEST over this time
SLOWEST = 1024  # bytes per second
LONGEST_PAUSE = 60  # seconds that a server may ask us to wait
WAIT_SECONDS = 3600  # for another process that downloads the same file
_PIECE = 2**18


@dataclasses.dataclass(frozen=True)
class Source:
    """An address of a file, with its checksum and size.

    Args:
        url: the address.
        checksum: "sha256:..." or "md5:...", in hexadecimal digits; "" if none is published.
        size: in bytes; 0 if it is not published: the server is asked for it.

    Example:
        >>> Source("https://example.org/file.bin", "md5:5d41402abc4b2a76b9719d911017c592", 5).size
        5
    """

    url: str
    checksum: str
    size: int


class DownloadError(OSError):
    """A file could not be downloaded; the message says why and what to do."""


class _Broken(Exception):
    """An attempt that failed but may succeed after `pause` seconds."""

    def __init__(self, reason, pause=0.0):
        super().__init__(reason)
        self.pause = pause


class _Useless(Exception):
    """A source that cannot provide the file."""


def fetch(path: str | os.PathLike, sources: Sequence[Source], remedy: str = "") -> Path:
    """Return the path of a complete, verified file; download it if necessary.

    Several processes may ask for the same file at the same time: one downloads it, the others wait.

    Args:
        path: where to keep the file.
        sources: the addresses to try, in this order.
        remedy: what else the user can do, for the error message.

    Raises:
        DownloadError: If no source provides the file or it cannot be written to the disk. The received
            part is kept, and the next call continues from there.
    """
    path = Path(path)
    if good(path, sources):
        return path
    import filelock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{path}.lock", timeout=WAIT_SECONDS):
            if not good(path, sources):  # else another process was faster
                _fetch(path, sources)
    except filelock.Timeout as error:
        reason = "another process has been downloading it for an hour; stop it or restart its kernel"
        raise DownloadError(_message(path, reason, remedy)) from error
    except _Useless as error:
        raise DownloadError(_message(path, str(error), remedy)) from error
    except OSError as error:
        reason = (
            f"it cannot be written to {path.parent} ({error.strerror or error}); free some disk space, or "
            "set the environment variable TRANSFER_CACHE_DIR to a folder on another disk"
        )
        raise DownloadError(error.errno, _message(path, reason, remedy)) from error
    return path


def good(path: Path, sources: Sequence[Source]) -> bool:
    """Return whether the file exists with the size and checksum of one of the sources.

    Where neither is published, an existing file counts: it has its name only since it was complete.
    """
    size = _size(path)
    return any((size == s.size if s.size else size > 0) and _intact(path, s) for s in sources)


def checksum(path: Path, like: str) -> str:
    """Compute the checksum of a file.

    Args:
        path: the file.
        like: a checksum that names the algorithm, such as "sha256:...".

    Returns:
        A checksum of the same form; "" if the file cannot be read.
    """
    algorithm = like.partition(":")[0]
    try:
        with open(path, "rb") as file:
            return f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"
    except OSError:
        return ""


def _intact(path, source):
    """Return whether the checksum is right, or none is published."""
    return not source.checksum or checksum(path, source.checksum) == source.checksum


def _size(path):
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _message(path, reason, remedy):
    return f"{path.name!r} could not be downloaded: {reason}.{f' {remedy}' if remedy else ''}"


def _fetch(path, sources):
    part, reasons = path.with_name(f"{path.name}.part"), []
    for source in sources:
        try:
            _transfer(source, part)
        except _Useless as error:
            reasons.append(f"{source.url}: {error}")
        else:
            os.replace(part, path)
            return
    raise _Useless("; ".join(reasons))


def _transfer(source, part):
    """Try until `part` is the complete file; give up after TRIES attempts in a row without progress."""
    if not source.size:
        source = dataclasses.replace(source, size=_announced_size(source.url))
    failures, furthest = 0, _size(part)
    while True:
        if _size(part) > source.size:
            part.unlink()
        begun = _size(part)
        try:
            if begun < source.size:
                _receive(source, part)
            if _intact(part, source):
                return
            part.unlink()  # useless
            if not begun:
                raise _Useless(
                    "the checksum of the received file is wrong: the file was changed on the server, or by "
                    "a proxy; try another network, and report the problem if that does not help"
                )
            raise _Broken("the part that was kept does not match the rest")
        except _Broken as broken:
            gain = _size(part) - furthest
            failures = 0 if gain > source.size / 1000 else failures + 1
            furthest = max(furthest, _size(part))
            if failures >= TRIES:
                kept = "; the received part is kept, so run this again to continue" if _size(part) else ""
                problem, semicolon, remedy = str(broken).partition(";")
                raise _Useless(f"{problem}, {failures} times in a row{semicolon}{remedy}{kept}") from broken
            time.sleep(max(broken.pause, PAUSE * 2 ** (failures - 1) if failures else 0))


def _announced_size(url):
    """Ask the server how many bytes a file has."""
    try:
        answer = requests.head(url, allow_redirects=True, timeout=CONNECT_SECONDS)
    except requests.RequestException as error:
        raise _Useless(_plain(error)) from error
    size = answer.headers.get("Content-Length", "")
    if answer.status_code != 200 or not size.isdigit() or not int(size):
        raise _Useless(f"HTTP {answer.status_code} {answer.reason}, without the size of the file")
    return int(size)


def _receive(source, part):
    """Send one request: append the missing part, or write the whole file if the server sends all of it."""
    begun = _size(part)
    room = shutil.disk_usage(part.parent).free
    if room < source.size - begun:
        raise OSError(
            errno.ENOSPC,
            f"{(source.size - begun) / 2**20:,.0f} MiB are needed, {room / 2**20:,.0f} MiB are free",
        )
    headers = {"Accept-Encoding": "identity"}  # uncompressed, so that the bytes can be counted
    if begun:
        headers["Range"] = f"bytes={begun}-"
    with contextlib.ExitStack() as stack:
        try:
            answer = stack.enter_context(
                requests.get(
                    source.url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, STALL_SECONDS)
                )
            )
        except requests.RequestException as error:
            raise _Broken(_plain(error)) from error
        begun = _first_byte(answer, begun, source, part)
        with open(part, "ab" if begun else "wb") as file:
            _copy(answer.raw, file, begun, source)
            file.flush()
            os.fsync(file.fileno())


def _first_byte(answer, asked, source, part):
    """Check the status and the announced size; return where in the file the response begins."""
    status = answer.status_code
    if status == 206:  # the checksum would detect a wrong part
        begun, announced = asked, answer.headers.get("Content-Range", "").rpartition("/")[2]
    elif status == 200:
        begun, announced = 0, answer.headers.get("Content-Length", "")
    elif status == 416:  # our part is at least as long as the server's file
        part.unlink(missing_ok=True)
        raise _Broken("the file on the server is shorter than the part that was kept")
    elif status in (408, 425, 429) or status >= 500:
        wish = answer.headers.get("Retry-After", "")
        pause = float(wish) if wish.isdigit() else 0.0
        if pause > LONGEST_PAUSE:
            raise _Useless(f"HTTP {status} {answer.reason}; the server asks to try again in {wish} seconds")
        raise _Broken(f"HTTP {status} {answer.reason}", pause)
    else:
        raise _Useless(f"HTTP {status} {answer.reason}")
    if announced.isdigit() and int(announced) != source.size:
        raise _Useless(
            f"the server offers {int(announced):,} bytes instead of {source.size:,}: the file was moved or "
            "changed, or your network requires a login first (open any web page)"
        )
    return begun


def _copy(stream, file, begun, source):
    from tqdm.auto import tqdm

    name, total = source.url.rpartition("/")[2], begun
    with tqdm(desc=name, initial=begun, total=source.size, unit="B", unit_scale=True) as bar:
        watched, since = begun, time.monotonic()
        while total < source.size:
            try:
                piece = stream.read1(min(_PIECE, source.size - total), decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise _Broken(f"the transfer stopped after {total:,} bytes ({_plain(error)})") from error
            if not piece:
                raise _Broken(f"the transfer stopped after {total:,} of {source.size:,} bytes")
            file.write(piece)
            total += len(piece)
            bar.update(len(piece))
            if time.monotonic() - since > STALL_SECONDS:
                if total - watched < SLOWEST * STALL_SECONDS:
                    raise _Broken(f"the transfer stalled after {total:,} bytes")
                watched, since = total, time.monotonic()


def _plain(error):
    """Describe a network error in plain words, without the names of internal objects."""
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted; check the clock of this computer and its proxy"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server; check that this computer is online"
    return type(error).__name__
