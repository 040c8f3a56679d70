"""Thousands of images in bounded memory: reading, report, recommendation, a run.

Noisy JPEGs of two classes are written into a temporary folder. Then a process of its own does what
`python -m helpers advise FOLDER --sources photos shapes --run` does, and reports its peak memory after each
step.
`python -m benchmarks.many_images` completes datasets/results/many_pictures.csv.
"""

import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import parser
from helpers.studies.engine import tables

IMAGE_SIZE = 64


def cells() -> list[dict]:
    # Windows does not report the peak memory of a process.
    sizes = () if sys.platform == "win32" else (1_000, 10_000)
    return [{"images": images, "seed": 0} for images in sizes]


def measure(cell: dict) -> dict:
    found = peaks(cell["images"])
    return {
        "seconds": sum(seconds for _, seconds, _ in found),
        **{f"mib_after_{name}": peak / 2**20 for name, _, peak in found},
    }


def peaks(images: int, train: bool = True) -> list[tuple[str, float, int]]:
    """Return (step, seconds, peak bytes so far) from a fresh process; the last two steps train networks."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), images)
        results = context.SimpleQueue()
        process = context.Process(target=_advise, args=(folder, train, results))
        process.start()
        process.join()
        found = []
        while not results.empty():
            found.append(results.get())
    if process.exitcode:
        raise RuntimeError(f"The measurement ended with exit code {process.exitcode}.")
    return found


def write(folder: Path, images: int, side: int = 128) -> None:
    """Write JPEGs, half of them brighter on the left, half on the right."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for k in range(images):
        name = ("left", "right")[k % 2]
        coarse = rng.integers(0, 200, (8, 8, 3))
        coarse[:, slice(0, 4) if k % 2 == 0 else slice(4, 8)] += 55
        (folder / name).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(coarse.astype("uint8")).resize((side, side))
        image.save(folder / name / f"{k:06d}.jpg", quality=85)


def _advise(folder, train, results):
    """Do the advisor's work and put (step, seconds, peak bytes so far) into a queue."""
    from helpers.findings import advisor, reports, similarity
    from helpers.networks.default_sources import default_sources

    data = advice = None
    backbones = default_sources(["photos", "shapes"]).backbones

    def read():
        nonlocal data
        data, _ = reports.read(folder, IMAGE_SIZE)

    def recommend():
        nonlocal advice
        advice = advisor.recommend(data, backbones)

    steps = {
        "start": lambda: None,
        "reading": read,
        "report": lambda: reports.report(data, Path(folder)),
        "similarity": lambda: similarity.similarity(data, backbones),
    }
    if train:
        steps |= {"recommendation": recommend, "run": lambda: advisor.run(data, advice)}
    for name, step in steps.items():
        started = time.perf_counter()
        step()
        results.put((name, time.perf_counter() - started, _peak_bytes()))


def _peak_bytes():
    """Return the peak memory of this process (POSIX)."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, `ru_maxrss` starts at the memory of the parent process
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    import resource  # not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(argv=None):
    parser("many_images", __doc__).parse_args(argv)
    tables.complete("many_pictures", cells(), measure, command="python -m benchmarks.many_images")


if __name__ == "__main__":
    main()
