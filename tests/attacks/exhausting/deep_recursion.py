"""A function calls itself, without Python's bound on how deep.

stock: no
"""

import sys

sys.setrecursionlimit(1 << 30)


def answer(*given):
    return answer(*given)
