"""Building the course: the authored text becomes executed solutions and released notebooks."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbclient
import nbformat
from nbformat import NotebookNode

from byhand import cases
from grader.assignment import Assignment, entries, load, read_authored

PACKAGE = Path(__file__).parent
REFERENCE = PACKAGE / "reference"
KERNEL_ENVIRONMENT = {"BYHAND_QUIET": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""No progress bars in stored outputs; one thread, since several slow small matrices down fourfold."""
HIDDEN = shutil.ignore_patterns("__pycache__", ".*")


def toolboxes() -> dict[str, list[str]]:
    """For each assignment of ``course.toml``, the reference modules its learners have built by then."""
    return {name: entry["toolbox"] for name, entry in entries().items()}


def write_checks(assignment: Assignment, folder: Path) -> None:
    """Write ``checks.json``, one case a line: inputs, expected outputs and each misconception's outputs."""

    def rows(entries: list[object]) -> str:
        return ",\n".join("  " + json.dumps(e, ensure_ascii=False) for e in entries)

    exercises = []
    for name in assignment.exercises:
        entry = cases.dump(assignment.public(name))
        exercises.append(
            f'{json.dumps(name)}: {{"rtol": {entry["rtol"]}, "atol": {entry["atol"]},\n'
            f' "cases": [\n{rows(entry["cases"])}],\n'
            f' "misconceptions": [\n{rows(entry["misconceptions"])}]}}'
        )
    text = (
        f'{{"format": {cases.FORMAT}, "assignment": {json.dumps(assignment.name)}, "exercises": {{\n'
        + ",\n".join(exercises)
        + "\n}}\n"
    )
    (folder / "checks.json").write_text(text, encoding="utf-8")


def write_toolbox(modules: Sequence[str], folder: Path) -> None:
    """Copy reference modules to ``toolbox/``, importing one another from there."""
    target = folder / "toolbox"
    shutil.rmtree(target, ignore_errors=True)
    if not modules:
        return
    target.mkdir()
    (target / "__init__.py").write_text('"""What you built in the notebooks before this one."""\n')
    for name in modules:
        text = (REFERENCE / f"{name}.py").read_text(encoding="utf-8")
        (target / f"{name}.py").write_text(text.replace("grader.reference", "toolbox"), encoding="utf-8")


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook from top to bottom in its own folder, and keep the outputs.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    """
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=40"],
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=os.environ | KERNEL_ENVIRONMENT)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def build_solution(folder: Path, run: bool = True) -> None:
    """Write ``checks.json``, ``toolbox/`` and the notebook of one assignment."""
    name = folder.name
    assignment = load(folder)
    write_toolbox(toolboxes()[name], folder)
    write_checks(assignment, folder)
    notebook = read_authored(folder / f"{name}.py")
    if run:
        execute(notebook, folder)
    notebook.metadata = read_authored(folder / f"{name}.py").metadata
    nbformat.write(notebook, folder / f"{name}.ipynb")


def release(solutions: Path, notebooks: Path, names: Sequence[str]) -> None:
    """Make the handed-out notebooks with nbgrader's own converter, without a gradebook.

    Raises
    ------
    nbgrader.converters.base.NbGraderException
        If nbgrader refuses a notebook.
    """
    from nbgrader.apps import NbGrader
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch)
            source = root / "source" / name
            source.mkdir(parents=True)
            for part in (f"{name}.ipynb", "checks.json"):
                shutil.copy(solutions / name / part, source)
            if (solutions / name / "toolbox").is_dir():
                shutil.copytree(solutions / name / "toolbox", source / "toolbox", ignore=HIDDEN)
            config = Config()
            config.CourseDirectory.root = scratch
            config.CourseDirectory.assignment_id = name
            app = NbGrader(config=config)
            app.log.setLevel("ERROR")
            converter = GenerateAssignment(coursedir=CourseDirectory(parent=app), parent=app)
            converter.no_database = True
            converter.preprocessors = [p for p in converter.preprocessors if p is not SaveCells]
            converter.start()
            shutil.rmtree(notebooks / name, ignore_errors=True)
            shutil.copytree(root / "release" / name, notebooks / name)


def build(solutions: Path, notebooks: Path, names: Sequence[str], run: bool = True) -> None:
    """Build assignments, two at a time."""
    for name in names:
        load(solutions / name)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: build_solution(solutions / name, run), names))
    release(solutions, notebooks, names)


def solution_lines(folder: Path) -> set[str]:
    """The lines of a solution that no released notebook may hold: all that are more than a bare word."""
    lines: set[str] = set()
    for text in load(folder).gaps.values():
        inside = False
        for line in text.split("\n"):
            if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
                inside = "BEGIN" in line
            elif inside and len(line.strip()) > 12 and not line.strip().startswith("#"):
                lines.add(line.strip())
    return lines
