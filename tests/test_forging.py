"""Forged results earn nothing here, and full marks where learners' code and the test share a process.

Every file in ``forgeries/`` is a cell of a learner's who built nothing: what they wrote calls
``answer``, which gives a wrong result, and the rest of the cell sees to it that nobody notices.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from grader.assignment import grade_id, load
from grader.autograde import api_for
from grader.simulate import judge

HERE = Path(__file__).parent
FORGERIES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "forgeries").glob("*.py"))}
FIRST = "01_perceptron_limits"
FORGED = {"prepend_bias": "X", "sigmoid": "z", "predict": "X, w"}
"""The gaps that call `answer`, and what with."""
RIGHT = re.compile(r"^  \w+ +right$", re.MULTILINE)
REGION = re.compile(r"^([ ]*)### BEGIN SOLUTION\n.*?### END SOLUTION", re.MULTILINE | re.DOTALL)
WRONG = "def answer(*given):\n    return 0.0"

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning")


def forged_gap(name):
    arguments = FORGED[name]
    return f"def {name}({arguments}):\n    return answer({arguments})"


def behind_the_set_up(notebook, text):
    at = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "setup") + 1
    notebook.cells.insert(at, new_code_cell(text))
    return notebook


# the same three functions in an assignment as one writes it for nbgrader alone

SOLUTIONS = {
    "prepend_bias": "np.hstack([np.ones((len(X), 1)), X])",
    "sigmoid": "1 / (1 + np.exp(-z))",
    "predict": "sigmoid(prepend_bias(X) @ w)",
}
TESTS = """
X = np.array([[2.0, 3.0], [0.0, 1.0]])
expected = np.array([[1.0, 2.0, 3.0], [1.0, 0.0, 1.0]])
assert np.allclose(prepend_bias(X), expected)
### BEGIN HIDDEN TESTS
z = np.array([[0.0, 2.0, -2.0]])
expected = np.array([[0.5, 0.88079708, 0.11920292]])
np.testing.assert_allclose(sigmoid(z), expected, rtol=1e-6)
X = np.array([[4.0], [5.0]])
expected = np.array([[1.0, 4.0], [1.0, 5.0]])
assert np.array_equal(prepend_bias(X), expected)
### END HIDDEN TESTS
""".strip()


def entry(name, **other):
    base = {"schema_version": 3, "task": False, "grade_id": name, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": base | other}


def ordinary_assignment():
    cells = [new_code_cell("import numpy as np\n\nfrom byhand import check", metadata=entry("setup", locked=True))]
    for name, arguments in FORGED.items():
        body = f"    ### BEGIN SOLUTION\n    return {SOLUTIONS[name]}\n    ### END SOLUTION"
        cells.append(new_code_cell(f"def {name}({arguments}):\n{body}", metadata=entry(name, solution=True)))
    for name, text in {"asserts": TESTS, "helper": 'check("predict", predict)'}.items():
        cells.append(new_code_cell(text, metadata=entry(name, grade=True, locked=True, points=2)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def filled_in(released, text):
    notebook = nbformat.from_dict(released)
    for cell in notebook.cells:
        if grade_id(cell) in FORGED:
            cell.source = forged_gap(grade_id(cell))
    return behind_the_set_up(notebook, text)


@pytest.fixture(scope="session")
def ordinary(once, course_folder):
    """Marks under nbgrader as it comes, in one assignment tested by assertions and by a helper of the course's."""

    def make(root):
        source = root / "source" / "ordinary"
        source.mkdir(parents=True)
        nbformat.write(ordinary_assignment(), source / "ordinary.ipynb")
        shutil.copy(course_folder / "release" / FIRST / "checks.json", source)
        api = api_of(root)
        api_for(course_folder)  # puts our environment first, where nbgrader looks for alembic
        result = api.generate_assignment("ordinary")
        assert result["success"], result
        released = nbformat.read(root / "release" / "ordinary" / "ordinary.ipynb", as_version=4)
        assert not any("HIDDEN" in c.source or "0.8807" in c.source for c in released.cells)
        for name, text in {**FORGERIES, "nothing": WRONG}.items():
            folder = root / "submitted" / name / "ordinary"
            folder.mkdir(parents=True)
            nbformat.write(filled_in(released, text), folder / "ordinary.ipynb")
        for name in [*FORGERIES, "nothing"]:
            result = api.autograde("ordinary", name)
            assert result["success"], result

    api = api_of(once("ordinary", make))
    with Gradebook(api.coursedir.db_url, "ordinary") as book:
        return {
            student: {
                g.name: g.auto_score for n in book.find_submission("ordinary", student).notebooks for g in n.grades
            }
            for student in [*FORGERIES, "nothing"]
        }


def api_of(root):
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "ordinary"
    return NbGraderAPI(config=config)


# under this harness


def forgers(classroom):
    for name, text in FORGERIES.items():
        notebook = classroom.solved(**{gap: forged_gap(gap) for gap in FORGED})
        classroom.hand_in(name, behind_the_set_up(notebook, text))


@pytest.fixture
def here(graded):
    return graded("forgers", forgers)


def test_a_forger_of_everything_who_built_nothing_earns_nothing_in_a_later_assignment(later):
    notebook = later.untouched()
    for name, text in FORGERIES.items():
        if name != "trace_function":  # which only makes everything slow
            behind_the_set_up(notebook, text)
    assert later.marks(notebook) == later.nothing


class TestForgers:
    """One class here, and one under nbgrader as it comes."""

    @pytest.mark.parametrize("name", FORGERIES)
    def test_a_forged_result_earns_nothing_here_and_full_marks_beside_the_test(
        self, name, here, ordinary, record_property
    ):
        ours = here.marks()[name]
        stock = ordinary[name]
        forged = sum(ours[gap] for gap in FORGED)
        print(f"{name:22} nbgrader alone: {max(stock.values()):g} of 2   here: {forged:g} of 4")
        record_property("forgery", f"{name}: nbgrader alone {max(stock.values()):g} of 2, here {forged:g} of 4")
        assert {gap: ours[gap] for gap in FORGED} == dict.fromkeys(FORGED, 0.0)
        target = "helper" if name == "patched_helpers" else "asserts"
        assert stock[target] == 2

    def test_the_same_wrong_functions_without_a_forgery_earn_nothing_beside_the_test(self, ordinary):
        assert ordinary["nothing"] == {"asserts": 0, "helper": 0}

    @pytest.mark.parametrize("name", [n for n in FORGERIES if n != "patched_helpers"])
    def test_a_forger_keeps_what_the_other_functions_deserve(self, here, name):
        """Only who replaces what brings results back here loses these, too: no result of theirs arrives."""
        points = here.assignment().points
        assert here.marks()[name] == {n: 0.0 if n in FORGED else p for n, p in points.items()}

    def test_a_forged_mark_is_not_in_what_is_shown_either(self, here):
        for name in FORGERIES:
            for exercise, cell in here.checks(name).items():
                said, score = cell.outputs
                if exercise in FORGED:
                    assert said.text.startswith(f"{exercise}: 0 of") and not RIGHT.search(said.text)
                    assert float(score.data["text/plain"]) == 0

    def test_nothing_outside_of_its_sandbox_was_changed_by_a_forger(self, here, course_folder):
        for folder in ("source", "release"):
            for path in (course_folder / folder).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    assert (here.root / path.relative_to(course_folder)).read_bytes() == path.read_bytes()
        assert (here.root / ".course_secret").read_bytes() == (course_folder / ".course_secret").read_bytes()
        assert {p.name for p in (here.root / ".verdicts").iterdir()} == {FIRST}
        assert len(here.verdicts()) == len(FORGERIES)


@pytest.mark.parametrize(
    "body", ["return None", "return args[0] if args else 0.0", "return 0 * args[0] if args else 1.0"]
)
def test_a_function_that_does_nothing_earns_nothing(course_folder, name, body):
    """Also where outputs tell what it left as it was. None of this is hostile, so it can run here."""
    assignment = load(course_folder / "source" / name)
    for exercise, text in assignment.gaps.items():
        filled = REGION.sub(rf"\1args = [given for name, given in locals().items() if name != 'self']\n\1{body}", text)
        assert filled.count(body) == text.count("BEGIN SOLUTION")
        result = judge(assignment, exercise, filled, assignment.public(exercise))
        assert result.fraction == 0, (exercise, result)
