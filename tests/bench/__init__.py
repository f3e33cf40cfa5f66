"""Side-by-side measurements: ``python -m tests.bench [marking|training|checks|scale]``."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.sandbox.namespaces import PR_SET_CHILD_SUBREAPER, prctl

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench"
PROGRAMS = Path(sys.executable).parent
MIB = 1024 * 1024
EVERY = 0.5
"""Seconds between two looks at the memory in use."""
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass
class Used:
    """What a piece of work took: wall-clock time, processor time of all its processes, memory at the most."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mib: float = 0.0


def memory(process: psutil.Process) -> int:
    """Bytes in use by a process; of pages shared with others its part, where one may know."""
    try:
        try:
            return int(process.memory_full_info().pss)
        except psutil.AccessDenied:
            return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def tree(roots: Sequence[int]) -> list[psutil.Process]:
    """Processes, and all that they started."""
    found = []
    for root in roots:
        with suppress(psutil.NoSuchProcess):
            found += [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    return found


@contextmanager
def using(*others: int) -> Iterator[Used]:
    """Measure what this process starts within; ``others`` are processes whose memory and time count too.

    This process becomes the parent of orphans, so that their time is counted. What runs in a sandbox that
    is killed is told to nobody when it ends: of its template counts the time when it was last seen.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    used = Used()
    over = threading.Event()
    me = os.getpid()
    templates: dict[int, float] = {}

    def watch() -> None:
        while not over.wait(EVERY):
            with suppress(psutil.NoSuchProcess):
                theirs = {p.pid for p in tree(others)}
                counted = {p.pid: p for p in tree([me, *others]) if p.pid != me}
                used.peak_mib = max(used.peak_mib, sum(map(memory, counted.values())) / MIB)
                templates.update({pid: spent(p) for pid, p in counted.items() if pid not in theirs and _template(pid)})

    def total() -> float:
        return _children() + sum(map(spent, tree(others)))

    before, start = total(), time.monotonic()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield used
    finally:
        used.seconds = time.monotonic() - start
        over.set()
        watcher.join()
        ended = _children()
        _reap(others)
        told = _children() - ended
        used.cpu = total() - before + max(0.0, sum(templates.values()) - told)


def spent(process: psutil.Process) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _template(process: int) -> bool:
    """Whether a process is in a sandbox, and none that the template forked, which has a namespace of its own."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    return len(re.findall(r"^NSpid:(.*)", status, re.MULTILINE)[0].split()) == 2


def _reap(others: Sequence[int]) -> None:
    """Wait for orphans that came here, but for ``others``."""
    kept = {process.pid for process in tree(others)}
    for process in psutil.Process().children():
        if process.pid not in kept:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> str:
    """Run a command to its end; what it printed.

    Raises
    ------
    RuntimeError
        If it fails, with the end of what it said.
    """
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env={**ENVIRONMENT, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; numbers with three digits."""
    lines = [head, ["---"] * len(head), *([_shown(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def numbers(given: Mapping[str, object]) -> dict[str, object]:
    """With floats rounded to four digits, also in mappings within."""
    found: dict[str, object] = {}
    for name, value in given.items():
        value = numbers(value) if isinstance(value, Mapping) else value
        found[name] = float(f"{value:.4g}") if isinstance(value, float) else value
    return found
