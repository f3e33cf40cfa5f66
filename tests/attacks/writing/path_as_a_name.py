"""What is given back has names that are paths into the course.

deserves: all=0
stock: no
"""

import json

dumps = json.dumps
NAMES = ["../../gradebook.db", "/tmp/mine", "@COURSE@/.verdicts/x", "..", "a/b", "a\x00b", "CON", "~"]


def other_names(value, *given, **other):
    if isinstance(value, dict) and "modified" in value:
        value = {**value, "outputs": (NAMES * 8)[: len(value["outputs"])], "modified": NAMES}
    return dumps(value, *given, **other)


json.dumps = other_names


def answer(*given):
    return 0.0
