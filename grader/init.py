"""Making a course folder for a term."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from grader.course import SECRET, VERDICTS, CourseError
from grader.settings import IGNORED

CONFIG = '''"""nbgrader's settings for this course: marks are computed where learners' code is not."""

from grader.settings import configure

configure(get_config())
'''
GITIGNORE = f"{SECRET}\n{VERDICTS}/\ngradebook.db\nsubmitted/\nautograded/\nfeedback/\n"


def init(root: Path, solutions: Path, names: Sequence[str]) -> None:
    """Make a course folder with settings and the solutions as nbgrader's source.

    Raises
    ------
    CourseError
        If the folder holds a course already; nothing is changed then.
    """
    if (root / "nbgrader_config.py").exists():
        raise CourseError(f"{root} is a course folder already; choose another, or delete it yourself.")
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copytree(solutions / name, root / "source" / name, ignore=shutil.ignore_patterns(*IGNORED))
    (root / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
