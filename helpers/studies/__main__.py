"""`python -m helpers.studies NAME ...` completes the results tables of studies."""

import argparse
import importlib
import os
import pkgutil

from helpers import experiments, studies


def names() -> list[str]:
    """Every study."""
    return sorted(m.name for m in pkgutil.iter_modules(studies.__path__) if not m.name.startswith("_"))


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m helpers.studies", description=studies.__doc__)
    parser.add_argument("name", nargs="+", choices=[*names(), "all"])
    parser.add_argument("--jobs", type=int, default=1, help="processes; each takes its share of the cores")
    arguments = parser.parse_args(argv)
    # Read by TensorFlow in every process that joblib starts; more threads than cores only wait.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 1) // arguments.jobs)))
    for name in names() if "all" in arguments.name else arguments.name:
        study = importlib.import_module(f"helpers.studies.{name}")
        experiments.complete(name, study.cells(), study.measure, jobs=arguments.jobs)


if __name__ == "__main__":
    main()
