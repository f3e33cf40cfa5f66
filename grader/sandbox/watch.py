"""What the processes of a session use together, which the kernel's limits bound for each process alone.

Runs in the template, in whose /proc there is nothing but the template and its sessions.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

EVERY = 0.05  # seconds
PROC = Path("/proc")
PARENT, THREADS, PAGES = 1, 17, 21  # in /proc/PID/stat, counted from behind the name
MIB_PER_PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20


class Process(NamedTuple):
    """One line of the table of processes."""

    parent: int
    threads: int
    mib: float


class Use(NamedTuple):
    """What a session uses."""

    processes: int
    """Threads included."""
    mib: float
    """Memory in use; what processes share counts for each of them."""


def table() -> dict[int, Process]:
    """All processes that can be seen."""
    found = {}
    for name in os.listdir(PROC):
        if name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile
                fields = (PROC / name / "stat").read_bytes().rpartition(b")")[2].split()
                parent, threads, pages = (int(fields[i]) for i in (PARENT, THREADS, PAGES))
                found[int(name)] = Process(parent, threads, pages * MIB_PER_PAGE)
    return found


def use(first: int, processes: Mapping[int, Process]) -> Use:
    """The use of a process and all that descend from it.

    Nothing leaves the descent of the first process of a pid namespace: it inherits the orphans.
    """
    children: dict[int, list[int]] = {}
    for number, process in processes.items():
        children.setdefault(process.parent, []).append(number)
    threads, mib, left = 0, 0.0, [first]
    while left:
        number = left.pop()
        if number in processes:
            threads += processes[number].threads
            mib += processes[number].mib
            left += children.pop(number, [])
    return Use(threads, mib)


def end_the_greedy(sessions: Mapping[int, Mapping[str, float]]) -> dict[int, str]:
    """Kill sessions, each given by its first process and its limits, that use more than these.

    Returns which of them, and whether too many *processes* or too much *memory* was the reason.
    """
    ended = {}
    processes = table()
    for first, limits in sessions.items():
        used = use(first, processes)
        reason = "processes" if used.processes > limits["processes"] else "memory"
        if used.processes > limits["processes"] or used.mib > limits["memory_mib"]:
            os.kill(first, signal.SIGKILL)  # its pid namespace ends with it
            ended[first] = reason
    return ended
