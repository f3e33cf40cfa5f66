"""An answer comes byte by byte, and is announced as far longer than it is.

stock: no
"""

import os
import time


def answer(*given):
    if len(given) == 1:
        return 0.0
    os.write(3, (60_000).to_bytes(4, "big"))
    for _ in range(600):
        os.write(3, b"[")
        time.sleep(0.05)
