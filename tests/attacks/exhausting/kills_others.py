"""Signals go to parents, groups, everybody, and to the process that marks.

stock: no
"""

import os
import signal

ALONE = os.getpid() == 1  # else there are others whom this could harm
for number in (0, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    for target in (2, 3, os.getppid(), int("@PID@")):
        try:
            os.kill(target, number if ALONE else 0)
            if target:
                print("achieved", target)
        except OSError:
            pass
if ALONE:
    if os.fork() == 0:
        os.kill(-1, signal.SIGKILL)
    try:
        os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
    except OSError:
        pass
    os.kill(1, signal.SIGTERM)
    os.killpg(0, signal.SIGKILL)


def answer(*given):
    return 0.0
