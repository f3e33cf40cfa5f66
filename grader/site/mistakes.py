"""The gallery of typical mistakes: each in words, what it does to the numbers, the message, the idea behind it."""

from __future__ import annotations

import difflib
import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from byhand.compare import Known, Wanted, close
from byhand.outcome import Array
from grader.assignment import strip_markers
from grader.site.book import Chapter, gap_target, mistakes_target

KINDS = {
    "stops": "stops",
    "shape": "shape",
    "nan": "nan, inf",
    "sign": "sign",
    "factor": "factor",
    "word": "word",
    "all": "every entry",
    "some": "some entries",
}
"""What a mistake can do to an output, the most telling first."""
SHOWN = 3
"""Outputs whose numbers are shown; the others are told in words."""


@dataclass(frozen=True)
class Effect:
    """What a mistake does to one output. ``got`` and ``want`` are there where numbers say more than words."""

    output: str
    kind: str
    words: str
    got: Array | None = None
    want: Array | None = None


def effects(known: Known, wanted: Wanted) -> list[Effect]:
    """What a misconception does to each output, on the first public case that shows it."""
    return list(_effects(known, wanted))


def _effects(known: Known, wanted: Wanted) -> Iterator[Effect]:
    for name in wanted.names:
        for got, error, want in zip(known.outputs, known.errors, wanted.outputs, strict=True):
            if name not in want:
                continue
            if name not in got:
                yield Effect(name, "stops", f"is not there: {_stop(error)}")
                break
            if not close(got[name], want[name], wanted.rtol, wanted.atol):
                kind, words = difference(got[name], want[name], wanted.rtol, wanted.atol)
                both = (got[name], want[name]) if max(got[name].size, want[name].size) > 1 else (None, None)
                yield Effect(name, kind, words, *both)
                break


def _stop(error: str) -> str:
    return f"the code stops with {error}" if error.isidentifier() else error or "it is not returned"


def difference(got: Array, want: Array, rtol: float, atol: float) -> tuple[str, str]:
    """The kind of a difference between two arrays that are not close, and a phrase for it."""
    if "U" in (got.dtype.kind, want.dtype.kind):
        return (
            "word",
            f"says “{str(got)[:60]}” instead of “{str(want)[:60]}”" if got.size == want.size == 1 else "differs",
        )
    if got.shape != want.shape:
        return "shape", f"has shape {got.shape} instead of {want.shape}"
    if want.dtype.kind == "b" and want.ndim == 0:
        return "word", f"is {bool(got)} instead of {bool(want)}"
    a, b = got.astype(complex), want.astype(complex)
    for name, test in (("nan", np.isnan), ("inf", np.isinf)):
        if count := int((test(a) & ~test(b)).sum()):
            return "nan", f"is {name}" + (f" in {count} of {a.size} entries" if a.size > 1 else "")
    wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    finite = np.isfinite(a) & np.isfinite(b)
    gap = np.abs(a - b)[wrong & finite].max(initial=0.0)
    if a.size == 1:
        return _single(got, want)
    if finite.all() and (factor := _factor(a, b)) is not None:
        return ("sign", "has the opposite sign") if np.isclose(factor, -1) else ("factor", _times(factor))
    by = f", by up to {gap:.2g}" if gap else ""
    if wrong.all():
        return "all", f"differs in every one of its {a.size} entries{by}"
    return "some", f"differs in {int(wrong.sum())} of {a.size} entries{by}"


def _single(got: Array, want: Array) -> tuple[str, str]:
    a, b = got.item(), want.item()
    digits = next((d for d in (3, 6, 9, 12) if f"{a:.{d}g}" != f"{b:.{d}g}"), 17)
    words = f"is {a:.{digits}g} instead of {b:.{digits}g}"
    if b and np.isclose(a, -b):
        return "sign", words
    return "all", words + (f", {_times(a / b).removeprefix('is ')}" if b and a / b > 1.5 else "")


def _factor(a: Array, b: Array) -> float | None:
    """The real c with a = c · b."""
    norm = float(np.sum(np.abs(b) ** 2))
    if not norm:
        return None
    c = float(np.sum(a * b.conj()).real / norm)
    return c if np.allclose(a, c * b, rtol=1e-5, atol=1e-9 * float(np.abs(b).max())) else None


def _times(factor: float) -> str:
    if abs(factor) < 1e-12:
        return "is 0 everywhere"
    if factor > 1:
        return f"is {factor:.3g} times too large"
    parts = round(1 / factor)
    if parts > 1 and abs(parts * factor - 1) < 1e-6:
        return f"is 1/{parts} of what it should be"
    return f"is {factor:.3g} times what it should be"


def kind_of(found: Sequence[Effect]) -> str:
    """The most telling kind among a mistake's effects."""
    return min((e.kind for e in found), key=list(KINDS).index)


def page(chapter: Chapter, full: bool) -> str:
    """The mistakes of one assignment; with their code only in full."""
    count = sum(len(wanted.known) for wanted in chapter.public.values())
    parts = [
        f"# {chapter.title}: typical mistakes",
        f"{count} mistakes that learners make in [this notebook](/notebooks/{chapter.name}.ipynb), exercise by "
        "exercise. The check knows each of them by what it does to the numbers. Open one to see that, on the first "
        "of the public inputs that shows it, and the question that the check asks.",
    ]
    for name, wanted in chapter.public.items():
        parts += _exercise(chapter, name, wanted, full)
    return "\n\n".join(parts) + "\n"


def _exercise(chapter: Chapter, name: str, wanted: Wanted, full: bool) -> Iterator[str]:
    yield f"({mistakes_target(chapter, name)})="
    yield f"## {name}"
    yield f"[{chapter.section(name) or 'The gap'}](#{gap_target(chapter, name)})"
    yield as_markdown(chapter.assignment.contracts[name].help)
    if idea := chapter.idea(name):
        yield f"**The idea.** {idea}"
    for known in wanted.known:
        found = effects(known, wanted)
        first = f"<code>{found[0].output}</code> {html.escape(found[0].words)}"
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield (
            f'<details class="mistake"><summary><strong>{html.escape(known.name)}</strong>'
            f'<span class="effect">{first}{more}</span></summary>'
        )
        yield f"> {as_markdown(known.message)}"
        yield "\n".join(f"- `{e.output}` {as_markdown(e.words)}" for e in found)
        if tables := [_numbers(e) for e in found if e.got is not None][:SHOWN]:
            yield '<div class="numbers">' + "".join(tables) + "</div>"
        if full:
            yield _patch(chapter, name, known)
        yield "</details>"


def _numbers(effect: Effect) -> str:
    """Right beside wrong. Raw, so that the search does not hold every number of the course."""
    assert effect.got is not None and effect.want is not None
    both = (("right", effect.want), ("with this mistake", effect.got))
    return "".join(
        f"<figure><figcaption><code>{effect.output}</code> {what}</figcaption>"
        f'<pre tabindex="0">{_shown(array)}</pre></figure>'
        for what, array in both
    )


def _shown(array: Array) -> str:
    """An array as HTML in one line, because an empty line would end it in Markdown."""
    text = str(array)
    if array.dtype.kind != "U":
        text = np.array2string(
            array, threshold=60, edgeitems=3, max_line_width=64, formatter={"float_kind": "{:.4g}".format}
        )
    return html.escape(text).replace("\n", "&#10;")


def _patch(chapter: Chapter, name: str, known: Known) -> str:
    """The mistake as a change of the solution's text."""
    (spec,) = (m for m in chapter.assignment.exercises[name].misconceptions if m.name == known.name)
    before = strip_markers(chapter.assignment.gaps[name]).split("\n")
    after = strip_markers(chapter.assignment.misconceived(name, spec)).split("\n")
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    return "\n".join(["````diff", *(line for line in lines if not line.startswith("@@")), "````"])


def as_markdown(text: str) -> str:
    """Plain text as Markdown: nothing in it is markup but `names` between backticks."""
    text = re.sub(r"^(\s*\d*)([-+.)])(?=\s)", r"\1\\\2", text, flags=re.M)  # no list
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"(\\(?![-+.)])|[*_<>\[\]|$&#~^{}!])", r"\\\1", p) for p in parts)


def index(chapters: Sequence[Chapter]) -> str:
    """All mistakes counted, by assignment and by what they do."""
    total: Counter[str] = Counter()
    rows = []
    for chapter in chapters:
        count = Counter(kind_of(effects(k, w)) for w in chapter.public.values() for k in w.known)
        total += count
        rows.append(_row(f"[{chapter.title}](/mistakes/{chapter.name}.md)", count))
    some = total["some"] + total["all"] + total["factor"] + total["sign"]
    return "\n\n".join(
        [
            "# Typical mistakes",
            f"{total.total():,} mistakes, each with what it does to the numbers. "
            f"Of these, {some:,} give arrays of the right shape, without nan and without an error: "
            "only the numbers are wrong.",
            "\n".join(
                [
                    f"| notebook | all | {' | '.join(KINDS.values())} |",
                    "|---|" + "---:|" * (len(KINDS) + 1),
                    *rows,
                    _row("all", total),
                ]
            ),
            "*Stops*: the code ends with an error. *Factor*: all entries times one number. *Word*: a word, or a yes or "
            "no. *Every entry*, *some entries*: that many are off. A mistake counts once, under the first heading that "
            "fits one of its outputs.",
        ]
    )


def _row(label: str, count: Mapping[str, int]) -> str:
    return f"| {label} | {sum(count.values())} | {' | '.join(str(count.get(kind, 0)) for kind in KINDS)} |"
