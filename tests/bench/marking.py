"""Marking the same submissions with this grader, with nbgrader as it comes and with Otter-Grader.

All three get notebooks of the sample class, of the kinds that end by themselves; the two others get the
same exercises as hidden tests, which call what the learner defined on inputs drawn as ours are and compare
with stored answers. The *limit* is the time of the learners' own code in a warm interpreter.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import sys
import tempfile
import time
import venv
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from byhand.contracts import Contract, topic
from byhand.outcome import call
from grader.assignment import Assignment, grade_id, load
from grader.autograde import api_for
from grader.init import init
from grader.plan import canonical, plan
from grader.simulate import CLASS, simulate
from tests.bench import FOLDER, PROGRAMS, ROOT, Used, markdown, numbers, run, using

NAMES = ("01_perceptron_limits", "05_layer_classes")
OTTER = "otter-grader==7.0.0"
OTTER_NEEDS = ("numpy", "matplotlib", "pandas", "tqdm", "pooch", "ipython", "ipykernel")
SIZE = 30
CORES = 2
KINDS = ("solved", "alternative", "misconceived", "untouched", "half_done", "deleted", "in_experiment")
"""Of the sample class, those that neither run for ever nor end Python, which costs others far more than us."""
SOLVED = "learner01"

# The test of one exercise. nbgrader runs it in the learner's namespace, Otter with that namespace as `env`.
TEST = """
import base64, io
import numpy as np
from byhand.compare import properties
from byhand.contracts import contracts_of
from byhand.outcome import call

contract = contracts_of({topic!r})[{exercise!r}]
stored = np.load(io.BytesIO(base64.b64decode({stored!r})))
for case in range({cases}):
    part = {{kind: {{k.split(".")[2]: v for k, v in stored.items() if k.startswith(f"{{case}}.{{kind}}.")}}
            for kind in ("given", "wanted")}}
    given = {{name: value if value.ndim else value.item() for name, value in part["given"].items()}}
    got = properties(contract, call(contract, {namespace}, contract.shown(given)), given)
    assert got.failure is None, got.failure
    for name, value in part["wanted"].items():
        if value.dtype.kind in "fc":
            np.testing.assert_allclose(got.outputs[name], value, rtol={rtol}, atol={atol}, err_msg=name)
        else:
            np.testing.assert_array_equal(got.outputs[name], value, err_msg=name)
""".strip()
OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = {exercise!r}
points = {points}


@test_case(points={points}, hidden=True)
def test(env):
    {body}
"""


def test_of(assignment: Assignment, exercise: str, namespace: str) -> str:
    """A hidden test with stored inputs and answers."""
    wanted = assignment.wanted(exercise, np.random.default_rng(7), known=False)
    arrays = {}
    for case, (given, outputs) in enumerate(zip(wanted.inputs, wanted.outputs, strict=True)):
        arrays |= {f"{case}.given.{name}": np.asarray(value) for name, value in given.items()}
        arrays |= {f"{case}.wanted.{name}": value for name, value in outputs.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return TEST.format(
        topic=topic(assignment.name),
        exercise=exercise,
        stored=base64.b64encode(buffer.getvalue()).decode(),
        cases=len(wanted.inputs),
        namespace=namespace,
        rtol=wanted.rtol,
        atol=wanted.atol,
    )


def picked(size: int) -> list[str]:
    """Learners of the sample class of the kinds above, `size` of them, spread over the class."""
    kinds = [make.__name__ for count, make in CLASS for _ in range(count)]
    fit = [f"learner{i + 1:02d}" for i, kind in enumerate(kinds) if kind in KINDS]
    step = np.linspace(0, len(fit) - 1, min(size, len(fit)))
    return [fit[round(i)] for i in step]


# the three


def our_course(root: Path) -> dict[str, Assignment]:
    """A course folder into which the sample class handed in."""
    init(root, ROOT / "solutions", NAMES)
    api = api_for(root)
    for name in NAMES:
        assert api.generate_assignment(name)["success"], name
    assignments = {name: Assignment.load(root / "source" / name) for name in NAMES}
    simulate(assignments, root / "release", root / "submitted", SIZE)
    shutil.copy(root / "gradebook.db", root / "before.db")
    return assignments


def ours(root: Path, name: str, students: Iterable[str]) -> Used:
    """``grader autograde`` in the sandbox with two workers, with no verdict known and no mark recorded."""
    only = [word for student in students for word in ("--student", student)]
    for left in (".verdicts", "autograded"):
        shutil.rmtree(root / left, ignore_errors=True)
    shutil.copy(root / "before.db", root / "gradebook.db")
    with using() as used:
        run([PROGRAMS / "grader", "autograde", name, "--workers", str(CORES), *only], root)
    return used


def stock_course(root: Path, course: Path, assignments: Mapping[str, Assignment], students: Iterable[str]) -> None:
    """A course as nbgrader comes, with hidden tests in its check cells and the same submissions."""
    for name, assignment in assignments.items():
        shutil.copytree(course / "release" / name, root / "source" / name)  # toolbox and checks.json
        source = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
        for cell in source.cells:
            exercise = grade_id(cell).removesuffix("-check")
            if exercise != grade_id(cell) and exercise in assignment.points:
                hidden = test_of(assignment, exercise, "globals()")
                cell.source += f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        nbformat.write(source, root / "source" / name / f"{name}.ipynb")
        for student in students:
            shutil.copytree(course / "submitted" / student / name, root / "submitted" / student / name)
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'stock'\n")
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "stock"
    api = NbGraderAPI(config=config)
    for name in assignments:
        done = api.generate_assignment(name)
        assert done["success"], done


def nbgrader(root: Path, name: str, assignment: Assignment) -> Used:
    """``nbgrader autograde``, which marks one after the other."""
    with using() as used:
        run([PROGRAMS / "nbgrader", "autograde", name], root)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "stock") as book:
        (notebook,) = book.find_submission(name, SOLVED).notebooks
        marks = sum(grade.auto_score or 0 for grade in notebook.grades)
    assert marks == sum(assignment.points.values()), f"nbgrader gives {marks}"
    return used


def otter_programs() -> Path:
    """Where the programs of Otter's own environment are, which is made if there is none.

    Raises
    ------
    RuntimeError
        If it cannot be installed.
    """
    home = FOLDER / "otter-env"
    programs = home / "bin"
    stamp = home / "made-with"
    wanted = " ".join((OTTER, *OTTER_NEEDS))
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(home, clear=True, with_pip=True)
        run([programs / "python", "-m", "pip", "install", "--quiet", OTTER, *OTTER_NEEDS], FOLDER)
        stamp.write_text(wanted)
    return programs


def otter(base: Path, course: Path, assignment: Assignment, students: list[str]) -> Used:
    """``otter run`` for each submission, two at a time."""
    programs = otter_programs()
    name = assignment.name
    tests = base / "tests"
    tests.mkdir(parents=True)
    for exercise, points in assignment.points.items():
        body = test_of(assignment, exercise, "env").replace("\n", "\n    ")
        text = OTTER_TEST.format(exercise=exercise, points=points, body=body)
        (tests / f"{exercise}.py").write_text(text)
    release = course / "release" / name
    shutil.copytree(release, base, dirs_exist_ok=True)
    others = [path.name for path in release.iterdir() if path.suffix != ".ipynb"]
    place = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    run([programs / "otter", "generate", "-t", "tests", "-o", "autograder.zip", *others], base, **place)

    def mark(student: str) -> float:
        results = base / "results" / student
        results.mkdir(parents=True)
        notebook = course / "submitted" / student / name / f"{name}.ipynb"
        command = [programs / "otter", "run", "-a", base / "autograder.zip", "-o", results, "--no-logo", notebook]
        run(command, results, **place)
        return sum(test.get("score", 0) for test in json.loads((results / "results.json").read_text())["tests"])

    with using() as used, ThreadPoolExecutor(CORES) as pool:
        marks = dict(zip(students, pool.map(mark, students), strict=True))
    assert marks[SOLVED] == sum(assignment.points.values()), f"Otter gives {marks[SOLVED]}"
    return used


# the limit


def limit(course: Path, assignment: Assignment, students: Iterable[str]) -> tuple[float, float]:
    """Processor time in a warm interpreter of all cells as handed in, and of what marking runs of the learners'.

    That is cells, and calls on hidden inputs. One process has everything imported and forks for each submission.
    """
    name = assignment.name
    work = []
    for student in students:
        notebook = nbformat.read(course / "submitted" / student / name / f"{name}.ipynb", as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        steps = plan(canonical(notebook, assignment), assignment)
        work.append([code, [step.source for step in steps if step.kind in ("setup", "gap", "cell")]])
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "work.json"
        given.write_text(json.dumps(work))
        folders = course / "source" / name, course / "release" / name
        environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        said = run([sys.executable, "-m", "tests.bench.marking", given, *folders], Path(folder), **environment)
        whole, strict = json.loads(said.splitlines()[-1])
    return whole, strict


def warm(work: list[tuple[list[str], list[str]]], source: Path, release: Path) -> Iterator[tuple[float, float]]:
    """For each submission the seconds of all its cells, and the least of three of those that marking runs."""
    from grader.sandbox import shell as shells
    from grader.sandbox.template import warm as imported

    assignment = load(source)
    hidden = {name: assignment.wanted(name, np.random.default_rng(7), known=False) for name in assignment.exercises}
    calls = [(assignment.contracts[name], inputs) for name, wanted in hidden.items() for inputs in wanted.inputs]
    shell = imported(release.name)

    def seconds(cells: list[str], calls: list[tuple[Contract, Any]]) -> float:
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                with tempfile.TemporaryDirectory() as folder:
                    shutil.copytree(release, folder, dirs_exist_ok=True)
                    os.chdir(folder)
                    sys.path.insert(0, "")
                    shells.install_streams(shell)
                    start = time.process_time()
                    for cell in cells:
                        shells.run(shell, cell, 1 << 20)
                    for contract, inputs in calls:
                        call(contract, shell.user_ns, inputs)
                    os.write(writing, repr(time.process_time() - start).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading) as pipe:
            told = pipe.read()
        os.wait()
        return float(told)

    for code, marked in work:
        yield seconds(code, []), min(seconds(marked, calls) for _ in range(3))


# all of it


def figures(used: Used, count: int) -> dict[str, float]:
    """What is told of a measurement."""
    return {
        "submissions_per_s": count / used.seconds,
        "cpu_s_per_submission": used.cpu / count,
        "peak_mib": used.peak_mib,
    }


def together(parts: Iterable[Used]) -> Used:
    """One after the other."""
    parts = list(parts)
    return Used(sum(p.seconds for p in parts), sum(p.cpu for p in parts), max(p.peak_mib for p in parts))


def compared(uses: Mapping[str, Used], size: int, whole: float, strict: float) -> dict[str, Any]:
    """The figures on `size` submissions; ours are of two runs, one before the others and one after them."""
    ours = together([uses["before"], uses["after"]])
    seconds = ours.seconds / 2
    row: dict[str, Any] = {"submissions": size, "ours": figures(ours, 2 * size)}
    for other in ("nbgrader", "otter"):
        used = uses.get(other)
        row[other] = used and figures(used, size)
        row[f"ratio_to_{other}"] = used and used.seconds / seconds
    for name, of_cells in (("limit", whole), ("strict_limit", strict)):
        row[f"{name}_s"] = of_cells / CORES
        row[f"ratio_to_{name}"] = seconds * CORES / of_cells
    return numbers(row)


def measure(size: int = 10) -> dict[str, Any]:
    """All of them, on `size` submissions of each assignment."""
    students = picked(size)
    FOLDER.mkdir(parents=True, exist_ok=True)
    uses: dict[str, dict[str, Used]] = {}
    limits = {}
    lacking = ""
    with tempfile.TemporaryDirectory(prefix="marking-", dir=FOLDER) as folder:
        base = Path(folder)
        assignments = our_course(base / "ours")
        stock_course(base / "stock", base / "ours", assignments, students)
        for name, assignment in assignments.items():
            print(f"marking {name}: ours, the limit, nbgrader, Otter, ours", flush=True)
            uses[name] = {"before": ours(base / "ours", name, students)}
            limits[name] = limit(base / "ours", assignment, students)
            uses[name]["nbgrader"] = nbgrader(base / "stock", name, assignment)
            try:
                uses[name]["otter"] = otter(base / "otter" / name, base / "ours", assignment, students)
            except RuntimeError as error:
                lacking = str(error)[-300:]
            uses[name]["after"] = ours(base / "ours", name, students)
    shared = set.intersection(*(set(of) for of in uses.values()))
    everything = {who: together(of[who] for of in uses.values()) for who in shared}
    whole, strict = (sum(pair) for pair in zip(*limits.values(), strict=True))
    count = len(students)
    result = compared(everything, count * len(NAMES), whole, strict)
    return result | {
        "assignments": {name: compared(uses[name], count, *limits[name]) for name in NAMES},
        "otter_version": OTTER,
        "otter_lacking": lacking,
    }


WHO = {
    "ours": "`grader autograde`, 2 workers, sandbox",
    "nbgrader": "`nbgrader autograde` as it comes",
    "otter": "`otter run`, two at a time",
}


def table(result: Mapping[str, Any]) -> str:
    """As Markdown."""
    head = ("", "", "submissions per second", "CPU s each", "peak MiB", "its time / ours")
    rows: list[list[object]] = []
    for name, part in (*result["assignments"].items(), ("both", result)):
        for who, label in WHO.items():
            of = part[who] or {}
            told = [of.get(key, "") for key in ("submissions_per_s", "cpu_s_per_submission", "peak_mib")]
            ratio = f"{part[f'ratio_to_{who}']:.1f}" if who != "ours" and of else ""
            rows.append([name, label if of else f"{label}: not here", *told, ratio])
        for kind, label in (("limit", "limit: all cells, warm"), ("strict_limit", "strict limit")):
            rate = part["submissions"] / part[f"{kind}_s"]
            rows.append([name, label, rate, "", "", f"{1 / part[f'ratio_to_{kind}']:.3g}"])
    each = result["submissions"] // len(NAMES)
    text = f"""
The same {each} submissions of each assignment, marked in one run on {CORES} cores, ours before the others and after \
them. They are of the sample class, without those that run for ever or end Python, which costs others far more. Each \
time is that of whole commands, start and end included. nbgrader marks one after the other. `otter grade` needs \
Docker and was not run.

The limit is the processor time that the learners' cells take as handed in, in a warm interpreter that forks for each \
submission, divided by {CORES} cores. We do not run experiments that nothing needs. The strict limit is the time of \
the cells that we run and of a call of the learners' functions on each hidden input: no start, no sandbox, no \
comparison, nothing recorded. Ours take {result["ratio_to_limit"]:.2f} times the limit, \
{result["ratio_to_strict_limit"]:.1f} times the strict one.
"""
    return f"{markdown(head, rows)}\n{text}"


if __name__ == "__main__":
    submissions, *folders = sys.argv[1:]
    pairs = warm(json.loads(Path(submissions).read_text()), *map(Path, folders))
    print(json.dumps([sum(times) for times in zip(*pairs, strict=True)]))
