"""Submissions that are more alike than their task explains.

What two right answers have in common because the task asks for it says nothing: the release's text, the
solution and the accepted alternatives are discounted, and so is what many in the class wrote. What is left is a
learner's *own* text: another way, a mistake, a comment. Names do not matter, since copydetect compares the
tokens (winnowing: Schleimer, Wilkerson and Aiken 2003, here with every fingerprint kept). Similarity is no
proof of anything; a person reads both texts and asks.
"""

from __future__ import annotations

import io
import itertools
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from copydetect import CodeFingerprint, compare_files
from copydetect.utils import get_token_coverage
from markupsafe import Markup, escape
from numpy.typing import NDArray

from grader.assignment import Assignment, strip_markers, stub_of
from grader.autograde import STUDENT, course_of, submission, submitters
from grader.course import Course, CourseError
from grader.plan import canonical, plan
from grader.reading import shown

GRAM = 10
"""Signs in a fingerprint, after copydetect has made every name one sign. Lines of NumPy are short."""
COMMON = 4, 10
"""What more than a tenth of a class wrote is common, and discounted: what more than 4 to 10 learners wrote."""
ENOUGH = 40
"""Signs that an answer must have, after that, for anything to be told from it."""
COMMENT = 12
"""Letters that a comment must have to count."""
LONGEST = 20_000
"""Characters of a gap that are compared; nobody writes a twentieth of that by hand."""
NO_PROOF = "Similarity is no proof: read both texts, and ask both learners, before you conclude anything."


@dataclass
class Own:
    """One learner's text in one gap: what is their own of it."""

    text: str
    code: Any
    """copydetect's fingerprint, without what is discounted."""
    comments: frozenset[str]

    @property
    def signs(self) -> int:
        return int(self.code.token_coverage) + sum(map(len, self.comments))


@dataclass(frozen=True)
class Evidence:
    """What a pair shares in one gap."""

    exercise: str
    shared: int
    """Signs of own text that stand in both."""
    of: int
    """Signs of own text of the one who has less."""
    identical: bool
    """To the letter."""
    comments: tuple[str, ...]
    wrong: bool
    """Both lost marks here."""
    left: Markup
    right: Markup


@dataclass(frozen=True)
class Pair:
    """Two submissions, and what they share."""

    left: str
    right: str
    evidence: tuple[Evidence, ...]

    @property
    def shared(self) -> int:
        return sum(e.shared for e in self.evidence)

    @property
    def share(self) -> float:
        """Of the own text of the one who has less, in the gaps in which both have some."""
        return self.shared / sum(e.of for e in self.evidence)


@dataclass
class Found:
    """The result for one assignment."""

    assignment: str
    submissions: int
    share: float
    least: int
    pairs: list[Pair] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    """Exercises with too little text of one's own to tell."""
    unread: list[str] = field(default_factory=list)
    """Submissions that cannot be read."""


def compare(root: Path, name: str, *, share: float = 0.5, least: int = 20) -> Found:
    """Compare every two submissions of an assignment.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The assignment.
    share : float
        Pairs are listed who share at least this part of their own text,
    least : int
        and at least so many signs of it.

    Raises
    ------
    CourseError
        If there is no such assignment, or ``share`` is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise CourseError(f"--share is {share:g}; it is a part, from 0 to 1.")
    course = course_of(root)
    assignment = course.assignment(name)
    found = Found(name, 0, share, least)
    texts: dict[str, dict[str, str]] = {}
    wrong: set[tuple[str, str]] = set()
    for student in submitters(course, name):
        try:
            texts[student], lost = _gaps(course, assignment, student)
        except CourseError as error:
            found.unread.append(f"{shown(student)}: {error}")
            continue
        wrong |= {(student, exercise) for exercise in lost}
    found.submissions = len(texts)
    shared: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for exercise in assignment.gaps:
        own = _own({s: gaps[exercise] for s, gaps in texts.items() if exercise in gaps}, assignment, exercise)
        telling = {s: o for s, o in own.items() if o.signs}
        if _length(assignment, exercise) < ENOUGH and not any(o.signs >= ENOUGH for o in own.values()):
            found.untold.append(exercise)
            continue
        for a, b in _candidates(telling):
            if evidence := _evidence(exercise, own[a], own[b], {(a, exercise), (b, exercise)} <= wrong):
                shared[a, b].append(evidence)
    pairs = (Pair(a, b, tuple(evidence)) for (a, b), evidence in shared.items())
    found.pairs = sorted(
        (p for p in pairs if p.shared >= least and p.share >= share), key=lambda p: (-p.shared, p.left, p.right)
    )
    return found


def _gaps(course: Course, assignment: Assignment, student: str) -> tuple[dict[str, str], set[str]]:
    """What a learner wrote into each gap, and the exercises that cost them marks, where that is known."""
    if not STUDENT.fullmatch(student):
        raise CourseError("the folder's name has characters that no student's may have: rename it")
    notebook = canonical(submission(course, assignment.name, student), assignment)
    verdict = course.read_verdict(assignment.name, course.digest(notebook, student, assignment))
    lost = {e for e, m in verdict.marks.items() if m.mark < m.max} if verdict else set()
    return {s.exercise: s.source[:LONGEST] for s in plan(notebook, assignment) if s.kind == "gap"}, lost


def _given(assignment: Assignment, exercise: str) -> list[str]:
    """What nobody has to copy: the text as released, the solution, and what else is known to be right."""
    text = assignment.gaps[exercise]
    others = [assignment.alternative(exercise, a) for a in assignment.exercises[exercise].alternatives]
    return [stub_of(text), *(strip_markers(t) for t in (text, *others))]


def _fingerprint(text: str) -> Any:
    return CodeFingerprint("gap.py", GRAM, 1, fp=io.StringIO(text), language="python")


def _length(assignment: Assignment, exercise: str) -> int:
    """Signs of a solution that are not the release's."""
    stub, solution, *_ = (_fingerprint(t) for t in _given(assignment, exercise))
    return int(_without(solution, stub.hashes).token_coverage)


def _without(fingerprint: Any, hashes: Iterable[int]) -> Any:
    """Discount fingerprints. copydetect's own ``boilerplate`` leaves out what occurs twice in a text, too."""
    fingerprint.hashes = fingerprint.hashes.difference(hashes)
    fingerprint.hash_idx = {h: fingerprint.hash_idx[h] for h in fingerprint.hashes}
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, GRAM, length)
    return fingerprint


def _comments(text: str) -> set[str]:
    """Comments of some length, whatever their capitals and blanks; of a text that is no Python those before that."""
    found = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                comment = " ".join(token.string.strip("# \t").casefold().split())
                found |= {comment} if len(comment) >= COMMENT else set()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _own(texts: Mapping[str, str], assignment: Assignment, exercise: str) -> dict[str, Own]:
    """Of every learner's text in a gap what is neither given nor common."""
    given = _given(assignment, exercise)
    known = set().union(*(_fingerprint(t).hashes for t in given))
    said = set().union(*map(_comments, given))
    code = {s: _without(_fingerprint(t), known) for s, t in texts.items()}
    comments = {s: _comments(t) - said for s, t in texts.items()}
    many = _many(len(texts))
    common = _frequent((c.hashes for c in code.values()), many)
    usual = _frequent(comments.values(), many)
    return {s: Own(t, _without(code[s], common), frozenset(comments[s] - usual)) for s, t in texts.items()}


def _many(learners: int) -> int:
    return min(max(learners // 10, COMMON[0]), COMMON[1])


def _frequent(sets: Iterable[Iterable[Any]], many: int) -> set[Any]:
    return {item for item, n in Counter(itertools.chain.from_iterable(sets)).items() if n > many}


def _candidates(own: Mapping[str, Own]) -> list[tuple[str, str]]:
    """Who share anything at all. As common things are gone, these are few."""
    holders: dict[Any, list[str]] = defaultdict(list)
    for student, o in own.items():
        for item in (*o.code.hashes, *o.comments):
            holders[item].append(student)
    return sorted({pair for who in holders.values() for pair in itertools.combinations(sorted(who), 2)})


def _evidence(exercise: str, a: Own, b: Own, wrong: bool) -> Evidence | None:
    _, _, (left, right) = compare_files(a.code, b.code)
    both = a.code.hashes & b.code.hashes
    comments = a.comments & b.comments
    tokens = min(_covered(o.code, both) for o in (a, b))
    shared = tokens + sum(map(len, comments))
    if not shared:
        return None
    return Evidence(
        exercise,
        shared,
        min(a.signs, b.signs),
        a.text.strip() == b.text.strip(),
        tuple(sorted(comments)),
        wrong,
        _marked(a.text, left, comments),
        _marked(b.text, right, comments),
    )


def _covered(fingerprint: Any, hashes: Iterable[int]) -> int:
    index = {h: fingerprint.hash_idx[h] for h in hashes}
    return int(get_token_coverage(index, GRAM, len(fingerprint.filtered_code)))


def _marked(text: str, slices: NDArray[Any], comments: Iterable[str]) -> Markup:
    """A text, escaped, with what is shared in <mark>."""
    inside = np.zeros(len(text), bool)
    for start, end in np.asarray(slices, int).reshape(2, -1).T:
        inside[start:end] = True
    for comment in re.finditer(r"#.*", text):
        if " ".join(comment[0].strip("# \t").casefold().split()) in comments:
            inside[comment.start() : comment.end()] = True
    parts = []
    for flag, group in itertools.groupby(zip(text, inside, strict=True), key=lambda pair: bool(pair[1])):
        piece = escape("".join(letter for letter, _ in group))
        parts.append(Markup("<mark>{}</mark>").format(piece) if flag else piece)
    return Markup().join(parts)


def _explained(found: Found) -> list[str]:
    lines = [
        f"{found.assignment}: {found.submissions} submissions compared, pairs listed: {len(found.pairs)}.",
        f"Listed are pairs who share at least {found.share:.0%} of their own text, and at least {found.least} signs of "
        "it. Own is what is neither in the release, the solution or a known right answer, nor written by more than "
        f"{_many(found.submissions)} learners. A name counts as one sign, so renaming changes nothing.",
    ]
    if found.untold:
        lines.append(f"Too little text to tell anything in: {', '.join(found.untold)}.")
    if found.unread:
        lines.append(f"Not compared: {'; '.join(found.unread)}.")
    return [*lines, NO_PROOF]


def _in_words(e: Evidence) -> str:
    extra = ["identical to the letter"] * e.identical + ["both wrong"] * e.wrong
    extra += [f"comment {comment!r}" for comment in e.comments]
    return f"{e.exercise}: {e.shared} of {e.of} signs" + (f" ({', '.join(extra)})" if extra else "")


def text(found: Found) -> str:
    """The pairs as lines for a terminal."""
    lines = _explained(found)
    for pair in found.pairs:
        lines += ["", f"{pair.left}, {pair.right}: {pair.share:.0%}, {pair.shared} signs"]
        lines += [f"  {_in_words(e)}" for e in pair.evidence]
    return "\n".join(lines)


def page(found: Found) -> str:
    """The pairs side by side, as a page that needs nothing besides itself."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    template = environment.get_template("similar.html")
    return template.render(found=found, explained=_explained(found), words=_in_words)
