"""Processes that fork, and fork again, each in a group of its own.

stock: no
"""

import os
import time

for _ in range(8):
    try:
        os.fork()
        os.setpgid(0, 0)
    except OSError:
        pass
time.sleep(30)


def answer(*given):
    return 0.0
