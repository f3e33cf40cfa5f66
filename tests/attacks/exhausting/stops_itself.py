"""The process stops itself, and its children stop it.

stock: no
"""

import os
import signal
import threading

if os.fork() == 0:
    for _ in range(100):
        os.kill(os.getppid(), signal.SIGSTOP)
    os._exit(0)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def answer(*given):
    if len(given) == 1:
        return 0.0
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(0, signal.SIGTSTP)
    signal.pause()
