"""Results are archives that grow when opened, and headers that promise an enormous array.

deserves: all=0
stock: no
"""

import io
import struct
import sys

import numpy as np

frames = sys.modules["inside.frames"]


def pack_array(array):
    pack_array.calls += 1
    if pack_array.calls % 3 == 0:
        file = io.BytesIO()
        np.savez_compressed(file, a=np.zeros(1 << 21))
        return file.getvalue()
    shape = "(1073741824, 1024)" if pack_array.calls % 3 == 1 else "(0, 9223372036854775807)"
    header = ("{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + "}").encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


pack_array.calls = 0
frames.pack_array = pack_array


def answer(*given):
    return 0.0
