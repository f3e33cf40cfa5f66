"""Every kind of small change is made, inside the marked solution only."""

import ast

from grader.mutate import mutants

TEXT = '''
def f(x, W, n=5):
    """A docstring with 1 + 1."""
    start = x + 1
    ### BEGIN SOLUTION
    s = np.sum(x.T @ W, axis=1, keepdims=True) - 2.5
    for i in range(3):
        s += np.dot(i, W)
    return s if s > 0 and not n else -s
    ### END SOLUTION
'''


def labels():
    return [m.label for m in mutants(TEXT)]


def test_all_kinds_of_mutants_are_made():
    kinds = {label.split(":")[0] for label in labels()}
    assert kinds == {
        "dropped",
        "operator",
        "comparison",
        "axis",
        "keepdims",
        "transpose",
        "constant",
        "swapped",
    }


def test_every_mutant_parses_differs_and_has_a_label_of_its_own():
    found = mutants(TEXT)
    original = ast.unparse(ast.parse(TEXT))
    assert len({m.text for m in found}) == len({m.label for m in found}) == len(found) > 20
    for m in found:
        assert ast.unparse(ast.parse(m.text)) != original


def test_what_stands_outside_the_markers_is_left_alone():
    assert all("start = x + 1" in m.text and "n=5" in m.text for m in mutants(TEXT))


def test_a_statement_in_a_loop_is_reached():
    assert "dropped: s += np.dot(i, W) -> pass" in labels()
    assert "swapped: s += np.dot(i, W) -> s += np.dot(W, i)" in labels()
    assert "operator: s += np.dot(i, W) -> s -= np.dot(i, W)" in labels()
