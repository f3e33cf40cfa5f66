"""A listener on an abstract socket of this machine is called.

stock: no
"""

import socket

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    for name in ("@ABSTRACT@", "/tmp/.X11-unix/X0"):
        with socket.socket(socket.AF_UNIX, kind) as caller:
            try:
                caller.connect("\0" + name)
                print("achieved", name)
            except OSError:
                pass


def answer(*given):
    return 0.0
