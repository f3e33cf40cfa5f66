"""What a learner is told about an output that is not right."""

import numpy as np
import pytest

from byhand.compare import Known, Wanted, compare
from byhand.contracts import contract
from byhand.outcome import call


@contract
def double(double, /, *, x):
    """double(x): twice x."""
    yield {"y": double(x)}
    yield {"sum": double(x).sum()}


X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
INPUTS = ({"x": X}, {"x": 10 * X})


def wanted(*known):
    return Wanted(INPUTS, tuple({"y": 2 * i["x"], "sum": np.array(2 * i["x"].sum())} for i in INPUTS), known)


def result(function, *known):
    return compare(double, wanted(*known), [call(double, {"double": function}, i) for i in INPUTS])


def cause(function, output="y"):
    return next(f.cause for f in result(function).findings if f.output == output)


def test_a_right_answer_is_right_and_complete():
    r = result(lambda x: 2 * x)
    assert r.status == "right" and r.fraction == 1 and r.misconceptions == ()


def test_float32_counts_as_right():
    assert result(lambda x: (2 * x).astype(np.float32)).status == "right"


def test_what_is_right_counts_although_a_later_piece_is_wrong():
    class Half(np.ndarray):
        def sum(self, *args, **kwargs):
            raise NotImplementedError

    r = result(lambda x: (2 * x).view(Half))
    assert [f.right for f in r.findings] == [True, False] and r.fraction == 0.5


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: None, "return what it computed"),
        (lambda x: "text", "is text"),
        (lambda x: [[1], [1, 2]], "differ in length"),
        (lambda x: {"a": 1}, "type dict"),
        (lambda x: 2 * x.T, "transposed"),
        (lambda x: 2 * x[:, :, None], "an axis is lost or added"),
        (lambda x: 2 * x.sum(axis=0), "summed away"),
        (lambda x: x @ x, "the inner sizes of a matrix product differ, 3 and 2"),
        (lambda x: x * np.nan, "contains nan"),
        (lambda x: x * np.inf, "contains inf"),
        (lambda x: -2 * x, "wrong sign"),
        (lambda x: 6 * x, "3 times"),
        (lambda x: 2 * x / 3, "1/3 of"),
        (lambda x: 5 * x, "2.5 times"),
        (lambda x: 2 * x + 1, "off by the same amount"),
        (lambda x: 1 / 0, "raised ZeroDivisionError"),
        (lambda: 1, "raised TypeError"),
        (lambda x: 2 * x + np.eye(2, 3), "differs"),
    ],
)
def test_general_diagnoses(function, words):
    assert words in cause(function)


def test_whole_numbers_where_fractions_are_wanted_are_named():
    w = Wanted(({"x": X},), ({"y": X / 2, "sum": np.array((X / 2).sum())},))
    r = compare(double, w, [call(double, {"double": lambda x: (x // 2).astype(int)}, {"x": X})])
    assert "whole numbers" in r.findings[0].cause


def test_one_row_that_differs_is_pointed_at():
    w = Wanted(({"x": np.ones((4, 2))},), ({"y": np.ones((4, 2)), "sum": np.array(8.0)},))
    wrong = np.ones((4, 2))
    wrong[2] = [0.3, 1.7]
    r = compare(double, w, [call(double, {"double": lambda x: wrong}, w.inputs[0])])
    assert "row 2" in r.findings[0].cause and "[2, " in r.findings[0].detail


def test_a_changed_input_is_noticed():
    def spoil(x):
        x[0, 0] = 77
        return 2 * x

    assert "was changed" in cause(spoil)


def test_a_named_misconception_comes_first():
    known = Known(
        "forgot to double",
        "Is it once or twice?",
        tuple({"y": i["x"], "sum": np.array(i["x"].sum())} for i in INPUTS),
        ("", ""),
    )
    r = result(lambda x: x, known)
    assert r.misconceptions == ("forgot to double",) and r.findings[0].cause == "Is it once or twice?"


def test_a_misconception_is_not_named_when_it_holds_on_one_case_only():
    known = Known("forgot", "?", tuple({"y": i["x"], "sum": np.array(i["x"].sum())} for i in INPUTS), ("", ""))
    assert result(lambda x: x if x[0, 0] == 1 else -x, known).misconceptions == ()


def test_a_misconception_that_raises_is_recognised_by_its_exception():
    known = Known("divides", "Why divide?", ({}, {}), ("ZeroDivisionError",) * 2)
    assert result(lambda x: 1 / 0, known).misconceptions == ("divides",)
    assert result(lambda x: [][1], known).misconceptions == ()


def test_an_error_in_one_output_alone_names_no_misconception():
    class Odd(np.ndarray):
        def sum(self, *args, **kwargs):
            raise ValueError

    known = Known("never doubled", "?", tuple({"y": i["x"]} for i in INPUTS), ("ValueError",) * 2)
    r = result(lambda x: (2 * x).view(Odd), known)
    assert [f.right for f in r.findings] == [True, False] and r.misconceptions == ()


def test_answers_that_are_unfit_for_different_reasons_are_told_apart():
    known = Known("a tuple", "?", ({}, {}), ("`y` is a tuple of 2 things; one array is asked for",) * 2)
    assert result(lambda x: (x, 1), known).misconceptions == ("a tuple",)
    assert result(lambda x: None, known).misconceptions == ()


def test_the_largest_difference_is_one_that_counts_with_digits_that_show_it():
    def detail(function):
        return next(f.detail for f in result(function).findings if f.output == "y")

    beyond = np.array([[4e-6, 0.0, 0.0], [0.0, 0.0, 0.0]])
    within = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.9e-6]])
    said = detail(lambda x: 2 * x * (1 + within) + beyond)
    assert said.startswith("Largest difference 4e-06 at y[0, 0]: you have 2.000004, expected 2 ")
    assert "A difference at y[0, 0]: you have nan, expected 2" in detail(
        lambda x: np.where(x == x[0, 0], np.nan, 2 * x)
    )


def test_an_output_that_is_right_until_an_error_was_not_reached():
    r = result(lambda x: 2 * x if x[0, 0] == 1 else 1 / 0)
    assert [f.reached for f in r.findings] == [False, False]
    assert "not reached" in r.lines(details=True)[0] and "ZeroDivisionError" in r.lines(details=True)[1]


def test_a_factor_that_differs_from_case_to_case_is_no_factor_unless_it_is_a_size():
    assert "factor" not in cause(lambda x: 2 * x * (3 if x[0, 0] == 1 else 5))
    assert "6 times" in cause(lambda x: 12 * x)
    assert "3 times" in cause(lambda x: 2 * x * x.shape[1])


def test_undefined_and_empty_are_not_attempted():
    def empty(x):
        raise NotImplementedError()

    assert compare(double, wanted(), [call(double, {}, i) for i in INPUTS]).status == "not attempted"
    r = result(lambda x: x.nonsense)
    assert r.status == "raised"

    def double_(x):
        raise NotImplementedError()

    double_.__qualname__ = "double"
    double_.__code__ = double_.__code__.replace(co_name="double", co_qualname="double")
    assert result(double_).status == "not attempted"
    assert "gap is still empty" in cause(empty)


def test_a_case_without_an_outcome_is_wrong():
    r = compare(double, wanted(), [call(double, {"double": lambda x: 2 * x}, INPUTS[0])])
    assert r.fraction == 0 and r.status == "stopped"


def test_a_subclass_that_equals_everything_does_not():
    class Yes(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        def __sub__(self, other):
            return np.zeros(self.shape)

    assert result(lambda x: np.zeros_like(x).view(Yes)).fraction == 0


def test_the_mark_never_quotes_what_was_expected():
    r = result(lambda x: 2 * x + np.eye(2, 3))
    assert ": you have 3, expected 2" in "\n".join(r.lines(details=True))
    assert "expected 2" not in "\n".join(r.lines(details=False))


@contract
def gentle(gentle, /, *, x):
    """gentle(x): twice x; x is left as it was."""
    before = x.copy()
    yield {"y": gentle(x)}
    yield {"handed_back": "as before" if np.array_equal(x, before) else "changed"}


def test_to_leave_everything_as_it_was_earns_nothing_alone():
    w = Wanted(({"x": X},), ({"y": 2 * X, "handed_back": np.array("as before")},))

    def fraction(function):
        return compare(gentle, w, [call(gentle, {"gentle": function}, {"x": X})]).fraction

    assert fraction(lambda x: 2 * x) == 1
    assert fraction(lambda x: x) == 0
    assert fraction(lambda x: np.multiply(x, 2, out=x)) == 0.5
