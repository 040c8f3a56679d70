"""A web server on this computer that misbehaves in one of many ways, for the tests of downloads."""

import contextlib
import hashlib
import http.server
import threading
import time
from dataclasses import dataclass, field

from helpers.data import downloads
from helpers.data.downloads import Source


def isolate(monkeypatch, tmp_path):
    """Use a separate cache, no data folder, no proxy, and no long pause before another attempt."""
    monkeypatch.setenv("TRANSFER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("TRANSFER_DATA_DIR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(downloads, "PAUSE", 0.001)


@dataclass
class Site:
    """How the server answers the requests for one file.

    `behaviours` are used one per request; the last one is used for all further requests. See `_Handler`.
    """

    content: bytes
    behaviours: list[str] = field(default_factory=lambda: ["good"])
    speed: float = 0.0  # seconds between pieces of 4 KiB
    requests: list[dict] = field(default_factory=list)
    port: int = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/file.bin"

    @property
    def source(self):
        return Source(self.url, f"sha256:{hashlib.sha256(self.content).hexdigest()}", len(self.content))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        site = self.server.site
        with self.server.guard:
            site.requests.append(dict(self.headers))
            behaviour = site.behaviours.pop(0) if len(site.behaviours) > 1 else site.behaviours[0]
        self.close_connection = True
        name, _, value = behaviour.partition(":")
        getattr(self, f"_{name}")(site, value)

    def do_HEAD(self):
        site = self.server.site
        good = not site.behaviours[0].startswith("status")
        self.send_response(200 if good else int(site.behaviours[0].partition(":")[2]))
        if good:
            self.send_header("Content-Length", str(len(site.content)))
        self.end_headers()

    def _answer(self, status, headers, body, delay=0.0):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for start in range(0, len(body), 4096):
                self.wfile.write(body[start : start + 4096])
                time.sleep(delay)

    def _file(self, site, content, stop=None, ranges=True, delay=None):
        total, begun = len(content), 0
        wanted = self.headers.get("Range", "")
        if ranges and wanted.startswith("bytes="):
            begun = int(wanted[6:].split("-")[0])
            if begun >= total:
                return self._answer(416, {"Content-Range": f"bytes */{total}", "Content-Length": "0"}, b"")
        headers = {"Content-Length": str(total - begun), "ETag": f'"{hashlib.md5(content).hexdigest()}"'}
        if begun:
            headers["Content-Range"] = f"bytes {begun}-{total - 1}/{total}"
        body = content[begun : total if stop is None else begun + stop]
        return self._answer(206 if begun else 200, headers, body, site.speed if delay is None else delay)

    def _good(self, site, _):
        self._file(site, site.content)

    def _truncate(self, site, stop):
        """Announce everything, but close the connection early."""
        self._file(site, site.content, int(stop))

    def _noranges(self, site, stop):
        self._file(site, site.content, int(stop) if stop else None, ranges=False)

    def _short(self, site, stop):
        """Announce only what is sent: a complete response, but the wrong file."""
        self._file(site, site.content[: int(stop)], ranges=False)

    def _wrong(self, site, _):
        self._file(site, bytes(255 - byte for byte in site.content))

    def _longer(self, site, _):
        self._file(site, site.content + b"more")

    def _shifted(self, site, _):
        """Send another part than requested."""
        total = len(site.content)
        headers = {"Content-Range": f"bytes 0-{total - 1}/{total}", "Content-Length": str(total)}
        self._answer(206, headers, site.content)

    def _endless(self, site, _):
        """Announce no length, and send more than the whole file."""
        self._answer(200, {}, site.content * 3)

    def _unannounced(self, site, stop):
        self._answer(200, {}, site.content[: int(stop)] if stop else site.content)

    def _chunked(self, site, stop):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        body = site.content[: int(stop)] if stop else site.content
        with contextlib.suppress(OSError):
            for start in range(0, len(body), 1000):
                piece = body[start : start + 1000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if not stop:
                self.wfile.write(b"0\r\n\r\n")

    def _gzip(self, site, _):
        """Declare a compression that was not applied, as some servers do for .tgz files."""
        self._answer(
            200, {"Content-Encoding": "gzip", "Content-Length": str(len(site.content))}, site.content
        )

    def _page(self, site, _):
        """Send a login page, as some networks do for every request."""
        self._answer(200, {"Content-Type": "text/html", "Content-Length": "12"}, b"Please login")

    def _status(self, site, status):
        status, _, wish = status.partition(",")
        extra = {"Retry-After": wish} if wish else {}
        self._answer(int(status), {"Content-Length": "0"} | extra, b"")

    def _redirect(self, site, _):
        self._answer(302, {"Location": site.url, "Content-Length": "0"}, b"")

    def _stall(self, site, stop):
        self._file(site, site.content, int(stop))
        time.sleep(3)

    def _silent(self, site, _):
        time.sleep(3)

    def _trickle(self, site, _):
        """Send one byte now and then, so that no single wait is too long."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(site.content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            for byte in site.content[:60]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)

    def _hangup(self, site, _):
        self.connection.close()

    def _garbage(self, site, _):
        with contextlib.suppress(OSError):
            self.wfile.write(b"this is not HTTP\r\n\r\n")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass  # broken connections are expected


@contextlib.contextmanager
def serving(site: Site):
    """Serve a site while the block runs."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site, server.guard = site, threading.Lock()
        server.block_on_close = False
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
