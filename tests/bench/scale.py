"""Cost against class size, from ten submissions to ten thousand.

The submissions are notebooks of the sample class in 01, of the kinds that end by themselves, linked under so many
names. Each name has hidden inputs of its own, so each is judged. Three runs for each size: everything anew; the
verdicts known and the marks recorded anew, which a cluster does not change; nothing changed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from grader.assignment import Assignment
from grader.autograde import api_for
from grader.init import init
from grader.simulate import simulate
from tests.bench import ENVIRONMENT, FOLDER, PROGRAMS, ROOT, Used, markdown, numbers, run, using
from tests.bench.marking import CORES, SIZE, picked

NAME = "01_perceptron_limits"


def course(root: Path, size: int) -> None:
    """A course folder in which `size` learners handed in."""
    init(root, ROOT / "solutions", [NAME])
    assert api_for(root).generate_assignment(NAME)["success"]
    simulate({NAME: Assignment.load(root / "source" / NAME)}, root / "release", root / "sample", SIZE)
    kinds = [root / "sample" / student / NAME / f"{NAME}.ipynb" for student in picked(SIZE)]
    for number in range(size):
        folder = root / "submitted" / f"learner{number:05d}" / NAME
        folder.mkdir(parents=True)
        os.link(kinds[number % len(kinds)], folder / f"{NAME}.ipynb")
    shutil.copy(root / "gradebook.db", root / "before.db")


@contextmanager
def cluster(folder: Path, workers: int = CORES) -> Iterator[tuple[list[int], str]]:
    """A scheduler and workers as processes of their own, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    commands = [["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    options = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory")
    commands += [["worker", address, *options, str(folder / f"worker{i}")] for i in range(workers)]
    started = []
    environment = {**ENVIRONMENT, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}  # as docs/scale.md tells
    try:
        for words in commands:
            with open(folder / f"dask{len(started)}.log", "w") as log:
                command = [str(PROGRAMS / "dask"), *words]
                started.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
        from distributed import Client

        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield [process.pid for process in started], address
    finally:
        for process in started:
            process.kill()
            process.wait()


def one(size: int, dask: bool) -> dict[str, Any]:
    """A row of the table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scale-", dir=FOLDER) as folder:
        root = Path(folder) / "course"
        course(root, size)
        if not dask:
            return row(size, root, "pool", (), "--workers", str(CORES))
        with cluster(Path(folder)) as (processes, address):
            return row(size, root, "Dask", processes, "--scheduler", address)


def row(size: int, root: Path, where: str, others: Sequence[int], *options: str) -> dict[str, Any]:
    """Three runs."""

    def autograde() -> Used:
        with using(*others) as used:
            run([PROGRAMS / "grader", "autograde", NAME, *options], root)
        assert len(list((root / ".verdicts" / NAME).glob("*.json"))) == size
        assert len(list((root / "autograded").glob("*/*/*.ipynb"))) == size
        return used

    print(f"scale: {size} submissions, {where}", flush=True)
    anew = autograde()
    recorded = None
    if not others:
        shutil.rmtree(root / "autograded")
        shutil.copy(root / "before.db", root / "gradebook.db")
        recorded = autograde()
    repeated = autograde()
    return numbers(
        {
            "submissions": size,
            "where": where,
            "seconds": anew.seconds,
            "cpu_s_per_submission": anew.cpu / size,
            "peak_mib": anew.peak_mib,
            "recording_ms": recorded and 1000 * recorded.seconds / size,
            "repeated_ms": 1000 * repeated.seconds / size,
        }
    )


def measure(sizes: Sequence[int], many: int) -> list[dict[str, Any]]:
    """Rows for `sizes` on the pool, and for `many` on Dask (0: none)."""
    rows = [one(size, dask=False) for size in sizes]
    return rows + ([one(many, dask=True)] if many else [])


def line(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float, float, float]:
    """Seconds to start and for each submission, by least squares in the relative error; the largest one; an exponent.

    The exponent is the slope in log-log of what is left without the start: 1 is a straight line.
    """
    n, seconds = (np.array([row[name] for row in rows], dtype=float) for name in ("submissions", "seconds"))
    start, each = np.linalg.lstsq(np.stack([1 / seconds, n / seconds], axis=1), np.ones(len(n)), rcond=None)[0]
    error = np.abs(1 - (start + each * n) / seconds).max()
    exponent = np.polyfit(np.log(n), np.log(np.maximum(seconds - start, 1e-3)), 1)[0]
    return float(start), float(each), float(error), float(exponent)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """As Markdown."""
    head = (
        "submissions",
        "on",
        "seconds",
        "ms each",
        "peak MiB",
        "recording alone, ms each",
        "nothing changed, ms each",
    )
    shown = [
        [r["submissions"], r["where"], r["seconds"], 1000 * r["seconds"] / r["submissions"]]
        + ["" if r[name] is None else r[name] for name in ("peak_mib", "recording_ms", "repeated_ms")]
        for r in rows
    ]
    text = f"""
01_perceptron_limits, notebooks of the sample class without those that run for ever, under so many names, {CORES}
workers. Each time is that of the whole command. Memory is the sum of all its processes, with Dask the cluster's too.
"""
    if len(rows) > 2:
        start, each, error, exponent = line(rows)
        text += (
            f"A line of {start:.1f} s and {1000 * each:.0f} ms a submission is off by at most {error:.0%}; "
            f"the exponent of what the submissions take is {exponent:.2f}.\n"
        )
    return f"{markdown(head, shown)}\n{text}"
