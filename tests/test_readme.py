"""The README welcomes newcomers: it is short, starts within the first screen, and its links work."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()


def test_it_is_short_and_starts_within_the_first_screen():
    assert len(LINES) <= 150
    headings = [line for line in LINES if line.startswith("## ")]
    assert headings[:3] == ["## Start", "## The notebooks", "## What was measured"]
    start = LINES.index("## Start")
    commands = [number for number, line in enumerate(LINES[start:], start + 1) if line.startswith("    ")][:2]
    assert commands[-1] <= 35


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#\s]+)", "\n".join(LINES))
    assert len(links) > 15
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
