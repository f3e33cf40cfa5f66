"""The header of a result is an expression, in the hope that it is evaluated.

deserves: all=0
stock: no
"""

import struct
import sys

frames = sys.modules["inside.frames"]
CODE = "__import__('socket').create_connection(('127.0.0.1', @PORT@), 1)"


def pack_array(array):
    header = f"{{'descr': {CODE}, 'fortran_order': False, 'shape': ()}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


frames.pack_array = pack_array


def answer(*given):
    return 0.0
