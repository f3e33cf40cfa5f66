"""A loop catches whatever is raised, and every signal is ignored.

stock: no
"""

import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def answer(*given):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
