"""What runs when the process ends never ends: handlers, destructors, children.

stock: no
"""

import atexit
import os
import signal
import sys
import threading


def forever(*given):
    while True:
        pass


atexit.register(forever)
threading.Thread(target=forever).start()
os.register_at_fork(after_in_child=forever)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, forever)


class Kept:
    __del__ = forever


sys.modules["kept"] = Kept()
os._exit = forever


def answer(*given):
    return 0.0
