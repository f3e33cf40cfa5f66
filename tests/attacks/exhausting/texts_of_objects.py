"""What a cell shows says forever what it is.

stock: no
"""


class Endless:
    def __repr__(self):
        while True:
            pass


def answer(*given):
    return 0.0


Endless()
