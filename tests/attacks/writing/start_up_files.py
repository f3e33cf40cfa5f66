"""Start-up files are left in the home folder and in the course, for whoever marks next.

stock: no
"""

import os

for folder in ("@HOME@", "@COURSE@", os.path.expanduser("~")):
    for name in (
        ".ipython/profile_default/startup/00.py",
        ".jupyter/jupyter_config.py",
        ".jupyter/nbgrader_config.py",
        ".config/matplotlib/matplotlibrc",
        ".local/lib/python3.11/site-packages/usercustomize.py",
        ".bashrc",
        "nbgrader_config.py",
        "sitecustomize.py",
    ):
        if not os.path.isdir(folder):
            break
        try:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "a") as file:
                file.write("# left behind\n")
            if not folder.startswith("/scratch"):
                print("achieved", folder, name)
        except OSError:
            pass


def answer(*given):
    return 0.0
