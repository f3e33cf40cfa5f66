"""Every hostile submission gets what it deserves, and nobody else notices; see `tests.attacks.runner`.

All of them are tried once, in one class, for all tests here.
"""

from __future__ import annotations

import json

import pytest

from grader.sandbox import available
from tests.attacks import runner
from tests.attacks.runner import FAMILIES, FORGED, Tried, collect

ATTACKS = {a.student: a for a in collect()}
ALONE = {
    "forging_always_equal": True,
    "forging_empty_broadcast": False,
    "forging_replaced_run_cell": True,
    "reading_environment": True,
    "reading_hidden_inputs_by_shape": False,
    "reading_reference": True,
    "writing_gradebook_marks": True,
    "presentation_script_in_markdown": True,
    "presentation_terminal_codes": False,
}
"""Those tried here under nbgrader alone, and whether they succeed; the last after one that raises all later marks."""

pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.skipif(available() is not None, reason=str(available())),
]


@pytest.fixture(scope="session")
def tried(once):
    def make(folder):
        found = runner.run(folder / "run", list(ATTACKS.values()), ALONE)
        (folder / "attacks.json").write_text(json.dumps(runner.as_json(found)))

    found = json.loads((once("attacks", make) / "attacks.json").read_text())["attacks"]
    return {f"{t['family']}_{t['name']}": Tried(**t) for t in found}


class TestAttacks:
    """One class here, and for those that apply one under nbgrader as it comes."""

    @pytest.mark.parametrize("name", ATTACKS)
    def test_nothing_comes_of_an_attack(self, tried, name):
        assert tried[name].reasons == []

    @pytest.mark.parametrize("name", ATTACKS)
    def test_an_attacker_gets_what_is_deserved(self, tried, name):
        assert tried[name].marks == tried[name].deserved

    def test_the_table_has_a_row_for_each_family(self, tried):
        rows = {row["family"]: row for row in runner.rows(tried.values())}
        assert list(rows) == [f for f in FAMILIES if any(a.family == f for a in ATTACKS.values())]
        for family, row in rows.items():
            assert row["attempts"] == sum(a.family == family for a in ATTACKS.values())
            assert row["nbgrader_attempts"] == sum(name.startswith(family) for name in ALONE)
            assert row["succeeded"] == 0

    @pytest.mark.parametrize("name", ALONE)
    def test_where_learners_code_and_its_test_share_a_process_some_attacks_succeed(self, tried, name):
        assert bool(tried[name].nbgrader) == ALONE[name], tried[name].nbgrader


def test_an_attack_says_what_it_tries_and_what_it_deserves():
    points = runner.Assignment.load(runner.ROOT / "solutions" / runner.FIRST).points
    for attack in ATTACKS.values():
        assert attack.says.endswith((".", "?")) and len(attack.says) < 200, attack.student
        assert attack.place in ("own", "end", "text", "file", *points), attack.student
        assert set(attack.deserves) <= {"all", *points}, attack.student
        assert all(mark <= points.get(name, 0.0) for name, mark in attack.deserves.items()), attack.student
        assert not attack.stock or attack.family not in ("exhausting", "escaping"), attack.student
        assert not any(attack.deserves.get(name) for name in FORGED), attack.student


class TestTheRunnerItself:
    """What it would say if a protection failed."""

    def test_a_canary_is_found_wherever_it_comes_out(self):
        canaries = {"the gradebook": f"canary-{'0' * 32}", "a solution": f"canary-{'1' * 32}"}
        assert runner.came_out(f"x{canaries['a solution']}x", canaries) == ["a solution"]
        assert runner.came_out("canary-", canaries) == []

    def test_hidden_inputs_are_found_in_any_form(self):
        hidden = runner.runs([-0.25, 1.5, 2.75, -3.0, 4.0, 0.1, 8.0])
        for text in (
            "[[-0.25  1.5  2.75]\n [-3.  4.   0.1 ]]",
            "0.25, 1.5, 2.75, 3.0, 4.0, 0.1",
            "a1.50b2.75c3d4e0.10f8",
        ):
            assert runner.runs(runner.numbers_in(text)) & hidden, text
        assert not runner.runs(runner.numbers_in("1.5, 0.25, 2.75, 3.0, 4.0, 0.1")) & hidden

    def test_digits_that_are_there_by_chance_are_no_hidden_inputs(self):
        assert runner.numbers_in('{"id": "1a2b3c4d", "nbgrader": {"checksum": "5e6f7a8b"}, "x": 9}') == [9]

    def test_a_change_of_a_file_is_seen(self, tmp_path):
        for name in ("release/a", "release/b", ".verdicts/c", "gradebook.db"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("1")
        before = runner.state(tmp_path)
        for name in (".verdicts/c", "gradebook.db"):
            (tmp_path / name).write_text("2")
        assert runner.differing(tmp_path, before) == []
        (tmp_path / "release/a").write_text("2")
        (tmp_path / "release/b").unlink()
        (tmp_path / "d").symlink_to("/nowhere")
        assert runner.differing(tmp_path, before) == ["d", "release/a", "release/b"]

    def test_a_word_that_is_no_attack_is_refused(self, capsys):
        assert runner.main(["forgin"]) == 2
        assert capsys.readouterr().err == "There is no attack or family forgin.\n"

    def test_a_name_in_several_families_is_refused(self):
        names = [a.name for a in ATTACKS.values()]
        for twice in {name for name in names if names.count(name) > 1}:
            with pytest.raises(LookupError, match="which one"):
                collect([twice])
