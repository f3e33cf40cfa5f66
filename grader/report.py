"""The class at a glance: one page that needs nothing besides itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from byhand import plots
from grader import gradebook
from grader.autograde import Problem, api_for, course_of, submission
from grader.course import Course, CourseError
from grader.judge import Verdict
from grader.plan import canonical


def verdicts_of(course: Course, marks: pd.DataFrame) -> list[Verdict]:
    """The stored verdicts behind marks; of what was changed since, there is none."""
    found = []
    for student, name in dict.fromkeys(zip(marks["student"], marks["assignment"], strict=True)):
        assignment = course.assignment(name)
        try:
            notebook = canonical(submission(course, name, student), assignment)
        except CourseError:
            continue
        verdict = course.read_verdict(name, course.digest(notebook, student, assignment))
        found += [verdict] if verdict else []
    return found


def leaderboard_of(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Who wants to be listed, by alias, with what the contract measured; the best first.

    Returns
    -------
    DataFrame
        Columns assignment, exercise, place, alias, measured. Equals share a place.
    """
    rows = [(v.assignment, e, v.alias, m) for v in verdicts if v.alias for e, m in v.measures.items()]
    table = pd.DataFrame(rows, columns=["assignment", "exercise", "alias", "measured"])
    places = table.groupby(["assignment", "exercise"])["measured"].rank(method="min", ascending=False)
    table.insert(2, "place", places.astype(int))
    return table.sort_values(["assignment", "exercise", "place", "alias"], ignore_index=True)


def misconceptions_of(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """How many learners hold each recognised misconception, the most frequent first.

    Returns
    -------
    DataFrame
        Columns assignment, exercise, misconception, learners.
    """
    rows = []
    for verdict in verdicts:
        for exercise, mark in verdict.marks.items():
            found = {f.misconception for f in mark.findings if f.misconception}
            rows += [(verdict.assignment, exercise, m, verdict.student) for m in sorted(found)]
    table = pd.DataFrame(rows, columns=["assignment", "exercise", "misconception", "student"])
    counts = table.groupby(["assignment", "exercise", "misconception"])["student"].nunique()
    return (
        counts.rename("learners")
        .reset_index()
        .sort_values(["learners", "assignment", "exercise"], ascending=[False, True, True], ignore_index=True)
    )


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def _histogram(name: str, marks: pd.DataFrame) -> dict[str, str]:
    totals = marks.groupby("student")["mark"].sum()
    top = marks.groupby("exercise")["max"].first().sum()
    figure, ax = plt.subplots(figsize=(7, 2.6))
    ax.hist(totals, bins=np.linspace(0, top, 13).tolist(), color=plots.COLORS[0], edgecolor="white")
    ax.axvline(totals.median(), color=plots.COLORS[1], linestyle="--", label=f"median {totals.median():.1f}")
    ax.set(xlabel=f"points of {top:g}", ylabel="learners", title=name, xlim=(0, top))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left")
    alt = f"{name}: points of {len(totals)} learners, median {totals.median():.1f} of {top:g}."
    return {"png": _png(figure), "alt": alt}


def _success(marks: pd.DataFrame) -> dict[str, str]:
    shares = (marks["mark"] / marks["max"]).groupby([marks["assignment"], marks["exercise"]], sort=False).mean()
    figure, ax = plt.subplots(figsize=(7, 0.6 + 0.28 * len(shares)))
    labels = [f"{a[:2]} {e}" for a, e in shares.index]
    ax.barh(labels, 100 * shares.to_numpy(), color=plots.COLORS[0])
    ax.invert_yaxis()
    ax.set(xlabel="mean share of the points (%)", xlim=(0, 100))
    hardest = labels[int(np.argmin(shares.to_numpy()))]
    return {"png": _png(figure), "alt": f"Mean share of the points by exercise; the lowest is {hardest}."}


def _tables(marks: pd.DataFrame) -> list[dict[str, Any]]:
    tables = []
    for name, part in marks.groupby("assignment"):
        wide = part.pivot(index="student", columns="exercise", values="mark")
        wide = wide[list(dict.fromkeys(part["exercise"]))]
        rows = [
            {"student": student, "marks": [f"{round(m, 2):g}" for m in row], "total": f"{round(row.sum(), 2):g}"}
            for student, row in wide.iterrows()
        ]
        top = part.groupby("exercise")["max"].first().sum()
        tables.append({"name": name, "exercises": list(wide.columns), "rows": rows, "max": f"{top:g}"})
    return tables


def report(root: Path, target: Path, problems: Sequence[Problem] = ()) -> pd.DataFrame:
    """Write the page, and return the marks it shows.

    Raises
    ------
    CourseError
        If the gradebook holds no marks.
    """
    course = course_of(root)
    marks = gradebook.read(api_for(root))
    if marks.empty:
        raise CourseError(f"The gradebook of {root} holds no marks: run 'grader autograde' first.")
    marks = _in_course_order(course, marks)
    names = list(dict.fromkeys(marks["assignment"]))
    verdicts = verdicts_of(course, marks)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template("report.html").render(
        title=f"Marks in {course.root.name.replace('_', ' ')}",
        students=marks["student"].nunique(),
        assignments=names,
        histograms={n: _histogram(n, marks[marks["assignment"] == n]) for n in names},
        success=_success(marks),
        misconceptions=misconceptions_of(verdicts).head(20).to_dict("records"),
        leaderboard=leaderboard_of(verdicts).to_dict("records"),
        problems=problems,
        tables=_tables(marks),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    return marks


def _in_course_order(course: Course, marks: pd.DataFrame) -> pd.DataFrame:
    """Exercises as in the notebook, not by the alphabet."""
    order = {(a, e): i for a in course.names for i, e in enumerate(course.assignment(a).gaps)}
    key = [order.get((a, e), 0) for a, e in zip(marks["assignment"], marks["exercise"], strict=True)]
    return marks.assign(key=key).sort_values(["assignment", "student", "key"], ignore_index=True).drop(columns="key")
