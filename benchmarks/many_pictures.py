"""Time and memory for many pictures: reading, report, similarity, recommendation, run, on one computer.

Writes noisy JPEGs of two classes into a temporary folder, then does in a process of its own what
`python -m helpers.advisor FOLDER --run` does, and prints that process's peak memory:

    python -m benchmarks.many_pictures 10000
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def write(folder: Path, pictures: int, side: int = 128) -> None:
    """Write JPEGs, half of them brighter on the left, half on the right."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for k in range(pictures):
        name = ("left", "right")[k % 2]
        coarse = rng.integers(0, 200, (8, 8, 3))
        coarse[:, slice(0, 4) if k % 2 == 0 else slice(4, 8)] += 55
        (folder / name).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(coarse.astype("uint8")).resize((side, side))
        image.save(folder / name / f"{k:06d}.jpg", quality=85)


def peak_bytes() -> int:
    """The most memory that this process has held (POSIX)."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():  # Linux' `ru_maxrss` would start at what the process held that started this one
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(folder: str, image_size: int, run: bool, results) -> None:
    """Do the advisor's work and put (step, seconds, peak bytes so far) into a queue."""
    from helpers import advisor, reports, similarity

    data = None

    def read():
        nonlocal data
        data, _ = reports.read(folder, image_size)

    steps = {
        "start": lambda: None,
        "read": read,
        "report": lambda: reports.report(data, Path(folder)),
        "similarity": lambda: similarity.similarity(data, advisor.SHIPPED),
    }
    if run:
        steps["recommend and run"] = lambda: advisor.run(data, advisor.recommend(data))
    for name, step in steps.items():
        started = time.perf_counter()
        step()
        results.put((name, time.perf_counter() - started, peak_bytes()))


def peaks(pictures: int, image_size: int = 64, run: bool = True) -> list[tuple[str, float, int]]:
    """(step, seconds, peak bytes so far), measured in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), pictures)
        results = context.SimpleQueue()
        process = context.Process(target=measure, args=(folder, image_size, run, results))
        process.start()
        process.join()
        found = []
        while not results.empty():
            found.append(results.get())
    if process.exitcode:
        raise RuntimeError(f"The measurement ended with exit code {process.exitcode}.")
    return found


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_pictures", description=__doc__)
    parser.add_argument("pictures", type=int, nargs="?", default=10_000)
    parser.add_argument("--image-size", type=int, default=64)
    arguments = parser.parse_args()
    print(f"{arguments.pictures} pictures read at {arguments.image_size} x {arguments.image_size}")
    for name, seconds, peak in peaks(arguments.pictures, arguments.image_size):
        print(f"{name:18} {seconds:7.1f} s, peak so far {peak / 2**20:6.0f} MiB")


if __name__ == "__main__":
    main()
