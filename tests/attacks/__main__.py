"""``python -m tests.attacks [FAMILY…|NAME…]`` tries attacks, all of them by default, and prints a table."""

import sys

from tests.attacks.runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
