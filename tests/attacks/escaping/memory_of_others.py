"""The memory of other processes is read and written, and their descriptors taken.

stock: no
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
there = ctypes.create_string_buffer(16)
piece = (ctypes.c_size_t * 2)(ctypes.addressof(there), 16)
for process in (1, 2, os.getppid(), int("@PID@")):
    if libc.process_vm_readv(process, piece, 1, piece, 1, 0) > 0:
        print("achieved", process)
    for name in ("mem", "environ", "maps", "fd/3", "root/etc/passwd", "cwd"):
        try:
            print("achieved", open(f"/proc/{process}/{name}", "rb").read(100))
        except OSError:
            pass
    try:
        opened = os.pidfd_open(process)
        if libc.syscall(ctypes.c_long(438), opened, 3, 0) >= 0:
            print("achieved", process)
    except OSError:
        pass


def answer(*given):
    return 0.0
