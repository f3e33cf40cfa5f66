"""A hundred thousand things are displayed, one by one.

stock: no
"""

from IPython.display import display

for number in range(100_000):
    display(number)
    print(number, end="")


def answer(*given):
    return 0.0
