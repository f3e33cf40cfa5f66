"""Files, pipes and sockets are opened and never closed.

stock: no
"""

import os
import resource
import socket

try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
except (OSError, ValueError):
    pass
kept = []
for _ in range(100_000):
    try:
        kept += [os.open("/dev/null", os.O_RDONLY), os.pipe(), socket.socketpair(), os.eventfd(0)]
    except OSError:
        break


def answer(*given):
    return 0.0
