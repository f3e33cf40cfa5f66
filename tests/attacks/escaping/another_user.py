"""The process becomes another user, by itself and through programs that may.

stock: no
"""

import ctypes
import os
import subprocess

for call, given in ((os.setuid, (0,)), (os.setgid, (0,)), (os.setresuid, (0, 0, 0)), (os.setgroups, ([],))):
    try:
        call(*given)
        print("achieved", call.__name__)
    except OSError:
        pass
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 0, 0, 0, 0) == 0 or libc.prctl(8, 1, 0, 0, 0) == 0 or libc.prctl(47, 2, 21, 0, 0) == 0:
    print("achieved")
for program in (("su", "-c", "id"), ("sudo", "-n", "id"), ("pkexec", "id"), ("newuidmap", "1", "0", "0", "1")):
    try:
        done = subprocess.run(program, stdin=subprocess.DEVNULL, capture_output=True, timeout=1, check=False)
        if b"uid=0" in done.stdout:
            print("achieved", program[0])
    except (OSError, subprocess.TimeoutExpired):
        pass
if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()):
    print("achieved")


def answer(*given):
    return 0.0
