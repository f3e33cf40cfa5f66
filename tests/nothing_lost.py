"""A class that is marked again and again, while its marking is killed and hindered. Run by `test_nothing_lost`.

``python nothing_lost.py prepared COURSE FOLDER`` makes a class from a released course, as it is before marking
and after; ``python nothing_lost.py GROUP PREPARED FOLDER`` does one group of trials on copies of it and writes
what they found to ``FOLDER/report.json``. This process imports everything once, and every run of
`grader autograde` is a fork of it. It also inherits every orphan of theirs, so that none escapes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import mmap
import os
import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import nbformat
from conftest import FIRST, Classroom, run
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades

import grader.autograde
import grader.cli
import grader.course
import grader.execute
from grader.assignment import stub_of
from grader.autograde import api_for
from grader.course import Course
from grader.judge import Judge
from grader.recording import Recorder
from grader.sandbox import available

KILLS = 100
BY_TIME, BY_COMMAND = 42, 4
CYCLE = 10
"""Kills between two runs that are let go to their end."""
SEED = 6
LOST = (0.0, 0.0, 0.0, 0.5)
"""Shares of verdicts that have to be computed anew before a kill that aims at no worker."""
SPAN = 90
"""Seconds within which anything here has to happen, on however slow a machine."""
PHASES = {
    "a sandbox is started": (grader.execute, "box_for"),
    "a submission is judged": (Judge, "verdict"),
    "a verdict is stored": (Course, "write_verdict"),
    "a verdict's file is still empty": (os, "fdopen"),
    "what was marked before is removed": (Recorder, "init_destination"),
    "nbgrader copies and makes its rows": (Recorder, "init_assignment"),
    "marks are recorded": (SaveAutoGrades, "preprocess"),
    "a marked notebook is written": (Recorder, "write_single_notebook"),
    "it gets its permissions": (Recorder, "set_permissions"),
    "a bad submission gets 0": (grader.autograde, "record_zero"),
}
IN_A_WORKER = list(PHASES)[:4]
FULL = 3.0
"""A mark that a person gave, which no check earns."""


# a class that was marked, looked at by a person, and handed in once more


def prepare(released: Path, root: Path) -> None:
    """A copy of a released course with one assignment, three learners, marks of before and work of now."""
    others = shutil.ignore_patterns(*(p.name for p in (released / "source").iterdir() if p.name != FIRST))
    shutil.copytree(released, root, ignore=others)
    c = Classroom(root)
    gaps = c.assignment().gaps
    c.hand_in("ann", c.solved(sigmoid=stub_of(gaps["sigmoid"])))
    c.hand_in("cyd", c.solved())
    assert c.autograde(executor=None) == []
    with Gradebook(api_for(root).coursedir.db_url) as book:
        for student in ("ann", "cyd"):
            (notebook,) = book.find_submission(FIRST, student).notebooks
            for grade in notebook.grades:
                if grade.name == "sigmoid-check" or not grade.name.endswith("-check"):
                    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = FULL, 0.5, False
            for comment in notebook.comments:
                comment.manual_comment = f"Well said, {student}."
        book.db.commit()
    c.hand_in("ann", c.solved(lift="def lift(X):\n    return X"))
    c.hand_in("cyd", "I dropped my laptop")
    c.hand_in("dan", c.solved(sigmoid=gaps["sigmoid"].replace("1 +", "2 +")))
    shutil.rmtree(root / ".verdicts")


LABELS = """
    FROM {table} t JOIN submitted_notebook sn ON t.notebook_id = sn.id
    JOIN submitted_assignment s ON sn.assignment_id = s.id JOIN assignment a ON s.assignment_id = a.id
    JOIN notebook n ON sn.notebook_id = n.id JOIN base_cell c ON t.cell_id = c.id
"""
COLUMNS = {
    "grade": "t.auto_score, t.manual_score, t.extra_credit, t.needs_manual_grade",
    "comment": "t.auto_comment, t.manual_comment",
}
OWN = ("submitted_assignment", "submitted_notebook", *COLUMNS)


def read_book(root: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the gradebook in an order of its own; the random ids of rows that marking makes become names."""
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names - set(OWN)}
        for table, columns in COLUMNS.items():
            labelled = f"SELECT s.student_id, a.name, n.name, c.name, {columns}" + LABELS.format(table=table)
            tables[table] = db.execute(labelled).fetchall()
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (len(tables[table]),)
        tables["submitted_notebook"] = db.execute(
            "SELECT s.student_id, sn.notebook_id, sn.flagged, sn.late_submission_penalty"
            " FROM submitted_notebook sn JOIN submitted_assignment s ON sn.assignment_id = s.id"
        ).fetchall()
        tables["submitted_assignment"] = db.execute(
            "SELECT assignment_id, student_id, timestamp, extension FROM submitted_assignment"
        ).fetchall()
    return {name: sorted(rows, key=repr) for name, rows in sorted(tables.items())}


def read_files(root: Path) -> dict[str, object]:
    """Every file with its permissions and content, but for the database, names of cells, and what a run notes down."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or name in ("gradebook.db", ".verdicts/.lock") or path.suffix == ".recorded":
            continue
        content: object = path.read_bytes()
        if name.startswith("autograded/") and path.suffix == ".ipynb":
            content = nbformat.read(path, as_version=4)
            for cell in content.cells:
                cell.pop("id", None)
        found[name] = (stat.filemode(path.stat().st_mode), content)
    return found


def feedback(root: Path) -> str:
    """The page that a learner gets."""
    assert api_for(root).generate_feedback(FIRST, "ann")["success"]
    return (root / "feedback" / "ann" / FIRST / f"{FIRST}.html").read_text(encoding="utf-8")


Marks = dict[tuple[object, ...], tuple[object, ...]]


def marks(book: dict[str, list[tuple[object, ...]]]) -> Marks:
    """(student, ..., cell): (automatic, by hand, extra, to be looked at)."""
    return {row[:4]: row[4:] for row in book["grade"]}


def by_people(book: dict[str, list[tuple[object, ...]]]) -> list[object]:
    """What people have entered."""
    entered = [row[:4] + row[5:7] for row in book["grade"] if row[5] is not None]
    return entered + [row[:4] + row[5:] for row in book["comment"] if row[5] is not None]


# what a run is doing


shared = mmap.mmap(-1, 4096)
"""What a run and its workers are doing, by the number of the phase; then a count of calls for each phase."""
aim: tuple[str, int, bool] | None = None
"""A phase, the number of the call in it at which to end, and whether the workers are left to themselves."""
halt = ""
"""A phase at whose first beginning a run and its workers stand still."""


def number(at: int, value: int | None = None) -> int:
    if value is not None:
        shared[8 * at : 8 * at + 8] = value.to_bytes(8, "little")
    return int.from_bytes(shared[8 * at : 8 * at + 8], "little")


def observe(main: int) -> None:
    """From now on `shared` says what goes on; where `aim` says so, this process or its worker ends all."""

    def watched(function, phase: str):
        here = list(PHASES).index(phase)

        def count(*_: object) -> None:
            number(10 + here, number(10 + here) + 1)
            if aim and number(10 + here) == aim[1]:
                number(2, here + 1)
                (os.kill if aim[2] else os.killpg)(main, signal.SIGKILL)

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            side = 0 if os.getpid() == main else 1
            before = number(side)
            number(side, here + 1)
            if phase == halt and not number(3):
                number(3, 1)
                os.killpg(main, signal.SIGSTOP)
            if aim and aim[0] in (phase, ""):
                sys.setprofile(count)
            try:
                return function(*args, **kwargs)
            finally:
                sys.setprofile(None)
                number(side, before)

        return wrapper

    for phase, (owner, name) in PHASES.items():
        setattr(owner, name, watched(getattr(owner, name), phase))


class Lab:
    """A course folder, what it was, and what it has to become."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self.before, self.after, self.root = prepared / "before", prepared / "after", folder / "course"
        self.said = folder / "said"
        self.restore()
        self.old = read_book(self.before)
        available()  # known from here on, as it is for the second assignment of a run
        if self.after.exists():
            self.book, self.files = read_book(self.after), read_files(self.after)
            assert by_people(self.book) == by_people(self.old) != []
            return
        code, said = self.finish()
        assert code == 1 and said.count("(0 points)") == 1 and "cyd, " in said, said
        shutil.copytree(self.root, self.after)

    def restore(self) -> None:
        """As it was before anything was marked anew; the folder itself stays, which may be a mount."""
        self.root.mkdir(exist_ok=True)
        for path in self.root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.before, self.root, dirs_exist_ok=True)

    def verdicts(self, draw: random.Random, lost: float) -> None:
        """Each verdict is there or not, so that there is more or less to judge."""
        folder = Path(".verdicts", FIRST)
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        for path in sorted((self.after / folder).iterdir()):
            if draw.random() >= lost:
                shutil.copy(path, self.root / folder)
            else:
                (self.root / folder / path.name).unlink(missing_ok=True)

    def start(self, *words: str, at: tuple[str, int, bool] | None = None, still: str = "") -> int:
        """`grader autograde` as a child with a session of its own; its process id."""
        global aim, halt
        shared[:] = bytes(len(shared))
        main = os.fork()
        if main:
            return main
        status = 70
        try:
            os.setsid()
            out = os.open(self.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(out, standard)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, wherever this is run
            aim, halt = at, still
            observe(os.getpid())
            grader.cli.app(["autograde", FIRST, "--workers", "1", "--course", str(self.root), *words])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 70
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def end_of(self, main: int) -> tuple[int, str]:
        """Wait for a run, and for every process that it leaves behind; its exit code and what it said."""
        until = time.monotonic() + SPAN
        code = None
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if process == main:
                code = os.waitstatus_to_exitcode(status)
                until = time.monotonic() + SPAN / 3
            elif not process:
                assert time.monotonic() < until, f"left behind: {children()}"
                time.sleep(0.002)
        assert code is not None
        return code, self.said.read_text()

    def finish(self, *words: str) -> tuple[int, str]:
        """A run that nothing disturbs."""
        return self.end_of(self.start(*words))

    def check_hindered(self) -> None:
        """Whatever happened: the gradebook is whole, marks are old or new ones, and what people entered is there."""
        copy = self.root.parent / "looked-at"
        copy.mkdir(exist_ok=True)
        for name in ("gradebook.db", "gradebook.db-journal"):
            (copy / name).unlink(missing_ok=True)
            if (self.root / name).exists():
                shutil.copy(self.root / name, copy)
        now = read_book(copy)
        old, new = marks(self.old), marks(self.book)
        for key, (automatic, *_) in marks(now).items():
            assert automatic in (old.get(key, (None,))[0], new[key][0]), key
        assert by_people(now) == by_people(self.old)

    def check_complete(self) -> None:
        """Everything is as in the undisturbed run."""
        book, files = read_book(self.root), read_files(self.root)
        for table, rows in self.book.items():
            assert book[table] == rows, f"{table}: {set(book[table]) ^ set(rows)}"
        assert files.keys() == self.files.keys(), sorted(files.keys() ^ self.files.keys())
        differing = [name for name in files if files[name] != self.files[name]]
        assert not differing, differing

    def complete(self) -> None:
        """The next run, which nothing disturbs, makes everything as in a run that never was disturbed."""
        code, said = self.finish()
        assert code == 1 and said.count("(0 points)") == 1 and "cyd, " in said, said
        self.check_complete()


def children() -> dict[int, str]:
    """The children of this process, and what each runs."""
    mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(p): Path("/proc", p, "cmdline").read_text().replace("\0", " ")[:200] for p in mine}


def end_children() -> None:
    """After a trial that failed, nothing of it goes on."""
    while found := children():
        for process in found:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


# killed


def killed(lab: Lab) -> dict[str, object]:
    """Kill `KILLS` runs, and let every `CYCLE`-th or so end; where each kill hit."""
    draw = random.Random(SEED)
    lab.restore()
    began = time.monotonic()
    lab.end_of(lab.start(at=("", -1, False)))
    calls = {phase: number(10 + i) for i, phase in enumerate(PHASES)}
    plan = ["at any time"] * BY_TIME + ["the command itself"] * BY_COMMAND + IN_A_WORKER * 4
    recording = [phase for phase in PHASES if phase not in IN_A_WORKER]
    plan += [recording[n % len(recording)] for n in range(KILLS - len(plan))]
    draw.shuffle(plan)
    hits: list[dict[str, object]] = []
    cycles = 0
    seconds = {judging: span_of(lab, draw, judging) for judging in (False, True)}
    spans = dict(seconds)
    lab.restore()
    while plan:
        if len(hits) == CYCLE * (cycles + 1):
            lab.complete()
            cycles += 1
            lab.restore()
        what, alone = plan[-1], draw.random() < 0.5
        lost = 1.0 if what in IN_A_WORKER else draw.choice(LOST)
        lab.verdicts(draw, lost)
        span = spans[lost > 0]
        if what == "the command itself":
            hit = kill_command(lab, draw.uniform(0, span + 2))
        elif what == "at any time":
            hit = kill_later(lab, draw.uniform(0, span), alone)
        else:
            hit = kill_at(lab, what, draw.randint(1, calls[what]), alone)
        lab.check_hindered()
        if hit is None:  # it was quicker than its end, and is tried once more
            spans[lost > 0] = 0.8 * span
            lab.restore()
            continue
        spans[lost > 0] = seconds[lost > 0]
        left = [path.name for path in lab.root.rglob(".tmp-*")]
        hits.append({"aimed at": plan.pop(), "hit": hit, "alone": alone, "left": left})
    lab.complete()
    done = run(lab.root, "grader", "autograde", FIRST, code=1)
    assert done.stdout.count("(0 points)") == 1
    lab.check_complete()
    undisturbed = lab.root.parent / "undisturbed"
    shutil.copytree(lab.after, undisturbed)
    assert feedback(lab.root) == feedback(undisturbed)
    return {"hits": hits, "cycles": cycles + 1, "calls": calls, "seconds": time.monotonic() - began}


def span_of(lab: Lab, draw: random.Random, judging: bool) -> float:
    """How many seconds a run takes that nothing disturbs, with everything to judge or with nothing."""
    lab.restore()
    lab.verdicts(draw, float(judging))
    began = time.monotonic()
    lab.complete()
    return time.monotonic() - began


def where() -> str:
    """The phase in which it was, or that it was between two."""
    at = number(2) or number(1) or number(0)
    return list(PHASES)[at - 1] if at else "between"


def kill_at(lab: Lab, phase: str, call: int, alone: bool) -> str | None:
    """It is over at a certain call, and at no other."""
    code, said = lab.end_of(lab.start(at=(phase, call, alone)))
    if code == -signal.SIGKILL:
        assert where() == phase
        return phase
    assert code == 1 and "Traceback" not in said, said
    return None


def kill_later(lab: Lab, seconds: float, alone: bool) -> str | None:
    """It is over after some time."""
    main = lab.start()
    time.sleep(seconds)
    return over(lab, main, alone)


def over(lab: Lab, main: int, alone: bool) -> str | None:
    with contextlib.suppress(ProcessLookupError):
        (os.kill if alone else os.killpg)(main, signal.SIGKILL)
    at = where()
    code, said = lab.end_of(main)
    if code == -signal.SIGKILL:
        return at
    assert code == 1 and "Traceback" not in said, said
    return None


def kill_command(lab: Lab, seconds: float) -> str | None:
    """The command as a person types it, in a session of its own; what it is doing is not seen."""
    words = [str(Path(sys.executable).parent / "grader"), "autograde", FIRST]
    with open(lab.said, "w") as said:
        process = subprocess.Popen(words, cwd=lab.root, stdout=said, stderr=said, start_new_session=True)
    time.sleep(seconds)
    shared[:] = bytes(len(shared))
    return over(lab, process.pid, False) and "not seen"


# hindered


def sentences(said: str) -> list[str]:
    """What a run said besides its progress bar."""
    return [line for line in said.splitlines() if line.strip() and not line.startswith("marking ")]


def one_sentence(said: str) -> str:
    """What a run that stopped said."""
    (line,) = sentences(said)
    return line


def stops(lab: Lab, *words: str) -> None:
    """A run ends with exit code 1 and one sentence with these words; no mark is lost, and nobody gets a 0."""
    code, said = lab.finish()
    assert code == 1, said
    sentence = one_sentence(said)
    assert all(word in sentence for word in words) and "(0 points)" not in said, said
    lab.check_hindered()


KEPT = "then run this again. What was recorded so far is kept."


def paused(lab: Lab, phase: str) -> int:
    """A run that stands still in a phase; not while it judges, if it is to go on, for a learner's time runs on."""
    lab.restore()
    lab.verdicts(random.Random(SEED), phase in IN_A_WORKER)
    main = lab.start(still=phase)
    until = time.monotonic() + SPAN
    while not os.waitpid(main, os.WUNTRACED | os.WNOHANG)[0]:
        assert time.monotonic() < until, phase
        time.sleep(0.002)
    assert number(3), f"it ended before {phase}"
    return main


def two_runs_at_once(lab: Lab) -> None:
    """The second says who is first and touches nothing; the first is not disturbed."""
    main = paused(lab, "marks are recorded")
    before = read_files(lab.root)
    done = run(lab.root, "grader", "autograde", FIRST, code=1)
    assert done.stderr.strip() == (
        f"Process {main} is marking the course in {lab.root}: wait until it has ended, then run this again."
    )
    assert read_files(lab.root) == before
    os.killpg(main, signal.SIGCONT)
    assert lab.end_of(main)[0] == 1
    lab.check_complete()


def nbgrader_meanwhile(lab: Lab) -> None:
    """nbgrader's command and formgrader's click refuse before they touch anything."""
    main = paused(lab, "marks are recorded")
    before = read_files(lab.root)
    done = run(lab.root, "nbgrader", "autograde", FIRST, "--force", code=1)
    assert f"Process {main} is marking the course" in done.stderr and "Traceback" not in done.stderr
    result = api_for(lab.root).autograde(FIRST, "ann")
    assert not result["success"] and f"Process {main} is marking the course" in result["error"]
    assert read_files(lab.root) == before
    os.killpg(main, signal.SIGCONT)
    assert lab.end_of(main)[0] == 1
    lab.check_complete()


def nbgrader_first(lab: Lab) -> None:
    """A run refuses while nbgrader's command is marking, and the next one sees to what that left undone."""
    lab.restore()
    words = [str(Path(sys.executable).parent / "nbgrader"), "autograde", FIRST, "--force"]
    process = subprocess.Popen(
        words, cwd=lab.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + SPAN
    lock = lab.root / ".verdicts" / ".lock"
    while not (lock.exists() and lock.read_text().strip() == str(process.pid)):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
    main = os.fork()
    if not main:  # its own processes are not this one's to wait for
        done = run(lab.root, "grader", "autograde", FIRST, code=1)
        os._exit(0 if f"Process {process.pid} is marking the course" in done.stderr else 1)
    assert os.waitpid(main, 0)[1] == 0
    os.killpg(process.pid, signal.SIGKILL)
    lab.end_of(process.pid)
    lab.complete()


def interrupted(lab: Lab) -> None:
    """Ctrl-C in a terminal reaches the run and its workers: it is over, without a traceback and without a 0."""
    for phase in ("a submission is judged", "a sandbox is started", "marks are recorded"):
        main = paused(lab, phase)
        os.killpg(main, signal.SIGINT)
        os.killpg(main, signal.SIGCONT)
        code, said = lab.end_of(main)
        assert code == 130 and re.fullmatch(r"Stopped by you: [0-2] of 3 were recorded; run.*", one_sentence(said)), (
            said
        )
        lab.check_hindered()
        lab.complete()


def a_worker_is_killed(lab: Lab) -> None:
    """As the kernel does when there is no memory left."""
    main = paused(lab, "a submission is judged")
    (worker,) = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)
    os.killpg(main, signal.SIGCONT)
    code, said = lab.end_of(main)
    assert code == 1 and one_sentence(said) == (
        f"A worker ended (killed, or out of memory): make room for it or use fewer workers, {KEPT}"
    )
    lab.check_hindered()
    lab.complete()


def locked_database(lab: Lab) -> None:
    """Another program holds a transaction open: from the beginning, or from when marks are being recorded."""
    lab.restore()
    with locked(lab):
        stops(lab, f"The gradebook of {lab.root} cannot be used (database is locked): close whatever else", KEPT)
    main = paused(lab, "what was marked before is removed")
    with locked(lab):
        os.killpg(main, signal.SIGCONT)
        code, said = lab.end_of(main)
        assert code == 1 and "(database is locked)" in one_sentence(said), said
    lab.check_hindered()
    lab.complete()


@contextlib.contextmanager
def locked(lab: Lab) -> Iterator[None]:
    """A transaction that another program does not end."""
    with contextlib.closing(sqlite3.connect(lab.root / "gradebook.db", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield
        db.execute("ROLLBACK")


def damaged_gradebook(lab: Lab) -> None:
    """Cut off, overwritten, empty or gone: it is said before anybody's work is run, and a copy brings all back."""
    whole = (lab.before / "gradebook.db").read_bytes()
    middle = len(whole) // 2
    for content, words in (
        (whole[:middle], "restore it from a backup"),
        (b"not a database at all, but text" * 200, "(file is not a database): restore it from a backup"),
        (whole[:8192] + bytes(middle) + whole[8192 + middle :], "restore it from a backup"),
        (b"", f"knows no {FIRST}: restore it from a backup, or run 'nbgrader generate_assignment {FIRST}'"),
        (None, f"knows no {FIRST}: restore it from a backup"),
    ):
        lab.restore()
        (lab.root / "gradebook.db").unlink()
        if content is not None:
            (lab.root / "gradebook.db").write_bytes(content)
        code, said = lab.finish()
        assert code == 1 and words in one_sentence(said), said
        assert not list(lab.root.glob(".verdicts/*/*.json")), "nobody's work was run"
        (lab.root / "gradebook.db").write_bytes(whole)
    lab.complete()


def the_first_secret(lab: Lab) -> None:
    """Killed at every call while it is made, and by eight at once: there is one, and it is whole."""
    place = lab.root / "secret"
    place.mkdir()
    for call in range(1, 1000):
        (place / ".course_secret").unlink(missing_ok=True)
        main = os.fork()
        if not main:
            left = call

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

            course = Course(place)
            sys.setprofile(count)
            course.secret  # noqa: B018
            sys.setprofile(None)
            os._exit(0)
        killed = os.waitpid(main, 0)[1]
        assert len(Course(place).secret) == 32
        if not killed:
            break
    assert call > 20
    for _ in range(20):
        (place / ".course_secret").unlink()
        reading, writing = os.pipe()
        go, gate = os.pipe()
        for _ in range(8):
            if not os.fork():
                os.close(gate)
                os.read(go, 1)
                try:
                    os.write(writing, Course(place).secret)
                finally:
                    os._exit(0)
        os.close(gate)
        for _ in range(8):
            os.waitpid(-1, 0)
        os.close(writing)
        with open(reading, "rb") as file:
            assert file.read() == 8 * (place / ".course_secret").read_bytes()
    Course(place).tidy()
    assert [p.name for p in place.iterdir()] == [".course_secret"]


# hindered by the disk: in a mount namespace of its own


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


@contextlib.contextmanager
def only_read(place: Path) -> Iterator[None]:
    """A file or folder that can be read only, whoever asks."""
    mount("--bind", str(place), str(place))
    mount("-o", "remount,ro,bind", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def read_only(lab: Lab) -> None:
    """The gradebook, the folders that marking writes to, or the whole course."""
    lab.restore()
    for name, words in (
        ("gradebook.db", f"The gradebook of {lab.root} cannot be used (attempt to write a readonly database): give"),
        (".verdicts", ".verdicts/.lock cannot be written (Read-only file system): see that it can"),
        (f".verdicts/{FIRST}", "cannot be written (Read-only file system): see that it can be written"),
        ("autograded", "/autograded cannot be written (Read-only file system): see that it can be written"),
        (".", "cannot be written (Read-only file system): see that it can be written"),
    ):
        (lab.root / ".verdicts" / FIRST).mkdir(parents=True, exist_ok=True)
        with only_read(lab.root / name):
            stops(lab, words, KEPT)
    lab.complete()


def disk_full(lab: Lab) -> list[str]:
    """With less and less room, until nothing can be written; what each run said."""
    mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(lab.root))
    said = []
    for room in (24, 12, 4, 0):
        lab.restore()
        filler = lab.root / "filler"
        filler.write_bytes(b"")
        free = os.statvfs(lab.root)
        with open(filler, "wb") as file:
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - room * 1024)))
        code, text = lab.finish()
        assert code == 1 and "Traceback" not in text, text
        filler.unlink()
        if "cyd, " in text:
            lab.check_complete()
            continue
        sentence = one_sentence(text)
        said.append(sentence.replace(str(lab.root), ""))
        assert "make room on the disk" in sentence and sentence.endswith(KEPT), sentence
        lab.check_hindered()
        lab.complete()
    subprocess.run(["umount", str(lab.root)], check=True)
    assert said
    return said


def main(group: str, given: Path, folder: Path) -> None:
    """Do a group of trials; what each found goes into the report."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    grader.course._versions()
    os.environ["COLUMNS"] = "200"
    if group == "prepared":
        prepare(given, folder / "before")
        Lab(folder, folder)
        return
    lab = Lab(given, folder)
    report = {}
    for trial in GROUPS[group]:
        try:
            report[trial.__name__] = {"found": trial(lab), "fault": ""}
        except BaseException:
            report[trial.__name__] = {"found": None, "fault": traceback.format_exc()}
            end_children()
    (folder / "report.json").write_text(json.dumps(report))


GROUPS = {
    "killed": [killed],
    "hindered": [
        two_runs_at_once,
        nbgrader_meanwhile,
        nbgrader_first,
        interrupted,
        a_worker_is_killed,
        locked_database,
        damaged_gradebook,
        the_first_secret,
    ],
    "disk": [read_only, disk_full],
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
