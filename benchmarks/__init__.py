"""Benchmarks: what takes how long, and how much memory; each one is run by hand."""

import argparse


def parser(name: str, text: str | None) -> argparse.ArgumentParser:
    """Return the parser of a benchmark's arguments, whose help keeps the lines of a text."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=text,
        formatter_class=argparse.RawTextHelpFormatter,
    )
