"""What this machine has and lacks for marking."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import available


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``needed`` says whether marking stops without it."""

    what: str
    well: bool
    text: str
    needed: bool = True


def examine(root: Path) -> list[Finding]:
    """Look at the interpreter, the packages, the sandbox, the disk and, if it is one, the course folder."""
    version = ".".join(map(str, sys.version_info[:3]))
    lacking = available()
    free = shutil.disk_usage(root if root.exists() else Path.cwd()).free / 2**30
    findings = [
        Finding("Python", sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)"),
        *(_package(name) for name in ("nbgrader", "numpy", "pandas", "jupyterlab")),
        Finding("sandbox", lacking is None, lacking or "bubblewrap and user namespaces work"),
        Finding("disk", free > 1, f"{free:.0f} GiB free"),
    ]
    config = root / "nbgrader_config.py"
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
