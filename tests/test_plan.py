"""What is run depends on what the learner wrote, and on nothing else that stands in the file."""

from __future__ import annotations

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.assignment import grade_id, load, strip_markers, stub_of
from grader.course import Course
from grader.plan import Step, alone, as_json, canonical, plan, untouched, without

FIRST = "01_perceptron_limits"

STRANGE = {
    "nothing": "",
    "an unclosed string": "'''",
    "a stray backslash": "x = \\",
    "a magic alone": "%%",
    "a shell line": "!ls",
    "a question": "np.allclose?",
    "a null byte": "a = 'x\0y'",
    "signs beyond counting": "x = " + "-" * 100_000 + "1",
    "brackets beyond counting": "x = " + "(" * 5_000 + ")" * 5_000,
    "a sum beyond counting": "x = 1" + " + 1" * 50_000,
    "an argument twice": "def sigmoid(z, z):\n    return z",
    "global after use": "def sigmoid(z):\n    total = z\n    global total\n    return total",
    "nonlocal at the top": "nonlocal sigmoid",
    "a star import in a function": "def sigmoid(z):\n    from numpy import *\n    return exp(z)",
    "return at the top": "return 1",
    "await at the top": "await sigmoid(1)",
    "magics beyond counting": "%pwd\n" * 600,
    "tabs and spaces": "if 1:\n\tx = 1\n        y = 2",
}
"""What can stand in a cell, the more so in one that its author gave up on."""


@pytest.fixture(scope="module")
def assignment(course_folder):
    return load(course_folder / "source" / FIRST)


@pytest.fixture
def released(course_folder):
    return nbformat.read(course_folder / "release" / FIRST / f"{FIRST}.ipynb", as_version=4)


@pytest.fixture
def solved(released, assignment):
    for cell in released.cells:
        if grade_id(cell) in assignment.gaps:
            cell.source = strip_markers(assignment.gaps[grade_id(cell)])
    return released


def steps(notebook, assignment):
    return plan(canonical(copy.deepcopy(notebook), assignment), assignment)


def named(notebook, name):
    """The one cell with this grade_id."""
    (cell,) = [c for c in notebook.cells if grade_id(c) == name]
    return cell


def order(notebook):
    return [grade_id(c) for c in notebook.cells if grade_id(c)]


def kinds(found, kind):
    return [s.exercise or s.source for s in found if s.kind == kind]


def experiments(notebook):
    return [c for c in notebook.cells if "experiment" in c.metadata.get("tags", [])]


# what is put back


def test_a_released_notebook_has_one_gap_and_then_one_probe_for_every_exercise(released, assignment):
    found = steps(released, assignment)
    assert kinds(found, "gap") == kinds(found, "probe") == list(assignment.gaps)
    assert [s.kind for s in found if s.exercise] == ["gap", "probe"] * len(assignment.gaps)
    assert found[0].kind == "setup"
    assert all(untouched(s, assignment) for s in found if s.kind == "gap")


def test_every_cell_gets_back_the_metadata_it_was_released_with(solved, assignment):
    original = {grade_id(c): c.metadata["nbgrader"] for c in assignment.notebook.cells if grade_id(c)}
    for cell in solved.cells:
        if grade_id(cell):
            cell.metadata["nbgrader"] |= {"points": 100, "locked": False, "grade": False, "solution": True}
    restored = canonical(solved, assignment)
    assert {grade_id(c): c.metadata["nbgrader"] for c in restored.cells if grade_id(c)} == original


def test_a_locked_cell_gets_back_its_text_and_a_gap_keeps_the_learners(solved, assignment):
    for name in ("setup", "sigmoid-check", "sigmoid"):
        named(solved, name).source = "print('mine')"
    restored = canonical(solved, assignment)
    assert named(restored, "setup").source == named(assignment.notebook, "setup").source
    assert named(restored, "sigmoid-check").source == 'check("sigmoid", sigmoid)'
    assert named(restored, "sigmoid").source == "print('mine')"


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("name", ["sigmoid", "sigmoid-check", "setup"])
def test_a_cell_of_another_type_becomes_code_again(solved, assignment, name, kind):
    before = steps(solved, assignment)
    cell = named(solved, name)
    cell.cell_type = kind
    del cell["outputs"], cell["execution_count"]
    restored = canonical(copy.deepcopy(solved), assignment)
    nbformat.validate(restored)
    assert plan(restored, assignment) == before


def test_a_missing_check_set_up_or_question_comes_back_where_it_was_and_a_missing_gap_does_not(solved, assignment):
    before = order(solved)
    gone = ["setup", "sigmoid-check", "lift-check", "perceptron-why-2", "sigmoid"]
    solved.cells = [c for c in solved.cells if grade_id(c) not in gone]
    restored = canonical(solved, assignment)
    nbformat.validate(restored)
    assert order(restored) == [name for name in before if name != "sigmoid"]
    assert named(restored, "perceptron-why-2").source == "YOUR ANSWER HERE"


def test_of_two_cells_with_one_name_the_last_counts_and_the_first_is_the_learners_own(solved, assignment):
    again = copy.deepcopy(named(solved, "sigmoid"))
    again.source = "def sigmoid(z):\n    return 0"
    solved.cells.append(again)
    found = steps(solved, assignment)
    assert [s.source for s in found if s.kind == "gap" and s.exercise == "sigmoid"] == [again.source]
    assert strip_markers(assignment.gaps["sigmoid"]) in kinds(found, "cell")


@pytest.mark.parametrize("entry", ["text", 5, None, [], {"grade_id": 5}, {"grade_id": ["sigmoid"]}, {}])
def test_metadata_of_another_kind_is_as_good_as_none(solved, assignment, entry):
    solved.cells.append(new_code_cell("extra = 1", metadata={"nbgrader": entry}))
    found = steps(solved, assignment)
    assert kinds(found, "probe") == list(assignment.gaps)
    assert found[-1] == Step("cell", "extra = 1")


def test_a_name_that_was_never_released_gives_no_mark(solved, assignment):
    bonus = {"schema_version": 3, "grade_id": "bonus-check", "grade": True, "solution": False, "points": 100}
    solved.cells.append(new_code_cell("'a bonus'", metadata={"nbgrader": {**bonus, "locked": True, "task": False}}))
    restored = canonical(solved, assignment)
    assert grade_id(restored.cells[-1]) == ""
    assert plan(restored, assignment)[-1].kind == "cell"


def test_in_a_notebook_without_any_metadata_gaps_are_known_by_what_they_define(solved, assignment):
    for cell in solved.cells:
        cell.metadata.clear()
    found = steps(solved, assignment)
    assert kinds(found, "probe") == list(assignment.gaps)
    written = {s.exercise: s.source for s in found if s.kind == "gap"}
    assert written == {name: strip_markers(text) for name, text in assignment.gaps.items()}


def test_a_gap_whose_name_is_gone_is_the_last_cell_that_defines_what_it_does(solved, assignment):
    del named(solved, "sigmoid").metadata["nbgrader"]
    solved.cells.append(new_code_cell("def sigmoid(z):\n    return z"))
    solved.cells.append(new_code_cell("sigmoid_of_one = sigmoid(1)"))
    (gap,) = [s for s in steps(solved, assignment) if s.kind == "gap" and s.exercise == "sigmoid"]
    assert gap.source == "def sigmoid(z):\n    return z"


def test_a_notebook_put_in_order_once_is_in_order(solved, assignment):
    solved.cells = [c for c in solved.cells if grade_id(c) not in ("setup", "predict-check", "lift")]
    solved.cells.insert(3, copy.deepcopy(named(solved, "sigmoid")))
    before = copy.deepcopy(solved)
    once = canonical(solved, assignment)
    assert once != solved == before and canonical(once, assignment) == once


# what a verdict depends on


def test_outputs_ids_counts_and_metadata_change_nothing(solved, assignment, tmp_path):
    course = Course(tmp_path)
    before = course.digest(canonical(copy.deepcopy(solved), assignment), "ada", assignment)
    for number, cell in enumerate(solved.cells):
        cell.id = f"other-{number}"
        cell.metadata["collapsed"] = True
        if cell.cell_type == "code":
            cell.execution_count = 99
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3"}, execution_count=99)]
        elif not grade_id(cell):
            cell.source += "\n\nA note of mine."
    solved.metadata = nbformat.from_dict({"kernelspec": {"name": "other", "display_name": "Other"}})
    assert course.digest(canonical(solved, assignment), "ada", assignment) == before


def test_a_verdict_depends_on_the_learners_text_the_student_and_the_secret(solved, assignment, tmp_path):
    def digest(notebook=solved, student="ada", folder="one"):
        course = Course(tmp_path / folder)
        course.root.mkdir(exist_ok=True)
        return course.digest(canonical(copy.deepcopy(notebook), assignment), student, assignment)

    changed = copy.deepcopy(solved)
    named(changed, "sigmoid").source += "\n"
    assert digest() == digest()
    assert len({digest(), digest(changed), digest(student="bob"), digest(folder="two")}) == 4


# experiments


def test_experiments_that_nobody_changed_are_left_out(solved, assignment):
    found = steps(solved, assignment)
    assert kinds(found, "experiment") == []
    assert kinds(found, "skipped") == [c.source for c in experiments(solved)] != []


def test_a_changed_experiment_that_defines_nothing_needed_is_left_out(solved, assignment):
    experiments(solved)[0].source += "\n\nprint('sixty epochs')\nmy_favourite = 60"
    assert kinds(steps(solved, assignment), "experiment") == []


@pytest.mark.parametrize(
    "definition",
    [
        "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))",
        "class sigmoid:\n    pass",
        "sigmoid = lambda z: 1 / (1 + np.exp(-z))",
        "from scipy.special import expit as sigmoid",
        "with experiment():\n    def sigmoid(z):\n        return z",
        "if True:\n    sigmoid, other = abs, abs",
        "%matplotlib inline\ndef sigmoid(z):\n    return z",
        "%time sigmoid = abs\ndef sigmoid(z):\n    return z",
    ],
)
def test_a_changed_experiment_that_defines_what_a_contract_needs_is_run(released, assignment, definition):
    experiments(released)[0].source += f"\n\n{definition}"
    assert experiments(released)[0].source in kinds(steps(released, assignment), "experiment")


def test_a_changed_experiment_that_defines_what_a_gap_calls_is_run(solved, assignment):
    experiments(solved)[0].source += "\n\ndef helper(z):\n    return np.exp(-np.abs(z))"
    named(solved, "sigmoid").source = "def sigmoid(z):\n    small = helper(z)\n    return small / (1 + small)"
    assert experiments(solved)[0].source in kinds(steps(solved, assignment), "experiment")


def test_of_the_other_experiments_only_those_are_run_on_which_the_needed_one_rests(released, assignment):
    changed, *others = experiments(released)
    changed.source += "\n\ndef sigmoid(z):\n    return one / (one + np.exp(-z))"
    others[0].source += "\n\none = two / 2"
    others[1].source += "\n\ntwo = 2.0"
    others[2].source += "\n\nthree = 3.0"
    wanted = [changed.source, others[0].source, others[1].source]
    assert kinds(steps(released, assignment), "experiment") == wanted


def test_a_gap_with_the_tag_of_an_experiment_is_a_gap(solved, assignment):
    before = steps(solved, assignment)
    named(solved, "sigmoid").metadata["tags"] = ["experiment"]
    assert steps(solved, assignment) == before


def test_a_cell_of_the_learners_own_is_run_where_it_stands(solved, assignment):
    at = solved.cells.index(named(solved, "sigmoid"))
    solved.cells.insert(at, new_code_cell("def helper(z):\n    return z"))
    found = steps(solved, assignment)
    position = [s.exercise for s in found].index("sigmoid")
    assert found[position - 1] == Step("cell", "def helper(z):\n    return z")


def test_text_of_the_learners_own_is_not_run(solved, assignment):
    before = steps(solved, assignment)
    solved.cells.insert(5, new_markdown_cell("import os"))
    assert steps(solved, assignment) == before


def test_a_changed_experiment_under_a_magic_of_the_whole_cell_is_run_as_well(released, assignment):
    experiments(released)[0].source = "%%time\ndef sigmoid(z):\n    return z"
    assert experiments(released)[0].source in kinds(steps(released, assignment), "experiment")


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_a_text_that_is_no_python_is_a_step_like_any_other(solved, assignment, text, time_limit):
    time_limit(10)
    named(solved, "sigmoid").source = text
    experiments(solved)[0].source += "\nchanged = 1"
    experiments(solved)[1].source = text
    solved.cells.append(new_code_cell(text))
    found = steps(solved, assignment)
    assert Step("gap", text, "sigmoid") in found and found[-1] == Step("cell", text)
    as_json(found)


def test_half_of_a_surrogate_pair_becomes_a_question_mark(solved, assignment):
    """It cannot be written as UTF-8, and nbgrader would end with an error where it writes the notebook."""
    solved.cells.append(new_code_cell("a = '\ud800'"))
    solved.cells.append(new_markdown_cell("half of \ud83d"))
    restored = canonical(solved, assignment)
    assert [c.source for c in restored.cells[-2:]] == ["a = '?'", "half of ?"]
    nbformat.writes(restored).encode("utf-8")


# an exercise on its own merits


def test_alone_an_exercise_keeps_its_own_text_and_earlier_gaps_hold_the_solution(released, assignment):
    wrong = {"sigmoid": "def sigmoid(z):\n    return 0", "predict": "def predict(X, w):\n    return 0.5"}
    for name, text in wrong.items():
        named(released, name).source = text
    found = alone(steps(released, assignment), "predict", assignment)
    texts = {s.exercise: s.source for s in found if s.kind == "gap"}
    names = list(assignment.gaps)
    for name in names[: names.index("predict")]:
        assert texts[name] == strip_markers(assignment.gaps[name])
    assert texts["predict"] == wrong["predict"]
    assert kinds(found, "probe") == ["predict"]
    assert list(texts) == names


def test_alone_no_later_gap_holds_the_solution(released, assignment):
    found = alone(steps(released, assignment), "predict", assignment)
    names = list(assignment.gaps)
    for step in found:
        if step.kind == "gap" and names.index(step.exercise) >= names.index("predict"):
            assert untouched(step, assignment)


def test_alone_a_deleted_gap_stands_where_it_was_released(solved, assignment):
    solved.cells = [c for c in solved.cells if grade_id(c) not in ("prepend_bias", "sigmoid", "bce_loss")]
    found = alone(steps(solved, assignment), "predict", assignment)
    place = [s.exercise for s in found]
    assert {"prepend_bias", "sigmoid"} <= set(kinds(found, "gap")) and "bce_loss" not in kinds(found, "gap")
    assert place.index("prepend_bias") < place.index("sigmoid") < place.index("predict")
    assert next(s.kind for s in found if s.exercise == "predict") == "gap"


def test_alone_a_deleted_exercise_stays_deleted(solved, assignment):
    solved.cells = [c for c in solved.cells if grade_id(c) != "sigmoid"]
    found = alone(steps(solved, assignment), "sigmoid", assignment)
    assert "sigmoid" not in kinds(found, "gap") and kinds(found, "probe") == ["sigmoid"]
    assert "prepend_bias" in kinds(found, "gap")


def test_alone_no_marker_of_a_solution_is_left(solved, assignment):
    for name in assignment.gaps:
        assert not any("SOLUTION" in s.source for s in alone(steps(solved, assignment), name, assignment))


def test_without_an_exercise_only_its_gap_is_as_it_was_released(solved, assignment):
    before = steps(solved, assignment)
    after = without(before, "sigmoid", assignment)
    changed = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    assert [a for _, a in changed] == [Step("gap", stub_of(assignment.gaps["sigmoid"]), "sigmoid")]
    assert untouched(changed[0][1], assignment)
