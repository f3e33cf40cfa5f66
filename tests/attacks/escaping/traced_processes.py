"""Other processes are traced, and one's own child.

stock: no
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
ATTACH, SEIZE, TRACE_ME = 16, 0x4206, 0
for process in (2, 3, os.getppid(), int("@PID@")):
    for request in (ATTACH, SEIZE):
        if process and libc.ptrace(request, process, None, None) == 0:
            print("achieved", process)
            libc.ptrace(17, process, None, None)
child = os.fork()
if child == 0:
    os._exit(libc.ptrace(TRACE_ME, 0, None, None) == 0)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
    print("achieved")


def answer(*given):
    return 0.0
