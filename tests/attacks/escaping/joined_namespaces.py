"""The namespaces of other processes are entered, and the network called from there.

stock: no
"""

import ctypes
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
for process in ("1", "self", "@PID@"):
    for name in ("user", "mnt", "net", "pid"):
        try:
            opened = os.open(f"/proc/{process}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        if libc.setns(opened, 0) == 0:
            print("achieved", name)
for process in (2, int("@PID@")):
    try:
        if libc.setns(os.pidfd_open(process), 0x40000000 | 0x20000) == 0:
            print("achieved", process)
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", int("@PORT@")), 1)
except OSError:
    pass


def answer(*given):
    return 0.0
