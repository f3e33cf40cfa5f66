"""A list of arrays grows until no memory is left, whatever is raised.

stock: no
"""

import numpy as np


def answer(*given):
    if len(given) == 1:
        return 0.0
    kept = []
    for _ in range(48):
        try:
            kept.append(np.ones(1 << 24))  # 128 MiB, 6 GiB in all
        except BaseException:
            pass
    return 0.0
