"""A gigabyte is printed, half of it as an error.

stock: no
"""

import sys

TEXT = "x" * (1 << 20)
for _ in range(512):
    print(TEXT)
    print(TEXT, file=sys.stderr)


def answer(*given):
    return 0.0
