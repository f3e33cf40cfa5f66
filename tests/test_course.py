"""The course as committed: built from its text, released without a solution."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

from grader.assignment import STUB, grade_id, load, read_authored
from grader.build import build, solution_lines, toolboxes, write_checks, write_toolbox

ROOT = Path(__file__).parent.parent
NAMES = list(toolboxes())
every = pytest.mark.parametrize("name", NAMES)


def cells(path):
    return [(c.id, c.cell_type, c.source, c.metadata) for c in nbformat.read(path, as_version=4).cells]


@every
def test_the_stored_notebook_is_the_authored_text(name):
    folder = ROOT / "solutions" / name
    authored = [(c.id, c.cell_type, c.source, c.metadata) for c in read_authored(folder / f"{name}.py").cells]
    assert cells(folder / f"{name}.ipynb") == authored


@every
def test_every_cell_of_a_solution_was_executed_in_order(name):
    notebook = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    counts = [c.execution_count for c in notebook.cells if c.cell_type == "code" and c.source]
    assert counts == list(range(1, len(counts) + 1))


@every
def test_public_cases_and_toolbox_are_what_the_exercises_give(name, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    write_checks(load(ROOT / "solutions" / name), folder)
    write_toolbox(toolboxes()[name], folder)
    for place in (ROOT / "solutions" / name, ROOT / "notebooks" / name):
        assert (place / "checks.json").read_text() == (folder / "checks.json").read_text()
        for path in folder.glob("toolbox/*.py"):
            assert (place / "toolbox" / path.name).read_text() == path.read_text()
        assert {p.name for p in place.glob("toolbox/*.py")} == {p.name for p in folder.glob("toolbox/*.py")}


@every
def test_releasing_again_changes_nothing(name, tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "notebooks").mkdir()
    source = tmp_path / "solutions" / name
    source.mkdir()
    (source / f"{name}.py").write_text((ROOT / "solutions" / name / f"{name}.py").read_text())
    build(tmp_path / "solutions", tmp_path / "notebooks", [name], run=False)
    committed, again = ROOT / "notebooks" / name, tmp_path / "notebooks" / name
    for path in committed.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            assert (again / path.relative_to(committed)).read_text() == path.read_text(), path.name


@every
def test_no_line_of_a_solution_is_in_a_release(name):
    folder = ROOT / "notebooks" / name
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    released = {line.strip() for c in notebook.cells for line in c.source.split("\n")}
    assert not solution_lines(ROOT / "solutions" / name) & released
    assert not list(folder.glob("[0-9][0-9]_*.py"))
    assert all(not c.get("outputs") for c in notebook.cells)


@every
def test_every_gap_is_released_as_a_stub_and_every_question_empty(name):
    notebook = nbformat.read(ROOT / "notebooks" / name / f"{name}.ipynb", as_version=4)
    gaps = {grade_id(c): c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")}
    for gap in load(ROOT / "solutions" / name).gaps:
        released = gaps.pop(gap)
        assert all(line in released for line in STUB)
    assert len(gaps) == 3 and set(gaps.values()) == {"YOUR ANSWER HERE"}


@every
def test_a_released_notebook_fails_in_its_checks_and_nowhere_else(name):
    folder = ROOT / "notebooks" / name
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ, "BYHAND_QUIET": "1"})
    for cell in notebook.cells:
        failed = any(o.output_type == "error" for o in cell.get("outputs", ()))
        assert failed == grade_id(cell).endswith("-check"), cell.source


@every
def test_the_public_cases_hold_no_reference_code(name):
    text = (ROOT / "notebooks" / name / "checks.json").read_text()
    assert not any(line in text for line in solution_lines(ROOT / "solutions" / name))
    assert json.loads(text)["assignment"] == name


def test_byhand_never_imports_grader():
    code = (
        "import sys, pkgutil, importlib, byhand\n"
        "for m in pkgutil.walk_packages(byhand.__path__, 'byhand.'): importlib.import_module(m.name)\n"
        "sys.exit(any(n.split('.')[0] == 'grader' for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_course_lists_every_assignment_there_is():
    assert sorted(p.name for p in (ROOT / "solutions").glob("[0-9]*")) == NAMES
    assert sorted(p.name for p in (ROOT / "notebooks").glob("[0-9]*")) == NAMES
