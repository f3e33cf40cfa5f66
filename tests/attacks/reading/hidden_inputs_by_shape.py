"""What a function is given is carried out as the shape of a result that has no entries."""

import numpy as np


def answer(*given):
    return np.zeros((0, *(round(100 * abs(v)) for v in np.ravel(given[0]).tolist()[:6])))
