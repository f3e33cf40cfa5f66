"""Exceptions have enormous texts, texts that never end, and causes without end.

stock: no
"""


class Endless(Exception):
    def __str__(self):
        return "x" * (1 << 28)

    __repr__ = __str__


error = Endless()
for _ in range(100_000):
    later = Endless()
    later.__cause__ = error
    error = later


def answer(*given):
    if len(given) > 1:
        raise ExceptionGroup("x" * (1 << 24), [ValueError("y" * (1 << 20))] * 100)
    raise Endless("x" * (1 << 28))


raise error
