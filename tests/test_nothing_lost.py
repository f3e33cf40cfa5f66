"""Nothing is lost: marking is killed, interrupted and hindered, and the next run makes everything right.

What is done, and how it is seen, stands in `nothing_lost`, which runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.autograde import api_for
from grader.sandbox import available

FIRST = "01_perceptron_limits"
TRIALS = Path(__file__).with_name("nothing_lost.py")
MOUNTS = ("unshare", "--user", "--map-root-user", "--mount")


def may_mount() -> bool:
    """Whether this user may have a mount namespace of their own."""
    return shutil.which("unshare") is not None and subprocess.run([*MOUNTS, "true"], check=False).returncode == 0


def run(group, given, folder):
    """Do one group of trials; what went wrong outside of them is a report of its own."""
    folder.mkdir()
    before = MOUNTS if group == "disk" else ()
    words = [*before, sys.executable, "-W", "ignore", str(TRIALS), group, str(given), str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1500, cwd=folder)
    if done.returncode:
        fault = f"{done.stdout}\n{done.stderr}"
        (folder / "report.json").write_text(json.dumps({"": {"found": None, "fault": fault}}))


@pytest.fixture(scope="session")
def trial(once, course_folder):
    """``trial(group, name)``: what a trial found, after its group was done once for all tests."""
    if lacking := available():
        pytest.skip(lacking)

    def found(group, name):
        if group == "disk" and not may_mount():
            pytest.skip("there are no mount namespaces for this user")
        prepared = once("nothing-lost", lambda folder: run("prepared", course_folder, folder))
        folder = once(f"nothing-lost-{group}", lambda folder: run(group, prepared, folder))
        report = json.loads((folder / "report.json").read_text())
        result = report[name] if name in report else report[""]
        assert not result["fault"], result["fault"]
        return result["found"]

    return found


class TestKilled:
    """A class of three is marked by `grader autograde` and killed by SIGKILL 100 times.

    After each kill the gradebook is whole, every mark is the old or the new one, what people entered is there, and
    no process is left; after every tenth a run is let go to its end, and everything is as if nothing had happened.
    """

    def test_killed_100_times_everything_becomes_as_in_a_run_that_nothing_disturbed(self, trial):
        found = trial("killed", "killed")
        assert len(found["hits"]) == 100 and found["cycles"] >= 10

    def test_the_kills_hit_every_phase_of_marking(self, trial):
        found = trial("killed", "killed")
        hits = Counter(kill["hit"] for kill in found["hits"])
        assert len(found["calls"]) == 10 and all(hits[phase] >= 4 for phase in found["calls"]), hits

    def test_the_kills_were_of_every_kind(self, trial):
        found = trial("killed", "killed")
        kinds = Counter(kill["aimed at"] for kill in found["hits"])
        assert kinds["at any time"] > 40 and kinds["the command itself"] > 3
        assert min(Counter(kill["alone"] for kill in found["hits"]).values()) > 25
        assert min(found["calls"].values()) > 3
        assert any(kill["left"] for kill in found["hits"]), "none left a half-written file for the next run to remove"


HINDERED = {
    "two_runs_at_once": "a second run says which process is first, and disturbs nothing",
    "nbgrader_meanwhile": "nbgrader's own commands refuse during a run before they touch anything",
    "nbgrader_first": "a run refuses while nbgrader's command is marking",
    "interrupted": "Ctrl-C ends a run without a traceback, and nobody gets a 0 by it",
    "a_worker_is_killed": "a worker that is killed is told in one sentence",
    "locked_database": "a locked gradebook is told in one sentence",
    "damaged_gradebook": "a damaged gradebook is told before anybody's work is run",
    "the_first_secret": "two first runs of a course agree on one secret, whenever one is killed",
}
DISK = {
    "read_only": "what cannot be written is told in one sentence",
    "disk_full": "a full disk is told in one sentence, and costs nobody a mark",
}


class TestHindered:
    """Each hindrance is told clearly, and the next run completes."""

    @pytest.mark.parametrize("name", HINDERED, ids=HINDERED.values())
    def test_each_hindrance_is_told_and_the_next_run_completes(self, trial, name):
        trial("hindered", name)

    @pytest.mark.parametrize("name", DISK, ids=DISK.values())
    def test_a_disk_that_takes_nothing_is_told_and_the_next_run_completes(self, trial, name):
        trial("disk", name)

    def test_a_full_disk_is_noticed_at_verdicts_and_at_marks(self, trial):
        said = trial("disk", "disk_full")
        assert any("/.verdicts/" in line for line in said), said
        assert any("gradebook" in line or "/autograded/" in line for line in said), said


def test_a_bad_submission_leaves_no_old_mark_and_what_a_person_entered_is_theirs_to_look_at(classroom):
    classroom.hand_in("ann", classroom.solved())
    assert classroom.autograde() == []
    url = api_for(classroom.root).coursedir.db_url
    with Gradebook(url) as book:
        (notebook,) = book.find_submission(FIRST, "ann").notebooks
        for grade in notebook.grades:
            if grade.name == "sigmoid-check" or not grade.name.endswith("-check"):
                grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
        book.db.commit()
    classroom.hand_in("ann", "")
    assert len(classroom.autograde()) == 1
    with Gradebook(url) as book:
        (notebook,) = book.find_submission(FIRST, "ann").notebooks
        for grade in notebook.grades:
            by_hand = grade.name == "sigmoid-check" or not grade.name.endswith("-check")
            assert (grade.auto_score, grade.score) == (0, 2.0 if by_hand else 0)
            assert grade.needs_manual_grade == by_hand
    assert not os.path.exists(classroom.root / "autograded" / "ann" / FIRST)
