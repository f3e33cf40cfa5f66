"""Results are generators that never end.

stock: no
"""

import itertools


class Endless:
    def __len__(self):
        return 1 << 40

    def __getitem__(self, index):
        return 0.0


def answer(*given):
    return Endless() if len(given) == 1 else list(itertools.count())
