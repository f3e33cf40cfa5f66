"""Datagrams are sent to this machine.

stock: no
"""

import socket

for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"left", (host, int("@PORT@")))
            print("achieved", host)
    except OSError:
        pass


def answer(*given):
    return 0.0
