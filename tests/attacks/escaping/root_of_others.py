"""Files are reached through the root folders, working folders and descriptors of processes.

stock: no
"""

import glob

for process in ("1", "2", "self", "thread-self", "@PID@"):
    for way in ("root", "cwd", "cwd/../../../../../../..", "fd/3", "map_files", "task/1/root"):
        for name in ("@COURSE@/.course_secret", "@COURSE@/gradebook.db", "@HOME@/notes.txt", "/etc/passwd"):
            try:
                print("achieved", open(f"/proc/{process}/{way}{name}", "rb").read())
            except OSError:
                pass
print(*glob.glob("/proc/*"), *glob.glob("/dev/fd/*/../.."))


def answer(*given):
    return 0.0
