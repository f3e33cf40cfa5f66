"""What is printed consists of the beginnings of escape sequences and of marks of writing direction.

stock: no
"""

import sys

for piece in ("\x1b[" + "0" * 50, "\x1b]8;;", "\x9b0;", "\u202e", "\x1b" * 9, "\x1b[0 /" * 9):
    print(piece * 20_000)
    sys.stderr.write(piece * 20_000)


def answer(*given):
    return 0.0
