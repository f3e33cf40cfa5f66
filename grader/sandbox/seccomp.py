"""System calls that no course needs and a session does not get (seccomp).

Namespaces and limits are what a session rests on; this keeps it from the parts of the kernel
in which ways around them were found, and from memory that belongs to no process.
"""

from __future__ import annotations

import ctypes
import errno
import platform

from . import namespaces

REFUSED = {  # number on x86_64, on aarch64
    # other processes
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272)},
    **{"pidfd_getfd": (438, 438), "process_madvise": (440, 440), "perf_event_open": (298, 241)},
    # namespaces and mounts
    **{"setns": (308, 268), "unshare": (272, 97), "mount": (165, 40), "umount2": (166, 39), "chroot": (161, 51)},
    **{"pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430)},
    **{"fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442)},
    **{"open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264)},
    # the kernel itself
    **{"bpf": (321, 280), "userfaultfd": (323, 282), "personality": (135, 92), "syslog": (103, 116)},
    **{"io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427)},
    **{"keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "kexec_load": (246, 104)},
    **{"kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273)},
    **{"delete_module": (176, 106), "quotactl": (179, 60), "quotactl_fd": (443, 443)},
    # what stays when no process holds it, and what counts for the whole of a user
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186)},
    **{"semget": (64, 190), "mq_open": (240, 180), "inotify_init1": (294, 26), "fanotify_init": (300, 262)},
    # a second share of the processors (sched(7), autogroup)
    "setsid": (112, 157),
}
ONLY_X86 = {"inotify_init": 253, "modify_ldt": 154, "iopl": 172, "ioperm": 173, "uselib": 134}
CLONE3 = 435
NEWEST = 450
"""The highest number that was looked at; newer calls do not exist here, nor do those of the x32 ABI."""

CLONE, SOCKET, SOCKETPAIR, IOCTL, FCNTL = (56, 220), (41, 198), (53, 199), (16, 29), (72, 25)
TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
SETLEASE = 1024
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: these have namespaces, AF_VSOCK has none
SPACES = namespaces.EVERYTHING

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
LOAD, EQUAL, ABOVE, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE = 0, 4
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def _refuse(number: int = errno.EPERM) -> Instruction:
    return (RETURN, 0, 0, ERRNO | number)


def _argument(call: int, position: int, tests: list[Instruction]) -> list[Instruction]:
    """``tests`` on the lower half of an argument, all that the kernel reads of these; they end with a return."""
    return [(EQUAL, 0, len(tests) + 1, call), (LOAD, 0, 0, 16 + 8 * position), *tests]


def program(machine: str) -> list[Instruction]:
    """The filter for a machine, as (code, where to jump if so, where if not, value).

    Raises
    ------
    KeyError
        If the machine's numbers are not known here.
    """
    architecture, column = ARCHITECTURES[machine]
    numbers = [both[column] for both in REFUSED.values()]
    if machine == "x86_64":
        numbers += ONLY_X86.values()
    allow: Instruction = (RETURN, 0, 0, ALLOW)
    of_families = [(EQUAL, len(FAMILIES) - i, 0, family) for i, family in enumerate(FAMILIES)]
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        _refuse(),
        (LOAD, 0, 0, NUMBER),
        (ABOVE, 0, 1, NEWEST),
        _refuse(errno.ENOSYS),
        (EQUAL, 0, 1, CLONE3),  # its flags cannot be looked at; without it clone is used
        _refuse(errno.ENOSYS),
        *[step for number in numbers for step in ((EQUAL, 0, 1, number), _refuse())],
        *_argument(CLONE[column], 0, [(ANY_BIT, 0, 1, SPACES), _refuse(), allow]),
        *_argument(SOCKET[column], 0, [*of_families, _refuse(), allow]),
        *_argument(SOCKETPAIR[column], 0, [*of_families, _refuse(), allow]),
        *_argument(IOCTL[column], 1, [(EQUAL, 1, 0, TERMINAL[0]), (EQUAL, 0, 1, TERMINAL[1]), _refuse(), allow]),
        *_argument(FCNTL[column], 1, [(EQUAL, 0, 1, SETLEASE), _refuse(), allow]),
        allow,
    ]


def install() -> None:
    """Refuse these calls to this process and all that it starts, for good. Nothing on an unknown machine.

    Raises
    ------
    OSError
        If the kernel has no seccomp filters.
    """
    if platform.machine() not in ARCHITECTURES or ctypes.sizeof(ctypes.c_void_p) != 8:
        return
    steps = [_Instruction(*step) for step in program(platform.machine())]
    given = _Program(len(steps), (_Instruction * len(steps))(*steps))
    namespaces.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(given))
