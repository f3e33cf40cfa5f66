"""Settings of the process are left behind: umask, folder, signals, timers, limits and priority.

stock: no
"""

import os
import resource
import signal

os.umask(0o777)
for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_NPROC"):
    try:
        kind = getattr(resource, name)
        resource.setrlimit(kind, (64 << 20 if name == "RLIMIT_DATA" else 64,) * 2)
    except (OSError, ValueError):
        pass
os.nice(19)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def answer(*given):
    return 0.0
