"""A learner who built nothing earns nothing, and forgeries do not change that in any assignment.

What each forgery comes to, here and under nbgrader as it comes, is in test_attacks.
"""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell

from grader.assignment import grade_id, load
from grader.simulate import judge
from tests.attacks.runner import collect

REGION = re.compile(r"^([ ]*)### BEGIN SOLUTION\n.*?### END SOLUTION", re.MULTILINE | re.DOTALL)
SLOW = {"trace_function", "profile_function", "changing_result", "answering_thread"}
"""Those that make everything slow."""
SPOILING = {
    *("guessed_frames", "patched_json", "replaced_builtins"),
    *("import_of_own", "patched_helpers", "replaced_modules", "replaced_driver"),
    "forged_file",
}
"""Those that end the session, so that nothing comes of the others, and the one that is no cell."""


def test_a_forger_of_everything_who_built_nothing_earns_nothing_in_a_later_assignment(later):
    notebook = later.untouched()
    at = next(i for i, c in enumerate(notebook.cells) if grade_id(c) == "setup") + 1
    for attack in collect(["forging"]):
        if attack.name not in SLOW | SPOILING:
            notebook.cells.insert(at, new_code_cell(attack.text))
    verdict = later.verdict(notebook)
    assert {n: m.mark for n, m in verdict.marks.items()} == later.nothing
    assert "stopped" not in {m.status for m in verdict.marks.values()}, "the session has to last until the end"


@pytest.mark.parametrize(
    "body", ["return None", "return args[0] if args else 0.0", "return 0 * args[0] if args else 1.0"]
)
def test_a_function_that_does_nothing_earns_nothing(course_folder, name, body):
    """Also where outputs tell what it left as it was. None of this is hostile, so it can run here."""
    assignment = load(course_folder / "source" / name)
    for exercise, text in assignment.gaps.items():
        filled = REGION.sub(rf"\1args = [given for name, given in locals().items() if name != 'self']\n\1{body}", text)
        assert filled.count(body) == text.count("BEGIN SOLUTION")
        result = judge(assignment, exercise, filled, assignment.public(exercise))
        assert result.fraction == 0, (exercise, result)
