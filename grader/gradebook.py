"""The gradebook as a tidy table."""

from __future__ import annotations

import pandas as pd
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI

COLUMNS = ["student", "assignment", "exercise", "mark", "max"]


def read(api: NbGraderAPI) -> pd.DataFrame:
    """One row for each student, assignment and exercise. Questions marked by hand are left out."""
    rows = []
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                for notebook in submission.notebooks:
                    rows += [
                        (
                            submission.student.id,
                            assignment.name,
                            grade.name.removesuffix("-check"),
                            grade.score,
                            grade.max_score,
                        )
                        for grade in notebook.grades
                        if grade.name.endswith("-check")
                    ]
    return tidy(pd.DataFrame(rows, columns=COLUMNS))


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Sorted by student, assignment and exercise, with marks as floats."""
    table = table.astype({"mark": float, "max": float})
    return table.sort_values(COLUMNS[:3], ignore_index=True)
