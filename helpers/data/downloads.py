"""Files from the internet: whole and checked, or a clear error; never a bad file in the cache.

What arrives is kept in FILE.part and goes on from there after a break, also of the computer. Only when
its checksum is right, it becomes FILE. pooch and `keras.utils.get_file` check as well, but begin again
at zero after a break, which a slow line never finishes. Used by `helpers.data.catalogue`.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3

TRIES = 3  # in a row, without getting on
PAUSE = 1.0  # seconds before the second try; twice as long before each further one
CONNECT_SECONDS = 10
STALL_SECONDS = 30  # without SLOWEST bytes a second on average, a transfer counts as stalled
SLOWEST = 1024
LONGEST_PAUSE = 60  # seconds that a server may ask us to wait
WAIT_SECONDS = 3600  # for another process that downloads the same file
_PIECE = 2**18


@dataclass(frozen=True)
class Source:
    """Where a file can be had, and what it must be: "sha256:..." or "md5:...", and its size in bytes."""

    url: str
    checksum: str
    size: int


class DownloadError(OSError):
    """A file could not be had; the message says why, and what to do."""


class _Broken(Exception):
    """A try that failed, and that may go better next time, after `pause` seconds."""

    def __init__(self, reason, pause=0.0):
        super().__init__(reason)
        self.pause = pause


class _Useless(Exception):
    """A source from which the file cannot be had."""


def fetch(path: str | os.PathLike, sources: Sequence[Source], remedy: str = "") -> Path:
    """Return the path of a whole, checked file; download it where it is not there yet.

    Several processes may ask for the same file at once: one downloads, the others wait for it.

    Args:
        path: where the file is kept.
        sources: tried in this order.
        remedy: what else a user can do, for the message of the error.

    Raises:
        DownloadError: no source could give the file, or the disk could not take it. What has arrived
            is kept, and the next call goes on from there.
    """
    path = Path(path)
    if good(path, sources):
        return path
    import filelock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{path}.lock", timeout=WAIT_SECONDS):
            if not good(path, sources):  # else another process was quicker
                _fetch(path, sources)
    except filelock.Timeout as error:
        reason = "another process has been at it for an hour: stop it, or restart its kernel"
        raise DownloadError(_message(path, reason, remedy)) from error
    except _Useless as error:
        raise DownloadError(_message(path, str(error), remedy)) from error
    except OSError as error:
        reason = (
            f"it cannot be written to {path.parent} ({error.strerror or error}): free some disk space, or "
            "name a folder on another disk in the environment variable TRANSFER_CACHE_DIR"
        )
        raise DownloadError(error.errno, _message(path, reason, remedy)) from error
    return path


def good(path: Path, sources: Sequence[Source]) -> bool:
    """Is the file there, with the size and checksum of one of the sources?"""
    return any(_size(path) == s.size and checksum(path, s.checksum) == s.checksum for s in sources)


def checksum(path: Path, like: str) -> str:
    """The checksum of a file by the algorithm of another one, such as "sha256:...": "" if unreadable."""
    algorithm = like.partition(":")[0]
    try:
        with open(path, "rb") as file:
            return f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"
    except OSError:
        return ""


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
    """Try until `part` is the whole file; give up where tries in a row do not get on."""
    failures, furthest = 0, _size(part)
    while True:
        if _size(part) > source.size:
            part.unlink()
        begun = _size(part)
        try:
            if begun < source.size:
                _receive(source, part)
            if checksum(part, source.checksum) == source.checksum:
                return
            part.unlink()  # nothing can be made of it
            if not begun:
                raise _Useless(
                    "what it sends has not the checksum of the original: it was changed there, or by a "
                    "proxy on the way; try another network, and report it if that does not help"
                )
            raise _Broken("what had been kept did not fit to the rest")
        except _Broken as broken:
            gain = _size(part) - furthest
            failures = 0 if gain > source.size / 1000 else failures + 1
            furthest = max(furthest, _size(part))
            if failures >= TRIES:
                kept = "; what has arrived is kept, run it again to go on" if _size(part) else ""
                raise _Useless(f"{broken}, {failures} times in a row{kept}") from broken
            time.sleep(max(broken.pause, PAUSE * 2 ** (failures - 1) if failures else 0))


def _receive(source, part):
    """One request: append what is still missing, or write the file anew where the server cannot do that."""
    begun = _size(part)
    room = shutil.disk_usage(part.parent).free
    if room < source.size - begun:
        raise OSError(
            errno.ENOSPC,
            f"{(source.size - begun) / 2**20:,.0f} MiB are needed, {room / 2**20:,.0f} MiB are free",
        )
    headers = {"Accept-Encoding": "identity"}  # the bytes as they are, so that they can be counted
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
    """Check status and announced size; return where in the file the answer begins."""
    status = answer.status_code
    if status == 206:  # a piece from elsewhere than asked for would not pass the checksum
        begun, announced = asked, answer.headers.get("Content-Range", "").rpartition("/")[2]
    elif status == 200:
        begun, announced = 0, answer.headers.get("Content-Length", "")
    elif status == 416:  # what we have is as long as the file there
        part.unlink(missing_ok=True)
        raise _Broken("the server has a shorter file than the one that was begun")
    elif status in (408, 425, 429) or status >= 500:
        wish = answer.headers.get("Retry-After", "")
        pause = float(wish) if wish.isdigit() else 0.0
        if pause > LONGEST_PAUSE:
            raise _Useless(f"HTTP {status} {answer.reason}; the server asks to come back in {wish} seconds")
        raise _Broken(f"HTTP {status} {answer.reason}", pause)
    else:
        raise _Useless(f"HTTP {status} {answer.reason}")
    if announced.isdigit() and int(announced) != source.size:
        raise _Useless(
            f"it offers a file of {int(announced):,} bytes instead of {source.size:,}: the original moved "
            "or changed, or your network wants you to log in first (open any web page)"
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
                raise _Broken(f"the transfer broke off after {total:,} bytes ({_plain(error)})") from error
            if not piece:
                raise _Broken(f"the transfer broke off after {total:,} of {source.size:,} bytes")
            file.write(piece)
            total += len(piece)
            bar.update(len(piece))
            if time.monotonic() - since > STALL_SECONDS:
                if total - watched < SLOWEST * STALL_SECONDS:
                    raise _Broken(f"the transfer stalled after {total:,} bytes")
                watched, since = total, time.monotonic()


def _plain(error):
    """What an error of the network says, without the names of objects inside the library."""
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted: check the clock of this computer, and its proxy"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server: check that this computer is online"
    return type(error).__name__
