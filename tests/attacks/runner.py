"""Hostile submissions, tried in a real class here and, where they apply, under nbgrader as it comes.

Every file ``<family>/<name>.py`` is a cell of a learner's who built nothing in three gaps: what
stands there calls ``answer``, which the cell defines. Its docstring says in one sentence what is
tried; lines ``key: value`` after it say

- ``deserves``: the marks of exercises that deserve something else than 0 in these three and full
  marks in all others, such as ``predict=0 lift=0``; ``all=0`` stands for every exercise,
- ``stock``: ``no`` where it is not to be tried under nbgrader as it comes,
- ``place``: where the text goes: behind the set-up cell (*own*), at the *end*, into a gap of this
  name, into a Markdown cell (*text*), or nowhere (*file*): then its function ``change(notebook)``
  changes the file that is handed in.

In the text ``@COURSE@``, ``@HOME@``, ``@PORT@``, ``@ABSTRACT@`` and ``@PID@`` are the course folder, a
home folder, a port and an abstract socket on which somebody listens, and the process that marks:
an attacker is taken to know all of these.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

from grader import execute, gradebook, judge
from grader.assignment import BEGIN, Assignment, grade_id
from grader.autograde import api_for, autograde
from grader.init import init
from grader.sandbox import Limits, Sandbox
from grader.simulate import CLASS, notebook_of, solved
from tests.attacks import browser

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FAMILIES = ("forging", "reading", "writing", "exhausting", "escaping", "presentation")
FIRST = "01_perceptron_limits"
FORGED = {"prepend_bias": "X", "sigmoid": "z", "predict": "X, w"}
"""The gaps that call `answer`, and what with."""
CLASSMATES = ("ann", "ewa", "fog", "kim", "rut", "zoe")
"""In the order of names some come before each family and some after."""
LIMITS = {"exhausting": Limits(seconds=2.0)}
CANARY = re.compile(r"canary-[0-9a-f]{32}")
OPTION = re.compile(r"^(deserves|stock|place): *(.*)$", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
AT_RANDOM = re.compile(r'"(?:id|checksum)": "\w*"')
"""What nbgrader writes into a notebook anew, whose digits are any."""
HIDDEN = "### BEGIN HIDDEN TESTS"
NEIGHBOURS = 6
"""So many numbers of an input stand nowhere by chance one after the other; four do, now and then."""
Numbers = tuple[float, ...]
Marks = dict[str, float]


@dataclass(frozen=True)
class Attack:
    """One hostile submission."""

    family: str
    name: str
    says: str
    text: str
    deserves: Marks
    stock: bool
    place: str

    @property
    def student(self) -> str:
        return f"{self.family}_{self.name}"

    def deserved(self, points: Mapping[str, float]) -> Marks:
        """The marks that are right."""
        if "all" in self.deserves:
            return dict.fromkeys(points, self.deserves["all"])
        return {**points, **dict.fromkeys(FORGED, 0.0), **self.deserves}


@dataclass
class Tried:
    """What came of an attack."""

    family: str
    name: str
    says: str
    marks: Marks
    deserved: Marks
    seconds: float
    reasons: list[str] = field(default_factory=list)
    """Why it counts as successful; empty: it was not."""
    nbgrader: list[str] | None = None
    """What it achieved under nbgrader as it comes; None: not tried."""


def read(path: Path) -> Attack:
    """An attack from its file."""
    text = path.read_text(encoding="utf-8")
    document = text.split('"""')[1]
    options = dict(OPTION.findall(document))
    pairs = (word.split("=") for word in options.get("deserves", "").split())
    return Attack(
        family=path.parent.name,
        name=path.stem,
        says=" ".join(document.split("\n\n")[0].split()),
        text=text,
        deserves={name: float(mark) for name, mark in pairs},
        stock=options.get("stock", "yes").strip() != "no",
        place=options.get("place", "own").strip(),
    )


def collect(words: Sequence[str] = ()) -> list[Attack]:
    """All attacks, or those of the families and names given.

    Raises
    ------
    LookupError
        If there is nothing of a name, or something in several families.
    """
    found = [read(path) for family in FAMILIES for path in sorted((HERE / family).glob("*.py"))]
    picked = []
    for word in words:
        named = [a for a in found if word in (a.name, f"{a.family}/{a.name}")]
        if len(named) > 1:
            raise LookupError(f"{word} is {' and '.join(f'{a.family}/{a.name}' for a in named)}: which one?")
        if not (of := named or [a for a in found if a.family == word]):
            raise LookupError(f"There is no attack or family {word}.")
        picked += of
    return [a for a in found if a in picked or not words]


# handing in


def place(attack: Attack, released: NotebookNode, gaps: Mapping[str, str], known: Mapping[str, str]) -> NotebookNode:
    """A released notebook with solved gaps, but for those forged, and the attack."""
    notebook: NotebookNode = nbformat.from_dict(released)
    text = attack.text
    for word, value in known.items():
        text = text.replace(f"@{word}@", value)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name == attack.place:
            cell.source = text
        elif name in FORGED:
            cell.source = f"def {name}({FORGED[name]}):\n    return answer({FORGED[name]})"
        elif name in gaps:
            cell.source = gaps[name]
    if attack.place == "end":
        notebook.cells.append(new_code_cell(text))
    elif attack.place == "file":
        change: dict[str, Any] = {}
        exec(compile(text, attack.name, "exec"), change)
        change["change"](notebook)
    elif attack.place in ("own", "text"):
        new = new_code_cell if attack.place == "own" else new_markdown_cell
        at = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "setup") + 1
        notebook.cells.insert(at, new(text))
    return notebook


def hand_in(root: Path, student: str, name: str, notebook: NotebookNode) -> None:
    """Write a submission."""
    path = root / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@dataclass
class Room:
    """A course folder, what an attacker knows of it, and the canaries in it."""

    base: Path
    known: dict[str, str]
    canaries: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.base / "course"

    @property
    def home(self) -> Path:
        return self.base / "home"

    def canary(self, where: str) -> str:
        """A text that must never come out."""
        return self.canaries.setdefault(where, f"canary-{secrets.token_hex(16)}")

    def course(self) -> dict[str, str]:
        """What stands for this course in an attack."""
        return {**self.known, "COURSE": str(self.root), "HOME": str(self.home)}


def fill(room: Room, attacks: Iterable[Attack]) -> dict[str, Marks]:
    """Release the course, let everybody hand in; the marks that everybody deserves."""
    init(room.root, ROOT / "solutions", [FIRST])
    generated = api_for(room.root).generate_assignment(FIRST)
    assert generated["success"], generated
    assignment = Assignment.load(room.root / "source" / FIRST)  # as long as there is no canary in it
    released = nbformat.read(room.root / "release" / FIRST / f"{FIRST}.ipynb", as_version=4)
    deserved = {}
    for number, (student, (_, make)) in enumerate(zip(CLASSMATES, CLASS, strict=False)):
        work = make(assignment, number)
        hand_in(room.root, student, FIRST, notebook_of(work, released, assignment))
        deserved[student] = {n: round(assignment.points[n] * share, 6) for n, share in work.deserved.items()}
    whole = notebook_of(solved(assignment), released, assignment)
    gaps = {grade_id(c): c.source for c in whole.cells if grade_id(c) in assignment.gaps}
    for attack in attacks:
        hand_in(room.root, attack.student, FIRST, place(attack, released, gaps, room.course()))
        deserved[attack.student] = attack.deserved(assignment.points)
    plant(room)
    return deserved


# what must not come out


def plant(room: Room, course_id: str = "neural_networks_by_hand") -> None:
    """Put canaries wherever somebody might look for something."""
    root = room.root
    room.home.mkdir()
    (room.home / "notes.txt").write_text(room.canary("a file in the home folder"))
    (root / ".course_secret").write_text(room.canary("the course's secret"))
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f"# {room.canary('the configuration')}\n")
    (path,) = (root / "submitted" / CLASSMATES[-1]).rglob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_markdown_cell(room.canary("another submission")))
    nbformat.write(notebook, path)
    for path in root.glob("source/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            canary = room.canary("a model answer" if cell.cell_type == "markdown" else "a solution")
            if BEGIN in cell.source:
                cell.source = re.sub(rf"^( *){BEGIN}$", rf"\g<0>\n\1# {canary}", cell.source, flags=re.MULTILINE)
            elif cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source += f"\n\n{canary}"
            elif HIDDEN in cell.source:
                cell.source = cell.source.replace(HIDDEN, f"{HIDDEN}\n# {room.canary('a hidden test')}")
        nbformat.write(notebook, path)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", course_id) as book:
        book.update_or_create_student(CLASSMATES[-1], last_name=room.canary("the gradebook"))


@contextmanager
def inherited(room: Room) -> Iterator[None]:
    """Canaries in what a process hands down: environment, descriptors, shared memory, keyring."""
    before = {name: os.environ.get(name) for name in ("COURSE_TOKEN", "HOME")}
    os.environ |= {"COURSE_TOKEN": room.canary("the environment"), "HOME": str(room.home)}
    opened = os.open(room.home / "opened.txt", os.O_RDWR | os.O_CREAT)
    os.write(opened, room.canary("an open file").encode())
    os.set_inheritable(opened, True)
    shared = SharedMemory(create=True, size=64)
    shared.buf[:39] = room.canary("shared memory").encode()
    _keyring(room.canary("the keyring").encode())
    try:
        yield
    finally:
        shared.close()
        shared.unlink()
        os.close(opened)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _keyring(content: bytes) -> None:
    """A key in a session keyring that ends with this process, where the kernel lets one have keys."""
    add, control = {"x86_64": (248, 250), "aarch64": (217, 219)}.get(platform.machine(), (None, None))
    if add is None or sys.platform != "linux":
        return
    call = ctypes.CDLL(None).syscall
    if call(ctypes.c_long(control), ctypes.c_long(1), None) > 0:
        call(ctypes.c_long(add), b"user", b"course", content, ctypes.c_size_t(len(content)), ctypes.c_long(-3))


def hidden_runs(assignment: Assignment, secret: bytes, student: str) -> set[Numbers]:
    """Every few neighbours in a student's hidden inputs, and a hundred times as much of them, without signs."""
    found = set()
    for name, exercise in assignment.exercises.items():
        for case in exercise.cases(judge.hidden_rng(secret, "" if exercise.shared else student, FIRST, name)):
            for value in case.values():
                if isinstance(value, np.ndarray):
                    found |= runs(value.ravel().tolist()) | runs((100 * value).ravel().tolist())
    return found


def runs(numbers: Iterable[float]) -> set[Numbers]:
    """Every few neighbours, if they are different."""
    given = [round(abs(n), 6) for n in numbers]
    pieces = zip(*(given[i:] for i in range(NEIGHBOURS)), strict=False)
    return {piece for piece in pieces if len(set(piece)) == NEIGHBOURS}


def numbers_in(text: str) -> list[float]:
    """The numbers in a text, without their signs, and without the digits in the names and checksums of cells."""
    return [float(number) for number in NUMBER.findall(AT_RANDOM.sub("", text))]


def came_out(text: str, canaries: Mapping[str, str]) -> list[str]:
    """The places from which something is in a text."""
    found = set(CANARY.findall(text))
    return [where for where, canary in canaries.items() if canary in found]


def state(root: Path) -> dict[str, str]:
    """Every file of a course folder, where it points or what it holds; what marking writes left out."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] in ("gradebook.db", ".verdicts", "autograded", "feedback") or "__pycache__" in name:
            continue
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "a folder"
    return found


def differing(root: Path, before: Mapping[str, str]) -> list[str]:
    """What in a folder is no longer as it was."""
    now = state(root)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


# marking here


class Timed(Executor):
    """A process pool that notes how long each submission took."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self.pool = pool
        self.folder = folder

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self.pool.submit(timed, self.folder, function, *args)


_sandboxes: dict[Limits, Sandbox] = {}


def timed(folder: Path, function: Callable[..., Any], course: Any, name: str, student: str, sandbox: str) -> Any:
    """Mark one submission with the limits of its family, in a worker."""
    limits = LIMITS.get(student.partition("_")[0], Limits())
    release = course.released(name)
    if limits not in _sandboxes:
        _sandboxes[limits] = Sandbox(release, limits=limits)
    execute._boxes[sandbox, str(release)] = _sandboxes[limits]
    start = time.monotonic()
    problem = function(course, name, student, sandbox)
    (folder / student).write_text(str(time.monotonic() - start))
    return problem


def mark(room: Room, attacks: Sequence[Attack], workers: int = 2) -> list[Tried]:
    """Mark a class of attackers, and look at everything that came of it."""
    deserved = fill(room, attacks)
    root = room.root
    times = room.base / "times"
    times.mkdir()
    with inherited(room):
        before = {path: state(path) for path in (root, room.home)}
        with ProcessPoolExecutor(workers) as pool:
            problems = {p.student: p.reason for p in autograde(root, [FIRST], executor=Timed(pool, times))}
        harm = [f"{path.name}/{name} was changed" for path, was in before.items() for name in differing(path, was)]
    table = gradebook.read(api_for(root))
    marks = {
        str(student): dict(zip(rows["exercise"], rows["mark"].round(6).tolist(), strict=True))
        for student, rows in table.groupby("student")
    }
    harm += [f"the marks of {mate} are others" for mate in CLASSMATES if marks.get(mate) != deserved[mate]]
    stored = [path.read_text() for path in (root / ".verdicts" / FIRST).glob("*.json")]
    verdicts = {json.loads(text)["student"]: text for text in stored}
    assignment = Assignment.load(root / "source" / FIRST)
    seen = looked_at(api_for(root), FIRST, attacks)
    tried = []
    for attack in attacks:
        student = attack.student
        got = marks.get(student, {})
        spent = times / student
        seconds = float(spent.read_text()) if spent.exists() else 0.0
        shown = root / "autograded" / student / FIRST / f"{FIRST}.ipynb"
        notebook = shown.read_text() if shown.exists() else ""
        said = "\n".join((verdicts.get(student, ""), notebook, problems.get(student, "")))
        reasons = [
            f"{name} earned {earned:g} instead of {deserved[student][name]:g}"
            for name, earned in got.items()
            if earned > deserved[student][name]
        ]
        reasons += [f"{where} came out" for where in came_out(said, room.canaries)]
        hidden = hidden_runs(assignment, (root / ".course_secret").read_bytes(), student)
        handed_in = (root / "submitted" / student / FIRST / f"{FIRST}.ipynb").read_text(errors="replace")
        if runs(numbers_in(said)) & hidden - runs(numbers_in(handed_in)):
            reasons.append("hidden inputs came out")
        reasons += mislabelled(notebook, got) + seen.get(student, [])
        if seconds > judge.BUDGET + 1:
            reasons.append(f"marking it took {seconds:.0f} s")
        tried.append(Tried(attack.family, attack.name, attack.says, got, deserved[student], seconds, reasons + harm))
    return tried


def looked_at(api: NbGraderAPI, name: str, attacks: Iterable[Attack]) -> dict[str, list[str]]:
    """What the pages of those attacks do that are about pages, where there is a browser."""
    students = [a.student for a in attacks if a.family == "presentation"]
    return browser.presented(api, name, students) if students and browser.CHROMIUM else {}


def mislabelled(text: str, marks: Mapping[str, float]) -> list[str]:
    """Checks under which another mark is shown than was given."""
    found = []
    for cell in json.loads(text)["cells"] if text else ():
        name = grade_id(cell)
        exercise = name.removesuffix("-check")
        if exercise == name or exercise not in marks:
            continue
        said, score = cell["outputs"]
        if float("".join(score["data"]["text/plain"])) != marks[exercise] or not "".join(said["text"]).startswith(
            f"{exercise}: {round(marks[exercise], 2):g} of "
        ):
            found.append(f"another mark is shown for {exercise}")
    return found


# the same three functions in an assignment as one writes it for nbgrader alone

ORDINARY = "ordinary"
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


def _entry(name: str, **other: Any) -> dict[str, Any]:
    base = {"schema_version": 3, "task": False, "grade_id": name, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": base | other}


def ordinary_assignment() -> NotebookNode:
    """An assignment tested by assertions, some of them hidden, and by a helper of the course's."""
    cells = [new_code_cell("import numpy as np\n\nfrom byhand import check", metadata=_entry("setup", locked=True))]
    for name, arguments in FORGED.items():
        body = f"    {BEGIN}\n    return {SOLUTIONS[name]}\n    ### END SOLUTION"
        cells.append(new_code_cell(f"def {name}({arguments}):\n{body}", metadata=_entry(name, solution=True)))
    for name, text in {"asserts": TESTS, "helper": 'check("predict", predict)'}.items():
        cells.append(new_code_cell(text, metadata=_entry(name, grade=True, locked=True, points=2)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _stock_api(root: Path) -> NbGraderAPI:
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = ORDINARY
    return NbGraderAPI(config=config)


def under_nbgrader(base: Path, attacks: Sequence[Attack], known: dict[str, str]) -> dict[str, list[str]]:
    """What each attack achieves by itself, where learners' code and its test share a process."""
    room = Room(base / "room", known)
    root = room.root
    source = root / "source" / ORDINARY
    source.mkdir(parents=True)
    nbformat.write(ordinary_assignment(), source / f"{ORDINARY}.ipynb")
    shutil.copy(ROOT / "notebooks" / FIRST / "checks.json", source)
    api = _stock_api(root)
    generated = api.generate_assignment(ORDINARY)
    assert generated["success"], generated
    released = nbformat.read(root / "release" / ORDINARY / f"{ORDINARY}.ipynb", as_version=4)
    assert not any(HIDDEN in c.source or "0.8807" in c.source for c in released.cells)
    hand_in(root, CLASSMATES[-1], ORDINARY, released)
    api.autograde(ORDINARY, CLASSMATES[-1])
    before = auto_scores(root, CLASSMATES[-1])
    assert set(before.values()) == {0.0}, before
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = {ORDINARY!r}\n")
    plant(room, ORDINARY)
    shutil.copytree(room.base, base / "before")
    achieved = {}
    for attack in attacks:  # one may change whatever the next would find
        student = attack.student
        shutil.rmtree(room.base)
        shutil.copytree(base / "before", room.base)
        hand_in(root, student, ORDINARY, place(attack, released, {}, room.course()))
        shutil.copy(source / "checks.json", root / "submitted" / student / ORDINARY)
        with inherited(room):
            api.autograde(ORDINARY, student)
        reasons = [f"{name} earned {mark:g} instead of 0" for name, mark in auto_scores(root, student).items() if mark]
        if auto_scores(root, CLASSMATES[-1]) != before:
            reasons.append("the marks of a classmate are others")
        shown = root / "autograded" / student / ORDINARY / f"{ORDINARY}.ipynb"
        cells = nbformat.read(shown, as_version=4).cells if shown.exists() else []
        said = json.dumps([c.get("outputs") for c in cells])
        reasons += [f"{where} came out" for where in came_out(said, room.canaries)]
        if attack.family == "writing" and "achieved " in said:
            reasons.append("it wrote where it wanted to")
        achieved[student] = reasons + looked_at(api, ORDINARY, [attack]).get(student, [])
    return achieved


def auto_scores(root: Path, student: str) -> Marks:
    """A student's marks in the ordinary assignment."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", ORDINARY) as book:
        (notebook,) = book.find_submission(ORDINARY, student).notebooks
        return {grade.name: grade.auto_score or 0.0 for grade in notebook.grades}


def stock(base: Path, attacks: Sequence[Attack], known: dict[str, str], workers: int = 2) -> dict[str, list[str]]:
    """The same, several at a time, each in a course folder of its own."""
    parts = [attacks[i::workers] for i in range(workers) if attacks[i::workers]]
    with ProcessPoolExecutor(workers) as pool:
        done = [pool.submit(under_nbgrader, base / str(i), part, known) for i, part in enumerate(parts)]
        return {student: reasons for future in done for student, reasons in future.result().items()}


# all of it


def run(base: Path, attacks: Sequence[Attack], alone: Collection[str] | None = None) -> list[Tried]:
    """Try attacks, here and under nbgrader alone; ``base`` is a folder that does not exist yet.

    Under nbgrader, which takes most of the time, those are tried whose students are named in ``alone``,
    or all that apply there.
    """
    base.mkdir(parents=True)
    name = f"attacks-{secrets.token_hex(8)}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        known = {"PORT": str(tcp.getsockname()[1]), "ABSTRACT": name, "PID": str(os.getpid())}
        tried = mark(Room(base / "here", known), attacks)
        for listener in (tcp, abstract):
            listener.setblocking(False)
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                for result in tried:
                    result.reasons.append("somebody called a listener on this machine")
    there = stock(base / "stock", [a for a in attacks if a.stock and (alone is None or a.student in alone)], known)
    for attack, result in zip(attacks, tried, strict=True):
        result.nbgrader = there.get(attack.student)
    return tried


def rows(tried: Iterable[Tried]) -> list[dict[str, Any]]:
    """Family by family, how many were tried and succeeded; None where nothing was tried under nbgrader."""
    table = []
    for family in FAMILIES:
        of = [t for t in tried if t.family == family]
        alone = [t for t in of if t.nbgrader is not None]
        entry = {"family": family, "attempts": len(of), "succeeded": sum(bool(t.reasons) for t in of)}
        table.append(
            {**entry, "nbgrader_attempts": len(alone), "nbgrader_succeeded": sum(bool(t.nbgrader) for t in alone)}
        )
    return [row for row in table if row["attempts"]]


def as_json(tried: Sequence[Tried]) -> dict[str, Any]:
    """The table, and every attack."""
    return {"rows": rows(tried), "attacks": [asdict(t) for t in tried]}


def main(words: Sequence[str]) -> int:
    """Try attacks and print what came of them; 0 if none succeeded."""
    try:
        attacks = collect(words)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="attacks-", ignore_cleanup_errors=True) as folder:
        tried = run(Path(folder) / "run", attacks)
    if words:
        for t in tried:
            print(f"{t.family}/{t.name} ({t.seconds:.1f} s): {'; '.join(t.reasons) or 'nothing'}")
            print(f"    nbgrader alone: {'not tried' if t.nbgrader is None else '; '.join(t.nbgrader) or 'nothing'}")
            lost = [n for n, m in t.deserved.items() if t.marks.get(n, 0.0) < m]
            print(f"    marks lost: {', '.join(lost)}") if lost else None
    else:
        target = ROOT / "build" / "attacks.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(as_json(tried), indent=1) + "\n", encoding="utf-8")
        for t in tried:
            if t.reasons:
                print(f"{t.family}/{t.name}: {'; '.join(t.reasons)}")
    print(f"{'family':14}{'attempts':>9}{'succeeded':>11}{'nbgrader 0.9.6 alone':>22}")
    for row in rows(tried):
        alone = f"{row['nbgrader_succeeded']} of {row['nbgrader_attempts']}" if row["nbgrader_attempts"] else "-"
        print(f"{row['family']:14}{row['attempts']:9}{row['succeeded']:11}{alone:>22}")
    return int(any(t.reasons for t in tried))
