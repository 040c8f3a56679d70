"""The command line of the series: `python -m helpers COMMAND`; `--help` lists the commands.

Each command imports what it needs only when it runs, so that `--help` is instant.
"""

import argparse
import io
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from helpers import __version__

NEEDS = "Needs the further packages that requirements-site.txt lists."
OVERWRITES = (
    "It replaces the weights (.npz) and the recipe (.json) of this source in datasets/source_models, which "
    "the notebooks and studies use. To keep them, copy both files first."
)


class _Parser(argparse.ArgumentParser):
    """Reports a mistake in one line; argparse itself prints the usage above it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help shows the usage)\n")


def _advise(arguments):
    from helpers.data.folder_contents.groups import read_table
    from helpers.findings import advisor

    if arguments.groups_column and not arguments.groups_table:
        raise ValueError("--groups-column names a column of the table: add --groups-table FILE.")
    groups = arguments.groups
    if arguments.groups_table:
        groups = read_table(arguments.groups_table, arguments.groups_column)
    if isinstance(sys.stdout, io.TextIOWrapper):  # piped on Windows, it may lack letters of class names
        sys.stdout.reconfigure(errors="backslashreplace")
    for text in advisor.advise(
        arguments.folder,
        arguments.image_size,
        arguments.run,
        arguments.sources,
        arguments.seconds,
        groups,
        arguments.max_skipped,
    ):
        print(text, flush=True)


def _pretrain(arguments):
    from helpers.networks import pretraining

    started = time.perf_counter()
    if arguments.source == "captions":
        from helpers.networks import image_text_training

        record = image_text_training.run(arguments.epochs, arguments.seed, folder=arguments.folder)
    else:
        record = pretraining.run(arguments.source, arguments.folder, arguments.epochs, arguments.seed)
    print(json.dumps(record, indent=2))
    print(f"Took {time.perf_counter() - started:.0f} s.")


def _channels(_):
    from helpers.networks import vgg16_channels

    vgg16_channels.make()


def _study(arguments):
    # Read by TensorFlow in every process that joblib starts; more threads than cores only wait.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 1) // arguments.jobs)))
    from helpers.studies.engine import all_studies

    all_studies.run(arguments.name, arguments.jobs)


def _replay(_):
    from helpers.studies import replay

    replay.record(0).save()
    print(f"Wrote {replay.FILE}")


def _board(arguments):
    from helpers.findings import board, board_page

    board.PAGE.write_text(board_page.page(board.rows()), encoding="utf-8")
    print(f"Wrote {board.PAGE}")


def _claims(arguments):
    from helpers.authoring import claims

    if arguments.check:
        found = claims.check()
        print("\n".join(found) or "Every number is rendered, cited or given.")
        sys.exit(bool(found))
    for name in claims.write():
        print(f"Rendered {name}")


def _slides(arguments):
    from helpers.authoring import slides

    for path in slides.write(arguments.folder):
        print(path)


def _site(arguments):
    from helpers.authoring import site

    print(f"Wrote {site.build(arguments.folder)}")


def _gain(arguments):
    from helpers.exercises import concept_lines

    print(concept_lines.report(concept_lines.read_files(arguments.file)))


def _class(arguments):
    from helpers.exercises import class_results

    print(class_results.write(arguments.folder))


def _badges(arguments):
    from helpers.authoring import opening

    names = opening.write_badges(arguments.repository)
    print(f"Wrote badges into {len(names)} notebooks.")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands and their arguments."""
    top = _Parser(prog="python -m helpers", description="Deep Transfer Learning, Hands On: the command line.")
    top.add_argument("--version", action="version", version=f"Deep Transfer Learning, Hands On {__version__}")
    top.set_defaults(run_command=lambda _: top.print_help(), parser=top)
    commands = top.add_subparsers(metavar="COMMAND")

    def command(run, text, more=""):
        description = f"{text}. {more}" if more else text
        added = commands.add_parser(run.__name__.strip("_"), help=text, description=description)
        added.set_defaults(run_command=run, parser=added)
        return added

    advise = command(_advise, "report on a folder of images and recommend a strategy")
    advise.add_argument("folder", help="a folder with one sub-folder per class, or a zip file of one")
    advise.add_argument(
        "--image-size",
        type=_whole_number,
        help="side of the images in pixels, 16 to 1024 (default: what the source models were trained on)",
    )
    advise.add_argument(
        "--sources",
        nargs="+",
        metavar="NAME",
        help="source models: MobileNet, VGG16, photos, shapes (default: all, VGG16 only with a GPU)",
    )
    advise.add_argument(
        "--seconds", type=_at_least(1), default=30, help="longest time of training (default: 30)"
    )
    together = advise.add_mutually_exclusive_group()
    together.add_argument(
        "--groups",
        metavar="PATTERN",
        help="regular expression on file names; its first group in parentheses names what must stay in one "
        r"split, such as '^(patient_\d+)'",
    )
    together.add_argument(
        "--groups-table",
        metavar="FILE",
        help="CSV file with the names of the images in its first column, and what must stay in one split in "
        "the second one",
    )
    advise.add_argument(
        "--groups-column",
        metavar="NAME",
        help="heading of the groups in that file, if it has more than two columns",
    )
    advise.add_argument(
        "--max-skipped",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="largest share of the files that may be unreadable, 0 to 1 (default: 0.1)",
    )
    advise.add_argument("--run", action="store_true", help="also train the strategy and test it once")

    pretrain = command(_pretrain, "train and save a shipped source model", OVERWRITES)
    pretrain.add_argument(
        "--source",
        choices=("captions", "photos", "shapes", "simclr"),
        default="shapes",
        help="default: shapes",
    )
    pretrain.add_argument("--folder", help="photos: a folder with train/CLASS and val/CLASS images")
    pretrain.add_argument("--epochs", type=_at_least(1), help="epochs per stage, instead of the recipe's")
    pretrain.add_argument("--seed", type=_at_least(0), default=0, help="random seed (default: 0)")

    command(_channels, "store what channels of VGG16 look for; needs its weights, takes ten minutes")

    study = command(_study, "complete results tables; continues where it was stopped")
    study.add_argument("name", nargs="+", metavar="NAME", help="a module of helpers/studies, or all")
    study.add_argument("--jobs", type=_at_least(1), default=1, help="number of processes (default: 1)")

    command(_replay, "record the training that notebook 09 replays, step by step")
    command(_board, "write docs/board.md from the results tables")

    claims = command(_claims, "render the numbers in prose from the results tables")
    claims.add_argument("--check", action="store_true", help="only compare; exit status 1 if any differs")

    slides = command(_slides, "write a lecture deck for every notebook", NEEDS)
    slides.add_argument("--folder", type=Path, default=Path("slides"), help="target (default: slides)")

    site = command(_site, "write the notebooks, the glossary and the reference as a website to read", NEEDS)
    site.add_argument("--folder", type=Path, default=Path("site"), help="target (default: site)")

    gain = command(_gain, "evaluate the concept test of a class: what was gained, with an interval")
    gain.add_argument(
        "file",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a text file with lines of both tests, in any order",
    )

    handed_in = command(_class, "show which exercises were hard for a class, from the files of hand_in")
    handed_in.add_argument("folder", type=Path, metavar="FOLDER", help="the files of the students")

    badges = command(_badges, "write Colab badges for a public address into all notebooks")
    badges.add_argument("repository", metavar="OWNER/REPO", help="public address on GitHub")
    return top


def _whole_number(text):
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number. Received: {text!r}") from None


def _at_least(least):
    def number(text):
        value = _whole_number(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}. Received: {value}")
        return value

    return number


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command.

    Args:
        argv: the words after `python -m helpers`; None takes those of this process.

    Raises:
        SystemExit: with status 2, after one line that names what is wrong with the input.
    """
    arguments, unknown = parser().parse_known_args(argv)
    if unknown:  # parse_args would report them without the name of the command
        arguments.parser.error(f"unknown arguments: {' '.join(unknown)}")
    try:
        arguments.run_command(arguments)
    except MemoryError:
        _stop(arguments.parser.prog, "There is not enough memory. Use smaller or fewer images.")
    except (ValueError, OSError, RuntimeError) as error:
        _stop(arguments.parser.prog, re.sub(r"^\[(Errno|WinError) \d+\] ", "", str(error)))


def _stop(prog: str, reason: str) -> NoReturn:
    print(f"{prog}: {' '.join(reason.split())}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
