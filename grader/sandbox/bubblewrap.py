"""The command that starts the template, and whether it can be used here."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from grader.sandbox import namespaces
from grader.sandbox.limits import SandboxUnavailable

HERE = Path(__file__).resolve().parent
INSIDE = ("frames.py", "namespaces.py", "seccomp.py", "shell.py", "template.py", "watch.py")
LIBRARY = "/lib-byhand"
ENVIRONMENT = {
    "HOME": namespaces.SCRATCH,
    "IPYTHONDIR": f"{namespaces.SCRATCH}/ipython",
    "LANG": "C.UTF-8",
    "LOGNAME": "learner",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": f"{namespaces.SCRATCH}/matplotlib",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TMPDIR": f"{namespaces.SCRATCH}/tmp",
    "TZ": "UTC",
}
TRIAL = """
import sys
sys.path.insert(0, sys.argv[1])
import namespaces, os
namespaces.unshare()
if os.fork() == 0:
    namespaces._mount("tmpfs", "/proc", "tmpfs", 0)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def library() -> Path:
    """The folder that holds ``byhand``, and ``data`` beside it.

    Raises
    ------
    SandboxUnavailable
        If ``byhand`` cannot be imported.
    """
    found = importlib.util.find_spec("byhand")
    if found is None or not found.submodule_search_locations:
        raise SandboxUnavailable("The package byhand is not installed here.")
    return Path(next(iter(found.submodule_search_locations))).resolve().parent


def _prefixes() -> list[Path]:
    """What Python consists of. Never a whole prefix: it may be the repository or hold it."""
    prefixes = {Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable).resolve().parents[1]}
    prefixes |= {p.resolve() for p in prefixes}
    paths = {p / name for p in prefixes for name in ("bin", "lib", "lib64", "pyvenv.cfg", "share")}
    paths.add(Path(sysconfig.get_path("stdlib")))
    return sorted(p for p in paths if os.path.exists(p) and not p.is_relative_to("/usr") and p.parent != Path("/"))


def _system() -> list[str]:
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in ("/etc/ld.so.cache", "/etc/alternatives"):  # where libraries are; nothing about users
        arguments += ["--ro-bind-try", name, name]
    for path in _prefixes():
        arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def _masks(hidden: Iterable[Path]) -> list[str]:
    """Cover each of ``hidden`` that lies inside something bound, then bind again what it covers."""
    bound = [Path("/usr"), *_prefixes()]
    arguments = []
    for folder in sorted({h.resolve() for h in hidden}):
        if folder.is_dir() and any(folder != b and folder.is_relative_to(b) for b in bound):
            arguments += ["--tmpfs", str(folder)]
            again = [p for p in _prefixes() if p != folder and p.is_relative_to(folder)]
            for path in again:
                arguments += ["--ro-bind", str(path), str(path)]
            arguments += ["--remount-ro", str(folder)]
    return arguments


def _base(program: str) -> list[str]:
    return [
        program,
        *("--unshare-all", "--clearenv", "--die-with-parent", "--new-session"),
        *("--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox"),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
        *_system(),  # after /tmp, in which it may lie
    ]


def keeps_tmp() -> bool:
    """Whether Python itself lies under /tmp, so that a session must go on seeing it."""
    return any(p.is_relative_to("/tmp") for p in _prefixes())


def _blanked(packages: Path, names: Iterable[str]) -> list[str]:
    """Nothing instead of files of ``data``, and of scikit-learn's copies of them."""
    arguments = []
    sklearn = importlib.util.find_spec("sklearn")
    copies = [Path(p) / "datasets" / "data" for p in (sklearn.submodule_search_locations or ())] if sklearn else []
    for name in names:
        if (packages / "data" / name).is_file():
            arguments += ["--ro-bind", os.devnull, f"{LIBRARY}/data/{name}"]
        for folder in copies:
            if (folder / name).is_file():
                arguments += ["--ro-bind", os.devnull, str(folder / name)]
    return arguments


def command(release: Path, packages: Path, descriptor: int, hidden_data: Iterable[str] = ()) -> list[str]:
    """Bubblewrap with the template in it.

    Parameters
    ----------
    release : Path
        The released assignment.
    packages : Path
        The folder that holds ``byhand`` and ``data``.
    descriptor : int
        The control channel, which the command inherits.
    hidden_data : iterable of str
        Files of ``data`` that are empty inside.
    """
    inside = f"/course/{release.name}"
    arguments = [*_base(shutil.which("bwrap") or "bwrap"), "--dir", namespaces.SCRATCH]
    hidden = [HERE.parent, release.resolve().parents[1]]
    if (HERE.parents[1] / "pyproject.toml").exists():
        hidden.append(HERE.parents[1])
    arguments += _masks(hidden)
    arguments += ["--ro-bind", str(packages / "byhand"), f"{LIBRARY}/byhand"]
    if (packages / "data").is_dir():
        arguments += ["--ro-bind", str(packages / "data"), f"{LIBRARY}/data"]
    arguments += _blanked(packages, hidden_data)
    for name in INSIDE:
        arguments += ["--ro-bind", str(HERE / name), f"{LIBRARY}/inside/{name}"]
    arguments += ["--ro-bind", str(release.resolve()), inside]
    for name, value in (ENVIRONMENT | {"PYTHONPATH": LIBRARY}).items():
        arguments += ["--setenv", name, value]
    mode = "isolated-keep-tmp" if keeps_tmp() else "isolated"
    return [
        *arguments,
        *("--tmpfs", namespaces.SCRATCH, "--chdir", namespaces.SCRATCH),
        *("--remount-ro", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/"),
        *(sys.executable, "-s", "-P", "-m", "inside.template"),
        *(str(descriptor), inside, release.name, mode),
    ]


def available() -> str | None:
    """None if learners' code can be isolated on this machine, else one sentence saying what to do."""
    if sys.platform != "linux":
        return "Isolation needs Linux with bubblewrap: grade on a Linux machine or in a Linux container."
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed: install it (Debian and Ubuntu: apt install bubblewrap)."
    return _try(program)


@functools.cache
def _try(program: str) -> str | None:
    inside = f"{LIBRARY}/inside"
    arguments = [*_base(program), "--ro-bind", str(HERE / "namespaces.py"), f"{inside}/namespaces.py"]
    run = [*arguments, sys.executable, "-I", "-S", "-c", TRIAL, inside]
    try:
        done = subprocess.run(run, capture_output=True, text=True, timeout=30, env={}, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here ({error})."
    if done.returncode == 0:
        return None
    if _sysctl("kernel/unprivileged_userns_clone") == "0":
        return "User namespaces are disabled: set the sysctl kernel.unprivileged_userns_clone to 1."
    if _sysctl("user/max_user_namespaces") == "0":
        return "User namespaces are disabled: set the sysctl user.max_user_namespaces to 10000."
    if _sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
        name = "kernel.apparmor_restrict_unprivileged_userns"
        return f"User namespaces are restricted: set the sysctl {name} to 0."
    reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return (
        f"bubblewrap cannot make namespaces here ({reason}): "
        "in a container, allow user namespaces and an unmasked /proc."
    )


def _sysctl(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
