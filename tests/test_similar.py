"""Copies are found whatever their names and comments; answers that had to look alike are not."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from grader.assignment import grade_id, load, strip_markers, stub_of
from grader.course import CourseError
from grader.init import init
from grader.similar import NO_PROOF, _marked, _own, compare, page, text
from grader.simulate import simulate

SOLUTIONS = Path(__file__).parents[1] / "solutions"
TOPIC = "03_two_layer_network"
OWN = '''def softmax(Z):
    """Probabilities from logits: (N, K) -> (N, K), rows that add up to 1."""
    largest = Z.max(axis=1).reshape(len(Z), 1)   # so that nothing overflows in here
    raised = np.power(np.e, Z - largest)
    totals = np.zeros((len(Z), 1))
    for row in range(len(Z)):
        totals[row] = raised[row].sum()
    return raised / totals
'''
RENAMED = re.sub(r"  # .*", "", OWN.replace("largest", "m").replace("raised", "e").replace("totals", "s"))
WRONG = OWN.replace("raised[row].sum()", "raised[:, row % 3].sum()")


@pytest.fixture(scope="module")
def folder(once):
    """The sample class, and four more: one's own answer, a copy with other names, and the same mistake twice."""

    def make(root):
        init(root, SOLUTIONS, [TOPIC])
        assignment = load(SOLUTIONS / TOPIC)
        released = nbformat.from_dict(assignment.notebook)
        for cell in released.cells:
            if grade_id(cell) in assignment.gaps:
                cell.source = stub_of(cell.source)
        (root / "release" / TOPIC).mkdir(parents=True)
        nbformat.write(released, root / "release" / TOPIC / f"{TOPIC}.ipynb")
        simulate({TOPIC: assignment}, root / "release", root / "submitted")
        for student, answer in {"ada": OWN, "ben": RENAMED, "eve": WRONG, "fay": WRONG}.items():
            notebook = nbformat.from_dict(released)
            for cell in notebook.cells:
                if name := grade_id(cell) if grade_id(cell) in assignment.gaps else "":
                    cell.source = answer if name == "softmax" else strip_markers(assignment.gaps[name])
            (root / "submitted" / student / TOPIC).mkdir(parents=True)
            nbformat.write(notebook, root / "submitted" / student / TOPIC / f"{TOPIC}.ipynb")

    return once("similar", make)


@pytest.fixture(scope="module")
def found(folder):
    return compare(folder, TOPIC)


def test_copies_are_found_and_nobody_of_the_sample_class_is(found):
    pairs = {(p.left, p.right) for p in found.pairs}
    assert {("ada", "ben"), ("eve", "fay")} <= pairs
    assert not [pair for pair in pairs if any(student.startswith("learner") for student in pair)]


def test_a_copy_to_the_letter_says_so_and_one_with_other_names_does_not(found):
    evidence = {(p.left, p.right): p.evidence for p in found.pairs}
    assert [(e.exercise, e.identical) for e in evidence["eve", "fay"]] == [("softmax", True)]
    assert [(e.exercise, e.identical) for e in evidence["ada", "ben"]] == [("softmax", False)]
    assert [c for e in evidence["eve", "fay"] for c in e.comments] == ["so that nothing overflows in here"]


@pytest.mark.parametrize(("learners", "own"), [(4, True), (5, False)])
def test_what_many_wrote_is_nobodys_own(learners, own):
    texts = {f"learner{i}": OWN for i in range(learners)}
    assert {o.signs > 0 for o in _own(texts, load(SOLUTIONS / TOPIC), "softmax").values()} == {own}


def test_exercises_with_too_little_text_are_named(found):
    assert "relu" in found.untold and "softmax" not in found.untold


def test_the_text_explains_its_thresholds_and_is_no_proof(found):
    said = text(found)
    assert "at least 50% of their own text" in said and NO_PROOF in said and "eve, fay: 100%" in said


def test_the_page_is_self_contained_and_escapes_what_learners_wrote(folder, found, tmp_path):
    html = page(found)
    assert not re.search("https?:|<script|src=", html) and html.count("<mark>") >= 4 and NO_PROOF in html
    pair = found.pairs[0].evidence[0]
    assert "<mark>" in pair.left and "&" not in re.sub(r"&(?:amp|lt|gt|#34|#39);", "", pair.left)
    assert _marked("<b>#<i>", [[0], [2]], ()) == "<mark>&lt;b</mark>&gt;#&lt;i&gt;"


def test_a_share_that_is_no_part_is_refused(folder):
    with pytest.raises(CourseError, match="from 0 to 1"):
        compare(folder, TOPIC, share=50)
