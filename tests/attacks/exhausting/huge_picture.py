"""A figure of 60000 times 60000 points is drawn, and one of the most that may be.

stock: no
"""

import matplotlib.pyplot as plt

for inches in (600, 49.9):
    figure = plt.figure(figsize=(inches, inches), dpi=100)
    figure.text(0, 0, "x")
    try:
        plt.show()
    except MemoryError:
        pass
    plt.close("all")


def answer(*given):
    return 0.0
