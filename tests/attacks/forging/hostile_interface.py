"""The result hands out memory that is not its own: by array interface, by buffer and by array struct."""

import ctypes

import numpy as np

KEPT = (ctypes.c_double * 64)()


class Interface:
    def __init__(self, given):
        near = given[0].__array_interface__["data"][0] if given and isinstance(given[0], np.ndarray) else 0
        self.__array_interface__ = {
            "version": 3,
            "typestr": "<f8",
            "shape": (4, 3),
            "data": (near or ctypes.addressof(KEPT), False),
        }

    def __buffer__(self, flags):
        return memoryview(KEPT)

    @property
    def __array_struct__(self):
        raise AttributeError


def answer(*given):
    return Interface(given)
