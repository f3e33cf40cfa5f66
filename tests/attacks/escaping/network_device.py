"""The network of the session is switched on, and a device made in it.

stock: no
"""

import fcntl
import socket
import struct

with socket.socket() as control:
    request = struct.pack("16sh22x", b"lo", 0x41)  # IFF_UP | IFF_RUNNING
    try:
        fcntl.ioctl(control, 0x8914, request)
        print("achieved")
        socket.create_connection(("127.0.0.1", int("@PORT@")), 1)
    except OSError:
        pass
try:
    open("/dev/net/tun", "r+b").close()
    print("achieved")
except OSError:
    pass


def answer(*given):
    return 0.0
