"""What a session may use, and how it can end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EndKind = Literal["time", "memory", "processes", "exit", "output", "protocol"]


@dataclass(frozen=True)
class Limits:
    """What one session may use.

    Parameters
    ----------
    seconds : float
        Wall-clock time of one step, kept by the process that does not run the learner's code.
    cpu_seconds : int
        Processor time of each process, over the whole session.
    memory_mib : int
        Address space of each process, and memory in use by all of them.
    processes : int
        Processes and threads at a time. The kernel does not hold uid 0 of the machine to this;
        there a session that has more is ended.
    file_mib : int
        Size of one file, and of all files together.
    output_kib : int
        What one cell may show, pictures included. Text may fill a quarter of it.
    probe_mib : int
        The arrays that one probe may give back.
    """

    seconds: float = 5.0
    cpu_seconds: int = 120
    memory_mib: int = 2048
    processes: int = 64
    file_mib: int = 64
    output_kib: int = 1024
    probe_mib: int = 32


class SandboxUnavailable(RuntimeError):
    """The sandbox cannot be used here; the message says what to install."""


class SessionEnded(RuntimeError):
    """A session is over before its last step.

    ``kind`` is *time*, *memory*, *processes* (too many), *exit* (the process ended), *output* (more
    than the limit) or *protocol* (something else than an answer came back); ``str()`` is one sentence for the learner.
    """

    def __init__(self, kind: EndKind, message: str) -> None:
        super().__init__(message)
        self.kind: EndKind = kind
