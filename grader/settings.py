"""nbgrader's settings for a course that is marked by this harness."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

COURSE = "neural_networks_by_hand"
IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "[0-9][0-9]_*.py"]
"""Never copied from source to release: the authored text holds the solutions."""


def configure(c: Any, source: str = "source", release: str = "release") -> None:
    """Set nbgrader's folders and put our preprocessors in its lists.

    nbgrader starts ``alembic`` by name when it makes a gradebook, so our environment comes first in the path.
    What it says to SQLAlchemy 2.1 gives warnings that concern nobody here. Of a date such as
    ``2026-11-20 12:00 +0100`` it takes the offset for 100 seconds: here it is one hour.

    Parameters
    ----------
    c : traitlets.config.Config
        What ``get_config()`` gives in ``nbgrader_config.py``.
    source, release : str
        The folders of solutions and of handed-out assignments.
    """
    from nbgrader import coursedir, utils
    from nbgrader.apps import api
    from nbgrader.converters.autograde import Autograde
    from nbgrader.preprocessors import CheckCellMetadata, Execute
    from sqlalchemy.exc import SAWarning

    from grader.execute import OneAtATime, RestoreCells, VerifiedExecute

    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    here = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if here not in paths:
        os.environ["PATH"] = os.pathsep.join([here, *paths])
    if not hasattr(utils.parse_utc, "__wrapped__"):
        coursedir.parse_utc = api.parse_utc = utils.parse_utc = _with_offsets(utils.parse_utc)
    c.CourseDirectory.course_id = COURSE
    c.CourseDirectory.source_directory = source
    c.CourseDirectory.release_directory = release
    c.CourseDirectory.ignore = IGNORED
    lists = Autograde.class_traits()
    # RestoreCells writes all metadata anew, so checking it is a quarter of the recording for nothing
    sanitize, grade = (
        [p for p in lists[name].default() if p is not CheckCellMetadata]
        for name in ("sanitize_preprocessors", "autograde_preprocessors")
    )
    c.Autograde.exporter_class = OneAtATime
    c.Autograde.sanitize_preprocessors = [RestoreCells, *sanitize]
    c.Autograde.autograde_preprocessors = [VerifiedExecute if p is Execute else p for p in grade]


def _with_offsets(parse_utc: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """nbgrader's reader of dates, which reads an offset rightly where no blank is before it."""

    @wraps(parse_utc)
    def parse(date: Any) -> Any:
        return parse_utc(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", date) if isinstance(date, str) else date)

    return parse
