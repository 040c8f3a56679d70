"""What operating systems, network drives and editors leave beside images: never a class, never an image.

Names are compared without regard to case, at every level of a folder.
"""

import re
from pathlib import Path

_NAMES = {
    # network drives: Synology, QNAP, NetApp, and Macs on a shared drive
    "@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "~snapshot",
    "network trash folder", "temporary items", "thevolumesettingsfolder", ".@upload_cache", ".snapshots",
    ".zfs",
    # disks of Windows and Linux, memory cards of Android
    "$recycle.bin", "recycler", "$extend", "system volume information", "lost+found", "lost.dir",
    # caches of image viewers
    "captureone", "ipod photo cache", ".dtrash",
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "zbthumbnail.info",
    # programs that keep folders alike
    "_gsdata_", "onedrivetemp", ".stfolder", ".stversions", ".sync",
    # macOS, web servers, Python and JavaScript
    ".ds_store", "__macosx", "icon\r", "desktop db", "desktop df", ".spotlight-v100", ".fseventsd",
    ".temporaryitems", "_vti_cnf", "node_modules", "__pycache__", ".venv",
    # hidden folders of systems and programs that may contain copies of images
    ".trash", ".trashes", ".appledouble", ".@__thumb", ".thumbnails", ".thumbs", ".cache", ".git", ".dvc",
    ".ipynb_checkpoints", ".picasaoriginals",
}  # fmt: skip
_PATTERNS = re.compile(
    r"\.(?!.*\.icloud$).*"  # hidden: .DS_Store, .git, .ipynb_checkpoints, .Trashes, and ._1.jpg beside 1.jpg
    r"|.*@Syno(EAStream|ResourceFork)|.*:Zone\.Identifier"  # attributes of a file, copied as files
    r"|~\$.*|.*~"  # open in an office program; the backup of an editor
    r"|.*\.(tmp|temp|part|partial|crdownload|download)"  # not yet complete
    r"|.*\.(thm|ctg)"  # a camera's thumbnail of a video, and its catalogue
    r"|.*\.(lrdata|lrlibrary)"  # previews of Lightroom
    r"|found\.\d{3}",  # Windows' repair of a disk
    re.IGNORECASE | re.DOTALL,
)


def is_clutter(name: str) -> bool:
    """Return whether a file or folder of this name is clutter.

    Example:
        >>> [is_clutter(name) for name in ("@eaDir", "Thumbs.db", ".git", "cat", "1.jpg")]
        [True, True, True, False, False]
    """
    return name.lower() in _NAMES or _PATTERNS.fullmatch(name) is not None


def visible(folder: Path) -> tuple[list[Path], list[Path]]:
    """List the sub-folders and the files of a folder, sorted by name, without clutter."""
    entries = sorted(path for path in folder.iterdir() if not is_clutter(path.name))
    return [p for p in entries if p.is_dir()], [p for p in entries if not p.is_dir()]


def clutter(folder: Path) -> list[Path]:
    """List the clutter of a folder and of its visible sub-folders, sorted by name."""
    found = sorted(path for path in folder.iterdir() if is_clutter(path.name))
    inside = (path for inner in visible(folder)[0] for path in clutter(inner))
    return [*found, *inside]


def is_system_clutter(name: str) -> bool:
    """Return whether only systems and programs give this name; anybody may call a class .22 or low.temp.

    Example:
        >>> [is_system_clutter(name) for name in ("@eaDir", "._1.png", ".22", "low.temp")]
        [True, True, False, False]
    """
    small = name.lower()
    return (
        small in _NAMES - {"recycler"}
        or small.startswith(("._", ".trash-", "~$"))
        or small.endswith(".lrdata")
    )
