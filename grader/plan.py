"""What is run for a submission, in which order.

A plan depends on what the learner wrote and on nothing else in the file: outputs,
ids, metadata and the text of locked cells do not matter.
"""

from __future__ import annotations

import copy
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from nbformat import NotebookNode

from grader.assignment import Assignment, grade_id, strip_markers, stub_of

Kind = Literal["setup", "gap", "cell", "experiment", "probe", "skipped"]


@dataclass(frozen=True)
class Step:
    """One thing to do: run a cell, or call an exercise's contract."""

    kind: Kind
    source: str
    exercise: str = ""


def canonical(notebook: NotebookNode, assignment: Assignment) -> NotebookNode:
    """Give every cell the metadata, and every locked cell the text, that it had when released.

    What is known by its ``grade_id`` gets its metadata back; where two cells have one id
    the last counts, as in nbgrader; a gap whose id is gone is known by what it defines. A
    missing check, question or set-up cell is put back in its place, and set-up cells stand
    above all other code. What a learner built in a locked cell, or merged with one, stands
    in a cell of its own above it, or below the set-up. The learner's own cells stay as they
    are, but for halves of surrogate pairs, which no file can hold. What is returned is a copy
    that shares outputs and attachments.
    """
    notebook = NotebookNode(notebook, metadata=copy.deepcopy(notebook.metadata))
    notebook.cells = [NotebookNode(c, metadata=NotebookNode(c.metadata)) for c in notebook.cells]
    source = {grade_id(c): c for c in assignment.notebook.cells if grade_id(c)}
    order = list(source)
    seen: set[str] = set()
    cells: list[NotebookNode] = []
    for cell in reversed(notebook.cells):
        name = grade_id(cell)
        cell.metadata.pop("nbgrader", None)
        cell.source = cell.source.encode("utf-8", "replace").decode("utf-8")
        if name in source and name not in seen:
            seen.add(name)
            built = _built(cell, source[name], assignment)
            _restore(cell, source[name], assignment)
            cells += [*built, cell] if name == "setup" else [cell, *built]
        else:
            cells.append(cell)
    cells.reverse()
    for name, text in assignment.gaps.items():
        if name not in seen and (cell := _defining(_defined(stub_of(text)), cells)):
            seen.add(name)
            _restore(cell, source[name], assignment)
    for position, name in enumerate(order):
        if name in seen or name in assignment.gaps:
            continue
        new = NotebookNode(
            cell_type=source[name].cell_type, id=f"restored-{name}"[:64], metadata=NotebookNode(), source=""
        )
        _restore(new, source[name], assignment)
        if not new.source:
            new.source = "YOUR ANSWER HERE"
        before = set(order[:position])
        at = max((i + 1 for i, c in enumerate(cells) if grade_id(c) in before), default=0)
        cells.insert(at, new)
    first = next((i for i, c in enumerate(cells) if c.cell_type == "code"), 0)
    set_up = [c for c in cells[first:] if grade_id(c) == "setup"]
    notebook.cells = cells[:first] + set_up + [c for c in cells[first:] if grade_id(c) != "setup"]
    notebook.nbformat, notebook.nbformat_minor = 4, max(5, notebook.get("nbformat_minor", 5))
    return notebook


def _built(cell: NotebookNode, source: NotebookNode, assignment: Assignment) -> list[NotebookNode]:
    """A cell with what stands in a locked one, where it defines what a gap does."""
    if not source.metadata["nbgrader"]["locked"] or cell.source == source.source:
        return []
    found = _defined(cell.source)
    if not any(_defined(stub_of(text)) <= found for text in assignment.gaps.values()):
        return []
    name = f"built-{grade_id(source)}"[:64]
    return [
        NotebookNode(
            cell_type="code", id=name, metadata=NotebookNode(), source=cell.source, outputs=[], execution_count=None
        )
    ]


def _defining(names: set[str], cells: list[NotebookNode]) -> NotebookNode | None:
    """The last of the learner's own code cells that defines all of ``names``."""
    own = (c for c in reversed(cells) if c.cell_type == "code" and not grade_id(c))
    return next((c for c in own if names <= _defined(c.source)), None)


def _restore(cell: NotebookNode, source: NotebookNode, assignment: Assignment) -> None:
    entry = dict(source.metadata["nbgrader"])
    if cell.cell_type != source.cell_type:
        cell.cell_type = source.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
    if cell.cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    if entry["locked"]:
        cell.source = source.source
    cell.metadata["nbgrader"] = NotebookNode(entry)


def plan(notebook: NotebookNode, assignment: Assignment) -> list[Step]:
    """The steps of a canonical notebook, with experiments left out where nothing needs them.

    Where gaps stand in another order than they were released, all probes come last: a gap may call one below it.
    """
    steps: list[Step] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = grade_id(cell)
        exercise = name.removesuffix("-check")
        if name in assignment.gaps:
            steps.append(Step("gap", cell.source, name))
        elif name == "setup":
            steps.append(Step("setup", cell.source))
        elif name and exercise in assignment.points:
            steps.append(Step("probe", "", exercise))
        elif "experiment" in (cell.metadata.get("tags") or ()):
            steps.append(Step("experiment", cell.source))
        else:
            steps.append(Step("cell", cell.source))
    order = [s.exercise for s in steps if s.kind == "gap"]
    if order != [name for name in assignment.gaps if name in order]:
        steps.sort(key=lambda s: s.kind == "probe")
    run = _experiments_that_matter(steps, assignment)
    return [replace(s, kind="skipped") if s.kind == "experiment" and i not in run else s for i, s in enumerate(steps)]


def _experiments_that_matter(steps: list[Step], assignment: Assignment) -> set[int]:
    """Experiments that the learner changed and that define what something else uses, with those that they rest on."""
    released = {c.source for c in assignment.notebook.cells if "experiment" in (c.metadata.get("tags") or ())}
    experiments = {i: s.source for i, s in enumerate(steps) if s.kind == "experiment"}
    changed = {i: source for i, source in experiments.items() if source not in released}
    if not changed:
        return set()
    others = [s.source for s in steps if s.kind in ("setup", "gap", "cell")]
    needed = {name for contract in assignment.contracts.values() for name in contract.objects}.union(
        *map(_used, others)
    )
    known = set().union(*map(_defined, others))
    run: set[int] = set()
    more = {i for i, source in changed.items() if _defined(source) & needed}
    while more:
        run |= more
        lacking = set().union(*(_used(experiments[i]) - _defined(experiments[i]) for i in run)) - known
        more = {i for i, source in experiments.items() if i not in run and _defined(source) & lacking}
    return run


NAME = r"[^\W\d]\w*"
DEFINES = re.compile(
    rf"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+({NAME})|^[ \t]*({NAME})[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE
)
PARSED = 50_000
"""Characters of a cell that are parsed; of a longer one the names are read without its grammar."""


def _symbols(source: str) -> symtable.SymbolTable | None:
    """The names of a cell by Python's own reading, without magics; None where it is no Python."""
    lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.split("\n")]
    try:
        return symtable.symtable("\n".join(lines), "<cell>", "exec") if len(source) <= PARSED else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defined(source: str) -> set[str]:
    """Every name that a cell binds at its top level, or may bind where it is no Python."""
    table = _symbols(source)
    if table is None:
        return {a or b for a, b in DEFINES.findall(source)}
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}


def _used(source: str) -> set[str]:
    """Every global name that a cell reads, in its functions too; where it is no Python, every name in it."""

    def walk(table: symtable.SymbolTable) -> Iterator[str]:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or top):
                yield symbol.get_name()
        for child in table.get_children():
            yield from walk(child)

    table = _symbols(source)
    return set(re.findall(NAME, source)) if table is None else set(walk(table))


def untouched(step: Step, assignment: Assignment) -> bool:
    """Whether a gap is as it was released."""
    return step.source.strip() == stub_of(assignment.gaps[step.exercise]).strip()


def without(steps: list[Step], exercise: str, assignment: Assignment) -> list[Step]:
    """The steps as if an exercise had been left untouched."""
    stub = stub_of(assignment.gaps[exercise])
    return [replace(s, source=stub) if s.kind == "gap" and s.exercise == exercise else s for s in steps]


def alone(steps: list[Step], exercise: str, assignment: Assignment) -> list[Step]:
    """The steps in which every earlier gap holds the solution, with this exercise's probe only.

    A gap builds on earlier ones, so later ones are left as released: what an exercise
    earns never comes from the solution of another that contains it. An earlier gap that
    was deleted stands where it was released. Where a cell of the learner's own defines an
    earlier piece once more, the solution follows it.
    """
    names = list(assignment.gaps)
    earlier = names[: names.index(exercise)]
    defines = {n: _defined(stub_of(assignment.gaps[n])) for n in earlier}
    solution = {n: Step("gap", strip_markers(assignment.gaps[n]), n) for n in earlier}
    kept: list[Step] = []
    for step in steps:
        if step.kind == "gap" and step.exercise in earlier:
            kept.append(solution[step.exercise])
        elif step.kind == "gap" and step.exercise != exercise:
            kept.append(replace(step, source=stub_of(assignment.gaps[step.exercise])))
        elif step.kind != "probe" or step.exercise == exercise:
            kept.append(step)
            if step.kind in ("cell", "experiment") and (found := _defined(step.source)):
                kept += [solution[n] for n in earlier if defines[n] & found]
    present = {s.exercise for s in kept if s.kind == "gap"}
    for position, name in enumerate(earlier):
        if name in present:
            continue
        before = set(earlier[:position])
        first = next((i for i, s in enumerate(kept) if s.kind in ("gap", "probe")), len(kept))
        at = max((i + 1 for i, s in enumerate(kept) if s.kind == "gap" and s.exercise in before), default=first)
        kept.insert(at, solution[name])
    return kept


def as_json(steps: list[Step]) -> list[dict[str, Any]]:
    """What a verdict depends on, of the learner's part."""
    return [{"kind": s.kind, "source": s.source, "exercise": s.exercise} for s in steps]
