"""The capstone is marked on labels that never enter a learner's process, and those who want to are listed."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell

from grader.report import report

LAST = "12_capstone"

LOOKING = """
import importlib.util, pathlib
from byhand import datasets
try:
    datasets.digits()
    print("found by byhand")
except datasets.DataUnavailable as error:
    print(error)
sklearn = pathlib.Path(importlib.util.find_spec("sklearn").origin).parent
for path in (datasets.data_folder() / "digits.csv.gz", sklearn / "datasets/data/digits.csv.gz"):
    try:
        print("found" if path.read_bytes() else "empty", path.name)
    except PermissionError:
        print("empty", path.name)
"""


@pytest.fixture
def last(benches):
    return benches(LAST)


def printed(verdict):
    return "".join(str(o.get("text", "")) for outputs in verdict.outputs for o in outputs)


def test_no_copy_of_the_digits_can_be_read_while_the_capstone_is_marked(last):
    notebook = last.untouched()
    notebook.cells.append(new_code_cell(LOOKING))
    said = printed(last.verdict(notebook))
    assert "functions get their data as arguments" in said
    assert said.count("empty digits.csv.gz") == 2
    assert "found" not in said


def test_other_assignments_have_the_digits(benches):
    bench = benches("06_deep_networks")
    notebook = bench.untouched()
    notebook.cells.append(new_code_cell("from byhand import datasets\nprint(datasets.digits()[0].shape)"))
    assert "(1797, 64)" in printed(bench.verdict(notebook))


def test_labels_are_part_of_the_case_and_of_nothing_that_the_contract_is_given(last):
    contract = last.assignment.contracts["train_model"]
    wanted = last.judge._wanted("train_model", "ada", known=False)
    for case in wanted.inputs:
        assert "labels_test" in case and "labels_test" not in contract.shown(case)


def test_a_whole_class_is_measured_on_the_same_images(last):
    ada, ben = (last.judge._wanted("train_model", student, known=False) for student in ("ada", "ben"))
    assert [c["labels_test"].tolist() for c in ada.inputs] == [c["labels_test"].tolist() for c in ben.inputs]


def test_the_report_lists_those_with_an_alias_by_accuracy_and_under_no_other_name(classroom, tmp_path):
    untrained = {"train_model": "def train_model(X, T, rng):\n    return build_model(rng)"}
    for student, alias, gaps in [("ada", "the first", {}), ("ben", "", {}), ("eve", "<b>eve</b>", untrained)]:
        notebook = classroom.solved(LAST, **gaps)
        for cell in notebook.cells:
            cell.source = re.sub(r'^alias = ""', f'alias = "{alias}"', cell.source, flags=re.MULTILINE)
        classroom.hand_in(student, notebook, LAST)
    assert classroom.autograde(LAST) == []
    report(classroom.root, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    table = page[page.index('<h2 id="leaderboard">Leaderboard</h2>') :].split("</table>")[0]
    rows = re.findall(r'<td class="n">(\d+)</td><td>(.*?)</td><td class="n">([\d.]+) %', table)
    assert [(place, alias) for place, alias, _ in rows] == [("1", "the first"), ("2", "&lt;b&gt;eve&lt;/b&gt;")]
    assert float(rows[0][2]) > 95 > 50 > float(rows[1][2])
    assert "ada" not in table and "ben" not in table
