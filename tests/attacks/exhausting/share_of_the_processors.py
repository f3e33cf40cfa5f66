"""Thirty processes compute for all they can, each the leader of a session of its own.

stock: no
"""

import os
import subprocess
import time

for number in range(30):
    for other in (True, False):
        try:
            subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"], start_new_session=other)
            break
        except OSError:
            pass
time.sleep(20)


def answer(*given):
    return 0.0
