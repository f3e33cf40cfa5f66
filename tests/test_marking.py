"""A class is marked: every learner gets what their functions deserve, again and again, whoever asks."""

from __future__ import annotations

import ast
import copy
import json
import shutil

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import determine_grade
from traitlets.config import Config

from byhand.compare import Finding, compare
from grader import gradebook, judge, simulate
from grader.assignment import grade_id, strip_markers, stub_of
from grader.autograde import Interrupted, api_for, nbgrader_config
from grader.demo import differing
from grader.execute import write_outputs
from grader.judge import Judge, Verdict, hidden_rng
from grader.sandbox import SessionEnded

FIRST = "01_perceptron_limits"

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def cell(notebook, name):
    (found,) = [c for c in notebook.cells if grade_id(c) == name]
    return found


def index(notebook, name):
    return notebook.cells.index(cell(notebook, name))


def experiments(notebook):
    return [c for c in notebook.cells if "experiment" in c.metadata.get("tags", [])]


def is_short_of_full(text):
    """Whether a check says of any output that it is wrong or was not reached."""
    return any(line.endswith((" WRONG", " not reached")) for line in text.splitlines())


CHAINS = (FIRST, "05_layer_classes")
"""Where a piece that is named is also called; elsewhere a contract may take a class and use a part of it."""


def dependants(assignment):
    """For each exercise, the later ones whose solutions or contracts call it, directly or not."""
    trees = {name: ast.parse(strip_markers(text)) for name, text in assignment.gaps.items()}
    defines = {
        name: {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        for name, tree in trees.items()
    }
    uses = {
        name: {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | set(assignment.contracts[name].objects)
        for name, tree in trees.items()
    }
    names = list(trees)
    calling = {
        name: {n for n in names[i + 1 :] if uses[n] & (defines[name] - defines[n])} for i, name in enumerate(names)
    }
    while True:
        wider = {name: found.union(*(calling[n] for n in found)) for name, found in calling.items()}
        if wider == calling:
            return calling
        calling = wider


# known marks


CUT = tuple((3 if make is simulate.misconceived else 1, make) for _, make in simulate.CLASS)
"""One learner of each kind, and a few more with misconceptions."""


def sample_class(classroom):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulate, "CLASS", CUT)
        released, submitted = classroom.root / "release", classroom.root / "submitted"
        size = sum(count for count, _ in CUT)
        known = simulate.simulate({FIRST: classroom.assignment()}, released, submitted, size)
    for path in sorted(submitted.glob("*/*/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        drop_slow_experiments(notebook, classroom.released())
        nbformat.write(notebook, path)
    known.to_csv(classroom.root / "known_marks.csv", index=False)


def drop_slow_experiments(notebook, released):
    """Where a learner changed an experiment, the others are deleted: here their figures only take time."""
    original = {c.source for c in released.cells}
    if any(c.source not in original for c in experiments(notebook)):
        slow = [c for c in experiments(notebook) if c.source in original]
        notebook.cells = [c for c in notebook.cells if c not in slow]
        for changed in experiments(notebook):
            changed.source = changed.source.partition("\n\nwith experiment")[0]


@pytest.fixture
def sample(graded):
    classroom = graded("sample", sample_class)
    return classroom, pd.read_csv(classroom.root / "known_marks.csv")


@pytest.mark.parametrize(("count", "make"), CUT)
def test_every_kind_of_learner_gets_the_known_marks_in_the_later_assignments(later, count, make):
    for number in range(count):
        work = make(later.assignment, number)
        notebook = simulate.notebook_of(work, later.released, later.assignment)
        drop_slow_experiments(notebook, later.released)
        for cell in notebook.cells:  # as endless, and leaves the processor to other tests
            cell.source = cell.source.replace("while True: pass", "while True: __import__('time').sleep(1)")
        known = {name: share * later.assignment.points[name] for name, share in work.deserved.items()}
        assert later.marks(notebook) == pytest.approx(known, abs=1e-6)


class TestASampleClass:
    """One learner of each kind, marked once."""

    def test_every_mark_of_the_sample_class_is_the_known_one_to_the_exercise(self, sample):
        classroom, known = sample
        marks = gradebook.read(api_for(classroom.root))
        wrong = differing(known, marks)
        assert wrong.empty, wrong.to_string()
        assert len(marks) == len(known) > 0
        assert (marks["max"] == known["max"]).all()

    def test_the_sample_class_has_marks_of_every_kind(self, sample):
        _, known = sample
        shares = known["mark"] / known["max"]
        assert (shares == 0).any() and (shares == 1).any() and ((shares > 0) & (shares < 1)).any()

    def test_each_submission_has_one_verdict_whoever_computed_it(self, sample):
        classroom, known = sample
        for name, rows in known.groupby("assignment"):
            assert len(classroom.verdicts(name)) == rows["student"].nunique()

    def test_every_mark_that_is_not_full_comes_with_a_reason(self, sample):
        classroom, known = sample
        for (student, name), rows in known.groupby(["student", "assignment"]):
            checks = classroom.checks(student, name)
            for row in rows.itertuples():
                said, score = checks[row.exercise].outputs
                assert said.text.startswith(f"{row.exercise}: ")
                assert float(score.data["text/plain"]) == pytest.approx(row.mark, abs=1e-6)
                assert is_short_of_full(said.text) == (row.mark < row.max)
                assert len(said.text.splitlines()) > 1


def test_a_misconception_in_every_gap_gets_the_known_marks_and_each_is_named(each):
    a = each.assignment
    held = {name: exercise.misconceptions[1] for name, exercise in a.exercises.items()}
    gaps = {name: a.misconceived(name, m) for name, m in held.items()}
    verdict = each.verdict(each.solved(**gaps))
    for name, m in held.items():
        share = simulate.judge(a, name, gaps[name], a.public(name)).fraction
        assert verdict.marks[name].mark == pytest.approx(a.points[name] * share, abs=1e-6), (name, m.name)
        assert m.name in {f.misconception for f in verdict.marks[name].findings}, name


# nbgrader's own commands


def four_learners(classroom):
    assignment = classroom.assignment()
    wrong = assignment.exercises["sigmoid"].misconceptions[0]
    classroom.hand_in("ann", classroom.solved())
    classroom.hand_in("bea", classroom.solved(sigmoid=assignment.misconceived("sigmoid", wrong)))
    classroom.hand_in("cyd", classroom.solved(predict=stub_of(assignment.gaps["predict"]), lift=None))
    cheated = classroom.released()
    cell(cheated, "sigmoid-check").source = "print('right')"
    cheated.cells.remove(cell(cheated, "predict-check"))
    classroom.hand_in("dee", cheated)


@pytest.fixture
def four(graded):
    return graded("four", four_learners)


@pytest.fixture
def unmarked(four, classroom):
    """The same four submissions in a folder without marks or verdicts."""
    shutil.copytree(four.root / "submitted", classroom.root / "submitted")
    return classroom


# verdicts are used again


@pytest.fixture
def judged(monkeypatch):
    """The students whose work was run, in order."""
    students = []
    verdict = Judge.verdict

    def counted(self, notebook, student):
        students.append(student)
        return verdict(self, notebook, student)

    monkeypatch.setattr(Judge, "verdict", counted)
    return students


def test_a_submission_that_did_not_change_is_not_run_again_and_a_changed_one_is(classroom, judged):
    for student in ("ann", "bea"):
        classroom.hand_in(student, classroom.solved())
    classroom.autograde()
    assert judged == ["ann", "bea"]
    before = classroom.marks()
    looked_at = classroom.solved()
    for c in looked_at.cells:
        c.metadata["collapsed"] = True
        if c.cell_type == "code":
            c.outputs = [new_output("stream", text="as I left it")]
    classroom.hand_in("ann", looked_at)
    classroom.autograde()
    assert judged == ["ann", "bea"] and classroom.marks() == before
    classroom.hand_in("bea", classroom.solved(lift="def lift(X):\n    return X"))
    classroom.autograde()
    assert judged == ["ann", "bea", "bea"]
    assert classroom.marks() == {"ann": before["ann"], "bea": {**before["bea"], "lift": 0.0}}


def test_an_interrupted_run_resumes_where_it_was(classroom, judged, monkeypatch):
    for student in ("ann", "bea", "cyd"):
        classroom.hand_in(student, classroom.solved())
    counted = Judge.verdict

    def interrupted(self, notebook, student):
        if len(judged) == 2:
            raise KeyboardInterrupt
        return counted(self, notebook, student)

    monkeypatch.setattr(Judge, "verdict", interrupted)
    with pytest.raises(Interrupted):
        classroom.autograde()
    assert judged == ["ann", "bea"] and len(classroom.verdicts()) == 2
    monkeypatch.setattr(Judge, "verdict", counted)
    classroom.autograde()
    assert judged == ["ann", "bea", "cyd"]
    assert classroom.marks() == dict.fromkeys(judged, classroom.assignment().points)


def test_a_run_that_is_interrupted_while_marks_are_recorded_stops_and_gives_nobody_0(classroom, monkeypatch):
    def interrupted(nb, verdict):
        raise KeyboardInterrupt

    for student in ("ann", "bea"):
        classroom.hand_in(student, classroom.solved())
    with monkeypatch.context() as patch:
        patch.setattr("grader.execute.write_outputs", interrupted)
        with pytest.raises(Interrupted):
            classroom.autograde()
    assert classroom.autograde() == []
    assert classroom.marks() == dict.fromkeys(("ann", "bea"), classroom.assignment().points)


DAMAGE = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "no object": lambda text: "[]",
    "null": lambda text: "null",
    "no marks": lambda text: json.dumps({**json.loads(text), "marks": None}),
    "marks of another kind": lambda text: json.dumps({**json.loads(text), "marks": [1, 2]}),
    "a mark of another kind": lambda text: json.dumps({**json.loads(text), "marks": {"sigmoid": 3}}),
    "without outputs": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "outputs"}),
    "not utf-8": lambda text: b"\xff\xfe" + text.encode(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_verdict_is_as_good_as_none(classroom, judged, damage):
    classroom.hand_in("ann", classroom.solved())
    from grader.autograde import judge_one

    assert judge_one(classroom.course, FIRST, "ann", "bubblewrap") is None
    (path,) = classroom.verdicts()
    before = path.read_text()
    damaged = damage(before)
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    assert judge_one(classroom.course, FIRST, "ann", "bubblewrap") is None
    assert judged == ["ann", "ann"]
    assert path.read_text() == before and len(classroom.verdicts()) == 1


def test_only_their_owner_can_read_the_secret_and_it_stays(tmp_path):
    from grader.course import Course, CourseError

    secret = Course(tmp_path).secret
    assert len(secret) == 32 and Course(tmp_path).secret == secret
    assert (tmp_path / ".course_secret").stat().st_mode & 0o077 == 0
    (tmp_path / ".course_secret").write_bytes(b"short")
    with pytest.raises(CourseError, match="damaged"):
        _ = Course(tmp_path).secret


# the same submission, the same mark


def test_the_same_submission_gets_the_same_verdict_every_time(each):
    half = {name: each.stub(name) for name in list(each.assignment.gaps)[::2]}
    notebook = each.solved(**half)
    assert each.verdict(notebook) == each.verdict(notebook)


def same(a, b):
    return all(np.array_equal(np.asarray(x[key]), np.asarray(y[key])) for x, y in zip(a, b, strict=True) for key in x)


def test_each_student_gets_inputs_of_their_own_and_keeps_them(each):
    a = each.assignment
    for name, exercise in a.exercises.items():

        def inputs(secret, student, name=name, exercise=exercise):
            return exercise.cases(hidden_rng(secret, student, a.name, name))

        assert same(inputs(b"secret", "ada"), inputs(b"secret", "ada"))
        if a.contracts[name].inputs:
            assert not same(inputs(b"secret", "ada"), inputs(b"secret", "bob")), name
            assert not same(inputs(b"secret", "ada"), inputs(b"other", "ada")), name
            assert not same(inputs(b"secret", "ada"), a.public(name).inputs), name


def test_the_hidden_inputs_of_two_exercises_and_assignments_are_drawn_apart():
    draws = {
        float(hidden_rng(b"secret", *words).random())
        for words in [("ada", "01", "sigmoid"), ("ada", "05", "sigmoid"), ("ada", "01", "lift"), ("a", "da01", "lift")]
    }
    assert len(draws) == 4


def test_the_answers_to_the_public_cases_alone_earn_nothing(first):
    table = "import json\nopen_cases = json.load(open('checks.json'))['exercises']"
    lookup = (
        "def sigmoid(z):\n"
        "    for case in open_cases['sigmoid']['cases']:\n"
        "        if np.shape(z) == tuple(case['inputs']['z']['shape']):\n"
        "            return np.array(case['expected']['p']['data'])\n"
        "    return np.where(z > 0, 1.0, 0.0)"
    )
    notebook = first.solved(sigmoid=lookup)
    notebook.cells.insert(index(notebook, "sigmoid"), new_code_cell(table))
    verdict = first.verdict(notebook)
    findings = {f.output: f.right for f in verdict.marks["sigmoid"].findings}
    assert findings["p"] is False


# on its own merits


def test_a_wrong_gap_costs_its_own_exercise_only_and_the_feedback_says_that_the_others_rest_on_it(each):
    for name, others in dependants(each.assignment).items():
        raising = each.beginning(name, "raise ArithmeticError('not yet')")
        verdict = each.verdict(each.solved(**{name: raising}))
        share = simulate.judge(each.assignment, name, raising, each.assignment.public(name)).fraction
        deserved = each.full(**{name: each.assignment.points[name] * share})
        assert {n: m.mark for n, m in verdict.marks.items()} == pytest.approx(deserved, abs=1e-6)
        borrowed = {n for n, m in verdict.marks.items() if m.borrowed}
        assert borrowed == others if each.assignment.name in CHAINS else borrowed <= others
        for n, mark in verdict.marks.items():
            assert ("It rests on an earlier piece that is not right" in mark.text()) == (n in borrowed)
        assert verdict.marks[name].status in ("raised", "wrong") and "not yet" in verdict.marks[name].text()


def test_wrong_numbers_in_a_gap_cost_its_own_exercise_only(each):
    a = each.assignment
    for name, others in dependants(a).items():
        if not others:
            continue
        texts = [a.misconceived(name, m) for m in a.exercises[name].misconceptions]
        shares = [simulate.judge(a, name, text, a.public(name)).fraction for text in texts]
        wrong = texts[int(np.argmin(shares))]
        expected = each.full(**{name: min(shares) * a.points[name]})
        assert each.marks(each.solved(**{name: wrong})) == pytest.approx(expected, abs=1e-6)


def test_a_gap_that_is_untouched_or_deleted_costs_its_own_exercise_only(each):
    for name, others in dependants(each.assignment).items():
        if others:
            for text in (each.stub(name), None):
                verdict = each.verdict(each.solved(**{name: text}))
                assert {n: m.mark for n, m in verdict.marks.items()} == each.full(**{name: 0.0})
                assert verdict.marks[name].status == "not attempted"


def test_relu_by_way_of_an_untouched_leaky_relu_earns_nothing(benches):
    """The solution stands in for what a gap builds on, and not for what comes after it."""
    bench = benches("05_layer_classes")
    relu = (
        "class ReLU:\n"
        "    def forward(self, x):\n"
        "        self.leaky = LeakyReLU(0.0)\n"
        "        return self.leaky.forward(x)\n\n"
        "    def backward(self, dout):\n"
        "        return self.leaky.backward(dout)"
    )

    def leaky_first(**gaps):
        notebook = bench.untouched(relu=relu, **gaps)
        leaky = cell(notebook, "leaky_relu")
        notebook.cells.remove(leaky)
        notebook.cells.insert(index(notebook, "relu"), leaky)
        return notebook

    assert bench.marks(leaky_first()) == bench.nothing
    built = bench.marks(leaky_first(leaky_relu=bench.assignment.gaps["leaky_relu"]))
    assert built == {**bench.nothing, **{n: bench.assignment.points[n] for n in ("relu", "leaky_relu")}}


def test_a_wrong_piece_costs_itself_only_in_a_notebook_without_metadata(first):
    notebook = first.solved(prepend_bias=first.beginning("prepend_bias", "raise ArithmeticError"))
    notebook.cells = [c for c in notebook.cells if c not in experiments(notebook)]  # their figures only take time
    for c in notebook.cells:
        c.metadata.clear()
    assert first.marks(notebook) == first.full(prepend_bias=0.0)


@pytest.mark.parametrize("at_the_end", [False, True], ids=["below its gap", "at the end"])
def test_a_wrong_answer_in_a_cell_of_the_learners_own_costs_its_own_exercise_only(first, at_the_end):
    notebook = first.solved(prepend_bias=first.stub("prepend_bias"))
    gap = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "prepend_bias")
    place = len(notebook.cells) if at_the_end else gap + 1
    notebook.cells.insert(place, new_code_cell("def prepend_bias(X):\n    return X"))
    assert first.marks(notebook) == first.full(prepend_bias=0.0)


def test_two_wrong_gaps_in_one_chain_cost_two_exercises(first):
    gaps = {n: first.beginning(n, "raise ArithmeticError('not yet')") for n in ("prepend_bias", "bce_gradient")}
    assert first.marks(first.solved(**gaps)) == first.full(prepend_bias=0.0, bce_gradient=0.0)


def test_the_solution_that_stands_in_for_a_gap_earns_that_gap_nothing(each):
    names = list(each.assignment.gaps)
    for kept in (names[0], names[-1]):
        gaps = {n: each.stub(n) for n in names if n != kept}
        expected = {**each.nothing, kept: each.assignment.points[kept]}
        assert each.marks(each.solved(**gaps)) == expected


SPIES = {
    "the text of an error": "class Spy:\n    def __array__(self, *a, **k):\n        raise RuntimeError(source())",
    "the name of an error": (
        "class Spy:\n    def __array__(self, *a, **k):\n        raise type(source()[-80:], (RuntimeError,), {})"
    ),
    "the name of a type": "def Spy():\n    return type(source(), (), {})()",
    "a result that is text": "Spy = lambda: source()",
    "the length of a result": "Spy = lambda: np.zeros(int.from_bytes(source()[-2:].encode()))",
}


@pytest.mark.parametrize("spy", SPIES.values(), ids=SPIES.keys())
def test_nothing_of_the_solution_that_stands_in_for_a_gap_gets_into_the_feedback(first, spy):
    """Half of the exercise is right where sigmoid is the solution's; the other half tells what it sees there."""
    spying = strip_markers(first.assignment.gaps["train_perceptron"]).replace("return w, history", "return w, Spy()")
    source = "import inspect\ndef source():\n    return inspect.getsource(sigmoid).strip()"
    notebook = first.solved(sigmoid=first.stub("sigmoid"), train_perceptron=f"{source}\n{spy}\n{spying}")
    verdict = first.verdict(notebook)
    mark = verdict.marks["train_perceptron"]
    assert (mark.mark, mark.borrowed) == (1.5, True)
    written = strip_markers(first.assignment.gaps["sigmoid"])
    length = str(int.from_bytes(written[-2:].encode()))
    told = json.dumps(verdict.as_json())
    assert "np.abs(z)" not in told and "(1 + small)" not in told and length not in told


# what else stands in a notebook


def test_an_answer_in_a_cell_tagged_experiment_counts(each):
    calling = dependants(each.assignment)
    name = next((n for n, others in calling.items() if others), next(iter(calling)))
    notebook = each.solved(**{name: each.stub(name)})
    below = notebook.cells[index(notebook, name) :]
    changed, *slow = [c for c in below if c in experiments(notebook)]
    notebook.cells = [c for c in notebook.cells if c not in slow]
    changed.source = strip_markers(each.assignment.gaps[name])
    assert each.marks(notebook) == each.full()


def test_a_helper_in_a_cell_of_the_learners_own_counts(first):
    notebook = first.solved(sigmoid="def sigmoid(z):\n    return helper(z)")
    helper = strip_markers(first.assignment.gaps["sigmoid"]).replace("def sigmoid", "def helper")
    notebook.cells.insert(index(notebook, "sigmoid"), new_code_cell(helper))
    assert first.marks(notebook) == first.full()


def test_a_helper_below_the_check_counts_as_it_would_when_all_cells_were_run(first):
    notebook = first.solved(sigmoid=first.stub("sigmoid"))
    answer = strip_markers(first.assignment.gaps["sigmoid"])
    notebook.cells.append(new_code_cell(answer))
    assert first.marks(notebook) == first.full()


def test_experiments_that_nobody_changed_are_not_run(first):
    notebook = first.solved()
    verdict = first.verdict(notebook)
    code = [c for c in notebook.cells if c.cell_type == "code" and not grade_id(c).endswith("-check")]
    shown = dict(zip([c.id for c in code], verdict.outputs, strict=True))
    assert all(shown[c.id] == [] for c in experiments(notebook))


def test_what_a_learners_cells_print_stands_under_them_and_under_no_other(first):
    notebook = first.solved()
    notebook.cells.insert(index(notebook, "lift"), new_code_cell("print('hello'); 6 * 7"))
    verdict = first.verdict(notebook)
    printed = [outputs for outputs in verdict.outputs if outputs]
    assert [[o["output_type"] for o in outputs] for outputs in printed] == [["stream", "execute_result"]]


def test_a_submission_without_the_gaps_is_not_attempted(first):
    notebook = first.untouched(**dict.fromkeys(first.assignment.gaps))
    verdict = first.verdict(notebook)
    assert {m.status for m in verdict.marks.values()} == {"not attempted"}
    assert {n: m.mark for n, m in verdict.marks.items()} == first.nothing
    assert "(not attempted)" in verdict.marks["sigmoid"].text()
    assert "`sigmoid` is not defined" in verdict.marks["sigmoid"].text()


def test_an_empty_notebook_is_not_attempted(first):
    assert first.marks(nbformat.v4.new_notebook()) == first.nothing


# crashes


BREAKDOWNS = {
    "an endless loop": "while True: pass",
    "the process ended": "import os; os._exit(0)",
    "the process ended with an error": "import os; os._exit(7)",
    "the process aborted": "import os; os.abort()",
    "a crash of the interpreter": "import ctypes; ctypes.string_at(0)",
    "sys.exit": "import sys; sys.exit()",
    "quit": "quit()",
    "an interrupt": "raise KeyboardInterrupt",
    "a generator's end": "raise GeneratorExit",
    "no memory for an array": "np.empty((10**12,)).sum()",
    "a list that grows": "[bytearray(2**26) for _ in range(2**10)]",
    "a call of itself without end": "import sys; sys.setrecursionlimit(10**6); f = lambda: f(); f()",
    "an error without a text": "raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})",
}


@pytest.mark.parametrize("line", BREAKDOWNS.values(), ids=BREAKDOWNS.keys())
def test_what_ends_a_session_costs_that_exercise_only(first, line):
    verdict = first.verdict(first.solved(predict=first.beginning("predict", line)))
    assert {n: m.mark for n, m in verdict.marks.items()} == first.full(predict=0.0)
    mark = verdict.marks["predict"]
    assert mark.status in ("stopped", "raised")
    assert all(f.cause for f in mark.findings) and is_short_of_full(mark.text())


def test_a_gap_whose_cell_does_not_run_costs_that_exercise_only(first):
    for text in ("def predict(X, w:\n    return 1", "1 / 0", "import os\nos._exit(3)", "import nothing_of_this_name"):
        verdict = first.verdict(first.solved(predict=text))
        assert {n: m.mark for n, m in verdict.marks.items()} == first.full(predict=0.0)
        assert verdict.marks["predict"].status in ("stopped", "raised")


@pytest.mark.parametrize("text", ["while True:\n    pass", "import os\nos._exit(1)"])
def test_a_cell_of_the_learners_own_that_ends_the_session_leaves_the_rest_marked(first, text):
    notebook = first.solved(lift=first.beginning("lift", "raise ArithmeticError"))
    notebook.cells.insert(index(notebook, "sigmoid"), new_code_cell(text))
    verdict = first.verdict(notebook)
    assert {n: m.mark for n, m in verdict.marks.items()} == first.full(lift=0.0)
    assert len(verdict.notes) == 1 and verdict.notes[0].startswith("A cell was left out: It ")


def test_marking_comes_to_an_end_when_everything_takes_too_long(first, monkeypatch, time_limit):
    monkeypatch.setattr(judge, "BUDGET", 3.0)
    names = list(first.assignment.gaps)
    gaps = {n: first.beginning(n, "while True: pass") for n in names[1:]}
    time_limit(20)
    verdict = first.verdict(first.solved(**gaps))
    assert {n: m.mark for n, m in verdict.marks.items()} == {**first.nothing, names[0]: first.full()[names[0]]}
    assert {verdict.marks[n].status for n in names[1:]} == {"stopped"}
    assert "in all and was ended" in verdict.marks[names[-1]].text()
    assert len(verdict.notes) <= 1


def test_marking_comes_to_an_end_when_there_is_no_time_at_all(first, monkeypatch, time_limit):
    monkeypatch.setattr(judge, "BUDGET", -1.0)
    time_limit(20)
    verdict = first.verdict(first.solved())
    assert {n: m.mark for n, m in verdict.marks.items()} == first.nothing
    assert all("in all and was ended" in m.text() for m in verdict.marks.values())


def test_an_endless_loop_beside_an_answer_in_an_experiment_costs_that_exercise_only(first, monkeypatch, time_limit):
    """Experiments may take long, and are given long; what is not one is not."""
    monkeypatch.setattr(judge, "EXPERIMENT_SECONDS", 15.0)
    notebook = first.solved(sigmoid=first.stub("sigmoid"), lift="while True:\n    pass")
    notebook.cells = [c for c in notebook.cells if c not in experiments(notebook)[:-1]]
    experiments(notebook)[0].source = strip_markers(first.assignment.gaps["sigmoid"])
    time_limit(14)
    assert first.marks(notebook) == first.full(lift=0.0)


# no verdict, no points


def graded_cell(exercise, points=2):
    entry = {"schema_version": 3, "grade_id": f"{exercise}-check", "grade": True, "solution": False, "locked": True}
    return new_code_cell(f'check("{exercise}")', metadata={"nbgrader": {**entry, "task": False, "points": points}})


def test_a_check_without_a_verdict_scores_0_and_says_why():
    notebook = nbformat.v4.new_notebook(cells=[graded_cell("sigmoid")])
    assert determine_grade(notebook.cells[0]) == (2, 2)  # nbgrader gives full marks to what has no output
    write_outputs(notebook, Verdict(FIRST, "ada", {}))
    assert determine_grade(notebook.cells[0]) == (0, 2)
    assert "No verdict" in notebook.cells[0].outputs[0].text and "0 points" in notebook.cells[0].outputs[0].text


def test_a_session_that_cannot_answer_a_single_probe_gives_0_everywhere(first, monkeypatch):
    def gone(self, contract, inputs, at):
        raise SessionEnded("protocol", "It closed the channel on which results are given back.")

    monkeypatch.setattr("grader.sandbox.Session.probe", gone)
    verdict = first.verdict(first.solved())
    assert {n: m.mark for n, m in verdict.marks.items()} == first.nothing
    assert {m.status for m in verdict.marks.values()} == {"stopped"}


def test_a_case_without_a_result_is_wrong_in_every_output(each):
    a = each.assignment
    for name, exercise in a.exercises.items():
        wanted = a.public(name)
        outcomes = a.call(name, exercise.reference, wanted.inputs)
        assert compare(a.contracts[name], wanted, outcomes).fraction == 1
        assert compare(a.contracts[name], wanted, outcomes[:-1]).fraction == 0
        assert compare(a.contracts[name], wanted, []).fraction == 0


def test_a_score_is_written_with_all_of_its_digits():
    notebook = nbformat.v4.new_notebook(cells=[graded_cell("sigmoid")])
    findings = (Finding("a", True), Finding("b", True), Finding("c", False, "it is wrong"))
    mark = judge.Mark("sigmoid", "wrong", round(2 * 2 / 3, 6), 2.0, findings)
    write_outputs(notebook, Verdict(FIRST, "ada", {"sigmoid": mark}))
    assert determine_grade(notebook.cells[0])[0] == pytest.approx(4 / 3, abs=1e-6)


# tampering: in each notebook the first half of the gaps is solved, the second is not


def edited(notebook, change):
    for c in list(notebook.cells):
        if grade_id(c):
            change(notebook, c)


def deleted_checks(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        notebook.cells.remove(c)


def edited_checks(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        c.source = "print('right')"


def checks_that_show_a_result(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        c.source = "3"
        c.outputs = [new_output("execute_result", {"text/plain": "3"}, execution_count=1)]


def doubled_checks(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        again = copy.deepcopy(c)
        again.id, again.source = f"again-{c.id}"[:64], "3"
        notebook.cells.append(again)


def checks_as_text(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        c.cell_type = "markdown" if "e" in grade_id(c) else "raw"
        del c["outputs"], c["execution_count"]


def checks_at_the_top(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        notebook.cells.remove(c)
        notebook.cells.insert(0, c)


def checks_that_are_to_be_solved(notebook, c):
    if c.metadata.nbgrader["grade"]:
        c.metadata.nbgrader |= {"solution": True, "locked": False}
        c.source += "\n# done"


def checks_that_are_no_grades(notebook, c):
    c.metadata.nbgrader["grade"] = False


def other_entries(notebook, c):
    c.metadata.nbgrader |= {"points": 1000, "grade": True, "schema_version": 1, "checksum": "0" * 32}


def renamed_checks(notebook, c):
    if c.metadata.nbgrader["grade"] and c.cell_type == "code":
        c.metadata.nbgrader["grade_id"] += "-2"


def names_exchanged(notebook, c):
    """The untouched gaps are called checks, and the other way round."""
    name = grade_id(c)
    if name.removesuffix("-check") in ("lift", "best_xor_accuracy"):
        c.metadata.nbgrader["grade_id"] = name.removesuffix("-check") if name.endswith("-check") else f"{name}-check"


def gaps_as_text(notebook, c):
    if c.metadata.nbgrader["solution"] and c.cell_type == "code":
        c.cell_type = "markdown"
        del c["outputs"], c["execution_count"]


def gaps_tagged_experiment(notebook, c):
    c.metadata["tags"] = ["experiment"]


def stripped_names(notebook, c):
    c.metadata.pop("nbgrader")


def stripped_metadata(notebook, c):
    for other in notebook.cells:
        other.metadata.clear()
    notebook.metadata.clear()


def a_bonus_and_one_id_for_all(notebook, c):
    c.id = "all-the-same"
    if grade_id(c) == "setup":
        bonus = graded_cell("bonus", 100)
        bonus.source = "100"
        notebook.cells.append(bonus)


TAMPERING = (
    deleted_checks,
    edited_checks,
    checks_that_show_a_result,
    doubled_checks,
    checks_as_text,
    checks_at_the_top,
    checks_that_are_to_be_solved,
    checks_that_are_no_grades,
    other_entries,
    renamed_checks,
    names_exchanged,
    gaps_as_text,
    gaps_tagged_experiment,
    stripped_names,
    stripped_metadata,
    a_bonus_and_one_id_for_all,
)


def tampered_class(classroom):
    gaps = classroom.assignment().gaps
    second = dict.fromkeys(list(gaps)[len(gaps) // 2 :])
    for change in TAMPERING:
        notebook = classroom.solved(**{name: stub_of(gaps[name]) for name in second})
        # in a copy where names or metadata go, only the learner's text can tell what was attempted
        edited(notebook, change)
        classroom.hand_in(change.__name__, json.dumps(notebook))


@pytest.fixture
def tampered(graded):
    return graded("tampered", tampered_class)


class TestTampering:
    """Half of the gaps are solved, and then every cell with a name is changed in some way."""

    @pytest.mark.parametrize("change", [t.__name__ for t in TAMPERING])
    def test_whoever_tampers_with_a_notebook_gets_what_its_functions_deserve(self, tampered, change):
        points = tampered.assignment().points
        half = list(points)[: len(points) // 2]
        assert tampered.marks()[change] == {n: p if n in half else 0.0 for n, p in points.items()}

    def test_what_can_be_reached_at_most_does_not_change_with_a_submission(self, tampered):
        table = gradebook.read(api_for(tampered.root))
        assert set(table["student"]) == {t.__name__ for t in TAMPERING}
        for _, rows in table.groupby("student"):
            assert dict(zip(rows["exercise"], rows["max"], strict=True)) == tampered.assignment().points

    def test_a_tampered_submission_is_run_once_however_it_is_read(self, tampered):
        assert len(tampered.verdicts()) <= len(TAMPERING)


class TestFourLearners:
    """Four submissions, marked by every command there is."""

    def test_the_nbgrader_autograde_command_gives_the_same_marks(self, four, unmarked):
        unmarked.run("nbgrader", "autograde", FIRST)
        assert unmarked.marks() == four.marks()
        assert len(unmarked.verdicts()) == 4

    def test_nbgraders_api_gives_the_same_marks_from_any_folder(self, four, unmarked, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        api = NbGraderAPI(config=nbgrader_config(unmarked.root))
        for student in ("ann", "bea", "cyd", "dee"):
            assert api.autograde(FIRST, student)["success"]
        assert unmarked.marks() == four.marks()

    def test_the_grader_autograde_command_gives_the_same_marks(self, four, unmarked):
        done = unmarked.run("grader", "autograde", FIRST, "--workers", "2")
        assert unmarked.marks() == four.marks()
        assert "marking 4 of 4, " in done.stdout and "/s" in done.stdout
        assert done.stderr == ""

    def test_the_four_learners_get_what_they_deserve(self, four):
        full = four.assignment().points
        nothing = dict.fromkeys(full, 0.0)
        marks = four.marks()
        assert marks["ann"] == full
        assert 0 < marks["bea"]["sigmoid"] < 2 and {**marks["bea"], "sigmoid": 2.0} == full
        assert marks["cyd"] == {**full, "predict": 0.0, "lift": 0.0}
        assert marks["dee"] == nothing

    def test_what_nbgrader_shows_of_a_learner_is_what_ran_and_why(self, four):
        notebook = nbformat.read(four.root / "autograded" / "bea" / FIRST / f"{FIRST}.ipynb", as_version=4)
        nbformat.validate(notebook)
        check = cell(notebook, "sigmoid-check")
        message = four.assignment().exercises["sigmoid"].misconceptions[0].message
        assert message.split()[0] in check.outputs[0].text and "WRONG" in check.outputs[0].text
        assert check.source == 'check("sigmoid", sigmoid)'

    def test_a_question_that_a_person_marks_is_left_to_that_person(self, four):
        from nbgrader.api import Gradebook

        api = api_for(four.root)
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as book:
            (notebook,) = book.find_submission(FIRST, "ann").notebooks
            questions = [g for g in notebook.grades if not g.name.endswith("-check")]
            assert questions and all(g.manual_score is None for g in questions)

    def test_feedback_shows_the_reasons(self, four, tmp_path):
        root = tmp_path / "copy"
        shutil.copytree(four.root, root)
        assert api_for(root).generate_feedback(FIRST, "bea")["success"]
        page = (root / "feedback" / "bea" / FIRST / f"{FIRST}.html").read_text(encoding="utf-8")
        assert "sigmoid: " in page and "WRONG" in page
        assert "### BEGIN" not in page

    def test_marks_are_recorded_with_any_executor(self, unmarked, four):
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            assert unmarked.autograde(executor=pool) == []
        assert unmarked.marks() == four.marks()

    def test_only_the_students_asked_for_are_marked(self, unmarked):
        unmarked.autograde(students=["ann"])
        assert list(unmarked.marks()) == ["ann"]


def test_a_text_cell_of_the_learners_own_disturbs_nothing(first):
    notebook = first.solved()
    for at in range(len(notebook.cells), -1, -4):
        notebook.cells.insert(at, new_markdown_cell("My notes: `def sigmoid(z): 1 / 0`"))
    assert first.marks(notebook) == first.full()


def test_configuration_other_than_the_folders_is_nbgraders_own(course_folder):
    config = nbgrader_config(course_folder)
    assert isinstance(config, Config)
    assert next(p.__name__ for p in config.Autograde.autograde_preprocessors) == "VerifiedExecute"
    assert "Execute" not in [p.__name__ for p in config.Autograde.autograde_preprocessors]
