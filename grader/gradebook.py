"""The gradebook as a tidy table."""

from __future__ import annotations

import pandas as pd
from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy import func, select

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


def grades(gradebook: Gradebook) -> pd.DataFrame:
    """One row for each graded cell of each submission, questions marked by hand included, in one query.

    Returns
    -------
    DataFrame
        Columns assignment, student, timestamp (UTC, or None), penalty (points, of the notebook that the cell
        stands in), notebook, cell, score, by_hand (whether a person still has to mark it). Of a submission
        without grades there is one row, whose cell is None and whose score is 0.
    """
    found = gradebook.db.execute(
        select(
            Assignment.name.label("assignment"),
            SubmittedAssignment.student_id.label("student"),
            SubmittedAssignment.timestamp,
            SubmittedNotebook.id.label("notebook"),
            func.coalesce(SubmittedNotebook.late_submission_penalty, 0.0).label("penalty"),
            BaseCell.name.label("cell"),
            func.coalesce(Grade.score, 0.0).label("score"),
            func.coalesce(Grade.needs_manual_grade, False).label("by_hand"),
        )
        .select_from(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .outerjoin(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.course_id == gradebook.course_id)
        .order_by(Assignment.name, SubmittedAssignment.student_id)
    ).all()
    names = ["assignment", "student", "timestamp", "notebook", "penalty", "cell", "score", "by_hand"]
    return pd.DataFrame(found, columns=names)
