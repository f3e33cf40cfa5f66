"""The process kills itself in the middle of a result.

stock: no
"""

import os
import signal


def answer(*given):
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    os.abort()
