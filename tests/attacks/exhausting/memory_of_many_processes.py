"""Twenty processes hold 300 MiB each, less than one alone may have.

stock: no
"""

import os
import time

for _ in range(20):
    if os.fork() == 0:
        kept = b"1" * (300 << 20)
        time.sleep(30)
        os._exit(0)
time.sleep(30)


def answer(*given):
    return 0.0
