"""Whatever a server does, the result is a complete file or a clear error, never a bad file in the cache."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from downloading import Site, serving
from forking import killed

from helpers.data import downloads
from helpers.data.downloads import DownloadError, Source, fetch

ROOT = Path(__file__).resolve().parents[2]
CONTENT = np.random.default_rng(0).bytes(300_000)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Shorten all waits, and bypass any proxy."""
    monkeypatch.setattr(downloads, "PAUSE", 0.001)
    monkeypatch.setattr(downloads, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(downloads, "CONNECT_SECONDS", 2)
    monkeypatch.setenv("NO_PROXY", "*")


def left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} - {"file.bin.lock"}


GOOD_END = {
    "good": ["good"],
    "breaks off, then goes on": ["truncate:100000", "good"],
    "breaks off every 40 kB": ["truncate:40000"],
    "breaks off at once, twice": ["truncate:0", "truncate:0", "good"],
    "ignores the range": ["truncate:100000", "noranges"],
    "ignores the range, and breaks off later each time": ["noranges:1000", "noranges:9000", "noranges"],
    "another piece than asked for": ["truncate:100000", "shifted", "good"],
    "stalls": ["stall:50000", "good"],
    "silent": ["silent", "good"],
    "trickles": ["trickle", "good"],
    "hangs up": ["hangup", "good"],
    "garbage": ["garbage", "good"],
    "500 twice": ["status:500", "status:500", "good"],
    "503 with a wish": ["status:503,0", "good"],
    "429": ["status:429", "good"],
    "redirects": ["redirect", "good"],
    "chunked": ["chunked"],
    "chunked breaks off": ["chunked:5000", "good"],
    "no length": ["unannounced"],
    "no length, breaks off": ["unannounced:5000", "good"],
    "never ends": ["endless"],
    "calls itself gzip": ["gzip"],
}


@pytest.mark.parametrize("behaviours", GOOD_END.values(), ids=GOOD_END)
def test_ends_in_a_good_file(tmp_path, behaviours):
    with serving(Site(CONTENT, list(behaviours))) as site:
        path = fetch(tmp_path / "deep" / "file.bin", [site.source])
        assert path.read_bytes() == CONTENT
        requests = len(site.requests)
        assert fetch(path, [site.source]) == path and len(site.requests) == requests, "asked again"
    assert left(path.parent) == {"file.bin"}


BAD_END = {
    "404": (["status:404"], "HTTP 404 Not Found"),
    "403": (["status:403"], "HTTP 403 Forbidden"),
    "always 500": (["status:500"], "HTTP 500 .* 3 times in a row"),
    "come back tomorrow": (["status:503,86400"], "asks to try again in 86400 seconds"),
    "wrong bytes": (["wrong"], "the checksum of the received file is wrong"),
    "a shorter file": (["short:1000"], "1,000 bytes instead of 300,000"),
    "a longer file": (["longer"], "300,004 bytes instead of 300,000"),
    "a page to log in": (["page"], "requires a login"),
    "always stalls": (["stall:0"], "did not answer in time.*3 times in a row"),
    "always silent": (["silent"], "did not answer in time"),
    "always trickles": (["trickle"], "stalled"),
    "always garbage": (
        ["garbage"],
        r"no connection to the server, 3 times in a row; check that this computer is online\. Or ask",
    ),
    "always breaks off at once": (["truncate:0"], "stopped after 0"),
    "ignores the range, and always breaks off": (["noranges:5000"], "stopped after 5,000 bytes"),
}


@pytest.mark.parametrize("behaviours, message", BAD_END.values(), ids=BAD_END)
def test_ends_in_a_clear_error(tmp_path, behaviours, message):
    with serving(Site(CONTENT, behaviours)) as site:
        with pytest.raises(DownloadError, match=message) as caught:
            fetch(tmp_path / "file.bin", [site.source], "Or ask a friend.")
        assert "'file.bin' could not be downloaded" in str(caught.value) and site.url in str(caught.value)
        assert str(caught.value).endswith("Or ask a friend.")
        assert left(tmp_path) <= {"file.bin.part"}, "a bad file is in the cache"
        site.behaviours = ["good"]
        assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT
    assert left(tmp_path) == {"file.bin"}


def test_only_the_missing_part_is_requested(tmp_path):
    with serving(Site(CONTENT, ["truncate:100000", "good"])) as site:
        fetch(tmp_path / "file.bin", [site.source])
    assert [r.get("Range") for r in site.requests] == [None, "bytes=100000-"]
    assert {r["Accept-Encoding"] for r in site.requests} == {"identity"}


def test_a_file_that_changes_between_two_requests_is_downloaded_again(tmp_path):
    old = bytes(255 - byte for byte in CONTENT)
    (tmp_path / "file.bin.part").write_bytes(old[:100_000])
    with serving(Site(CONTENT)) as site:
        assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT
        assert [r.get("Range") for r in site.requests] == ["bytes=100000-", None]


@pytest.mark.parametrize("kept", [CONTENT, CONTENT + b"x", CONTENT[:-1], b"x" * len(CONTENT)])
def test_any_kept_part(tmp_path, kept):
    (tmp_path / "file.bin.part").write_bytes(kept)
    with serving(Site(CONTENT)) as site:
        assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT
        assert len(site.requests) == (0 if kept == CONTENT else 1)


@pytest.mark.parametrize("bad", [b"", CONTENT[:-1], b"x" * len(CONTENT)])
def test_a_bad_file_in_the_cache_is_replaced(tmp_path, bad):
    (tmp_path / "file.bin").write_bytes(bad)
    with serving(Site(CONTENT)) as site:
        assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT


def test_the_next_source_is_tried_and_all_reasons_are_reported(tmp_path):
    with serving(Site(CONTENT, ["status:404"])) as first, serving(Site(CONTENT)) as second:
        assert fetch(tmp_path / "file.bin", [first.source, second.source]).read_bytes() == CONTENT
        second.behaviours = ["wrong"]
        with pytest.raises(DownloadError, match="404.*checksum"):
            fetch(tmp_path / "other.bin", [first.source, second.source])


def test_md5_where_nothing_better_is_published(tmp_path):
    import hashlib

    with serving(Site(CONTENT)) as site:
        source = Source(site.url, f"md5:{hashlib.md5(CONTENT).hexdigest()}", len(CONTENT))
        assert fetch(tmp_path / "file.bin", [source]).read_bytes() == CONTENT


@pytest.mark.parametrize("behaviour", ["good", "truncate:3000"])
def test_where_no_size_is_published_the_server_is_asked(behaviour, tmp_path):
    with serving(Site(CONTENT, [behaviour, "good"])) as site:
        unknown = Source(site.url, "", 0)
        path = fetch(tmp_path / "file.bin", [unknown])
        assert path.read_bytes() == CONTENT and left(tmp_path) == {"file.bin"}
        assert fetch(path, [unknown]) == path and len(site.requests) == (1 if behaviour == "good" else 2)


def test_where_no_size_is_published_and_the_file_is_gone(tmp_path):
    with serving(Site(CONTENT, ["status:404"])) as site, pytest.raises(DownloadError, match="HTTP 404"):
        fetch(tmp_path / "file.bin", [Source(site.url, "", 0)])
    assert not left(tmp_path)


def test_no_server(tmp_path):
    with serving(Site(CONTENT)) as site:
        source = site.source
    with pytest.raises(DownloadError, match="online"):
        fetch(tmp_path / "file.bin", [source])


def test_a_full_disk(tmp_path, monkeypatch):
    usage = downloads.shutil.disk_usage(tmp_path)._replace(free=1000)
    with serving(Site(CONTENT)) as site:
        with monkeypatch.context() as patch:
            patch.setattr(downloads.shutil, "disk_usage", lambda folder: usage)
            with pytest.raises(DownloadError, match="are needed.*free some disk space.*TRANSFER_CACHE_DIR"):
                fetch(tmp_path / "file.bin", [site.source])
        assert site.requests == [], "the size is known before the request"
        resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:  # the disk fills up during the download
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
            with pytest.raises(DownloadError, match="free some disk space"):
                fetch(tmp_path / "file.bin", [site.source])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert left(tmp_path) == {"file.bin.part"}
        assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written(tmp_path):
    """A file has the name of the folder, so not even an administrator can write into it."""
    (tmp_path / "cache").write_text("not a folder")
    with serving(Site(CONTENT)) as site, pytest.raises(DownloadError, match="TRANSFER_CACHE_DIR"):
        fetch(tmp_path / "cache" / "file.bin", [site.source])


def test_a_good_file_in_a_read_only_folder_is_used(tmp_path):
    (tmp_path / "file.bin").write_bytes(CONTENT)
    tmp_path.chmod(0o500)
    try:
        with serving(Site(CONTENT)) as site:
            assert fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT
        assert not (tmp_path / "file.bin.lock").exists()
    finally:
        tmp_path.chmod(0o700)


CHILD = """
import sys
from pathlib import Path
from helpers.data.downloads import Source, fetch
path, url, checksum, size = sys.argv[1:]
print("ready", flush=True)
fetch(Path(path), [Source(url, checksum, int(size))])
print("done", flush=True)
"""


def start(path: Path, source: Source) -> subprocess.Popen:
    command = [sys.executable, "-c", CHILD, str(path), source.url, source.checksum, str(source.size)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ)
    )


def test_one_of_two_processes_downloads_and_both_get_the_file(tmp_path):
    with serving(Site(CONTENT, speed=0.005)) as site:
        both = [start(tmp_path / "file.bin", site.source) for _ in range(2)]
        assert [child.communicate(timeout=60)[0] for child in both] == ["ready\ndone\n"] * 2
        assert len(site.requests) == 1
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes to be killed")
def test_kill_9_at_50_random_moments(tmp_path):
    """The cache never contains an incomplete file, and received parts are not downloaded again."""
    path, rng, seen = tmp_path / "file.bin", random.Random(0), []

    def work():
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            fetch(path, [site.source])

    def wait():
        asked, patience = len(site.requests), time.monotonic() + 5
        while rng.random() < 0.999 and len(site.requests) == asked and time.monotonic() < patience:
            time.sleep(0.001)  # a busy computer starts slowly
        time.sleep(rng.uniform(0, 0.15))

    with serving(Site(CONTENT, speed=0.004)) as site:
        # On a busy computer more kills are needed until enough have met a transfer.
        while len(seen) < 50 or len({size for size in seen if size}) <= 10:
            killed(work, wait)
            part = tmp_path / "file.bin.part"
            seen.append(part.stat().st_size if part.exists() else 0)
            if path.exists():
                assert path.read_bytes() == CONTENT
                path.unlink()
        assert fetch(path, [site.source]).read_bytes() == CONTENT
        asked = [int(r["Range"][6:-1]) for r in site.requests if "Range" in r]
    assert asked and max(asked) > 0
    assert left(tmp_path) == {"file.bin"}


ANYTHING = (
    "good good truncate:70000 truncate:3 truncate:299999 noranges noranges:1234 short:10 wrong longer "
    "shifted endless unannounced unannounced:7 chunked chunked:250000 gzip page status:404 status:500 "
    "status:503,0 status:429 redirect trickle stall:1000 hangup garbage"
).split()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_100_random_servers(tmp_path, seed, monkeypatch):
    """Any sequence of behaviours, after any earlier part: a complete file, or an error and no file."""
    monkeypatch.setattr(downloads, "STALL_SECONDS", 1)  # a busy computer is not a stalled server
    rng, ends = random.Random(seed), []
    for case in range(25):
        path = tmp_path / str(case) / "file.bin"
        path.parent.mkdir()
        if kept := rng.choice([b"", b"", CONTENT[:1000], CONTENT[:250_000], b"bad" * 40_000, CONTENT * 2]):
            path.with_name("file.bin.part").write_bytes(kept)
        with serving(Site(CONTENT, rng.choices(ANYTHING, k=rng.randint(1, 6)))) as site:
            for _ in range(2):
                try:
                    assert fetch(path, [site.source]).read_bytes() == CONTENT
                    ends.append("good")
                except DownloadError as error:
                    assert not path.exists() and site.url in str(error)
                    ends.append("error")
            site.behaviours = ["good"]
            assert fetch(path, [site.source]).read_bytes() == CONTENT
        assert left(path.parent) == {"file.bin"}
    assert ends.count("good") >= 5 and ends.count("error") >= 5


def test_the_stop_button_keeps_the_received_part(tmp_path):
    import _thread

    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    with serving(Site(CONTENT, speed=0.02)) as site:
        part = tmp_path / "file.bin.part"

        def press():
            while not (part.exists() and part.stat().st_size):
                time.sleep(0.01)
            _thread.interrupt_main()

        threading.Thread(target=press, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            fetch(tmp_path / "file.bin", [site.source])
        kept = part.stat().st_size
        site.speed = 0
        assert kept and fetch(tmp_path / "file.bin", [site.source]).read_bytes() == CONTENT
        assert site.requests[1]["Range"] == f"bytes={kept}-"


def test_another_process_that_does_not_end_is_named(tmp_path, monkeypatch):
    import filelock

    monkeypatch.setattr(downloads, "WAIT_SECONDS", 0.1)
    with serving(Site(CONTENT)) as site, filelock.FileLock(tmp_path / "file.bin.lock"):
        with pytest.raises(DownloadError, match="process has been downloading it for an hour; stop it"):
            fetch(tmp_path / "file.bin", [site.source])
