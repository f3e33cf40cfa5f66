"""The check under a gap: what it says, what it never says, and what a notebook shows of it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from byhand import cases, check
from byhand.check import CheckFailed
from byhand.contracts import contracts_of
from grader.assignment import load

FIRST = "01_perceptron_limits"
FURTHER = "The mark uses further inputs."


@pytest.fixture
def assignment(course_folder, name, monkeypatch):
    """An assignment, with its released folder as the current one, and a check that was never called before."""
    monkeypatch.setattr(sys.modules["byhand.check"], "_right", {})
    monkeypatch.chdir(course_folder / "release" / name)
    return load(course_folder / "source" / name)


@pytest.fixture
def first(course_folder, monkeypatch):
    monkeypatch.setattr(sys.modules["byhand.check"], "_right", {})
    monkeypatch.chdir(course_folder / "release" / FIRST)
    return load(course_folder / "source" / FIRST)


def objects(assignment, exercise, namespace):
    return [namespace[name] for name in contracts_of(assignment.name)[exercise].objects]


def failure(name, *given):
    with pytest.raises(CheckFailed) as caught:
        check(name, *given)
    assert isinstance(caught.value, AssertionError)
    return str(caught.value)


def one_line(text):
    return " ".join(text.split())


# right, wrong, not attempted


def test_what_is_right_is_said_for_every_output_and_that_the_mark_uses_further_inputs(assignment, capsys):
    namespace = assignment.namespace()
    for name in assignment.gaps:
        check(name, *objects(assignment, name, namespace))
        title, *lines = capsys.readouterr().out.splitlines()
        assert title.startswith(f"{name}, on ")
        if assignment.contracts[name].inputs:  # else there is nothing that could be further
            assert lines.pop() == FURTHER
        assert [line.split()[-1] for line in lines] == ["right"] * len(assignment.public(name).names)


def test_no_check_ever_says_that_all_is_passed(assignment, capsys):
    namespace = assignment.namespace()
    for name in assignment.gaps:
        check(name, *objects(assignment, name, namespace))
    said = capsys.readouterr().out.lower()
    assert "pass" not in said and "all right" not in said and "well done" not in said


def test_every_misconception_is_the_first_cause_that_is_told(assignment):
    for name, exercise in assignment.exercises.items():
        for m in exercise.misconceptions:
            namespace = assignment.namespace({name: assignment.misconceived(name, m)})
            text = failure(name, *objects(assignment, name, namespace))
            wrong = re.split("WRONG|not reached", text, maxsplit=1)[1]
            assert one_line(wrong).startswith(one_line(m.message)), (name, m.name)
            assert FURTHER not in text


def test_an_untouched_gap_is_not_attempted(assignment):
    from grader.assignment import stub_of

    for name, text in assignment.gaps.items():
        namespace = assignment.namespace({name: stub_of(text)})
        said = failure(name, *objects(assignment, name, namespace))
        assert said.startswith(f"{name}: not attempted yet.\n      `{assignment.contracts[name].objects[0]}")
        assert "WRONG" not in said and FURTHER not in said


def test_the_difference_is_told_with_the_learners_number_and_the_expected_one(first):
    text = one_line(failure("best_xor_accuracy", lambda: 0.6))
    assert "0.6, which is no share of four points" in text
    text = one_line(failure("prepend_bias", lambda X: first.namespace()["prepend_bias"](X) + 1e-3 * X.shape[0] ** 2))
    assert "Largest difference" in text and "expected" in text and "(case 1 of 3)" in text
    assert "Expected for `warnings`: none (case 1 of 4)" in one_line(failure("sigmoid", abs))


def test_an_error_in_the_learners_code_is_told_with_its_line(first):
    namespace = {}
    exec(compile("def predict(X, w):\n    return X @ w\n", "<cell>", "exec"), namespace)
    text = one_line(failure("predict", namespace["predict"]))
    assert "Your code raised ValueError: " in text and "2 and 3" in text


def test_a_name_that_the_learners_code_lacks_may_be_defined_further_up(first):
    text = failure("sigmoid", lambda z: unheard_of(z))  # noqa: F821
    assert "Your code raised NameError: name 'unheard_of' is not defined" in one_line(text)
    assert "defined in a cell above that has not been run since the kernel started?" in one_line(text)


def test_a_gap_that_an_empty_one_is_needed_for_names_the_empty_one(first):
    from grader.assignment import stub_of

    namespace = first.namespace({"sigmoid": stub_of(first.gaps["sigmoid"])})
    text = failure("predict", namespace["predict"])
    assert "Your code calls `sigmoid`, whose gap is still empty: fill that one first." in one_line(text)
    assert "not attempted" not in text


def test_a_failed_check_names_a_failed_piece_that_the_code_uses_until_that_one_is_right(first):
    namespace = first.namespace(
        {"predict": "def score(X, w):\n    return prepend_bias(X) @ w\n\n\ndef predict(X, w):\n    return score(X, w)"}
    )
    hint = "Your code uses `prepend_bias`, whose check has not passed: begin there."
    assert hint not in failure("predict", namespace["predict"])
    failure("prepend_bias", lambda X: X)
    assert failure("predict", namespace["predict"]).endswith(hint)
    assert hint not in failure("predict", lambda X, w: X @ w)
    check("prepend_bias", namespace["prepend_bias"])
    assert hint not in failure("predict", namespace["predict"])


def test_an_array_of_the_notebook_that_the_code_reads_is_named(first):
    namespace = {"X_all": np.ones((3, 2)), "LIMIT": 500.0}
    exec("def sigmoid(z):\n    return X_all.mean() + 0 * z * LIMIT", namespace)
    text = one_line(failure("sigmoid", namespace["sigmoid"]))
    assert text.endswith("Your code reads `X_all`, an array outside it, which the mark will not find.")
    assert "LIMIT" not in text


def test_an_input_that_was_changed_is_told(first):
    def greedy(X, w):
        result = first.namespace()["predict"](X, w)
        X[:] = 0
        return result * 1.01 + 0.02 * w[0]

    assert "`X` was changed by your code" in one_line(failure("predict", greedy))


def test_a_check_leaves_nothing_behind(first, capsys):
    """The second run of a check sees the same inputs, whatever the first one did to them."""

    def greedy(X):
        result = first.namespace()["prepend_bias"](X)
        X[:] = 0
        return result

    check("prepend_bias", greedy)
    before = capsys.readouterr().out
    check("prepend_bias", greedy)
    assert capsys.readouterr().out == before


# what is called wrongly


def test_an_exercise_of_another_name_lists_those_there_are(first):
    with pytest.raises(ValueError, match=r'There is no exercise "sigmiod" here; there are: prepend_bias, sigmoid, '):
        check("sigmiod", abs)


@pytest.mark.parametrize("given", [(), (abs, abs)])
def test_a_wrong_number_of_objects_is_told_with_their_names(first, given):
    with pytest.raises(ValueError, match=r'check\("sigmoid", …\) takes 1 of yours: sigmoid\.'):
        check("sigmoid", *given)


@pytest.mark.parametrize("given", [None, 3, "sigmoid"])
def test_what_is_no_function_is_the_learners_mistake_and_not_an_error_of_ours(first, given):
    assert "not callable" in one_line(failure("sigmoid", given))


def test_a_notebook_that_was_moved_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"There is no checks\.json in .* moved out of its folder\?"):
        check("sigmoid", abs)


DAMAGED = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "not utf-8": lambda text: b"\xff\xfe",
    "a list": lambda text: "[]",
    "null": lambda text: "null",
    "without exercises": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "exercises"}),
    "exercises of another kind": lambda text: json.dumps({**json.loads(text), "exercises": []}),
    "an array cut off": lambda text: text.replace('"data"', '"date"'),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_of_cases_says_what_to_do(course_folder, tmp_path, monkeypatch, damage):
    text = (course_folder / "release" / FIRST / "checks.json").read_text(encoding="utf-8")
    damaged = damage(text)
    (tmp_path / "checks.json").write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^checks\.json is damaged: fetch the assignment's folder again\.$"):
        check("sigmoid", abs)


def renamed(content):
    content["assignment"] = "01_something_new"


def with_another_exercise(content):
    content["exercises"] = {"sigmoid": content["exercises"]["sigmoid"], "swish": content["exercises"]["sigmoid"]}


def with_an_input_more(content):
    content["exercises"]["sigmoid"]["cases"][0]["inputs"]["beta"] = 1.0


def with_an_input_less(content):
    del content["exercises"]["sigmoid"]["cases"][0]["inputs"]["z"]


NEWER = r"^checks\.json is newer than byhand .* in .*byhand: choose the kernel .*, or update byhand\.$"
OLDER = r"^checks\.json is older than byhand .* in .*byhand: fetch the assignment's folder again\.$"


@pytest.mark.parametrize(
    ("exercise", "change", "said"),
    [
        ("sigmoid", lambda content: content.update(format=cases.FORMAT + 1), NEWER),
        ("sigmoid", lambda content: content.update(format=cases.FORMAT - 1), OLDER),
        ("sigmoid", renamed, NEWER),
        ("swish", with_another_exercise, NEWER),
        ("sigmoid", with_an_input_more, NEWER),
        ("sigmoid", with_an_input_less, OLDER),
    ],
)
def test_cases_of_another_version_than_byhand_say_which_is_older_and_what_to_do(
    course_folder, tmp_path, monkeypatch, exercise, change, said
):
    content = json.loads((course_folder / "release" / FIRST / "checks.json").read_text(encoding="utf-8"))
    change(content)
    (tmp_path / "checks.json").write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=said):
        check(exercise, abs)


def test_cases_that_were_fetched_again_are_read_without_a_restart(first, tmp_path, monkeypatch):
    text = Path("checks.json").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for version in (cases.FORMAT, cases.FORMAT + 1, cases.FORMAT):
        Path("checks.json").write_text(json.dumps({**json.loads(text), "format": version}))
        with pytest.raises(ValueError if version > cases.FORMAT else CheckFailed):
            check("sigmoid", abs)


# in a notebook


CELLS = {
    "set-up": "import numpy as np\nfrom byhand import check",
    "right": "def prepend_bias(X):\n    return np.insert(X, 0, 1, axis=1)\ncheck('prepend_bias', prepend_bias)",
    "wrong": "def prepend_bias(X):\n    return np.insert(X, 0, 0, axis=1)\ncheck('prepend_bias', prepend_bias)",
    "raised": "def sigmoid(z):\n    return 1 / unknown\n\ncheck('sigmoid', sigmoid)",
    "empty": "def sigmoid(z):\n    raise NotImplementedError()\n\ncheck('sigmoid', sigmoid)",
    "misspelt": "check('sigmiod', sigmoid)",
    "and then": "print('the next cell runs')",
}


@pytest.fixture(scope="session")
def shown(course_folder, once):
    """What a kernel shows of each cell."""

    def make(folder):
        shutil.copytree(course_folder / "release" / FIRST, folder)
        notebook = new_notebook(cells=[new_code_cell(text) for text in CELLS.values()])
        client = NotebookClient(
            notebook,
            timeout=60,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
        nbformat.write(notebook, folder / "shown.ipynb")

    notebook = nbformat.read(once("kernel", make) / "shown.ipynb", as_version=4)
    return dict(zip(CELLS, [c.outputs for c in notebook.cells], strict=True))


class TestInANotebook:
    """What a kernel shows of a check."""

    def test_in_a_notebook_a_right_answer_is_a_panel_and_plain_text(self, shown):
        (output,) = shown["right"]
        assert output.output_type == "display_data" and set(output.data) == {"text/plain", "text/html"}
        assert output.data["text/plain"].endswith(FURTHER) and FURTHER in output.data["text/html"]

    @pytest.mark.parametrize("kind", ["wrong", "raised", "empty"])
    def test_where_nobody_watches_a_failed_check_is_our_lines_and_no_frame_of_a_traceback(self, shown, kind):
        (output,) = shown[kind]
        assert (output.output_type, output.ename) == ("error", "CheckFailed")
        assert "\n".join(output.traceback) == output.evalue
        for word in ("Traceback", "---", "site-packages", "byhand/", "File ", "\x1b"):
            assert word not in "\n".join(output.traceback)

    def test_in_a_notebook_the_cause_comes_before_the_numbers(self, shown):
        (output,) = shown["wrong"]
        text = "\n".join(output.traceback)
        assert text.index("0 comes out") < text.index("Largest difference")

    def test_in_a_notebook_an_error_is_told_with_the_line_that_raised_it(self, shown):
        (output,) = shown["raised"]
        said = "Your code raised NameError: name 'unknown' is not defined, at the line: return 1 / unknown"
        assert said in one_line("\n".join(output.traceback))

    def test_in_a_notebook_a_failed_check_stops_no_later_cell(self, shown):
        assert shown["and then"][0].text == "the next cell runs\n"
        (misspelt,) = shown["misspelt"]
        assert misspelt.ename == "ValueError" and one_line(" ".join(misspelt.traceback)) == misspelt.evalue
