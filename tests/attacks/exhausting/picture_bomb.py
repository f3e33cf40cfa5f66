"""A picture is small as a file and enormous when it is opened.

stock: no
"""

import struct
import zlib

from IPython.display import Image, display


def part(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


for side, row in ((60_000, 7500), (5000, 625)):
    size = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(row + 1) * 5000, 9)
    text = part(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50 << 20), 9))
    display(Image(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size) + text + part(b"IDAT", pixels) + part(b"IEND", b"")))


def answer(*given):
    return 0.0
