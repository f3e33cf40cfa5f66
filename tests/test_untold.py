"""Nothing that is shown after a mark tells of the hidden inputs, whatever a submission does to carry them out."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from nbformat.v4 import new_code_cell

from byhand.compare import Known, Wanted
from byhand.contracts import contract
from byhand.outcome import Failure, Outcome, call
from grader.judge import Verdict, alias_in, hidden_rng
from grader.report import leaderboard_of
from grader.untold import NOT_SHOWN, untold


def hidden_numbers(bench, exercise, student="ada"):
    """The hidden inputs, as a person would print them."""
    rng = hidden_rng(bench.judge.secret, student, bench.assignment.name, exercise)
    inputs = bench.assignment.exercises[exercise].cases(rng)
    public = {f"{x}" for case in bench.assignment.public(exercise).inputs for v in case.values() for x in np.ravel(v)}
    found = {f"{x}" for case in inputs for v in case.values() for x in np.ravel(v)}
    return {x for x in found - public if len(x) > 4}


def shown(verdict):
    texts = [mark.text() for mark in verdict.marks.values()]
    return "\n".join([*texts, json.dumps(verdict.outputs), *verdict.notes])


CARRIERS = {
    "the words of an exception": "def sigmoid(z):\n    raise ValueError(' '.join(map(str, z.ravel())))",
    "the type of an exception": "def sigmoid(z):\n    raise type('_'.join(map(str, z.ravel())), (Exception,), {})",
    "a text in place of numbers": "def sigmoid(z):\n    return ' '.join(map(str, z.ravel()))",
    "the name of a class": "def sigmoid(z):\n    return type('_'.join(map(str, z.ravel())), (), {})()",
    "an empty gap in a function of that name": """
def sigmoid(z):
    def inner():
        raise NotImplementedError
    name = '_'.join(map(str, z.ravel()))
    inner.__code__ = inner.__code__.replace(co_name=name, co_qualname=name)
    inner()
""",
    "the line of code": """
import linecache
def sigmoid(z):
    text = ' '.join(map(str, z.ravel()))
    linecache.cache['here'] = (len(text), None, [text], 'here')
    exec(compile('1 / 0', 'here', 'exec'))
""",
}


@pytest.mark.parametrize("code", CARRIERS.values(), ids=CARRIERS)
def test_a_failure_carries_no_hidden_input_out(first, code):
    numbers = hidden_numbers(first, "sigmoid")
    assert len(numbers) > 5
    verdict = first.verdict(first.solved(sigmoid=code))
    assert verdict.marks["sigmoid"].mark == 0
    assert not [n for n in numbers if n in shown(verdict)]


def test_a_later_cell_cannot_show_what_a_probe_was_given(first):
    stash = "seen = []\ndef sigmoid(z):\n    seen.append(z)\n    return 1 / (1 + np.exp(-z))"
    notebook = first.solved(sigmoid=stash)
    for code in (
        "print([list(map(str, z.ravel())) for z in seen])",
        "seen",
        "import IPython; IPython.display.display(seen)",
    ):
        notebook.cells.append(new_code_cell(code))
    verdict = first.verdict(notebook)
    assert not [n for n in hidden_numbers(first, "sigmoid") if n in shown(verdict)]
    assert "[]" in shown(verdict)


def test_an_exception_that_public_cases_raise_too_is_told_in_its_own_words(first):
    verdict = first.verdict(first.solved(sigmoid="def sigmoid(z):\n    return z + np.ones(99)"))
    assert "could not be broadcast" in re.sub(r"\s+", " ", verdict.marks["sigmoid"].text())


def test_an_exception_on_hidden_inputs_alone_is_told_without_its_words(first):
    code = """
def sigmoid(z):
    import json
    public = json.load(open("checks.json"))["exercises"]["sigmoid"]["cases"]
    known = np.concatenate([np.ravel(case["inputs"]["z"]["data"]) for case in public])
    if np.abs(z).max() > 100 or np.isin(z, known).all():
        return np.exp(-np.logaddexp(0, -z))
    raise ValueError("a word")
"""
    text = " ".join(first.verdict(first.solved(sigmoid=code)).marks["sigmoid"].text().split())
    assert "ValueError: on inputs of the mark, but not on the public cases" in text
    assert "a word" not in text


def test_names_at_a_check_are_those_of_its_place_in_the_notebook(first):
    notebook = first.solved()
    notebook.cells.append(new_code_cell("sigmoid = predict = None"))
    assert first.marks(notebook) == first.full()


# the functions behind it


WANTED = Wanted(
    ({},),
    ({"y": np.array(1.0), "said": np.array("as before")},),
    (Known("k", "?", ({"said": np.array("x changed")},), ("no",)),),
)


def one(outcome, public=()):
    return untold([outcome], WANTED, ["f", "F.g"], lambda: list(public))[0]


@pytest.mark.parametrize("text", ["as before", "x changed"])
def test_texts_that_were_to_be_expected_stay(text):
    assert one(Outcome({"said": np.array(text)})).outputs["said"] == text


def test_another_text_stays_only_if_public_cases_give_it_too():
    secret = Outcome({"said": np.array("0.123")})
    assert one(secret).outputs["said"] == NOT_SHOWN
    assert one(secret, [secret]).outputs["said"] == "0.123"


@pytest.mark.parametrize(("function", "left"), [("F.g", "F.g"), ("f", "f"), ("f.x123", "f"), ("x123", ""), ("y", "y")])
def test_a_place_is_named_only_where_it_is_one_of_the_assignments(function, left):
    assert one(Outcome(failure=Failure("empty", "0.123", "0.123", function))).failure == Failure("empty", "", "", left)


def test_public_cases_are_tried_only_where_they_are_needed():
    def never():
        raise AssertionError

    right = Outcome({"y": np.array(1.0), "said": np.array("as before")})
    assert untold([right], WANTED, [], never) == [right]


# what never reaches a learner's code


@contract(properties=lambda outputs, inputs: {"hits": np.sum(outputs["y"] == inputs["t"])}, private=("t",))
def guess(f, /, *, x):
    yield {"y": f(x)}


def test_a_private_entry_is_kept_from_the_call_and_given_to_the_properties():
    given = {"x": np.array([1, 2]), "t": np.array([1, 3])}
    outcome = call(guess, {"f": lambda x: x}, given)
    assert outcome.failure is None
    assert guess.shown(given).keys() == {"x"}
    assert guess.properties(outcome.outputs, given) == {"hits": 1}


def test_a_contract_that_takes_what_is_private_is_refused():
    with pytest.raises(TypeError, match="t is private, and given"):

        @contract(properties=lambda outputs, inputs: {}, private=("t",))
        def wrong(f, /, *, t):
            yield {"y": f(t)}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('alias = "Ada"', "Ada"),
        ("x = 1\nalias = 'two words'  # mine", "two words"),
        ("""alias = "Ada's pupil\"""", "Ada's pupil"),
        ('alias = ""', ""),
        ('alias = "a" + "b"', ""),
        ('  alias = "Ada"', ""),
        ('alias = "<script>\u202e\u0000x"', "<script> x"),
        (f'alias = "{"n" * 90}"', "n" * 30),
        ('alias = "first"\nalias = "last"', "last"),
    ],
)
def test_an_alias_is_read_as_text_and_cleaned(first, source, name):
    notebook = first.untouched()
    notebook.cells.append(new_code_cell(source))
    assert alias_in(notebook) == name


# who is listed


def verdict_of(student, alias, measured):
    return Verdict("12_capstone", student, {}, measures={"train_model": measured}, alias=alias)


def test_only_who_gave_an_alias_is_listed_and_equals_share_a_place():
    class_of_four = [("a", "second", 0.95), ("b", "", 0.99), ("c", "first", 0.97), ("d", "also second", 0.95)]
    table = leaderboard_of([verdict_of(*row) for row in class_of_four])
    assert list(zip(table["place"], table["alias"], strict=True)) == [(1, "first"), (2, "also second"), (2, "second")]


def test_without_any_alias_there_is_no_list():
    assert leaderboard_of([verdict_of("a", "", 0.9)]).empty


def test_a_verdict_read_again_is_the_same():
    verdict = verdict_of("a", "alias", 0.95)
    assert Verdict.from_json(json.loads(json.dumps(verdict.as_json()))) == verdict
