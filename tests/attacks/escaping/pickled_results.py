"""Results are objects, and their bytes a pickle that would call the listener.

deserves: all=0
stock: no
"""

import sys

import numpy as np

frames = sys.modules["inside.frames"]


class Caller:
    def __reduce__(self):
        return exec, ("import socket; socket.create_connection(('127.0.0.1', @PORT@), 1)",)


def pack_array(array):
    import io

    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([Caller()], dtype=object), allow_pickle=True)
    return file.getvalue()


frames.pack_array = pack_array


def answer(*given):
    return 0.0
