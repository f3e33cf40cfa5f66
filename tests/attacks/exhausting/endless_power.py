"""A power is computed in C, where no signal is seen.

stock: no
"""


def answer(*given):
    return 9 ** (9**9) if len(given) > 1 else 0.0
