"""From a fork of the template to a process that can reach nothing.

Runs inside bubblewrap, before any code of a learner does. Every step that a protection
rests on raises when it fails; the caller then ends the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import re
import resource
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

SCRATCH = "/scratch"  # the one writable place of a session

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
EVERYTHING = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
LOCKED_NOROOT = 0b00101111  # NOROOT, NO_SETUID_FIXUP and KEEP_CAPS off for good (capabilities(7))
CAPABILITY_VERSION_3 = 0x20080522
KEYCTL = {"x86_64": 250, "aarch64": 219}
RESERVED_PIDS = 300

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def prctl(option: int, value: int, second: int = 0) -> None:
    """``prctl(option, value, second, 0, 0)``.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    _call("prctl", option, *(ctypes.c_ulong(v) for v in (value, second, 0, 0)))


def guard_template() -> None:
    """Make this process unreadable for its forks, and the one that inherits their orphans."""
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have this process killed when the one that forked it ends."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, 9)


def unshare() -> None:
    """Enter new namespaces. The next fork is process 1 of the new pid namespace.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", EVERYTHING)
    prctl(PR_SET_DUMPABLE, 1)  # else the maps belong to root and cannot be written
    with contextlib.suppress(OSError):  # already denied in bubblewrap's namespace
        _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
    _write("/proc/self/oom_score_adj", "1000")  # where the machine has no memory left, a session goes first
    prctl(PR_SET_DUMPABLE, 0)


def confine(channel: int, release: str, limits: Mapping[str, float], *, own_tmp: bool) -> socket.socket:
    """Close everything behind this process, which is 1 of its pid namespace.

    Parameters
    ----------
    channel : int
        The one descriptor that stays, as number 3.
    release : str
        The released assignment, linked into the working directory.
    limits : mapping
        The fields of ``Limits``.
    own_tmp : bool
        Whether /tmp becomes a part of the scratch place as well.

    Raises
    ------
    OSError
        If a protection cannot be set up.
    """
    if own_pid_max():
        with contextlib.suppress(OSError):
            _write("/proc/sys/kernel/pid_max", str(RESERVED_PIDS + int(limits["processes"])))
    with contextlib.suppress(OSError):  # no namespaces within this one
        _write("/proc/sys/user/max_user_namespaces", "0")
    _mount_private(limits, own_tmp=own_tmp)
    os.chdir(work_directory(SCRATCH, release))
    opened = only_descriptor(channel)
    os.setsid()
    set_limits(limits, shared_user=False)
    _leave_keyring()
    _drop_privileges()
    prctl(PR_SET_DUMPABLE, 0)
    return opened


def own_pid_max() -> bool:
    """Whether a pid namespace has its own bound on processes and threads (Linux 6.14).

    On an older kernel the same file is the bound of the whole machine, which root could set.
    """
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return version is not None and (int(version[1]), int(version[2])) >= (6, 14)


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _call(
        "mount",
        source.encode(),
        target.encode(),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode() or None,
    )


def _mount_private(limits: Mapping[str, float], *, own_tmp: bool) -> None:
    plain = MS_NOSUID | MS_NODEV | MS_NOEXEC
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    size = f"size={int(limits['file_mib'])}m,nr_inodes=4096,mode=0700"
    _mount("tmpfs", SCRATCH, "tmpfs", plain, size)
    os.mkdir(f"{SCRATCH}/tmp")
    os.mkdir(f"{SCRATCH}/shm")
    _mount(f"{SCRATCH}/shm", "/dev/shm", "", MS_BIND)
    if own_tmp:
        _mount(f"{SCRATCH}/tmp", "/tmp", "", MS_BIND)
    _mount("tmpfs", "/dev/pts", "tmpfs", plain | MS_RDONLY, "size=4k,mode=0555")
    # a proc of the new pid namespace may not be mounted inside bubblewrap's: cover the old one
    _mount("tmpfs", "/proc", "tmpfs", plain | MS_RDONLY, "size=4k,mode=0555")


def work_directory(parent: str, release: str) -> str:
    """A new writable folder in which the released files stand as links."""
    folder = os.path.join(parent, "work")
    os.mkdir(folder)
    for entry in os.scandir(release):
        os.symlink(entry.path, os.path.join(folder, entry.name))
    return folder


def only_descriptor(channel: int) -> socket.socket:
    """Leave open nothing but 0, 1 and 2, all /dev/null, and ``channel`` as 3."""
    null = os.open(os.devnull, os.O_RDWR)
    kept = os.dup(channel) if channel < 3 else channel
    for standard in range(3):
        os.dup2(null, standard)
    os.dup2(kept, 3, inheritable=False)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    return socket.socket(fileno=3)


def set_limits(limits: Mapping[str, float], *, shared_user: bool) -> None:
    """Set the resource limits of this process and its children, for good.

    ``shared_user`` leaves the number of processes alone, which would count all of the user's.
    """
    mib = 1024 * 1024
    cpu = int(limits["cpu_seconds"])
    values = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu, cpu),
        resource.RLIMIT_FSIZE: (int(limits["file_mib"]) * mib,) * 2,
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_AS: (int(limits["memory_mib"]) * mib,) * 2,
    }
    if sys.platform == "linux":
        values[resource.RLIMIT_MSGQUEUE] = (0, 0)
        values[resource.RLIMIT_MEMLOCK] = (64 * 1024,) * 2
        if not shared_user:
            values[resource.RLIMIT_NPROC] = (int(limits["processes"]),) * 2
    for name, (soft, hard) in values.items():
        allowed = resource.getrlimit(name)[1]
        if allowed != resource.RLIM_INFINITY:
            soft, hard = min(soft, allowed), min(hard, allowed)
        resource.setrlimit(name, (soft, hard))


def _leave_keyring() -> None:
    number = KEYCTL.get(platform.machine())
    if number is not None:
        with contextlib.suppress(OSError):  # a kernel without keyrings has none to leave
            _libc.syscall.restype = ctypes.c_long
            _libc.syscall(ctypes.c_long(number), ctypes.c_long(1), None)  # KEYCTL_JOIN_SESSION_KEYRING


def _drop_privileges() -> None:
    prctl(PR_SET_SECUREBITS, LOCKED_NOROOT)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            if capability == 0:
                raise
            break  # past the kernel's last one
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def threads_of_this_process() -> int:
    """How many threads there are; the kernel gives a user namespace only to a single one."""
    return len(list(Path("/proc/self/task").iterdir())) if sys.platform == "linux" else 1
