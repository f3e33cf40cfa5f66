"""A check's result as a panel in a notebook: the same content as its text, and a comparison that can be opened.

HTML without script. Whatever comes from a learner's code is escaped, and nothing is shown
but the public cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from byhand.compare import Result, Wanted, close, gaps, is_right
from byhand.outcome import Array, Outcome

SIGNS = {"right": "✓", "wrong": "✗"}
"""Shapes that differ without their colours; anything else gets a dash."""

# The class three times, to come before JupyterLab's own rules.
STYLE = """
.byhand-check.byhand-check.byhand-check {
  border: 1px solid var(--jp-border-color1, #9e9e9e); border-radius: 4px; padding: 0.5em 0.8em; max-width: 60em;
  line-height: 1.5; color: var(--jp-content-font-color1, inherit);
  & p, & details, & ul { margin: 0.3em 0; }
  & ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.3em 0.5em; }
  & li { margin: 0; padding: 0 0.6em; border-radius: 4px; color: #ffffff; background: #595959; }
  & li.right { background: #2e7d32; }
  & li.wrong { background: #c62828; }
  & code, & td, & pre { font-family: var(--jp-code-font-family, monospace); }
  & code, & pre { margin: 0; padding: 0; text-align: left; color: inherit; background: none; }
  & .byhand-cause { font-weight: 600; }
  & summary { cursor: pointer; width: fit-content; }
  & summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
  & table { margin: 0.3em 0; border-collapse: collapse; font-size: inherit; }
  & caption { text-align: left; color: inherit; padding: 0.2em 0; }
  & th, & td { padding: 0.1em 0.8em; text-align: right; vertical-align: top; }
}
"""


def panel(result: Result, tried: str, comparisons: dict[str, str], notes: Sequence[str]) -> str:
    """The panel's HTML.

    Parameters
    ----------
    result : Result
        What was found.
    tried : str
        On what, such as ``"on 2 public cases"``.
    comparisons : dict
        For outputs that are wrong, what `comparison` gave.
    notes : sequence of str
        Sentences for the end.
    """
    name = escape(result.exercise)
    if result.status == "not attempted":
        tried, outputs = "", _outputs([("", "not attempted yet")])
        causes = [_sentence(result.findings[0].cause, "cause")]
    else:
        outputs = _outputs([(f.output, f.word) for f in result.findings])
        causes = list(_causes(result, comparisons))
    return "\n".join(
        [
            f'<div class="byhand-check" role="group" aria-label="Check of {name}">',
            f"<style>{STYLE}</style>",
            f"<p><strong><code>{name}</code></strong> {escape(tried)}</p>",
            outputs,
            *causes,
            *(_sentence(note) for note in notes),
            "</div>",
        ]
    )


def _outputs(words: Sequence[tuple[str, str]]) -> str:
    items = []
    for name, word in words:
        word = word.lower()
        sign = f'<span aria-hidden="true">{SIGNS.get(word, "–")}</span>'
        named = f"<code>{escape(name)}</code> " if name else ""
        items.append(f'<li class="{word if word in SIGNS else "open"}">{sign} {named}{escape(word)}</li>')
    return '<ul role="list">' + "".join(items) + "</ul>"


def _causes(result: Result, comparisons: dict[str, str]) -> Iterator[str]:
    """For each cause, once: the cause, the largest difference and the comparison."""
    said: set[str] = set()
    for finding in result.findings:
        for sentence, kind in ((finding.cause, "cause"), (finding.detail, "")):
            if sentence and sentence not in said:
                said.add(sentence)
                yield _sentence(sentence, kind)
        if finding.output in comparisons:
            yield comparisons[finding.output]


def _sentence(text: str, kind: str = "") -> str:
    named = f' class="byhand-{kind}"' if kind else ""
    return f"<p{named}>{_marked_up(text)}</p>"


def _marked_up(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def comparison(name: str, got: Sequence[Outcome], wanted: Wanted) -> str:
    """Yours, expected and difference around the largest difference of the first case that is wrong; folded.

    Empty where there is nothing to lay side by side: no value, a single one, or words.
    """
    for number, (outcome, want) in enumerate(zip(got, wanted.outputs, strict=True), start=1):
        if is_right(name, outcome, want, wanted):
            continue
        if name not in outcome.outputs:
            return ""
        mine, theirs = outcome.outputs[name], want[name]
        if "U" in (mine.dtype.kind, theirs.dtype.kind) or max(mine.size, theirs.size) < 2:
            return ""
        table = _side_by_side(mine, theirs) if mine.shape != theirs.shape else _around(name, mine, theirs, wanted)
        where = f", case {number} of {len(got)}" if len(got) > 1 else ""
        # JupyterLab's own keys, such as Enter for editing the cell in 4.2, would come before those of the page.
        return (
            f'<details><summary data-lm-suppress-shortcuts="true">Compare <code>{escape(name)}</code>{where}</summary>'
            f"{table}</details>"
        )
    return ""


def _side_by_side(mine: Array, theirs: Array) -> str:
    """Two arrays of different shapes, as NumPy prints them."""
    cells = [np.array2string(a, precision=4, threshold=30, edgeitems=2, max_line_width=48) for a in (mine, theirs)]
    heads = (f"yours, shape {mine.shape}", f"expected, shape {theirs.shape}")
    return (
        "<table><thead><tr>"
        + "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
        + "</tr></thead><tbody><tr>"
        + "".join(f"<td><pre>{escape(cell)}</pre></td>" for cell in cells)
        + "</tr></tbody></table>"
    )


def _around(name: str, mine: Array, theirs: Array, wanted: Wanted) -> str:
    """At most nine entries around the largest difference, one a row."""
    at = np.unravel_index(int(np.argmax(gaps(mine, theirs, wanted))), mine.shape)
    wide = 3 if mine.ndim > 1 and min(mine.shape[-2:]) > 1 else 7
    ranges = [
        range(max(0, min(i - wide // 2, size - wide)), min(size, max(i + wide // 2 + 1, wide)))
        if axis >= mine.ndim - 2
        else [i]
        for axis, (i, size) in enumerate(zip(at, mine.shape, strict=True))
    ]
    rows = []
    for index in np.ndindex(*(len(r) for r in ranges)):
        place = tuple(int(r[i]) for r, i in zip(ranges, index, strict=True))
        a, b = mine[place], theirs[place]
        same = close(np.asarray(a), np.asarray(b), wanted.rtol, wanted.atol)
        word = "right" if same else "wrong"
        rows.append(
            f'<tr><th scope="row"><code>{escape(name)}[{", ".join(map(str, place))}]</code></th>'
            f"<td>{_number(a)}</td><td>{_number(b)}</td><td>{_difference(a, b)}</td>"
            f'<td><span aria-hidden="true">{SIGNS[word]}</span> {word}</td></tr>'
        )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("place", "yours", "expected", "difference", "entry"))
    of = "" if len(rows) == mine.size else f"<caption>{len(rows)} of {mine.size} entries</caption>"
    return f"<table>{of}<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _number(value: np.generic) -> str:
    return str(bool(value)) if value.dtype.kind == "b" else escape(f"{value:.9g}")


def _difference(a: np.generic, b: np.generic) -> str:
    with np.errstate(all="ignore"):
        return escape(f"{np.subtract(a, b, dtype=np.result_type(a, b, float)):.3g}")
