"""Bad input: one clear line, and nothing is lost."""

from __future__ import annotations

import json
import shutil

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from byhand.compare import compare, properties
from byhand.outcome import Outcome
from grader.assignment import grade_id, load
from grader.autograde import api_for, autograde, course_of, judge_one
from grader.cli import app
from grader.course import CourseError
from grader.init import init
from grader.judge import Judge
from grader.sandbox import SandboxUnavailable

FIRST = "01_perceptron_limits"

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def files(root):
    """Every file of a course folder with its content, databases and caches apart."""
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in (".db", ".pyc")
    }


def one_line(done):
    """What a command that failed said: one sentence, and no traceback."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return lines[0]


@pytest.fixture
def grader(monkeypatch):
    """``grader(folder, *words)``: the command in this process, which is quicker; it has to fail."""

    def run(folder, *words):
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 1, done.output
        return one_line(done)

    return run


# commands


def test_a_misspelt_assignment_names_the_one_that_was_meant(classroom):
    before = files(classroom.root)
    done = classroom.run("grader", "autograde", "05_layer_clases", code=1)
    assert one_line(done) == "There is no assignment '05_layer_clases'. Did you mean 05_layer_classes?"
    assert files(classroom.root) == before


@pytest.mark.parametrize("word", ["autograde", "simulate", "build", "audit"])
def test_an_assignment_that_is_nowhere_near_lists_those_there_are(grader, course_folder, word):
    line = grader(course_folder, word, "chess")
    assert line.startswith("There is no assignment 'chess'. There are: 0") and "01_perceptron_limits" in line


def test_a_misspelt_assignment_stops_the_function_as_well(classroom):
    with pytest.raises(CourseError, match=r"There is no assignment '05_layer_clases' in .*; there are: 0"):
        autograde(classroom.root, [FIRST, "05_layer_clases"])


@pytest.mark.parametrize("word", ["autograde", "report", "simulate"])
def test_a_folder_that_is_no_course_says_how_to_make_one(grader, tmp_path, word):
    line = grader(tmp_path, word)
    assert line == f"{tmp_path} is no course folder: there is no nbgrader_config.py. Run 'grader init {tmp_path}'."
    assert list(tmp_path.iterdir()) == []


def test_an_assignment_that_was_not_released_says_how_to_release_it(classroom):
    shutil.rmtree(classroom.root / "release" / FIRST)
    classroom.hand_in("ann", "")
    with pytest.raises(CourseError, match=f"not released in .*: run 'nbgrader generate_assignment {FIRST}' first"):
        classroom.autograde()


def test_a_course_folder_is_not_made_over_another(grader, classroom):
    before = files(classroom.root)
    line = grader(classroom.root.parent, "init", "course")
    assert line == "course is a course folder already; choose another, or delete it yourself."
    assert files(classroom.root) == before


def test_a_new_course_folder_has_settings_and_solutions_and_no_authored_text(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init", "term", name])
    assert done.exit_code == 0 and "generate_assignment" in done.stdout
    root = tmp_path / "term"
    assert (root / "nbgrader_config.py").exists() and (root / "source" / name / f"{name}.ipynb").exists()
    assert not list(root.rglob("[0-9][0-9]_*.py"))
    assert course_of(root).names == [name]


def test_a_report_before_any_marks_says_what_to_do_first(grader, classroom):
    before = files(classroom.root)
    assert grader(classroom.root, "report").endswith("holds no marks: run 'grader autograde' first.")
    assert files(classroom.root) == before


def test_a_sandbox_of_another_name_is_refused(grader, course_folder):
    line = grader(course_folder, "autograde", "--sandbox", "docker")
    assert line == "--sandbox is 'docker'; it can be bubblewrap or none."


# no sandbox


def test_without_bubblewrap_nothing_is_marked_and_it_says_what_to_install(classroom, tmp_path):
    classroom.hand_in("ann", classroom.solved())
    before = files(classroom.root)
    empty = tmp_path / "empty"
    empty.mkdir()
    line = one_line(classroom.run("grader", "autograde", FIRST, path=str(empty), code=1))
    assert "bubblewrap is not installed: install it" in line and "apt install bubblewrap" in line
    assert files(classroom.root) == before and classroom.marks() == {}


def test_without_bubblewrap_nbgrader_marks_nothing_either(classroom, monkeypatch):
    def lacking(mode, release):
        raise SandboxUnavailable("bubblewrap is not installed: install it (apt install bubblewrap).")

    monkeypatch.setattr("grader.execute.box_for", lacking)
    classroom.hand_in("ann", classroom.solved())
    result = api_for(classroom.root).autograde(FIRST, "ann")
    assert not result["success"] and "bubblewrap is not installed" in result["log"]
    assert sum(classroom.marks().get("ann", {"": 0.0}).values()) == 0
    with pytest.raises(SandboxUnavailable):
        classroom.autograde()


def test_no_sandbox_is_a_choice_that_works_and_says_what_it_means(classroom):
    classroom.hand_in("ann", classroom.solved(sigmoid="def sigmoid(z):\n    return z"))
    done = classroom.run("grader", "autograde", FIRST, "--sandbox", "none")
    assert "No sandbox: what learners wrote runs with your own rights on this machine." in done.stdout
    assert classroom.marks() == {"ann": {**classroom.assignment().points, "sigmoid": 0.0}}


# submissions


def other_version(classroom):
    notebook = json.loads(nbformat.writes(classroom.solved()))
    return json.dumps({**notebook, "nbformat": 99})


BAD = {
    "empty": "",
    "no_json": "# my solution\nprint('hello')\n",
    "no_notebook": '{"a": 1}',
    "a_list": "[1, 2, 3]",
    "a_number": "5",
    "null": "null",
    "cut_off": lambda classroom: nbformat.writes(classroom.solved())[:5000],
    "binary": b"\x00\xff\xfe\x80" * 100,
    "deep": "[" * 100_000,
    "cells_of_another_kind": '{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "a_cell_of_another_kind": '{"cells": ["x = 1"], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "a_source_of_another_kind": json.dumps(
        {
            "cells": [{"cell_type": "code", "source": 7, "metadata": {}, "outputs": [], "execution_count": None}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ),
    "other_version": other_version,
}
ABSENT = ("nothing", "misnamed", "a_folder")
NOT_ATTEMPTED = ("no_cells", "without_gaps", "text_only", "untouched")


def bad_class(classroom):
    for student, content in BAD.items():
        classroom.hand_in(student, content(classroom) if callable(content) else content)
    for student in ABSENT:
        classroom.path(student).parent.mkdir(parents=True)
    (classroom.path("misnamed").parent / "Untitled.ipynb").write_text(nbformat.writes(classroom.solved()))
    classroom.path("a_folder").mkdir()
    classroom.hand_in("no_cells", new_notebook())
    gaps = classroom.assignment().gaps
    classroom.hand_in("without_gaps", classroom.solved(**dict.fromkeys(gaps)))
    classroom.hand_in("text_only", new_notebook(cells=[new_markdown_cell("I was ill, sorry.")]))
    classroom.hand_in("untouched", classroom.released())
    classroom.hand_in("zoe", classroom.solved())
    old = nbformat.convert(classroom.solved(), 3)
    classroom.hand_in("an_old_notebook", json.dumps(old))


@pytest.fixture(scope="session")
def bad(graded):
    """A class of bad submissions, marked by the command."""

    def grade(classroom):
        bad_class(classroom)
        before = files(classroom.root)
        done = classroom.run("grader", "autograde", FIRST, code=1)
        after = files(classroom.root)
        said = {"stdout": done.stdout, "stderr": done.stderr}
        said["changed"] = sorted(str(p) for p, content in before.items() if after.get(p) != content)
        (classroom.root / "said.json").write_text(json.dumps(said))

    classroom = graded("bad", grade, marked=True)
    said = json.loads((classroom.root / "said.json").read_text())
    return classroom, said


class TestAClassOfBadSubmissions:
    """Marked once, by the command."""

    def test_bad_submissions_do_not_keep_others_from_their_marks(self, bad):
        classroom, _ = bad
        marks = classroom.marks()
        points = classroom.assignment().points
        nothing = dict.fromkeys(points, 0.0)
        assert marks["zoe"] == points
        assert {s: marks[s] for s in marks if s not in ("zoe", "an_old_notebook")} == dict.fromkeys(
            [*BAD, *ABSENT, *NOT_ATTEMPTED], nothing
        )

    def test_a_notebook_of_an_older_format_is_marked(self, bad):
        """Its cells have no names that it could keep, so what counts is what they define."""
        classroom, _ = bad
        assert classroom.marks()["an_old_notebook"] == classroom.assignment().points

    @pytest.mark.parametrize("student", [*BAD, *ABSENT])
    def test_each_bad_submission_gets_one_line_that_says_what_is_wrong(self, bad, student):
        _, said = bad
        (line,) = [line for line in said["stdout"].splitlines() if line.startswith(f"{student}, {FIRST}: ")]
        reason = line.removeprefix(f"{student}, {FIRST}: ")
        assert reason.startswith(f"{FIRST}.ipynb ") and reason.endswith(" (0 points)")
        wanted = ("was not handed in", "is no file but a folder") if student in ABSENT else "is no notebook: "
        assert reason.removeprefix(f"{FIRST}.ipynb ").startswith(wanted)
        assert "could not be marked" not in line and len(line) < 220

    def test_who_handed_in_under_another_name_is_told_what_is_there(self, bad):
        _, said = bad
        assert (
            f"misnamed, {FIRST}: {FIRST}.ipynb was not handed in (there is: Untitled.ipynb) (0 points)"
            in said["stdout"]
        )
        assert f"nothing, {FIRST}: {FIRST}.ipynb was not handed in (there is: nothing) (0 points)" in said["stdout"]

    def test_only_bad_submissions_are_called_so_and_nothing_else_is_said(self, bad):
        _, said = bad
        assert said["stdout"].count("(0 points)") == len(BAD) + len(ABSENT)
        assert said["stderr"] == ""

    def test_no_submission_solution_or_release_is_changed_by_marking(self, bad):
        _, said = bad
        assert said["changed"] == []

    @pytest.mark.parametrize("student", NOT_ATTEMPTED)
    def test_a_notebook_without_answers_is_not_attempted_and_no_problem(self, bad, student):
        classroom, _ = bad
        for name, check in classroom.checks(student).items():
            assert check.outputs[0].text.startswith(f"{name}: 0 of ") and "(not attempted)" in check.outputs[0].text

    def test_the_report_lists_bad_submissions_among_the_marks(self, bad, tmp_path):
        classroom, _ = bad
        root = tmp_path / "course"
        shutil.copytree(classroom.root, root)
        from grader.autograde import Problem
        from grader.report import report

        marks = report(root, tmp_path / "report.html", [Problem(FIRST, "empty", "<b>is no notebook</b>")])
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "zoe" in page and "&lt;b&gt;is no notebook" in page and "<b>is no notebook" not in page
        assert set(marks["student"]) == set(classroom.marks())


def test_a_bad_submission_of_one_who_was_marked_before_scores_0_and_says_so(classroom):
    classroom.hand_in("ann", classroom.solved())
    assert classroom.autograde() == []
    classroom.hand_in("ann", "not json")
    (problem,) = classroom.autograde()
    assert (problem.student, problem.assignment) == ("ann", FIRST) and "is no notebook" in problem.reason
    assert classroom.marks() == {"ann": dict.fromkeys(classroom.assignment().points, 0.0)}
    classroom.hand_in("ann", classroom.solved())
    assert classroom.autograde() == []
    assert classroom.marks() == {"ann": dict(classroom.assignment().points)}


def test_what_nbgrader_itself_cannot_do_is_told_in_its_own_words(classroom, monkeypatch):
    """Not that there is a traceback above."""

    def failing(nb, verdict):
        raise OSError("No space left on device")

    monkeypatch.setattr("grader.execute.write_outputs", failing)
    classroom.hand_in("ann", classroom.solved())
    (problem,) = classroom.autograde()
    assert "No space left on device" in problem.reason and "\n" not in problem.reason
    assert classroom.marks() == {"ann": dict.fromkeys(classroom.assignment().points, 0.0)}


def test_one_submission_that_breaks_our_own_code_keeps_no_other_from_its_marks(classroom, monkeypatch):
    verdict = Judge.verdict

    def breaking(self, notebook, student):
        if student == "bea":
            raise ZeroDivisionError("in our own code")
        return verdict(self, notebook, student)

    monkeypatch.setattr(Judge, "verdict", breaking)
    for student in ("ann", "bea", "cyd"):
        classroom.hand_in(student, classroom.solved())
    (problem,) = classroom.autograde()
    assert problem.student == "bea" and "ZeroDivisionError" in problem.reason and "\n" not in problem.reason
    points = classroom.assignment().points
    assert classroom.marks() == {"ann": points, "bea": dict.fromkeys(points, 0.0), "cyd": points}


def test_marks_of_another_assignment_stay_as_they_are(classroom, built):
    for name in built:
        classroom.hand_in("ann", classroom.solved(name), name)
    first, *others = built
    assert classroom.autograde(*others) == []
    before = {name: classroom.marks(name) for name in others}
    classroom.hand_in("ann", "", first)
    assert len(classroom.autograde(first)) == 1
    assert {name: classroom.marks(name) for name in others} == before
    assert sum(classroom.marks(first)["ann"].values()) == 0


STRANGE = {
    "global after use": "def sigmoid(z):\n    total = z\n    global total\n    return total",
    "an argument twice": "def sigmoid(z, z):\n    return z",
    "signs beyond counting": "x = " + "-" * 100_000 + "1",
    "a null byte": "def sigmoid(z):\n    return '\0'",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_a_text_that_is_no_python_costs_its_own_exercise_only(first, text):
    """Also where an experiment was changed, so that names have to be looked for."""
    notebook = first.solved(sigmoid=text)
    for cell in notebook.cells:
        if "experiment" in cell.metadata.get("tags", []):
            cell.source = "epochs = 60"
    assert first.marks(notebook) == first.full(sigmoid=0.0)


def test_half_of_a_surrogate_pair_in_a_notebook_is_marked_like_any_other(classroom):
    notebook = classroom.solved()
    notebook.cells.append(new_code_cell("name = '\\ud800'"))
    text = nbformat.writes(notebook).replace("\\\\ud800", "\\ud800")
    classroom.hand_in("ann", text)
    assert classroom.autograde() == []
    assert classroom.marks() == {"ann": dict(classroom.assignment().points)}


# what functions return


VALUES = {
    "nothing": "None",
    "a text": "'a text'",
    "a list of unequal rows": "[[1.0], [2.0, 3.0]]",
    "a dictionary": "{'a': 1}",
    "a function": "len",
    "an exception": "ValueError('no')",
    "a generator": "(i for i in range(3))",
    "too many results": "(1.0,) * 7",
    "no elements": "np.zeros((0, 3))",
    "many axes": "np.zeros((1,) * 30)",
    "complex numbers": "np.full((3, 1), 1j)",
    "dates": "np.array(['2020-01-01'], dtype='datetime64[D]')",
    "objects": "np.array([object()])",
    "records": "np.zeros(3, dtype=[('a', float)])",
    "nan": "float('nan')",
    "infinity": "np.full((4, 1), np.inf)",
    "an integer beyond all bounds": "10**400",
    "far more than asked for": "np.zeros((1500, 1500))",
    "a gigabyte": "np.zeros((2**27,))",
    "more than there is": "np.zeros((10**6, 10**6))",
    "a masked array": "np.ma.masked_array([1.0, 2.0], mask=[True, False])",
    "an array that raises": "type('A', (), {'__array__': lambda self, *a, **k: 1 / 0})()",
    "an array that ends the process": "type('A', (), {'__array__': lambda self, *a, **k: __import__('os')._exit(0)})()",
    "an array that is copied for ever": "type('A', (list,), {'__len__': lambda self: 10**9})()",
}


def test_results_of_a_strange_shape_type_size_or_count_earn_nothing_and_spoil_nothing(first):
    """Every value is what one of the functions returns, the next value what the next function returns."""
    names = list(first.assignment.gaps)
    kinds = list(VALUES.items())
    for start in range(0, len(kinds), len(names)):
        given = dict(zip(names, kinds[start:], strict=False))
        gaps = {n: f"def {n}(*args, **kwargs):\n    return {expression}" for n, (_, expression) in given.items()}
        verdict = first.verdict(first.solved(**gaps))
        expected = {n: 0.0 if n in given else first.full()[n] for n in names}
        assert {n: m.mark for n, m in verdict.marks.items()} == expected, given
        for n in given:
            mark = verdict.marks[n]
            assert mark.status in ("wrong", "raised", "stopped") and not any(f.right for f in mark.findings)
            assert any(f.cause for f in mark.findings) and all(len(f.cause) < 700 for f in mark.findings)


def test_results_larger_than_asked_for_are_told_so(first):
    verdict = first.verdict(first.solved(lift="def lift(X):\n    return np.zeros((1500, 1500))"))
    assert "`Z` has shape (1500, 1500), far larger than anything asked for" in verdict.marks["lift"].text()


def arrays():
    """What can come back from a learner's function: any small array of an allowed kind."""
    numbers = st.sampled_from([0.0, -1.0, 1.5, 1e308, -1e308, 1e-308, np.nan, np.inf, -np.inf])
    entries = {
        "f": numbers,
        "c": st.builds(complex, numbers, numbers),
        "i": st.integers(-(2**63), 2**63 - 1),
        "u": st.integers(0, 2**64 - 1),
        "b": st.booleans(),
        "U": st.text(max_size=3),
    }
    dtypes = {"f": float, "c": complex, "i": np.int64, "u": np.uint64, "b": bool, "U": "U3"}

    def filled(kind, shape, values):
        size = int(np.prod(shape))
        return np.array((values * (size // len(values) + 1))[:size], dtype=dtypes[kind]).reshape(shape)

    shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
    return st.sampled_from(list(entries)).flatmap(
        lambda kind: st.builds(filled, st.just(kind), shapes, st.lists(entries[kind], min_size=1, max_size=4))
    )


def mixed(want):
    """An array like the one that is wanted, but wrong, or any other."""
    shape = want.shape
    likeness = st.sampled_from([float, complex, bool, np.int64, "U3"]).map(lambda dtype: np.ones(shape).astype(dtype))
    return st.one_of(likeness, arrays(), st.just(want))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(data=st.data())
def test_no_result_whatever_breaks_the_comparison(course_folder, built, data):
    """What comes back is compared here, outside of the sandbox: whatever it is, there is a result."""
    name = data.draw(st.sampled_from(built))
    assignment = load(course_folder / "source" / name)
    exercise = data.draw(st.sampled_from(list(assignment.gaps)))
    contract, wanted = assignment.contracts[exercise], assignment.public(exercise)
    raw = [
        {
            k: np.asarray(v)
            for k, v in assignment.call(exercise, assignment.exercises[exercise].reference, [i])[0].outputs.items()
        }
        for i in wanted.inputs
    ]
    got = []
    for inputs, outputs in zip(wanted.inputs, raw, strict=True):
        given_back = {k: data.draw(mixed(v)) for k, v in outputs.items() if data.draw(st.booleans())}
        got.append(properties(contract, Outcome(given_back), inputs))
    result = compare(contract, wanted, got)
    assert 0 <= result.fraction <= 1 and len(result.findings) == len(wanted.names)
    assert all(isinstance(line, str) for details in (True, False) for line in result.lines(details))


def test_a_number_in_one_case_and_a_text_in_another_is_wrong(first):
    contract = first.assignment.contracts["predict"]
    wanted = first.assignment.public("predict")
    got = [Outcome({"y_hat": 2 * want["y_hat"]}) for want in wanted.outputs]
    got[1] = Outcome({"y_hat": np.full(wanted.outputs[1]["y_hat"].shape, "a")})
    assert compare(contract, wanted, got).status == "wrong"


def test_a_submission_that_returns_texts_now_and_then_is_marked(first):
    text = (
        "calls = []\n"
        "def predict(X, w):\n"
        "    calls.append(0)\n"
        "    return np.full((len(X), 1), 2.0 if len(calls) % 2 else 'a')"
    )
    assert first.marks(first.solved(predict=text)) == first.full(predict=0.0)


# names, folders and files of a course


def test_a_course_folder_with_a_blank_in_its_name_works(course_folder, tmp_path, sandboxes, monkeypatch):
    root = tmp_path / "my course, 2nd term"
    shutil.copytree(course_folder, root)
    from grader.execute import verdict_for
    from grader.plan import canonical

    monkeypatch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
    course = course_of(root)
    notebook = nbformat.read(root / "source" / FIRST / f"{FIRST}.ipynb", as_version=4)
    assignment = course.assignment(FIRST)
    verdict = verdict_for(course, canonical(notebook, assignment), FIRST, "Ada Lovelace", "bubblewrap")
    assert {n: m.mark for n, m in verdict.marks.items()} == assignment.points


def test_init_copies_no_checkpoints_or_caches(tmp_path, course_folder):
    solutions = tmp_path / "solutions"
    shutil.copytree(course_folder / "source", solutions)
    for junk in (".ipynb_checkpoints/old.ipynb", "__pycache__/x.pyc", f"{FIRST}.py"):
        path = solutions / FIRST / junk
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    init(tmp_path / "course", solutions, [FIRST])
    kept = {p.name for p in (tmp_path / "course" / "source" / FIRST).iterdir()}
    assert kept == {p.name for p in (course_folder / "source" / FIRST).iterdir()}


def test_a_submission_that_is_gone_when_its_turn_comes_is_a_problem_and_no_crash(classroom):
    problem = judge_one(classroom.course, FIRST, "nobody", "bubblewrap")
    assert problem is not None and problem.reason == f"{FIRST}.ipynb was not handed in (there is: nothing)"


def test_checks_in_a_notebook_that_was_handed_in_are_not_what_is_run(first):
    """A check with a wrong name or a wrong number of objects is the released one again."""
    notebook = first.solved()
    for cell in notebook.cells:
        if grade_id(cell) == "sigmoid-check":
            cell.source = 'check("sigmiod", sigmoid, sigmoid)'
    assert first.marks(notebook) == first.full()


def test_names_that_are_patterns_markup_or_codes_are_reported_and_harm_nobody(classroom):
    strange = ["*", "x [1]", "new\nline", "<img src=x>", "a\u202eb", "-rf", "a\x1b[31m", "'; DROP TABLE"]
    for student in (*strange, "José O'Brien", "ada+1@school.edu"):
        classroom.hand_in(student, classroom.solved())
    problems = classroom.autograde()
    assert len(problems) == len(strange)
    assert all("rename it" in p.reason and p.student.isprintable() for p in problems)
    assert classroom.marks().keys() == {"José O'Brien", "ada+1@school.edu"}
    assert all(
        sum(marks.values()) == sum(classroom.assignment().points.values()) for marks in classroom.marks().values()
    )
