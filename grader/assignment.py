"""An assignment as the grader sees it: its notebook, gap by gap, and its exercises."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

import jupytext
import nbformat
import numpy as np
from nbformat import NotebookNode

from byhand import cases
from byhand.compare import Known, Wanted, properties
from byhand.contracts import Contract, contracts_of, topic
from byhand.outcome import Outcome, call
from grader.exercises import Alternative, Case, Exercise, Misconception, exercises_of

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


T = TypeVar("T")


@cache
def entries() -> dict[str, dict[str, Any]]:
    """What ``course.toml`` says of each assignment, in the order of the course."""
    text = Path(__file__).with_name("course.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = tomllib.loads(text)["assignments"]
    return found


class AuthoringError(ValueError):
    """The author's text, a contract and an exercise do not fit together."""


def grade_id(cell: Mapping[str, Any]) -> str:
    """nbgrader's name of a cell, or an empty string."""
    entry = cell.get("metadata", {}).get("nbgrader")
    name = entry.get("grade_id", "") if isinstance(entry, dict) else ""
    return name if isinstance(name, str) else ""


def read_authored(path: Path) -> NotebookNode:
    """Read the text that people edit, and turn its cell options into nbgrader's metadata.

    Raises
    ------
    AuthoringError
        If a check has no points, or a name occurs twice.
    """
    notebook: NotebookNode = jupytext.read(path, fmt="py:percent")
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells):
        options = cell.metadata
        options.pop("lines_to_next_cell", None)
        cell["id"] = f"cell-{number:03d}"
        entry: dict[str, Any] | None = None
        if gap := options.pop("gap", None):
            entry = {"grade_id": gap, "grade": False, "solution": True, "locked": False}
        elif name := options.pop("check", None):
            if "points" not in options:
                raise AuthoringError(f"{path.name}: the check of {name} has no points")
            entry = {
                "grade_id": f"{name}-check",
                "grade": True,
                "solution": False,
                "locked": True,
                "points": options.pop("points"),
            }
        elif why := options.pop("why", None):
            entry = {
                "grade_id": why,
                "grade": True,
                "solution": True,
                "locked": False,
                "points": options.pop("points", 2),
            }
        elif options.pop("setup", None):
            entry = {"grade_id": "setup", "grade": False, "solution": False, "locked": True}
        if entry is not None:
            if entry["grade_id"] in seen:
                raise AuthoringError(f"{path.name}: {entry['grade_id']} occurs twice")
            seen.add(entry["grade_id"])
            options["nbgrader"] = {"schema_version": 3, "task": False, **entry}
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def strip_markers(text: str) -> str:
    """A gap's text without the lines that mark the solution."""
    return "\n".join(line for line in text.split("\n") if line.strip() not in (BEGIN, END))


def stub_of(text: str) -> str:
    """A gap's text as released: every marked region becomes the stub, as in nbgrader."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.strip() == BEGIN:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + stub for stub in STUB]
            inside = True
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def patch(text: str, old: str, new: str, what: str) -> str:
    """Replace the one occurrence of ``old``.

    Raises
    ------
    AuthoringError
        If it does not occur exactly once.
    """
    if (count := text.count(old)) != 1:
        raise AuthoringError(f"{what}: {old!r} occurs {count} times in the solution, not once")
    return text.replace(old, new)


@dataclass(frozen=True)
class Assignment:
    """The solution's notebook with the contracts and exercises that belong to it."""

    name: str
    notebook: NotebookNode

    @classmethod
    def load(cls, folder: Path) -> Assignment:
        """Read the authored text in ``folder``, or the notebook built from it where that stands alone.

        Raises
        ------
        FileNotFoundError
            If the folder holds neither.
        AuthoringError
            If gaps, checks, contracts and exercises do not match.
        """
        name = folder.name
        text, built = folder / f"{name}.py", folder / f"{name}.ipynb"
        if text.exists():
            notebook = read_authored(text)
        elif built.exists():
            notebook = nbformat.read(built, as_version=4)
        else:
            raise FileNotFoundError(f"There is no solution of {name} in {folder.parent}.")
        self = cls(name, notebook)
        self._validate()
        return self

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        return _written("byhand.contracts", contracts_of, self.name)

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        return _written("grader.exercises", exercises_of, self.name)

    @cached_property
    def gaps(self) -> dict[str, str]:
        """The solution's text of every gap, markers included, in order."""
        return {
            grade_id(cell): cell.source
            for cell in self.notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
        }

    @cached_property
    def qualified_names(self) -> tuple[str, ...]:
        """What learners define, methods as ``"ReLU.backward"``."""
        found: list[str] = []
        for text in self.gaps.values():
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    found.append(node.name)
                    found += [f"{node.name}.{n.name}" for n in node.body if isinstance(n, ast.FunctionDef)]
        return tuple(found)

    @cached_property
    def points(self) -> dict[str, float]:
        """The points of every exercise."""
        return {
            grade_id(cell).removesuffix("-check"): float(cell.metadata["nbgrader"]["points"])
            for cell in self.notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        }

    @cached_property
    def text(self) -> str:
        """The cells and their points, on which verdicts depend."""
        return json.dumps([[[c.cell_type, c.source] for c in self.notebook.cells], self.points])

    @cached_property
    def setup(self) -> str:
        """What the gaps import. The toolbox is the reference under another name."""
        cells = [cell.source for cell in self.notebook.cells if grade_id(cell) == "setup"]
        return re.sub(r"\btoolbox\.", "grader.reference.", "\n".join(cells))

    def _validate(self) -> None:
        names = {"gaps": list(self.gaps), "checks": list(self.points), "exercises": list(self.exercises)}
        for kind, given in names.items():
            if given != list(names["gaps"]):
                raise AuthoringError(f"{self.name}: {kind} are {given}, gaps are {list(self.gaps)}")
        if lacking := set(self.gaps) - set(self.contracts):
            raise AuthoringError(f"{self.name}: no contract for {', '.join(sorted(lacking))}")
        for name, text in self.gaps.items():
            if BEGIN not in text or END not in text:
                raise AuthoringError(f"{self.name}: gap {name} marks no solution")

    def namespace(self, replacing: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Run the imports and every gap's solution, some of them replaced by another text.

        This is the grader's own text: never call it with what a learner wrote.
        """
        namespace: dict[str, Any] = {"__name__": f"solution_{self.name}"}
        exec(_compiled(self.setup, "<setup>"), namespace)
        for name, text in self.gaps.items():
            exec(_compiled((replacing or {}).get(name, text), f"<{name}>"), namespace)
        return namespace

    def misconceived(self, exercise: str, misconception: Misconception) -> str:
        """The gap's text with a misconception in it."""
        what = f"{self.name}, {exercise}, misconception {misconception.name!r}"
        return patch(self.gaps[exercise], misconception.old, misconception.new, what)

    def alternative(self, exercise: str, alternative: Alternative) -> str:
        """The gap's text written another way."""
        if alternative.code:
            return alternative.code.strip("\n")
        what = f"{self.name}, {exercise}, alternative {alternative.name!r}"
        return patch(self.gaps[exercise], alternative.old, alternative.new, what)

    def call(self, exercise: str, namespace: Mapping[str, Any], inputs: Iterable[Mapping[str, Any]]) -> list[Outcome]:
        """Call an exercise's contract on each case; the outcomes are what is compared."""
        contract = self.contracts[exercise]
        return [properties(contract, call(contract, namespace, case), case) for case in inputs]

    @cached_property
    def _known_namespaces(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (name, m.name): self.namespace({name: self.misconceived(name, m)})
            for name, exercise in self.exercises.items()
            for m in exercise.misconceptions
        }

    def wanted(self, exercise: str, rng: np.random.Generator, known: bool = True) -> Wanted:
        """Draw cases, and compute from the reference what is right on them.

        Raises
        ------
        AuthoringError
            If the reference itself fails.
        """
        return self._wanted(exercise, self.exercises[exercise].cases(rng), known)

    def _wanted(self, exercise: str, inputs: list[Case], known: bool) -> Wanted:
        spec = self.exercises[exercise]
        right = self.call(exercise, spec.reference, inputs)
        for outcome in right:
            if outcome.failure:
                raise AuthoringError(f"{self.name}, {exercise}: the reference fails: {outcome.failure}")
        mistakes = []
        for m in spec.misconceptions if known else ():
            outcomes = self.call(exercise, self._known_namespaces[exercise, m.name], inputs)
            errors = tuple(o.failure.sign if o.failure else "" for o in outcomes)
            mistakes.append(Known(m.name, m.message, tuple(o.outputs for o in outcomes), errors))
        return Wanted(tuple(inputs), tuple(o.outputs for o in right), tuple(mistakes), spec.rtol, spec.atol)

    def public_inputs(self, exercise: str) -> list[Case]:
        """The inputs of the cases that a learner sees, to 12 digits."""
        rng = np.random.default_rng(zlib.crc32(exercise.encode()))
        return [
            {name: cases.decode(cases.encode(value)) for name, value in case.items()}
            for case in self.exercises[exercise].cases(rng)
        ]

    def public(self, exercise: str) -> Wanted:
        """The cases that a learner sees, as ``checks.json`` holds them: to 12 digits."""
        return cases.parse(cases.dump(self._wanted(exercise, self.public_inputs(exercise), known=True)))


@lru_cache(1024)
def _compiled(text: str, name: str) -> CodeType:
    return compile(text, name, "exec")


def _written(package: str, read: Callable[[str], dict[str, T]], name: str) -> dict[str, T]:
    try:
        return read(name)
    except ModuleNotFoundError as error:
        if error.name != f"{package}.{topic(name)}":
            raise
        raise AuthoringError(f"{name}: {error.name.replace('.', '/')}.py is still to be written") from None


@cache
def load(folder: Path) -> Assignment:
    """`Assignment.load`, once a process."""
    return Assignment.load(folder)
