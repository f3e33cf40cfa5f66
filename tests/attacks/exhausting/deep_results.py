"""Results are lists within lists, and lists that contain themselves.

stock: no
"""

import sys

sys.setrecursionlimit(100_000)


def answer(*given):
    deep = []
    for _ in range(20_000):
        deep = [deep]
    if len(given) > 1:
        deep.append(deep)
    return deep
