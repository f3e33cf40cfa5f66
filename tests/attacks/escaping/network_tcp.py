"""A listener on this machine is called over TCP, over IPv4 and IPv6, by its address and by names.

stock: no
"""

import socket
import urllib.request

for host in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "localhost", socket.gethostname()):
    try:
        socket.create_connection((host, int("@PORT@")), 1).close()
        print("achieved", host)
    except OSError:
        pass
try:
    print("achieved", urllib.request.urlopen("http://127.0.0.1:@PORT@/", timeout=1).status)
except OSError:
    pass


def answer(*given):
    return 0.0
