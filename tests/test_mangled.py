"""Whatever happened to a notebook on its way: what can be marked is, what cannot is told, and no mark is a present.

First a class in which every submission is mangled in another way, marked in one run. In each the first half of the
gaps is solved and the second untouched. Then operations on cells, JSON and bytes, composed at random.
"""

from __future__ import annotations

import copy
import json
import os
import random
import shutil
import subprocess
import sys

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.assignment import grade_id, strip_markers, stub_of
from grader.course import CourseError
from grader.plan import as_json, canonical, plan
from grader.reading import CELLS, handed_in

FIRST = "01_perceptron_limits"
FIRST_HALF = ("prepend_bias", "sigmoid", "predict", "bce_loss")
GAPS = (*FIRST_HALF, "bce_gradient", "train_perceptron", "best_xor_accuracy", "lift")
FILE = f"{FIRST}.ipynb"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
UMLAUT = "# Größe, “quoted”\n"

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def dump(notebook, **options):
    return json.dumps(notebook, ensure_ascii=False, **options).encode("utf-8", "surrogatepass")


def named(notebook, name):
    return next(c for c in notebook["cells"] if grade_id(c) == name)


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def lightened(notebook):
    """Without experiments, whose figures only take time, as one reads it from JSON."""
    notebook = json.loads(nbformat.writes(notebook))
    notebook["cells"] = [c for c in notebook["cells"] if "experiment" not in c["metadata"].get("tags", [])]
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    named(notebook, "sigmoid")["source"] = UMLAUT + named(notebook, "sigmoid")["source"]
    return notebook


def half_solved(classroom):
    gaps = classroom.assignment().gaps
    names = list(gaps)
    return lightened(classroom.solved(**{n: stub_of(gaps[n]) for n in names[len(names) // 2 :]}))


# what can be marked: each changes a half solved notebook, and gives bytes where JSON is not enough


def every(**changes):
    """A change of the same keys in every cell, or in every code cell."""

    def change(notebook):
        for cell in notebook["cells"]:
            for key, value in changes.items():
                if value is Ellipsis:
                    cell.pop(key, None)
                elif key not in ("outputs", "execution_count") or cell["cell_type"] == "code":
                    cell[key] = value

    return change


def top(**changes):
    """A change of the notebook's own keys."""

    def change(notebook):
        for key, value in changes.items():
            if value is Ellipsis:
                notebook.pop(key, None)
            else:
                notebook[key] = value

    return change


def encoded(encoding, before=b""):
    return lambda notebook: before + dump(notebook).decode().encode(encoding, "replace")


def replaced(old, new):
    """A change in the file's bytes."""

    def change(notebook):
        data = dump(notebook)
        assert old in data
        return data.replace(old, new, 1)

    return change


DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = json.loads("[" * 500 + "]" * 500)
MARK = {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1}

MARKED = {
    "latin_1": encoded("latin-1"),
    "windows_1252": encoded("cp1252"),
    "utf_16_with_a_mark": encoded("utf-16"),
    "utf_16_big_endian": encoded("utf-16-be"),
    "utf_16_little_endian": encoded("utf-16-le"),
    "utf_32": encoded("utf-32"),
    "byte_order_mark": encoded("utf-8", b"\xef\xbb\xbf"),
    "a_byte_that_is_none_of_utf_8": replaced("ö".encode(), b"\xff"),
    "windows_line_ends": lambda n: dump(n, indent=1).replace(b"\n", b"\r\n"),
    "no_newline_anywhere": dump,
    "blanks_around": lambda n: b"\n \t\r\n" + dump(n, indent=4) + b"\n\n \n",
    "cells_twice_in_the_file": replaced(b'{"cells"', b'{"cells": [], "cells"'),
    "format_3": lambda n: json.dumps(nbformat.convert(nbformat.from_dict(n), 3)).encode(),
    "format_4_0": lambda n: (every(id=...)(n), top(nbformat_minor=0)(n)),
    "format_4_4": lambda n: (every(id=...)(n), top(nbformat_minor=4)(n)),
    "format_4_4_with_ids": top(nbformat_minor=4),
    "format_4_5_without_ids": every(id=...),
    "format_4_of_the_future": top(nbformat_minor=99),
    "format_4_minor_is_a_text": top(nbformat_minor="five"),
    "format_4_minor_is_missing": top(nbformat_minor=...),
    "format_is_missing": top(nbformat=...),
    "one_id_for_all": every(id="all-the-same"),
    "ids_of_forbidden_signs": every(id="<script> ä\n"),
    "ids_too_long": every(id="x" * 1000),
    "ids_are_numbers": every(id=7),
    "ids_are_null": every(id=None),
    "no_metadata_in_any_cell": every(metadata=...),
    "metadata_null_in_every_cell": every(metadata=None),
    "metadata_a_list_in_every_cell": every(metadata=[1]),
    "notebook_metadata_missing": top(metadata=...),
    "notebook_metadata_null": top(metadata=None),
    "notebook_metadata_a_list": top(metadata=[1, 2]),
    "language_of_another_kind": top(metadata={"language": 5, "language_info": "R"}),
    "kernel_for_r": top(metadata={"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}),
    "kernel_unknown": top(metadata={"kernelspec": {"name": "my-env", "display_name": "my env"}}),
    "kernel_missing": top(metadata={"language_info": {"name": "python"}}),
    "kernel_of_another_kind": top(metadata={"kernelspec": [None]}),
    "more_keys_everywhere": every(extra={"a": [1]}),
    "outputs_missing": every(outputs=..., execution_count=...),
    "outputs_null": every(outputs=None),
    "outputs_a_text": every(outputs="none"),
    "outputs_an_object": every(outputs={"output_type": "stream"}),
    "outputs_of_nulls": every(outputs=[None, 3, []]),
    "outputs_of_unknown_kinds": every(outputs=[{"output_type": "hologram"}]),
    "outputs_without_their_parts": every(outputs=[{"output_type": "stream"}, {"output_type": "display_data"}]),
    "outputs_that_are_a_mark": every(outputs=[MARK]),
    "outputs_without_end": replaced(b'"outputs": []', b'"outputs": ' + DEEP),
    "counts_of_another_kind": every(execution_count="three"),
    "counts_not_a_number": every(execution_count=float("nan")),
    "counts_infinite": every(execution_count=float("-inf")),
    "counts_of_thousands_of_digits": replaced(b'"execution_count": null', b'"execution_count": ' + b"9" * 5000),
    "metadata_not_a_number": every(metadata={"score": float("inf")}),
    "metadata_deep": every(metadata={"deep": NESTED}),
    "attachments_everywhere": every(attachments={"a.png": {"image/png": PNG}}),
    "attachments_of_another_kind": every(attachments=["a.png", None]),
    "attachments_that_are_pages": every(attachments={"a.svg": {"image/svg+xml": "<svg onload=alert(1)>"}, "b": 3}),
    "a_nul_sign_in_a_text": lambda n: n["cells"].append(code("x = '\0'")),
    "half_of_a_surrogate_pair": lambda n: n["cells"].append(code("x = '\ud800'")),
    "a_cell_of_an_unknown_type": lambda n: n["cells"].append({"cell_type": "hologram", "source": "x"}),
    "a_cell_that_is_nothing": lambda n: n["cells"].insert(0, {}),
    "a_text_that_is_missing": lambda n: n["cells"][0].pop("source"),
    "a_text_that_is_null": lambda n: n["cells"][0].update(source=None),
    "every_checks_text_another": lambda n: [c.update(source="3") for c in n["cells"] if "-check" in grade_id(c)],
    "every_cell_twice": lambda n: n["cells"].extend(copy.deepcopy(n["cells"])),
    "every_cell_the_other_way_round": lambda n: n["cells"].reverse(),
    "cells_shuffled": lambda n: random.Random(4).shuffle(n["cells"]),
    "without_the_set_up": lambda n: n["cells"].remove(named(n, "setup")),
    "the_set_up_at_the_end": lambda n: n["cells"].append(n["cells"].pop(n["cells"].index(named(n, "setup")))),
    "without_questions": lambda n: [n["cells"].remove(named(n, f"perceptron-why-{i}")) for i in (1, 2, 3)],
    "a_check_in_every_place": lambda n: n["cells"].extend(copy.deepcopy(named(n, "lift-check")) for _ in range(20)),
}
LOSING = {}
"""What is rightly lost, of the half that was solved."""


def marked(*lost):
    def add(change):
        MARKED[change.__name__] = change
        LOSING[change.__name__] = lost
        return change

    return add


@marked()
def texts_as_lists_of_lines(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


@marked()
def control_signs_as_they_are(notebook):
    notebook["cells"].append(code("# \x01\x1b[31m\x7f"))
    return dump(notebook).replace(b"\\u0001", b"\x01").replace(b"\\n", b"\n")


@marked()
def one_grade_id_for_all(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"] = {"grade_id": "lift", "solution": True, "grade": False, "locked": False}


@marked()
def grade_ids_are_numbers(notebook):
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"] = {"grade_id": 5, "points": "many"}


@marked()
def other_types(notebook):
    for cell in notebook["cells"]:
        cell["cell_type"] = "markdown" if cell["cell_type"] == "code" and grade_id(cell) else "code"


@marked()
def all_in_one_cell(notebook):
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    cells[0]["source"] = "\n\n".join(c["source"] for c in cells)
    notebook["cells"] = cells[:1]


@marked()
def every_gap_merged_with_the_check_below(notebook):
    for cell in [c for c in notebook["cells"] if "-check" in grade_id(c)]:
        gap = named(notebook, grade_id(cell).removesuffix("-check"))
        gap["source"] += "\n\n" + cell["source"]
        notebook["cells"].remove(cell)


@marked()
def every_check_merged_with_the_gap_below(notebook):
    for cell in [c for c in notebook["cells"] if "-check" in grade_id(c)]:
        after = notebook["cells"][notebook["cells"].index(cell) + 1 :]
        gap = next((c for c in after if c["metadata"].get("nbgrader", {}).get("solution")), None)
        if gap and gap["cell_type"] == "code":
            cell["source"] += "\n\n" + gap["source"]
            notebook["cells"].remove(gap)


@marked()
def split_below_its_functions(notebook):
    for cell in [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]:
        again = copy.deepcopy(cell)
        again["source"] = "# tried with 3 and 4"
        notebook["cells"].insert(notebook["cells"].index(cell) + 1, again)


@marked("sigmoid")
def split_within_a_function(notebook):
    cell = named(notebook, "sigmoid")
    again = copy.deepcopy(cell)
    head, _, body = cell["source"].rpartition("\n")
    cell["source"], again["source"] = head.partition("    ")[0], "    " + body
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, again)


@marked("sigmoid")
def without_a_gap(notebook):
    notebook["cells"].remove(named(notebook, "sigmoid"))


@marked("sigmoid")
def a_gap_cut_short(notebook):
    cell = named(notebook, "sigmoid")
    cell["source"] = cell["source"][: len(cell["source"]) * 2 // 3]


@marked(*FIRST_HALF)
def no_cells(notebook):
    notebook["cells"] = []


@marked(*FIRST_HALF)
def no_cells_but_checks(notebook):
    notebook["cells"] = [c for c in notebook["cells"] if "-check" in grade_id(c)]


@marked(*FIRST_HALF)
def no_texts(notebook):
    every(source=...)(notebook)


@marked()
def two_hundred_megabytes(notebook):
    """Of outputs in one cell, a gap; the file is written once and deleted once it is marked."""
    data = dump(notebook)
    place = data.index(b'"outputs": [', data.index(b"def sigmoid") - 2000) + len(b'"outputs": [')
    line = b'"epoch 17, loss 0.123456\\n", "",'
    lines = line * (200 * 2**20 // len(line))
    return b"".join(
        [data[:place], b'{"output_type": "stream", "name": "stdout", "text": [', lines, b'""]}', data[place:]]
    )


# what cannot be marked, and a part of the reason that is told

CUT_OFF = "is no notebook: it is no JSON, or was cut off"
REPORTED = {
    "cut_after_a_sign": (lambda n: dump(n)[:1], CUT_OFF),
    "cut_early": (lambda n: dump(n)[:100], CUT_OFF),
    "cut_in_the_middle": (lambda n: dump(n)[: len(dump(n)) // 2], CUT_OFF),
    "cut_before_its_last_sign": (lambda n: dump(n)[:-1], CUT_OFF),
    "cut_in_an_output": (lambda n: dump(n).partition(b'"outputs": [')[0] + b'"outputs": [{"a": "b', CUT_OFF),
    "cut_in_utf_16": (lambda n: encoded("utf-16")(n)[:-3], CUT_OFF),
    "two_in_one_file": (lambda n: dump(n) * 2, CUT_OFF),
    "a_comma_too_many": (lambda n: dump(n)[:-1] + b",}", CUT_OFF),
    "a_conflict_of_git": (replaced(b'"metadata"', b'\n<<<<<<< HEAD\n"metadata"'), CUT_OFF),
    "a_web_page": (lambda n: b"<!DOCTYPE html><html><title>Sign in</title></html>", CUT_OFF),
    "an_archive": (lambda n: b"PK\x03\x04" + bytes(range(256)) * 8, CUT_OFF),
    "a_script": (lambda n: named(n, "sigmoid")["source"].encode(), CUT_OFF),
    "nothing_but_zeros": (lambda n: b"\0" * 4096, CUT_OFF),
    "empty": (lambda n: b"", "is no notebook: it is empty"),
    "blank": (lambda n: b" \n\t\r\n ", CUT_OFF),
    "null": (lambda n: b"null", "is no notebook: it holds no object"),
    "a_list": (lambda n: dump([n]), "is no notebook: it holds no object"),
    "a_text": (lambda n: b'"notebook"', "is no notebook: it holds no object"),
    "a_number": (lambda n: b"4", "is no notebook: it holds no object"),
    "not_a_number": (lambda n: b"NaN", "is no notebook: it holds no object"),
    "an_empty_object": (lambda n: b"{}", "is no notebook: it has no list of cells"),
    "cells_an_object": (top(cells={}), "is no notebook: it has no list of cells"),
    "cells_null": (top(cells=None), "is no notebook: it has no list of cells"),
    "cells_a_text": (top(cells="cells"), "is no notebook: it has no list of cells"),
    "cells_missing": (top(cells=...), "is no notebook: it has no list of cells"),
    "a_cell_that_is_null": (lambda n: n["cells"].insert(2, None), "is no notebook: its cell 3 is no cell"),
    "a_cell_that_is_a_list": (lambda n: n["cells"].insert(2, []), "is no notebook: its cell 3 is no cell"),
    "a_text_that_is_a_number": (
        lambda n: n["cells"][1].update(source=7),
        "is no notebook: the text of its cell 2 is no text",
    ),
    "a_text_of_numbers": (
        lambda n: n["cells"][1].update(source=["x", 7]),
        "is no notebook: the text of its cell 2 is no text",
    ),
    "format_5": (top(nbformat=5), "is no notebook: its format is '5', which is not 3 or 4"),
    "format_2": (top(nbformat=2), "is no notebook: its format is '2', which is not 3 or 4"),
    "format_a_text": (
        top(nbformat="\x1b[31m4\n"),
        "is no notebook: its format is '\\x1b[31m4\\n', which is not 3 or 4",
    ),
    "format_3_without_sheets": (top(nbformat=3, worksheets=5), "is no notebook: its format is '3'"),
    "format_3_of_nulls": (top(nbformat=3, worksheets=[None]), "is no notebook: it has no list of cells"),
    "brackets": (lambda n: b"[" * 100_000, "is no notebook: its brackets are too deep"),
    "objects": (lambda n: b'{"a":' * 100_000, "is no notebook: its brackets are too deep"),
    "deep_metadata": (
        replaced(b'"metadata": {', b'"metadata": {"deep": ' + DEEP + b", "),
        "is no notebook: its brackets are too deep",
    ),
    "a_hundred_thousand_cells": (
        lambda n: n.update(cells=[{"cell_type": "markdown", "source": "x"}] * 100_000),
        f"is no notebook: it has 100000 cells, more than {CELLS}",
    ),
    "millions_of_brackets": (lambda n: b"[[],[]" + b",[]" * 3_000_000 + b"]", "it has more than 2000000 parts"),
    "millions_of_brackets_in_outputs": (
        replaced(b'"outputs": [', b'"outputs": [' + b"[]," * 3_000_000),
        "it has more than 2000000 parts",
    ),
    "a_text_of_forty_megabytes": (
        lambda n: n["cells"].append(code("#" * 40 * 2**20)),
        "it is larger than 32 MB without its outputs",
    ),
}

# other names, and what is no file

NAMES_ON_DISK = {
    "another_case": FILE.upper(),
    "a_copy": f"{FIRST} (1).ipynb",
    "a_trailing_dot": f"{FILE}.",
    "a_colon": f"{FILE}:Zone.Identifier",
    "backslashes": f"{FIRST}\\{FILE}",
    "a_blank": f"{FILE} ",
    "text_behind_it": f"{FILE}.txt",
    "signs_that_a_terminal_obeys": "a\x1b[31m\u202e\nb.ipynb",
}
OTHER_KINDS = {
    "a_folder": (lambda path, other: path.mkdir(), "is no file but a folder"),
    "a_pipe": (lambda path, other: os.mkfifo(path), "is no file but a device or a pipe"),
    "a_link_to_a_classmate": (lambda path, other: path.symlink_to(other), "is no file but a link"),
    "a_link_to_nothing": (lambda path, other: path.symlink_to("nothing.ipynb"), "is no file but a link"),
    "a_link_to_itself": (lambda path, other: path.symlink_to(path.name), "is no file but a link"),
    "nothing": (lambda path, other: None, "was not handed in (there is: nothing)"),
}
BESIDE = {
    "a_link_beside_it": lambda folder, other: (folder / "notes.txt").symlink_to(other),
    "a_link_in_a_folder_beside_it": lambda folder, other: (
        (folder / "sub").mkdir() or (folder / "sub" / "up").symlink_to("../../..")
    ),
    "a_pipe_beside_it": lambda folder, other: os.mkfifo(folder / "pipe"),
}
TOLERATED = {
    "a_copy_beside_it": lambda folder: (folder / f"{FIRST} (1).ipynb").write_text("{}"),
    "a_folder_called_a_notebook_beside_it": lambda folder: (folder / "notes.ipynb").mkdir(),
    "checkpoints_beside_it": lambda folder: (folder / ".ipynb_checkpoints").mkdir(),
    "a_changed_toolbox_beside_it": lambda folder: (folder / "numpy.py").write_text("raise SystemExit"),
}


HONEST = ("a_honest", "m_honest", "z_honest")


def mangled_class(classroom):
    """Everything above, three honest learners among it, marked in one run."""
    base = half_solved(classroom)
    full = lightened(classroom.solved())
    for student in HONEST:
        classroom.hand_in(student, dump(base if student == "m_honest" else full))
    honest = classroom.path("z_honest")
    for student, change in [*MARKED.items(), *((s, c) for s, (c, _) in REPORTED.items())]:
        notebook = copy.deepcopy(base)
        changed = change(notebook)
        classroom.hand_in(student, changed if isinstance(changed, bytes) else dump(notebook))
    for student, name in NAMES_ON_DISK.items():
        classroom.path(student).parent.mkdir(parents=True)
        (classroom.path(student).parent / name).write_bytes(dump(full))
    for student, (make, _) in OTHER_KINDS.items():
        classroom.path(student).parent.mkdir(parents=True)
        make(classroom.path(student), honest)
    for student in (*BESIDE, *TOLERATED):
        classroom.hand_in(student, dump(full if student in BESIDE else base))
    for student, make in BESIDE.items():
        make(classroom.path(student).parent, honest)
    for student, make in TOLERATED.items():
        make(classroom.path(student).parent)
    problems = {p.student: p.reason for p in classroom.autograde()}
    (classroom.root / "told.json").write_text(json.dumps([problems, classroom.marks()]))
    shutil.rmtree(classroom.path("two_hundred_megabytes").parent)


@pytest.fixture
def mangled(graded, sandboxes):
    """The class, the reasons that were told, and the marks."""

    def fill(classroom):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
            mangled_class(classroom)

    classroom = graded("mangled", fill, marked=True)
    return classroom, *json.loads((classroom.root / "told.json").read_text())


def half(points, lost=()):
    names = list(points)
    kept = set(names[: len(names) // 2]) - set(lost)
    return {name: full if name in kept else 0.0 for name, full in points.items()}


UNREADABLE = {
    **{student: reason for student, (_, reason) in (REPORTED | OTHER_KINDS).items()},
    **dict.fromkeys(NAMES_ON_DISK, "was not handed in (there is: "),
    **dict.fromkeys(BESIDE, "beside it is neither a file nor a folder"),
}


class TestAClassOfMangledNotebooks:
    """Marked in one run."""

    @pytest.mark.parametrize("student", [*MARKED, *TOLERATED])
    def test_what_can_be_marked_gets_what_its_functions_deserve(self, mangled, student):
        classroom, problems, marks = mangled
        assert student not in problems
        assert marks[student] == half(classroom.assignment().points, LOSING.get(student, ()))

    @pytest.mark.parametrize("student", UNREADABLE)
    def test_what_cannot_be_marked_scores_0_and_the_reason_is_told_in_one_sentence(self, mangled, student):
        _, problems, marks = mangled
        assert UNREADABLE[student] in problems[student]
        assert problems[student].isprintable() and len(problems[student]) < 220
        assert set(marks[student].values()) == {0.0}

    def test_honest_classmates_get_their_marks(self, mangled):
        classroom, problems, marks = mangled
        points = classroom.assignment().points
        assert {s: marks[s] for s in HONEST} == {s: half(points) if s[0] == "m" else points for s in HONEST}
        assert set(problems) == set(UNREADABLE)
        assert set(marks) == {*HONEST, *MARKED, *TOLERATED, *UNREADABLE}

    def test_every_marked_notebook_is_valid_and_says_of_each_exercise_why(self, mangled):
        classroom, _, marks = mangled
        for student in (*HONEST, *MARKED, *TOLERATED):
            path = classroom.root / "autograded" / student / FIRST / FILE
            nbformat.validate(nbformat.read(path, as_version=4))
            for name, check in classroom.checks(student).items():
                assert check.outputs[0].text.startswith(f"{name}: {marks[student][name]:g} of ")

    def test_nothing_of_a_classmate_is_copied_by_way_of_a_link(self, mangled):
        classroom, _, _ = mangled
        for student in (*OTHER_KINDS, *BESIDE):
            assert not (classroom.root / "autograded" / student / FIRST).exists()


def test_a_file_that_may_not_be_read_is_told(classroom, monkeypatch):
    path = classroom.hand_in("ann", classroom.solved())
    if os.geteuid() == 0:  # whom permissions do not concern

        def refused(*args, **kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("pathlib.Path.open", refused)
    path.chmod(0)
    with pytest.raises(CourseError, match=f"^{FILE} cannot be read: PermissionError$"):
        handed_in(path)


READ_BIG = """
import json, resource, sys
from pathlib import Path
from grader.reading import handed_in

used = int(next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + 120 * 2**20,) * 2)
path = Path(sys.argv[1])
print(len(handed_in(path).cells))
try:
    json.loads(path.read_bytes())
except MemoryError:
    print("more memory than there is")
"""


def test_two_hundred_megabytes_of_outputs_are_read_in_little_memory(classroom):
    base = half_solved(classroom)
    path = classroom.hand_in("ann", two_hundred_megabytes(base))
    command = [sys.executable, "-c", READ_BIG, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split("\n")[:2] == [str(len(base["cells"])), "more memory than there is"], done.stderr


def test_a_text_that_does_not_end_is_looked_at_once(tmp_path, time_limit):
    """Not once more from each of its quotation marks."""
    path = tmp_path / FILE
    path.write_bytes(b'"' + b'\\"' * 10_000_000)
    time_limit(60)
    with pytest.raises(CourseError, match="was cut off"):
        handed_in(path)


def test_a_word_in_a_text_is_not_taken_for_outputs(classroom):
    base = half_solved(classroom)
    said = 'outputs = {"outputs": [1, 2]}\n"outputs": [[['
    base["cells"].append(code(said))
    base["cells"].append({"cell_type": "markdown", "source": said, "metadata": {}})
    found = handed_in(classroom.hand_in("ann", dump(base)))
    assert [c.source for c in found.cells[-2:]] == [said, said]


def test_a_notebook_that_is_as_it_should_be_is_read_as_nbformat_reads_it(classroom):
    path = classroom.hand_in("ann", classroom.solved())
    found, plain = handed_in(path), nbformat.read(path, as_version=4)
    assert [(c.cell_type, c.source, grade_id(c)) for c in found.cells] == [
        (c.cell_type, c.source, grade_id(c)) for c in plain.cells
    ]
    assert [c.metadata.get("tags") for c in found.cells] == [c.metadata.get("tags") for c in plain.cells]


def test_a_picture_in_an_answer_is_kept_and_a_page_is_not(classroom):
    base = half_solved(classroom)
    answer = named(base, "perceptron-why-1")
    answer["attachments"] = {
        "a.png": {"image/png": PNG, "text/html": "<script>"},
        "b.png": {"image/png": '"><script>'},
        "c.svg": {"image/svg+xml": "<svg/>"},
    }
    found = handed_in(classroom.hand_in("ann", dump(base)))
    (cell,) = [c for c in found.cells if grade_id(c) == "perceptron-why-1"]
    assert cell.attachments == {"a.png": {"image/png": PNG}}


# operations composed at random: each takes a notebook and two numbers, and gives the gaps that it puts in doubt,
# or ANYTHING where nothing may be said of the file any more

ANYTHING = "anything"
JUNK = [None, 5, "x", [], {}, [None], {"a": [1]}, True, float("nan"), 10**4299, "\ud800", "\x1b[31m", NESTED]


def name_of(cell):
    return grade_id(cell) if isinstance(cell.get("metadata"), dict) else ""


def built_in(cell):
    """The gaps that a cell stands for, by its name or what it defines."""
    text = cell.get("source") if isinstance(cell.get("source"), str) else ""
    found = {name for name in GAPS if f"def {name}(" in text}
    return found | {name_of(cell)} & set(GAPS)


def picked(cells, number):
    return cells[number % len(cells)]


def delete(cells, a, b):
    cell = picked(cells, a)
    cells.remove(cell)
    return built_in(cell)


def move(cells, a, b):
    cells.insert(b % len(cells), cells.pop(a % len(cells)))


def repeat(cells, a, b):
    cells.insert(b % len(cells), copy.deepcopy(picked(cells, a)))


def split(cells, a, b):
    cell = picked(cells, a)
    lines = str(cell.get("source")).split("\n")
    again = copy.deepcopy(cell)
    cell["source"], again["source"] = "\n".join(lines[: b % len(lines)]), "\n".join(lines[b % len(lines) :])
    cells.insert(a % len(cells) + 1, again)
    return built_in(cell) | built_in(again)


def merge(cells, a, b):
    at = a % len(cells)
    if at + 1 < len(cells):
        below = cells.pop(at + 1)
        found = built_in(cells[at]) | built_in(below)
        cells[at]["source"] = f"{cells[at].get('source')}\n\n{below.get('source')}"
        return found


def cut(cells, a, b):
    cell = picked(cells, a)
    found = built_in(cell)
    cell["source"] = str(cell.get("source"))[: b * 7]
    return found


def answer_nothing(cells, a, b):
    cell = picked(cells, a)
    found = built_in(cell)
    if found:
        cell["source"] = "".join(f"def {n}(*given):\n    return {b % 3}\n\n" for n in sorted(found))
    return found


def change_type(cells, a, b):
    picked(cells, a)["cell_type"] = ("code", "markdown", "raw", "heading", "hologram", None)[b % 6]
    return built_in(picked(cells, a)) if not name_of(picked(cells, a)) else None


def strip(cells, a, b):
    """A cell, or all, without metadata: what is no code then is no gap any more."""
    stripped = (cells, [picked(cells, a)])[b % 2]
    for cell in stripped:
        cell["metadata"] = {}
    return set().union(*(built_in(c) for c in stripped if c.get("cell_type") != "code"))


def rename(cells, a, b):
    """A cell takes the name of another."""
    cell, other = picked(cells, a), picked(cells, b)
    found = built_in(cell) | built_in(other)
    cell["metadata"] = copy.deepcopy(other.get("metadata"))
    return found


def edit_check(cells, a, b):
    cell = picked([c for c in cells if name_of(c).endswith("-check")] or cells, a)
    if not built_in(cell):
        cell["source"] = ("3", "import os; os._exit(0)", "", "raise SystemExit")[b % 4]


def of_own(cells, a, b):
    text = ("x = 1", "1 / 0", "def", "%%bash\nls", "raise SystemExit", "\0", "", "'\ud800'", "while False: pass")[b % 9]
    cells.insert(a % len(cells), code(text))


def tag(cells, a, b):
    if name_of(cell := picked(cells, a)):
        cell["metadata"]["tags"] = ["experiment", "experiment"][b % 2 :]


def spoil(cells, a, b):
    """Something of no importance becomes something else."""
    key = ("outputs", "execution_count", "id", "attachments", "level", "input")[a % 6]
    picked(cells, a * 7 + b)[key] = copy.deepcopy(picked(JUNK, b)) if key != "input" else "import os"


def spoil_metadata(cells, a, b):
    cell = picked(cells, a)
    if b % 2 and isinstance(cell.get("metadata"), dict):
        cell["metadata"]["nbgrader"] = copy.deepcopy(picked(JUNK, b))
    else:
        cell["metadata"] = copy.deepcopy(picked(JUNK, b))
    return built_in(cell)


def spoil_text(cells, a, b):
    found = built_in(picked(cells, a))
    cell = picked(cells, a)
    if isinstance(cell.get("source"), str) and b % 3:
        cell["source"] = cell["source"].splitlines(keepends=True)
        return None if b % 3 == 1 else cell.update(source="".join(cell["source"]))
    cell["source"] = copy.deepcopy(picked(JUNK, b))
    return found | {ANYTHING}


OPERATIONS = {
    f.__name__: f
    for f in (
        *(delete, move, repeat, split, merge, cut, answer_nothing, change_type, strip, rename, edit_check),
        *(of_own, tag, spoil, spoil_metadata, spoil_text),
    )
}
ON_TOP = {
    "as it was": (lambda n: None, False),
    "another minor": (top(nbformat_minor=0), False),
    "a minor of another kind": (top(nbformat_minor=[]), False),
    "no format": (top(nbformat=...), False),
    "no metadata": (top(metadata=...), False),
    "metadata of another kind": (top(metadata=[{"kernelspec": 5}]), False),
    "a kernel for R": (top(metadata={"kernelspec": {"name": "ir"}}), False),
    "format 3": (lambda n: n.update(nbformat=3, worksheets=[{"cells": n.pop("cells")}]), False),
    "format 5": (top(nbformat=5), True),
    "a cell that is nothing": (lambda n: n["cells"].append(None), True),
    "cells of another kind": (top(cells={}), True),
}
AS_BYTES = {
    "as it was": (lambda data, at: data, False),
    "UTF-8 with a mark": (lambda data, at: b"\xef\xbb\xbf" + data, False),
    "UTF-16": (lambda data, at: data.decode("utf-8", "surrogatepass").encode("utf-16", "replace"), False),
    "UTF-32": (lambda data, at: data.decode("utf-8", "surrogatepass").encode("utf-32", "replace"), False),
    "Windows-1252": (lambda data, at: data.decode("utf-8", "surrogatepass").encode("cp1252", "replace"), False),
    "cut": (lambda data, at: data[:at], True),
    "a byte more": (lambda data, at: data[:at] + bytes([at % 256]) + data[at:], True),
    "a byte less": (lambda data, at: data[:at] + data[at + 1 :], True),
    "a piece twice": (lambda data, at: data[:at] + data[at // 2 :], True),
}
"""Each with whether anything may come of it."""


def mostly(choices):
    """The first of the choices half of the time."""
    return st.one_of(st.just(next(iter(choices))), st.sampled_from(list(choices)))


CASES = st.tuples(
    st.sampled_from(["full", "half", "none"]),
    st.lists(st.tuples(st.sampled_from(list(OPERATIONS)), st.integers(0, 99), st.integers(0, 99)), max_size=6),
    mostly(ON_TOP),
    mostly(AS_BYTES),
    st.integers(0, 999),
)
QUIET = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
"""The same cases on every machine; one that fails is made as small as it gets."""


def short(notebook):
    """Of the cells without a name the first few only."""
    others = [c for c in notebook["cells"] if not grade_id(c)]
    notebook["cells"] = [c for c in notebook["cells"] if c not in others[4:]]
    return notebook


class Mangling:
    """What the random cases share: three notebooks to begin with, and what may come out."""

    def __init__(self, classroom):
        self.classroom = classroom
        self.assignment = classroom.assignment()
        gaps = self.assignment.gaps
        stubs = {name: stub_of(text) for name, text in gaps.items()}
        self.begin = {
            "full": short(lightened(classroom.solved())),
            "half": short(half_solved(classroom)),
            "none": short(lightened(classroom.solved(**stubs))),
        }
        assert tuple(gaps) == GAPS
        self.solved = {"full": set(GAPS), "half": set(FIRST_HALF), "none": set()}
        self.endings = {n: strip_markers(text).strip().split("\n")[-1].strip() for n, text in gaps.items()}

    def make(self, case):
        """The file of a case, the gaps in doubt, and whether the file may be one that cannot be marked."""
        begin, operations, above, outside, number = case
        notebook = copy.deepcopy(self.begin[begin])
        doubt = set()
        for name, a, b in operations:
            if notebook["cells"]:
                doubt |= OPERATIONS[name](notebook["cells"], a, b) or set()
        change, anything = ON_TOP[above]
        change(notebook)
        encode, more = AS_BYTES[outside]
        anything = anything or more or ANYTHING in doubt
        data = json.dumps(notebook, ensure_ascii=number % 2 == 0).encode("utf-8", "surrogatepass")
        return encode(data, number * len(data) // 1000), set(GAPS) if anything else doubt, anything

    def read(self, case):
        """What is read of a case, or None where it is told why not; and the gaps in doubt."""
        data, doubt, anything = self.make(case)
        path = self.classroom.hand_in("case", data)
        try:
            return handed_in(path), doubt
        except CourseError as error:
            assert anything and str(error).isprintable() and len(str(error)) < 220
            return None, doubt

    def check(self, case, doubt, marks, text):
        """A mark is what was deserved; where that is in doubt, full at most where the solution still stands."""
        assert set(marks) == set(GAPS)
        for name, points in self.assignment.points.items():
            deserved = points if name in self.solved[case[0]] else 0
            if name in doubt:
                assert 0 <= marks[name] <= deserved, name
                assert marks[name] < points or self.endings[name] in text, name
            else:
                assert marks[name] == deserved, name


@pytest.fixture
def mangling(graded):
    return Mangling(graded(f"mangling-{os.getpid()}", lambda _: None, marked=True))


def texts(notebook):
    return "\n\n".join(c.source for c in notebook.cells)


@settings(max_examples=2000, **QUIET)
@given(case=CASES)
def test_what_marking_rests_on_holds_for_every_notebook(mangling, case):
    """There is a reason or a notebook; in that, released cells are as released, and gaps as the learner left them."""
    notebook, doubt = mangling.read(case)
    if notebook is None:
        return
    assignment = mangling.assignment
    found = canonical(notebook, assignment)
    nbformat.validate(found)
    json.dumps(found, ensure_ascii=False).encode()
    assert canonical(found, assignment) == found
    released = {grade_id(c): c for c in assignment.notebook.cells if grade_id(c)}
    present = [grade_id(c) for c in found.cells if grade_id(c)]
    assert len(set(present)) == len(present) and set(released) - set(GAPS) <= set(present) <= set(released)
    for cell in found.cells:
        if original := released.get(grade_id(cell)):
            assert cell.metadata["nbgrader"] == original.metadata["nbgrader"]
            assert cell.cell_type == original.cell_type
            assert not original.metadata["nbgrader"]["locked"] or cell.source == original.source
        else:
            assert "nbgrader" not in cell.metadata
    steps = plan(found, assignment)
    json.dumps(as_json(steps)).encode()
    assert steps[0].kind == "setup"
    assert sorted(s.exercise for s in steps if s.kind == "probe") == sorted(GAPS)
    assert [s.source for s in steps if s.kind != "probe"] == [
        c.source for c in found.cells if c.cell_type == "code" and not grade_id(c).endswith("-check")
    ]
    left = {s.exercise: s.source for s in steps if s.kind == "gap"}
    begun = {grade_id(c): c["source"] for c in mangling.begin[case[0]]["cells"]}
    assert {n: left[n] for n in GAPS if n not in doubt} == {n: begun[n] for n in GAPS if n not in doubt}


@settings(max_examples=100, **QUIET)
@given(case=CASES)
def test_marks_of_random_notebooks_are_those_deserved(mangling, first, case):
    notebook, doubt = mangling.read(case)
    if notebook is not None:
        marks = {name: mark.mark for name, mark in first.verdict(notebook, "case").marks.items()}
        mangling.check(case, doubt, marks, texts(notebook))


@settings(max_examples=20, **QUIET)
@given(cases=st.lists(CASES, min_size=5, max_size=5))
def test_a_class_of_random_notebooks_is_marked_to_the_end(mangling, sandboxes, cases):
    classroom, points = mangling.classroom, mangling.assignment.points
    shutil.rmtree(classroom.root / "submitted", ignore_errors=True)
    classroom.hand_in("zoe", dump(mangling.begin["full"]))
    read = {}
    for number, case in enumerate(cases):
        read[f"case-{number}"] = case, *mangling.read(case)
        (classroom.root / "submitted" / "case").rename(classroom.root / "submitted" / f"case-{number}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grader.execute.box_for", lambda mode, release: sandboxes(release.name))
        problems = {p.student for p in classroom.autograde()}
    marks = classroom.marks()
    assert problems == {student for student, (_, notebook, _) in read.items() if notebook is None}
    assert marks["zoe"] == points
    for student, (case, notebook, doubt) in read.items():
        if notebook is None:
            assert set(marks[student].values()) == {0.0}
        else:
            mangling.check(case, doubt, marks[student], texts(notebook))
