"""Sockets are made that are no part of a network namespace, or that need rights.

stock: no
"""

import socket

for family, kind, protocol in (
    (socket.AF_INET, socket.SOCK_RAW, 1),
    (socket.AF_PACKET, socket.SOCK_RAW, 0x300),
    (socket.AF_NETLINK, socket.SOCK_RAW, 0),
    (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
    (38, socket.SOCK_SEQPACKET, 0),  # AF_ALG
    (17, socket.SOCK_DGRAM, 0),
):
    for make in (socket.socket, socket.socketpair):
        try:
            make(family, kind, protocol)
            print("achieved", family)
        except OSError:
            pass


def answer(*given):
    return 0.0
