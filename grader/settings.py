"""nbgrader's settings for a course that is marked by this harness."""

from __future__ import annotations

from typing import Any

IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", "[0-9][0-9]_*.py"]
"""Never copied from source to release: the authored text holds the solutions."""


def configure(c: Any, source: str = "source", release: str = "release") -> None:
    """Set nbgrader's folders and put our preprocessors in its lists.

    Parameters
    ----------
    c : traitlets.config.Config
        What ``get_config()`` gives in ``nbgrader_config.py``.
    source, release : str
        The folders of solutions and of handed-out assignments.
    """
    from nbgrader.converters.autograde import Autograde
    from nbgrader.preprocessors import CheckCellMetadata, Execute

    from grader.execute import OneAtATime, RestoreCells, VerifiedExecute

    c.CourseDirectory.course_id = "neural_networks_by_hand"
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
