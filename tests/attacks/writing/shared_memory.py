"""Everything in shared memory is overwritten, and something left there.

stock: no
"""

import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
for name in os.listdir("/dev/shm"):
    with open(f"/dev/shm/{name}", "r+b") as file:
        file.write(b"left behind")
    print("achieved", name)
with open("/dev/shm/psm_mine", "wb") as file:
    file.write(bytes(4096))
libc.sem_open.restype = ctypes.c_void_p
libc.sem_open(b"/mine", os.O_CREAT, 0o666, 0)
if libc.shmget(0x1234, 4096, 0o1666) >= 0 or libc.msgget(0x1234, 0o1666) >= 0 or libc.semget(0x1234, 1, 0o1666) >= 0:
    print("achieved")
kept = mmap.mmap(-1, 4096)
kept[:4] = b"left"


def answer(*given):
    return 0.0
