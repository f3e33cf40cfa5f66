"""Empty files and folders are made, a million of them.

stock: no
"""

import os
import time

end = time.monotonic() + 10
for number in range(1_000_000):
    try:
        os.close(os.open(f"file{number}", os.O_CREAT))
        os.mkdir(f"folder{number}")
    except OSError:
        break


def answer(*given):
    return 0.0
