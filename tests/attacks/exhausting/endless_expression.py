"""A regular expression is tried in all ways there are.

stock: no
"""

import re

re.match("(a|aa|a?a)+$" * 3, "a" * 60 + "b")


def answer(*given):
    return 0.0
