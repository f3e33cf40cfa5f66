"""Small programs are started that do nothing but run, as many as there can be.

stock: no
"""

import subprocess
import time

for number in range(250):
    try:
        subprocess.Popen(["/bin/sh", "-c", "t=$(($(date +%s) + 20)); while test $(date +%s) -lt $t; do :; done"])
    except OSError:
        pass
time.sleep(20)


def answer(*given):
    return 0.0
