"""Results are as large as they may be, and of shapes that fill memory when compared.

stock: no
"""

import numpy as np


def answer(*given):
    kind = len(given) + answer.calls % 4
    answer.calls += 1
    if kind == 1:
        return np.zeros((900_000, 1))
    if kind == 2:
        return np.zeros((1, 900_000))
    if kind == 3:
        return np.broadcast_to(0.0, (1 << 30,))
    return np.array("x" * 400_000)


answer.calls = 0
