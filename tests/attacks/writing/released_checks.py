"""The released checks are rewritten: written to, moved away, deleted, linked, given other rights.

stock: no
"""

import os

folder = os.path.dirname(os.path.realpath("checks.json"))
whole = os.path.join(folder, "checks.json")
os.unlink("checks.json")
with open("checks.json", "w") as file:
    file.write("{}")
for step in (
    lambda: open(whole, "w").write("{}"),
    lambda: open(whole, "r+b").truncate(0),
    lambda: os.replace("checks.json", whole),
    lambda: os.rename(whole, whole + ".old"),
    lambda: os.unlink(whole),
    lambda: os.link(whole, whole + ".link"),
    lambda: os.symlink("/dev/null", whole + ".link"),
    lambda: os.chmod(whole, 0o777),
    lambda: os.chown(whole, 1, 1),
    lambda: os.utime(whole, (0, 0)),
    lambda: os.setxattr(whole, "user.mark", b"1"),
    lambda: os.truncate(whole, 0),
    lambda: os.mkdir(os.path.join(folder, "mine")),
):
    try:
        step()
        print("achieved", step.__code__.co_names)
    except OSError:
        pass


def answer(*given):
    return 0.0
