"""Marks are recorded at once, and exactly as nbgrader's own converter would; what has not changed is left alone."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import stat

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader import recording
from grader.autograde import Interrupted, api_for, autograde
from grader.recording import Recording, Writing, usual
from grader.simulate import (
    alternative,
    broken,
    deleted,
    edited_check,
    half_done,
    in_experiment,
    misconceived,
    notebook_of,
    solved,
    untouched,
)
from tests.conftest import FIRST, Classroom, Inline

WORKS = {
    "solved": solved,
    "alternative": alternative,
    "misconceived": misconceived,
    "untouched": untouched,
    "half": half_done,
    "unread": broken("return (", 1),
    "raises": broken("raise ValueError('no idea')", 2, runs=True),
    "ends": broken("import os; os._exit(0)", 2),
    "deleted": deleted,
    "experiment": in_experiment,
    "edited": edited_check,
}
LATE = "2026-03-01 12:00:00 UTC"
SETTINGS = '\nget_config().LateSubmissionPlugin.penalty_method = "zero"\nget_config().LimitOutput.max_lines = 7\n'


def book_of(classroom):
    return Gradebook(api_for(classroom.root).coursedir.db_url)


def read_book(c):
    """Every row of every table; the random ids of rows that marking makes become names."""
    with contextlib.closing(sqlite3.connect(c.root / "gradebook.db")) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        submitted = db.execute("SELECT id, assignment_id, student_id FROM submitted_assignment").fetchall()
        of_notebook = db.execute("SELECT id, notebook_id, assignment_id FROM submitted_notebook").fetchall()
    labels = {i: f"{a} {s}" for i, a, s in submitted}
    labels |= {i: f"{n} {labels[a]}" for i, n, a in of_notebook}
    for name, rows in tables.items():
        own = 1 if name in ("grade", "comment") else 0
        tables[name] = sorted(([labels.get(v, v) for v in row[own:]] for row in rows), key=repr)
    return tables


def read_files(folder):
    """Every file with its permissions and content; the ids of cells apart, some of which are random."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        lines = [line for line in path.read_text().splitlines() if not line.startswith('   "id": ')]
        found[path.relative_to(folder).as_posix()] = stat.filemode(path.stat().st_mode), lines
    return found


def answered(notebook, text):
    """With an answer to every question that is marked by hand."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "markdown":
            cell.source = text
    return notebook


def hand_in_class(c):
    """A sample class, and what else happens to submissions."""
    assignment, released = c.assignment(), c.released()
    for student, make in WORKS.items():
        c.hand_in(student, notebook_of(make(assignment, 0), released, assignment))
    with (c.root / "nbgrader_config.py").open("a") as file:
        file.write(SETTINGS)
    with book_of(c) as book:
        book.update_or_create_assignment(FIRST, duedate="2026-02-01 12:00:00 UTC")
        for student in ("half", "edited"):
            book.update_or_create_student(student, first_name="Ann")
        book.update_or_create_submission(FIRST, "half")
        book.grant_extension(FIRST, "half", days=60)
    for student in ("solved", "half", "edited"):
        (c.path(student).parent / "timestamp.txt").write_text(LATE)
    (c.path("untouched").parent / "timestamp.txt").write_text("2026-01-01 12:00:00 +0100")
    (c.path("raises").parent / "timestamp.txt").write_text("")
    (c.path("ends").parent / "timestamp.txt").write_text("the day before yesterday")
    more = answered(c.solved(), "# Because\n<b>it</b> is $x^2$ [so](javascript:alert(1))")
    more.cells.insert(1, nbformat.v4.new_code_cell("for i in range(50):\n    print(i)"))
    more.cells.append(nbformat.v4.new_raw_cell("<script>alert(1)</script>"))
    more.cells += [
        nbformat.from_dict({**more.cells[5], "id": "twice"}),
        nbformat.v4.new_markdown_cell("![me](attachment:me.png)\u202e"),
    ]
    c.hand_in("more", more)
    folder = c.path("more").parent
    (folder / "plots" / "deep").mkdir(parents=True)
    (folder / "plots" / "deep" / "a.csv").write_text("1,2\n")
    (folder / "checks.json").write_text("{}")
    (folder / "scratch.ipynb").write_text(nbformat.writes(c.solved()))
    c.hand_in("cut", nbformat.writes(c.solved())[:2000])
    c.path("nothing").parent.mkdir(parents=True)
    (c.path("nothing").parent / "essay.txt").write_text("I had no time.")


def look_at(c):
    """What a person enters; then some hand in once more."""
    with book_of(c) as book:
        for student in ("solved", "misconceived", "more", "cut"):
            (notebook,) = book.find_submission(FIRST, student).notebooks
            for number, grade in enumerate(notebook.grades):
                if number % 2:
                    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.5, 0.25, False
            for comment in notebook.comments:
                comment.manual_comment = f"Well said, {student}."
        book.db.commit()
    c.hand_in("solved", answered(c.solved(), "No idea."))
    c.hand_in("misconceived", c.solved())
    c.hand_in("cut", c.solved())
    (c.path("more").parent / "timestamp.txt").write_text(LATE)
    c.hand_in("half", "{}")


@pytest.fixture(scope="class")
def both(graded, tmp_path_factory):
    """The same class, marked in two rounds: by the ledger, and by nbgrader's own converter over its own gradebook."""
    found = {}
    classes = graded("recording-class", hand_in_class, marked=True)
    for way in ("ledger", "nbgrader"):
        root = tmp_path_factory.mktemp(way) / "course"
        shutil.copytree(classes.root, root)
        found[way] = Classroom(root)
    return found


def mark(both, sandboxes):
    """Mark by either way; what either could not mark."""
    problems = []
    for way, c in both.items():
        if way == "nbgrader":
            shutil.copytree(both["ledger"].root / ".verdicts", c.root / ".verdicts", dirs_exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
            patch.setattr("grader.recording.usual", lambda api, way=way: usual(api) and way == "ledger")
            with Recording(api_for(c.root), c.course) as recording:
                assert (recording._ledger is None) == (way == "nbgrader")
            problems.append(c.autograde())
    assert problems[0] == problems[1]
    return [p.student for p in problems[0]]


@pytest.fixture(scope="class", params=["first", "again"])
def marked(request, both, sandboxes):
    if request.param == "again":
        for c in both.values():
            look_at(c)
    bad = mark(both, sandboxes)
    assert bad == (["cut", "ends", "nothing"] if request.param == "first" else ["ends", "half", "nothing"])
    return both["ledger"], both["nbgrader"]


class TestAsNbgrader:
    """One class after another: handed in, looked at by a person, handed in once more."""

    def test_the_ledger_is_used_where_settings_are_usual(self, marked):
        assert usual(api_for(marked[0].root))

    def test_every_table_of_the_gradebook_is_the_same(self, marked):
        ours, theirs = (read_book(c) for c in marked)
        assert ours.keys() == theirs.keys() and len(ours["grade"]) > 50 and len(ours["course"]) == 2
        assert any(row[-1] for row in ours["submitted_notebook"]), "nobody got a penalty"
        for table, rows in theirs.items():
            assert ours[table] == rows, table

    def test_every_marked_file_is_the_same_with_its_permissions(self, marked):
        ours, theirs = (read_files(c.root / "autograded") for c in marked)
        assert len(ours) > 25 and ours.keys() == theirs.keys()
        for name in ours:
            assert ours[name] == theirs[name], name

    def test_nbgraders_feedback_is_the_same(self, marked):
        for student in ("misconceived", "more"):
            pages = []
            for c in marked:
                assert api_for(c.root).generate_feedback(FIRST, student, force=True)["success"]
                pages.append((c.root / "feedback" / student / FIRST / f"{FIRST}.html").read_text())
            assert pages[0] == pages[1] and len(pages[0]) > 1000


@pytest.mark.parametrize(
    "line",
    [
        "c.Autograde.pre_convert_hook = print",
        "c.Autograde.post_convert_hook = print",
        "c.Autograde.autograde_preprocessors = [*c.Autograde.autograde_preprocessors, Mine]",
        "c.Autograde.sanitize_preprocessors = [Mine, *c.Autograde.sanitize_preprocessors]",
        "c.Autograde.exporter_class = NotebookExporter",
        "c.NotebookExporter.nbformat_version = 3",
        "c.FilesWriter.relpath = '.'",
        "c.AssignLatePenalties.plugin_class = MyPlugin",
        "c.CourseDirectory.notebook_id = 'a*'",
    ],
)
def test_where_settings_are_not_usual_nbgrader_does_it_all(line, course_folder, tmp_path):
    shutil.copytree(course_folder, tmp_path / "course", ignore=shutil.ignore_patterns("source", "release"))
    with (tmp_path / "course" / "nbgrader_config.py").open("a") as file:
        file.write(
            "c = get_config()\nfrom nbconvert.exporters import NotebookExporter\n"
            "from nbgrader.preprocessors import ClearOutput\nfrom nbgrader.plugins import LateSubmissionPlugin\n"
            f"class Mine(ClearOutput): pass\nclass MyPlugin(LateSubmissionPlugin): pass\n{line}\n"
        )
    assert not usual(api_for(tmp_path / "course"))


# what has not changed


def two(c):
    c.hand_in("ann", c.solved())
    c.hand_in("bob", c.solved(sigmoid=None))
    for student in ("ann", "bob"):
        (c.path(student).parent / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    shutil.copy(c.root / "gradebook.db", c.root / "before.db")


def enter(c, **values):
    with book_of(c) as book:
        grade = book.find_grade("sigmoid-check", FIRST, FIRST, "ann")
        for name, value in values.items():
            setattr(grade, name, value)
        book.db.commit()


def more_points(c):
    folder = c.root / "source" / FIRST
    path = folder / f"{FIRST}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    entry = next(cell.metadata.nbgrader for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("points"))
    entry["points"] += 1
    nbformat.write(notebook, path)
    (folder / f"{FIRST}.py").unlink(missing_ok=True)
    assert api_for(c.root).generate_assignment(FIRST, force=True)["success"]


def new_gradebook(c):
    (c.root / "gradebook.db").unlink()
    assert api_for(c.root).generate_assignment(FIRST, force=True)["success"]


def older_gradebook(c):
    shutil.copy(c.root / "before.db", c.root / "gradebook.db")


def due(c):
    with book_of(c) as book:
        book.update_or_create_assignment(FIRST, duedate="2026-02-01")


def other_comment(c):
    with book_of(c) as book:
        next(iter(book.find_submission(FIRST, "ann").notebooks[0].comments)).auto_comment = "Hm."
        book.db.commit()


def add_line(c, name):
    with (c.root / name).open("a") as file:
        file.write("\n")


def rewrite(path):
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-2] + b" \n")


MARKED = f"autograded/ann/{FIRST}"
CHANGES = {
    "nothing": (lambda c: None, []),
    "a notebook": (lambda c: c.hand_in("ann", c.solved(sigmoid=None)), ["ann"]),
    "the space at the end of a notebook": (
        lambda c: c.path("ann").write_text(c.path("ann").read_text() + " "),
        ["ann"],
    ),
    "a timestamp": (lambda c: (c.path("ann").parent / "timestamp.txt").write_text("2026-01-01 12:00:01 UTC"), ["ann"]),
    "a timestamp that is gone": (lambda c: (c.path("ann").parent / "timestamp.txt").unlink(), ["ann"]),
    "a file beside it": (lambda c: (c.path("ann").parent / "x.txt").write_text(""), ["ann"]),
    "a mark by hand": (lambda c: enter(c, manual_score=1.0, needs_manual_grade=False), ["ann"]),
    "extra credit": (lambda c: enter(c, extra_credit=1.0), ["ann"]),
    "an automatic mark": (lambda c: enter(c, auto_score=0.25), ["ann"]),
    "an automatic comment": (other_comment, ["ann"]),
    "the marked notebook is gone": (lambda c: shutil.rmtree(c.root / MARKED), ["ann"]),
    "the marked notebook": (lambda c: rewrite(c.root / MARKED / f"{FIRST}.ipynb"), ["ann"]),
    "all verdicts are gone": (lambda c: [p.unlink() for p in c.verdicts()], ["ann", "bob"]),
    "the gradebook is an older one": (
        lambda c: shutil.copy(c.root / "before.db", c.root / "gradebook.db"),
        ["ann", "bob"],
    ),
    "the gradebook is a new one": (new_gradebook, ["ann", "bob"]),
    "the date": (due, ["ann", "bob"]),
    "points": (more_points, ["ann", "bob"]),
    "the settings": (lambda c: add_line(c, "nbgrader_config.py"), ["ann", "bob"]),
    "a file that all have": (lambda c: add_line(c, f"source/{FIRST}/checks.json"), ["ann", "bob"]),
    "the secret": (lambda c: (c.root / ".course_secret").write_bytes(bytes(32)), ["ann", "bob"]),
    "the list of what was recorded": (lambda c: (c.root / ".verdicts" / f"{FIRST}.recorded").unlink(), ["ann", "bob"]),
}


class TestUnchanged:
    """What is marked again of a class of two, when something has changed."""

    @pytest.fixture
    def recorded(self, monkeypatch):
        """Who was recorded."""
        names = []
        record = Recording.record

        def noted(self, assignment, student, given):
            names.append(student)
            record(self, assignment, student, given)

        monkeypatch.setattr(Recording, "record", noted)
        return names

    @pytest.fixture
    def again(self, graded, tmp_path, sandboxes, monkeypatch):
        """A copy of a class that was marked."""
        monkeypatch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
        shutil.copytree(graded("recorded", two).root, tmp_path / "course")
        return Classroom(tmp_path / "course")

    @pytest.mark.parametrize("what", CHANGES)
    def test_a_submission_is_recorded_again_if_anything_has_changed(self, what, again, recorded):
        change, who = CHANGES[what]
        change(again)
        assert again.autograde() == [] and sorted(recorded) == who
        recorded.clear()
        assert again.autograde() == [] and recorded == []

    def test_changed_points_count_at_once(self, again):
        more_points(again)
        assert again.autograde() == [] and again.marks()["ann"] == again.assignment().points

    def test_a_changed_exercise_is_noticed(self, again, recorded, monkeypatch):
        for module in ("recording", "course"):
            monkeypatch.setattr(f"grader.{module}._versions", lambda: "other files")
        assert again.autograde() == [] and sorted(recorded) == ["ann", "bob"]

    def test_nobodys_file_is_read_by_the_judge_if_nothing_has_changed(self, again, monkeypatch):
        monkeypatch.setattr("grader.autograde.judge_one", None)
        assert again.autograde() == []

    def test_a_line_that_was_cut_off_costs_one_submission(self, again, recorded):
        path = again.root / ".verdicts" / f"{FIRST}.recorded"
        path.write_bytes(path.read_bytes()[:-9])
        assert again.autograde() == [] and len(recorded) == 1
        recorded.clear()
        assert again.autograde() == [] and recorded == []

    def test_marked_again_by_hand_it_is_to_be_looked_at_once_more(self, again):
        enter(again, manual_score=1.0, needs_manual_grade=False)
        again.autograde()
        with book_of(again) as book:
            grade = book.find_grade("sigmoid-check", FIRST, FIRST, "ann")
            assert grade.needs_manual_grade and grade.manual_score == 1.0


# many


def test_no_more_submissions_are_under_way_than_the_window_has_places(classroom, monkeypatch):
    for number in range(9):
        classroom.hand_in(f"s{number}", "no notebook")
    under_way, most = set(), []

    class Watched(Inline):
        def submit(self, function, /, *args, **kwargs):
            under_way.add(args[2])
            most.append(len(under_way))
            return super().submit(function, *args, **kwargs)

    def zero(api, problem):
        under_way.discard(problem.student)
        return problem

    monkeypatch.setattr("grader.autograde.record_zero", zero)
    assert len(classroom.autograde(executor=Watched(), window=3)) == 9
    assert max(most) == 3 and len(most) == 9


def test_the_gradebook_keeps_nothing_of_what_was_recorded(graded, tmp_path):
    shutil.copytree(graded("recorded", two).root, tmp_path / "course")
    c = Classroom(tmp_path / "course")
    with Recording(api_for(c.root), c.course) as recording:
        for student in ("ann", "bob"):
            recording.record(FIRST, student, None)
            assert not list(recording._ledger.db()) and not recording._ledger._rows


def test_a_submission_is_recorded_whole_or_not_at_all(graded, tmp_path, monkeypatch):
    shutil.copytree(graded("recorded", two).root, tmp_path / "course")
    c = Classroom(tmp_path / "course")
    older_gradebook(c)
    before = read_book(c)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.recording.Recorder.set_permissions", stop)
    with Recording(api_for(c.root), c.course) as recording, pytest.raises(KeyboardInterrupt):
        recording.record(FIRST, "ann", None)
    assert read_book(c) == before and not (c.root / MARKED).exists()


def test_ctrl_c_says_how_many_were_recorded(classroom):
    for number in range(5):
        classroom.hand_in(f"s{number}", "no notebook")
    calls = []

    class Stopping(Inline):
        def submit(self, function, /, *args, **kwargs):
            calls.append(args)
            if len(calls) == 4:
                raise KeyboardInterrupt
            return super().submit(function, *args, **kwargs)

    with pytest.raises(Interrupted, match=r"^Stopped by you: 3 of 5 were recorded; run the same command to go on\.$"):
        autograde(classroom.root, [FIRST], executor=Stopping(), window=1)


def test_without_a_terminal_a_run_says_in_lines_how_far_it_is(classroom, capsys, monkeypatch):
    monkeypatch.setattr("grader.autograde.EVERY", 0.0)
    for number in range(3):
        classroom.hand_in(f"s{number}", "no notebook")
    assert len(classroom.autograde()) == 3
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all(line.startswith(f"marking {n} of 3, ") for n, line in enumerate(lines, start=1))
    assert " s left, 2 to look at" in lines[1] and lines[2].endswith("/s, 3 to look at")


def drawn(*texts: str) -> nbformat.NotebookNode:
    """A notebook whose cells are named by their place."""
    cells = [nbformat.v4.new_code_cell(t) if t[:1] != "#" else nbformat.v4.new_markdown_cell(t) for t in texts]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
        cell.metadata.trusted = True
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="one\ntwo\n")]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "ü"}})


def test_notebooks_are_written_as_nbformat_writes_them_however_many_cells_are_known(monkeypatch):
    written = Writing()
    texts = [("# ü\n\n$x$", "x = 1\n\n"), ("# ü\n\n$x$", "x = 2"), (), ("x = 2", "x = 2", "# ü\n\n$x$"), ("",)]
    for memory in (2_000, 0):
        monkeypatch.setattr(recording, "CELLS", memory)
        for _ in range(2):
            for given in texts:
                assert written.text(drawn(*given)) == nbformat.writes(drawn(*given)) + "\n"
                assert len(written._cells) <= memory + 3


def test_a_cell_that_is_no_cell_is_refused_behind_others_that_are_known():
    written, wrong = Writing(), drawn("# a", "x = 1")
    written.text(drawn("# a"))
    wrong.cells[1].execution_count = "one"
    with pytest.raises(nbformat.ValidationError):
        written.text(wrong)
    wrong = drawn("# a")
    wrong.metadata.kernelspec = "python3"
    with pytest.raises(nbformat.ValidationError):
        written.text(wrong)
