"""The class at a glance: one page that needs nothing besides itself, and the same as tables."""

from __future__ import annotations

import base64
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import jinja2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator
from nbgrader.api import Gradebook
from numpy.typing import NDArray

from byhand import plots
from grader import gradebook
from grader.assignment import grade_id
from grader.autograde import Problem, api_for, course_of, submission
from grader.course import Course, CourseError
from grader.judge import Verdict
from grader.plan import canonical

ENOUGH = 20
"""Learners for a discrimination: with 20 a correlation is known to about 0.2 either way, with fewer to nothing."""
TIMED = 5
"""Learners with times for a median."""
PAUSE = 120.0
"""Minutes after which a learner was away, and not at work on an exercise."""

AT_ONCE = 5.0
"""Minutes in which nobody solves a notebook: it was run from top to bottom."""

CHANGED = "it, or the grader, changed since it was marked: autograde it again"
UNNAMED = "it could not be read or marked; the reason may hold a name, so it stands only in the report with names"
MANY = 200
"""Submissions from which on reading them is worth several processes."""

FloatArray = NDArray[np.float64]
Seen = tuple[Verdict | None, dict[str, float], str]


# what is known of a class


def verdicts_of(course: Course, marks: pd.DataFrame) -> list[Verdict]:
    """The stored verdicts behind marks; of what was changed since, there is none."""
    return [v for v, _, _ in _all_seen(course, _handed_in(marks)).values() if v]


def _handed_in(marks: pd.DataFrame) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(marks["student"], marks["assignment"], strict=True)))


def _all_seen(course: Course, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Seen]:
    students, names = [s for s, _ in keys], [n for _, n in keys]
    if len(keys) < MANY:
        return dict(zip(keys, map(_seen, repeat(course), students, names), strict=True))
    with ProcessPoolExecutor() as pool:
        return dict(zip(keys, pool.map(_seen, repeat(course), students, names, chunksize=20), strict=True))


def _seen(course: Course, student: str, name: str) -> Seen:
    """A submission's verdict without outputs, its minutes by exercise, and why a person must look at it, if so."""
    assignment = course.assignment(name)
    try:
        notebook = canonical(submission(course, name, student), assignment)
    except CourseError as error:
        return None, {}, str(error)
    verdict = course.read_verdict(name, course.digest(notebook, student, assignment))
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    times = minutes([(grade_id(c), c.metadata.get("execution", "")) for c in cells], list(assignment.gaps))
    verdict = verdict and replace(verdict, outputs=[])
    return verdict, times, "" if verdict else CHANGED


def minutes(runs: Sequence[tuple[str, str]], exercises: Sequence[str]) -> dict[str, float]:
    """How long a learner was at each exercise, as far as a notebook tells.

    A notebook holds of each cell when it ran last, and only with JupyterLab's "Record timing". An exercise's
    time is that from the latest earlier run to the last run of its check, where what stands above was run
    before. What goes backwards, or took more than two hours, says nothing and is left out; so is a notebook
    that ran as a whole, within ``AT_ONCE`` minutes.

    Parameters
    ----------
    runs : sequence of (str, str)
        Name and last run (ISO 8601, or empty) of every code cell, from top to bottom.
    exercises : sequence of str

    Returns
    -------
    dict of str to float
        Minutes.
    """
    found: dict[str, float] = {}
    moments = [(name, datetime.fromisoformat(ran)) for name, ran in runs if ran]
    every = [at for _, at in moments]
    if not every or (max(every) - min(every)).total_seconds() < 60 * AT_ONCE:
        return found
    before: datetime | None = None
    for name, at in moments:
        exercise = name.removesuffix("-check")
        if name == exercise and name in exercises:
            continue  # the gap's own run belongs to the exercise
        if name != exercise and exercise in exercises and before and 0 <= (at - before).total_seconds() <= 60 * PAUSE:
            found[exercise] = (at - before).total_seconds() / 60
        before = max(before, at) if before else at
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
    counts = Counter(
        (v.assignment, exercise, misconception)
        for v in verdicts
        for exercise, mark in v.marks.items()
        for misconception in {f.misconception for f in mark.findings if f.misconception}
    )
    rows = sorted(((*key, n) for key, n in counts.items()), key=lambda row: (-row[3], *row[:3]))
    return pd.DataFrame(rows, columns=["assignment", "exercise", "misconception", "learners"])


# items


def item_total(items: FloatArray) -> FloatArray:
    """The corrected item-total correlation of each exercise.

    r_i = corr(x_i, Σ_{j≠i} x_j), with the item left out of its own total; for items of 0 or 1 it is the
    point-biserial correlation. Above 0.4 an item separates strong from weak learners well, below 0.2 hardly
    (Ebel and Frisbie 1991, Essentials of Educational Measurement); the correction is Henrysson's (1963).

    Parameters
    ----------
    items : ndarray, shape=(N, K)
        Points of N learners in K exercises.

    Returns
    -------
    ndarray, shape=(K,)
        nan where all learners have the same, in the exercise or in the rest.
    """
    x = items - items.mean(axis=0)
    rest = x.sum(axis=1, keepdims=True) - x
    scale = np.sqrt((x**2).sum(axis=0) * (rest**2).sum(axis=0))
    r: FloatArray = np.where(scale > 1e-9, (x * rest).sum(axis=0) / np.where(scale > 1e-9, scale, 1), np.nan)
    return r


def upper_lower(items: FloatArray) -> FloatArray:
    """The upper-lower index of each exercise, in parts of its points.

    D_i = mean of x_i among the 27 % with the most points in all − mean among the 27 % with the fewest
    (Kelley 1939, The selection of upper and lower groups for the validation of test items). Of learners with
    equal totals at the border each counts in part, so that no order of names matters.

    Parameters
    ----------
    items : ndarray, shape=(N, K)
        Shares of the points, 0 to 1, of N learners in K exercises.

    Returns
    -------
    ndarray, shape=(K,)
    """
    total = items.sum(axis=1).round(9)
    size = 0.27 * len(total)

    def group(key: FloatArray) -> FloatArray:
        """The part, from 0 to 1, with which each learner is among the ``size`` with the largest key."""
        above = (key[None, :] > key[:, None]).sum(axis=1)
        equal = (key[None, :] == key[:, None]).sum(axis=1)
        part: FloatArray = np.clip((size - above) / equal, 0, 1)
        return part

    weights = (group(total) - group(-total)) / size
    index: FloatArray = weights @ items
    return index


def items_of(marks: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """One row for each exercise.

    Parameters
    ----------
    marks : DataFrame
        Columns student, assignment, exercise, mark, max.
    times : DataFrame
        Columns student, assignment, exercise, minutes.

    Returns
    -------
    DataFrame
        Columns assignment, exercise, max, learners, share (mean), full (part with all points), item_total and
        upper_lower (nan with fewer than ``ENOUGH`` learners), minutes (the median) and timed (learners with
        times; with fewer than ``TIMED`` there is no median).
    """
    parts = []
    for name, part in marks.groupby("assignment", sort=True):
        exercises = list(dict.fromkeys(part["exercise"]))
        wide = part.pivot(index="student", columns="exercise", values="mark")[exercises].dropna()
        top = part.groupby("exercise")["max"].max()[exercises].to_numpy()
        shares = wide.to_numpy() / top
        enough = len(wide) >= ENOUGH
        nothing = np.full(len(exercises), np.nan)
        spent = times[times["assignment"] == name].groupby("exercise")["minutes"]
        timed = spent.count().reindex(exercises, fill_value=0)
        table = {
            "assignment": name,
            "exercise": exercises,
            "max": top,
            "learners": len(wide),
            "share": shares.mean(axis=0),
            "full": (shares > 1 - 1e-9).mean(axis=0),
            "item_total": item_total(wide.to_numpy()) if enough else nothing,
            "upper_lower": upper_lower(shares) if enough else nothing,
            "minutes": spent.median().reindex(exercises).where(timed >= TIMED).to_numpy(),
            "timed": timed.to_numpy(),
        }
        parts.append(pd.DataFrame(table))
    return pd.concat(parts, ignore_index=True)


# what the page shows


def _histogram(name: str, marks: pd.DataFrame) -> dict[str, str]:
    totals = marks.groupby("student")["mark"].sum()
    top = marks.groupby("exercise")["max"].first().sum()
    figure, ax = plt.subplots(figsize=(4.6, 2.6))
    counts, *_ = ax.hist(totals, bins=np.linspace(0, top, 13).tolist(), color=plots.COLORS[0], edgecolor="white")
    ax.axvline(totals.median(), color=plots.COLORS[1], linestyle="--", label=f"median {totals.median():.1f}")
    ax.set(xlabel=f"points of {top:g}", ylabel="learners", title=name, xlim=(0, top))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper left")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    plt.close(figure)
    quarters = np.asarray(counts).reshape(4, 3).sum(axis=1).astype(int)
    alt = (
        f"{name}: points of {len(totals)} learners, median {totals.median():.1f} of {top:g}; "
        f"from the lowest quarter of the points to the highest: {', '.join(map(str, quarters))} learners."
    )
    return {"png": base64.b64encode(buffer.getvalue()).decode(), "alt": alt}


def _heat(misconceptions: pd.DataFrame) -> list[dict[str, Any]]:
    """A row for each exercise with misconceptions, those with most learners first; shades from 0 to 1."""
    most = max(misconceptions["learners"].max(), 4)  # one learner is never the darkest
    rows = []
    for (assignment, exercise), part in misconceptions.groupby(["assignment", "exercise"], sort=False):
        cells = [
            {"name": m, "learners": n, "shade": round(n / most, 2)}
            for m, n in zip(part["misconception"], part["learners"], strict=True)
        ]
        rows.append({"assignment": assignment, "exercise": exercise, "cells": cells, "all": part["learners"].sum()})
    return sorted(rows, key=lambda row: (-row["all"], row["assignment"], row["exercise"]))


def _tables(marks: pd.DataFrame) -> list[dict[str, Any]]:
    tables = []
    for name, part in marks.groupby("assignment"):
        wide = part.pivot(index="student", columns="exercise", values="mark")
        wide = wide[list(dict.fromkeys(part["exercise"]))]
        rows = [
            {"student": student, "marks": [f"{m:g}" for m in row], "total": f"{round(sum(row), 2):g}"}
            for student, *row in wide.round(2).itertuples(name=None)
        ]
        top = part.groupby("exercise")["max"].first().sum()
        tables.append({"name": name, "exercises": list(wide.columns), "rows": rows, "max": f"{top:g}"})
    return tables


def _to_look_at(marks: pd.DataFrame, grades: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Assignment, student and reason of what the gradebook itself leaves to a person."""
    keys = ["assignment", "student"]
    waiting = grades[grades["by_hand"].astype(bool)].groupby(keys, as_index=False).size()
    totals = marks.groupby(keys, as_index=False)["mark"].sum()
    return [
        *((a, s, f"questions to be marked by hand: {n}") for a, s, n in waiting.itertuples(index=False, name=None)),
        *((a, s, "no points at all") for a, s, total in totals.itertuples(index=False, name=None) if total == 0),
    ]


def _pseudonyms(students: Sequence[str]) -> Callable[[str], str]:
    """Numbers in an order that nobody can know."""
    numbers = random.SystemRandom().sample(range(1, len(students) + 1), len(students))
    width = len(str(len(students)))
    known = {s: f"learner {n:0{width}d}" for s, n in zip(students, numbers, strict=True)}
    return known.__getitem__


def report(
    root: Path,
    target: Path,
    problems: Sequence[Problem] = (),
    *,
    names: bool = True,
    tables: Path | None = None,
) -> pd.DataFrame:
    """Write the page, and return the marks it shows.

    Parameters
    ----------
    root : Path
        The course folder.
    target : Path
        The page.
    problems : sequence of Problem
        What `grader.autograde.autograde` could not mark. Files that cannot be read are found anyway.
    names : bool
        Without, numbers stand for learners, drawn anew for each report.
    tables : Path, optional
        A folder for ``marks.csv``, ``items.csv`` and ``misconceptions.csv``.

    Raises
    ------
    CourseError
        If the gradebook holds no marks.
    """
    course = course_of(root)
    api = api_for(root)
    marks = gradebook.read(api)
    if marks.empty:
        raise CourseError(f"The gradebook of {root} holds no marks: run 'grader autograde' first.")
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
        grades = gradebook.grades(book)
    marks = _in_course_order(course, marks)
    seen = _all_seen(course, _handed_in(marks))
    verdicts = [v for v, _, _ in seen.values() if v]
    known = {(p.assignment, p.student) for p in problems}
    person = [(p.assignment, p.student, p.reason) for p in problems]
    person += [(a, s, why) for (s, a), (_, _, why) in seen.items() if why and (a, s) not in known]
    if not names:  # a reason may quote the name of a file
        person = [(a, s, why if why == CHANGED else UNNAMED) for a, s, why in person]
    person += [(v.assignment, v.student, note) for v in verdicts for note in v.notes]
    person += _to_look_at(marks, grades)
    if not names:
        called = _pseudonyms(sorted({*marks["student"], *(s for _, s, _ in person)}))
        person = [(a, called(s), why) for a, s, why in person]
        marks = marks.assign(student=marks["student"].map(called))
        seen = {(called(s), a): given for (s, a), given in seen.items()}
        marks = _in_course_order(course, marks)
    times = pd.DataFrame(
        [(s, a, e, m) for (s, a), (_, spent, _) in seen.items() for e, m in spent.items()],
        columns=["student", "assignment", "exercise", "minutes"],
    )
    items = items_of(marks, times)
    misconceptions = misconceptions_of(verdicts)
    assignments = list(dict.fromkeys(marks["assignment"]))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template("report.html").render(
        title=f"Marks in {course.root.name.replace('_', ' ')}",
        students=marks["student"].nunique(),
        assignments=assignments,
        histograms={n: _histogram(n, marks[marks["assignment"] == n]) for n in assignments},
        items=[(n, part.to_dict("records")) for n, part in items.groupby("assignment")],
        enough=ENOUGH,
        timed=int(items["timed"].max()),
        least_timed=TIMED,
        heat=_heat(misconceptions),
        misconceptions=misconceptions.to_dict("records"),
        handed_in=len(seen),
        untold=len(seen) - len(verdicts),
        leaderboard=leaderboard_of(verdicts).to_dict("records"),
        person=_by_reason(person),
        tables=_tables(marks),
        names=names,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    if tables:
        _write(tables, _tidy(marks, seen, times), items, misconceptions)
    return marks


def _by_reason(person: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """Learners with the same reason in one row; the rarest reasons first."""
    rows: dict[tuple[str, str], list[str]] = {}
    for assignment, student, reason in person:
        rows.setdefault((assignment, reason), []).append(student)
    found = [{"assignment": a, "reason": why, "students": sorted(who)} for (a, why), who in rows.items()]
    return sorted(found, key=lambda row: (len(row["students"]), row["assignment"], row["reason"]))


def _tidy(marks: pd.DataFrame, seen: dict[tuple[str, str], Seen], times: pd.DataFrame) -> pd.DataFrame:
    """The marks with what the verdicts say of them; empty where there is no verdict."""
    rows = [
        (s, a, m.exercise, m.status, m.borrowed, "; ".join(sorted({f.misconception for f in m.findings} - {""})))
        for (s, a), (verdict, _, _) in seen.items()
        if verdict
        for m in verdict.marks.values()
    ]
    keys = ["student", "assignment", "exercise"]
    said = pd.DataFrame(rows, columns=[*keys, "status", "borrowed", "misconceptions"])
    return marks.merge(said, on=keys, how="left").merge(times, on=keys, how="left")


def _write(folder: Path, marks: pd.DataFrame, items: pd.DataFrame, misconceptions: pd.DataFrame) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in {"marks": marks, "items": items, "misconceptions": misconceptions}.items():
        table.to_csv(folder / f"{name}.csv", index=False)


def _in_course_order(course: Course, marks: pd.DataFrame) -> pd.DataFrame:
    """Exercises as in the notebook, not by the alphabet."""
    order = {(a, e): i for a in course.names for i, e in enumerate(course.assignment(a).gaps)}
    key = [order.get((a, e), 0) for a, e in zip(marks["assignment"], marks["exercise"], strict=True)]
    return marks.assign(key=key).sort_values(["assignment", "student", "key"], ignore_index=True).drop(columns="key")
