"""What a second build of the site does to the folder of the first."""

import pytest

from helpers.authoring import site_files


def written(folder, *names):
    """A folder with these files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("new")
    return folder


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_second_build_removes_only_what_the_first_wrote(tmp_path):
    folder = written(tmp_path / "site", "mine.html", "labs/mine.png")
    site_files.replace(written(tmp_path / "first", "index.html", "labs/a.png", "old/deep/b.html"), folder)
    site_files.replace(written(tmp_path / "second", "index.html", "labs/c.png"), folder)
    assert names(folder) == {"mine.html", "labs/mine.png", "index.html", "labs/c.png", site_files.LIST}
    assert not (folder / "old").exists()


@pytest.mark.parametrize("name", ["../precious.txt", "link/precious.txt", "labs", ""])
def test_a_changed_list_removes_nothing_else(tmp_path, name):
    folder = written(tmp_path / "site", "labs/mine.png")
    written(tmp_path, "precious.txt")
    (folder / "link").symlink_to(tmp_path, target_is_directory=True)
    (folder / site_files.LIST).write_text(f"{name}\n{tmp_path / 'precious.txt'}")
    site_files.replace(written(tmp_path / "pages", "index.html"), folder)
    assert (tmp_path / "precious.txt").exists() and (folder / "labs" / "mine.png").exists()


def test_a_first_page_that_no_build_wrote_is_not_overwritten(tmp_path):
    folder = written(tmp_path / "site", "index.html")
    with pytest.raises(FileExistsError, match=r"site' has an index\.html, .* Name an empty folder"):
        site_files.check(folder)
    site_files.replace(written(tmp_path / "pages", "index.html"), folder)
    site_files.check(folder)
