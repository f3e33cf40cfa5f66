"""The wrong function shows a result of its own, which stands in the outputs before the error does."""

from IPython.display import display


def answer(*given):
    shell = get_ipython()
    shell.displayhook(2)
    display(2)
    print(2)
    return 0.0
