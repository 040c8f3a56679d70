"""The files of the site in their folder: a new build removes what only an earlier build wrote."""

import contextlib
import shutil
from pathlib import Path

LIST = "site-files.txt"  # which files of the folder a build wrote


def check(folder: Path) -> None:
    """Check that the first page of a folder, if it has one, was written by a build.

    Raises:
        FileExistsError: If it was not, since the site would overwrite it.
    """
    if (folder / "index.html").exists() and "index.html" not in _listed(folder):
        raise FileExistsError(
            f"The folder {str(folder)!r} has an index.html, and no {LIST} says that this command wrote it. "
            "Name an empty folder with --folder, or remove the old site."
        )


def replace(pages: Path, folder: Path) -> None:
    """Copy pages into a folder, and remove the files that an earlier build wrote and this one does not.

    Args:
        pages: the folder of the new site.
        folder: where it belongs. Files that no build wrote stay.
    """
    new = {path.relative_to(pages).as_posix() for path in pages.rglob("*") if path.is_file()}
    for name in _listed(folder) - new:
        _remove(folder, name)
    (folder / LIST).write_text("\n".join(sorted(new)), encoding="utf-8")
    shutil.copytree(pages, folder, dirs_exist_ok=True)


def _listed(folder):
    try:
        return set((folder / LIST).read_text("utf-8").splitlines())
    except FileNotFoundError:
        return set()


def _remove(folder, name):
    """Remove one file and the folders that become empty; a path that leaves the folder stays."""
    path = folder / name
    if not path.parent.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        return
    path.unlink()
    for parent in path.relative_to(folder).parents[:-1]:
        with contextlib.suppress(OSError):  # it holds other files
            (folder / parent).rmdir()
