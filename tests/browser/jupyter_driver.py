"""JupyterLab and Notebook 7 on a copy of the series, and what drives them; used by tests and benchmarks."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
IGNORED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "cache")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER_PLACES = (  # where installers put it without adding it to PATH
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
BROWSER_HINT = (
    "The browser tests need Chromium or Google Chrome and found neither. Install one:\n"
    "  Debian:         apt-get install chromium\n"
    "  Fedora:         dnf install chromium\n"
    "  macOS, Windows: https://www.google.com/chrome/"
)
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# No news pop-ups; every cell is in the page even when scrolled out of sight, and notes when it ran.
LAB_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none", "recordTiming": True},
}


class JupyterLab:
    """A running server with the front ends "lab" and "notebook" (7); `folder` holds the series."""

    def __init__(self, url: str, folder: Path):
        self.url, self.folder = url, folder

    def open_notebook(self, page, name: str, timeout: float = 120, front_end: str = "lab"):
        """Open `notebooks/<name>` and wait until its kernel is idle (timeout in seconds).

        JupyterLab forgets which notebooks an earlier page had open: their kernels have ended.
        """
        place = f"lab/tree/notebooks/{name}?reset" if front_end == "lab" else f"notebooks/notebooks/{name}"
        page.goto(f"{self.url}/{place}")
        page.wait_for_function(
            """name => {
                const widget = window.jupyterapp?.shell?.currentWidget;
                return widget?.context?.path?.endsWith(name) && widget.context.isReady
                    && widget.sessionContext?.kernelDisplayStatus === 'idle';
            }""",
            arg=name,
            timeout=timeout * 1000,
        )

    def run_all(self, page, timeout: float = 500):
        """Run all cells of the open notebook and wait until the last has ended (in seconds)."""
        page.evaluate(
            """() => {
                window.runAllResult = null;
                window.jupyterapp.commands.execute('notebook:run-all-cells').then(
                    () => { window.runAllResult = 'ran'; },
                    error => { window.runAllResult = String(error); });
            }"""
        )
        page.wait_for_function("() => window.runAllResult !== null", timeout=timeout * 1000)
        result = page.evaluate("() => window.runAllResult")
        assert result == "ran", f"JupyterLab could not run the cells: {result}"

    def write_notebook(self, name: str, *cells: str):
        """Put a notebook of a few code cells beside those of the series."""
        code = [nbformat.v4.new_code_cell(text) for text in cells]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.folder / "notebooks" / name)

    def renew_notebooks(self):
        """Put the notebooks of the series in place of those that have been changed or written."""
        shutil.rmtree(self.folder / "notebooks")
        shutil.copytree(ROOT / "notebooks", self.folder / "notebooks", ignore=IGNORED)

    def shutdown_kernels(self):
        """End all sessions, so that the next notebook starts with a fresh kernel."""
        for session in self._request("GET", "api/sessions"):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def _request(self, method: str, path: str):
        request = urllib.request.Request(f"{self.url}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            body = response.read()
        return json.loads(body) if body else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _copy_of_series(folder: Path) -> Path:
    for name in ("notebooks", "helpers", "datasets"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    return folder


def _environment(folder: Path) -> dict:
    """The settings of a first visit, apart from the reader's own Jupyter settings and data.

    No downloaded weights are found either, so that notebook 07 uses a small network.
    """
    for name, settings in LAB_SETTINGS.items():
        file = folder / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    (folder / "runtime").mkdir()
    known = {name: value for name, value in os.environ.items() if name != "TRANSFER_DATA_DIR"}
    nowhere = "http://127.0.0.1:9"
    return known | {
        "KERAS_HOME": str(folder),
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def _wait_until_up(lab: JupyterLab, server: subprocess.Popen, log: Path, seconds: float = 90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            lab._request("GET", "api/status")
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(server: subprocess.Popen):
    def send(name: str):
        if os.name == "posix":
            try:
                os.killpg(server.pid, getattr(signal, name))
            except ProcessLookupError:
                pass
        else:
            server.terminate()

    send("SIGTERM")
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        pass
    send("SIGKILL")
    server.wait(timeout=15)


@contextlib.contextmanager
def serve(series: Path, settings: Path):
    """Start a server on a copy of the series, in two empty folders; yields a `JupyterLab`."""
    _copy_of_series(series)
    log = settings / "server.log"
    port = _free_port()
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={series}",
        "--ServerApp.tornado_settings={'websocket_max_message_size': 1000000000}",  # as in the README
        "--ServerApp.disable_check_xsrf=True",  # for `shutdown_kernels`; this machine only
        "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command,
            cwd=series,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
    lab = JupyterLab(f"http://127.0.0.1:{port}", series)
    try:
        _wait_until_up(lab, server, log)
        yield lab
        # Kernels lead process groups of their own: end them before their server.
        with contextlib.suppress(OSError):
            lab.shutdown_kernels()
    finally:
        _stop(server)


def find_browser() -> str:
    """The Chromium or Chrome of this machine.

    Raises:
        FileNotFoundError: neither is there; the message says how to install one.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    for place in BROWSER_PLACES:
        if Path(place).is_file():
            return place
    raise FileNotFoundError(BROWSER_HINT)


def watch_console(page):
    """Give a page a list `console_errors` of what goes wrong in it from now on."""
    page.console_errors = []
    page.on("console", lambda message: message.type == "error" and page.console_errors.append(message.text))
    page.on("pageerror", lambda error: page.console_errors.append(f"uncaught: {error}"))
