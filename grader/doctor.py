"""What this machine has and lacks for marking."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import SECRET, CourseError
from grader.init import OPEN, try_database
from grader.sandbox import EndKind, Limits, Sandbox, SandboxUnavailable, SessionEnded, available


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``needed`` says whether marking stops without it."""

    what: str
    well: bool
    text: str
    needed: bool = True


@dataclass(frozen=True)
class Trial:
    """A protection, and a cell that finds out whether it is there: it prints *held*, or its session is ended."""

    what: str
    text: str
    source: str
    ended: EndKind | None = None


NAMESPACES = Trial("namespaces", "a submission is alone in its own", "import os\nif os.getpid() == 1: print('held')")
PROC = Trial("private /proc", "it is empty", "import os\nif not os.listdir('/proc'): print('held')")
NETWORK = Trial(
    "no network",
    "a listener on this machine was not reached",
    """
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), 5)
except OSError:
    print("held")
""",
)
SECCOMP = Trial(
    "seccomp",
    "calls that no course needs are refused",
    """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if libc.personality(ctypes.c_ulong(0xFFFFFFFF)) == -1 and libc.unshare(0) == -1: print("held")
""",
)
MEMORY = Trial(
    "memory bound",
    "holds for each process",
    """
try:
    bytearray(1 << 30)
except MemoryError:
    print("held")
""",
    "memory",
)
ALL_MEMORY = Trial(
    "memory bound, all processes",
    "a submission over it was ended",
    """
import os, time
for _ in range(12):
    if os.fork() == 0:
        kept = b"1" * (100 << 20)
        time.sleep(10)
        os._exit(0)
time.sleep(10)
""",
    "memory",
)
PROCESSES = Trial(
    "process bound",
    "holds",
    """
import subprocess, time
try:
    for _ in range(40): subprocess.Popen(["/bin/sleep", "10"])
    time.sleep(10)
except OSError:
    print("held")
""",
    "processes",
)
BOUNDS = Limits(seconds=10, memory_mib=1024, processes=16)


def tried(trial: Trial, box: Sandbox) -> Finding:
    """Whether a protection is active, found out in a session."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = trial.source.replace("{port}", str(listener.getsockname()[1]))
        try:
            with box.session(BOUNDS) as session:
                well = any(o.get("text") == "held\n" for o in session.run_cell(source))
        except SessionEnded as end:
            well = end.kind == trial.ended
    return Finding(trial.what, well, trial.text if well else "not active here")


def protections() -> Iterator[Finding]:
    """Try every protection of a session."""
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder) / "release" / "00_doctor"
        release.mkdir(parents=True)
        try:
            with Sandbox(release) as box:
                for trial in (NAMESPACES, PROC, NETWORK, SECCOMP, MEMORY, ALL_MEMORY, PROCESSES):
                    yield tried(trial, box)
        except SandboxUnavailable as error:
            yield Finding("protections", False, str(error))


def _fair() -> Finding:
    try:
        fair = Path("/proc/sys/kernel/sched_autogroup_enabled").read_text().strip() == "1"
    except OSError:
        fair = False
    text = "each submission has one share, however many processes" if fair else "a submission can slow others down: "
    advice = "" if fair else "set the sysctl kernel.sched_autogroup_enabled to 1, or mark with one worker"
    return Finding("processors", fair, text + advice, needed=False)


def _user() -> Finding:
    root = hasattr(os, "getuid") and os.getuid() == 0
    text = "root: mark as an ordinary user, so that a gap in the sandbox is no gap in the machine"
    return Finding("user", not root, text if root else "an ordinary one", needed=False)


def secret(root: Path) -> Finding:
    """Whether others can read from what hidden inputs are drawn."""
    try:
        mode = (root / SECRET).stat().st_mode
    except OSError:
        return Finding(SECRET, True, "none yet; it is made with the first marks")
    well = not mode & 0o077
    return Finding(SECRET, well, "readable by its owner only" if well else f"others can read it: chmod 600 {SECRET}")


def term(root: Path) -> Iterator[Finding]:
    """Whether a course folder's gradebook and exchange can be used."""
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import Exchange

    from grader.autograde import nbgrader_config

    config = nbgrader_config(root)
    address = CourseDirectory(config=config).db_url
    if not address.startswith("sqlite"):
        try:
            try_database(address)
            yield Finding("gradebook", True, "the database can be opened")
        except CourseError as error:
            yield Finding("gradebook", False, str(error))
    exchange = Path(Exchange(config=config).root)
    well = exchange.is_dir() and exchange.stat().st_mode & OPEN == OPEN
    state = (
        "all can write there"
        if well
        else "is no folder in which all can write; without one, leave release and collect out"
    )
    yield Finding("exchange", well, f"{exchange}: {state}", needed=False)


def examine(root: Path) -> list[Finding]:
    """Look at the interpreter, packages, each protection of the sandbox, the disk and, if it is one, the folder."""
    version = ".".join(map(str, sys.version_info[:3]))
    lacking = available()
    free = shutil.disk_usage(root if root.exists() else Path.cwd()).free / 2**30
    findings = [
        Finding("Python", sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)"),
        *(_package(name) for name in ("nbgrader", "numpy", "pandas", "jupyterlab")),
        Finding("sandbox", lacking is None, lacking or "bubblewrap and user namespaces work"),
        *(protections() if lacking is None else ()),
        _fair(),
        _user(),
        Finding("disk", free > 1, f"{free:.0f} GiB free"),
    ]
    config = root / "nbgrader_config.py"
    if config.exists():
        findings += [secret(root), *term(root)]
    findings.append(
        Finding(
            "course folder",
            config.exists(),
            f"{root}: "
            + ("has an nbgrader_config.py" if config.exists() else f"none; make one with 'grader init {root}'"),
            needed=False,
        )
    )
    return findings


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed: run 'make grade' or install the environment")
