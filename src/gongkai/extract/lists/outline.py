"""The labels of an indicator list -> which stands under which: numbering read, headings told from rows, names made unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.core.numerals import ordinal
from gongkai.core.text import compatible
from gongkai.extract.lists.kinds import kind_of, matches, told_apart
from gongkai.extract.lists.listing import Entry, glued

_STYLES = (
    r"(?P<n>[一二三四五六七八九十]{1,3})[、.．:：]",
    r"[（(](?P<n>[一二三四五六七八九十]{1,3})[)）][、.．]?",
    r"(?P<n>\d{1,2})[.、．](?!\d)",
    r"[（(](?P<n>\d{1,2})[)）][、.．]?|(?P<m>\d{1,2})[)）]",
    r"(?P<n>[①-⑳])",
)
_PART = re.compile(r"其中[:：,，]?")
# Levels above all numbered ones: of a heading without a number, and of a row without one.
_HEADING, _ROW, _TOP, _PLAIN = -2, -1, 0, len(_STYLES)


@dataclass(frozen=True, slots=True)
class _Step:
    style: int
    number: int
    row: int


@dataclass(frozen=True, slots=True)
class Node:
    """One row of a list in its outline: ``style`` and ``number`` of its numbering, the rows it stands under, whether it heads rows."""

    key: str
    style: int
    number: int
    part: bool
    parent: int | None
    heads: bool = False


def outline(entries: Sequence[Entry], has_units: bool) -> tuple[Node, ...]:
    """Give every row of a list its place in the outline that the numbering spells out.

    Examples
    --------
    >>> labels = ("一、行政复议数量", "（一）维持数", "（二）纠错数", "二、行政诉讼数量", "（一）维持数")
    >>> [node.parent for node in outline([Entry([(label, 0)], 0, "grid", unit="件") for label in labels], True)]
    [None, 0, 0, None, 3]
    """
    marks = [_numbering(e) for e in entries]
    parents = list(_parents(marks, entries))
    above = set(parents)
    return tuple(
        Node(row_name(rest) or e.label, style, number, part, parents[i], _is_heading(e, style, i in above, has_units))
        for i, (e, (part, style, number, rest)) in enumerate(zip(entries, marks, strict=True))
    )


def _numbering(entry: Entry) -> tuple[bool, int, int, str]:
    """Part a label into 其中, the style and number of its numbering, and the rest; a column of numbers serves where it has none."""
    parted = glued(entry)
    label = parted[0] if parted else entry.label
    part = _PART.match(label)
    rest = label[part.end() :] if part else label
    for style, pattern in enumerate(_STYLES):
        if found := re.match(pattern, rest):
            return bool(part), style, ordinal(next(g for g in found.groups() if g)), rest[found.end() :]
    for style, pattern in enumerate(_STYLES):
        if not part and (found := re.fullmatch(pattern, entry.index) or re.fullmatch(pattern, f"{entry.index}、")):
            return False, style, ordinal(next(g for g in found.groups() if g)), rest
    return bool(part), _PLAIN, 0, rest


def row_name(label: str) -> str:
    """Fold a label to what names its row: no space, no bracketed explanation, no punctuation; its numbering is taken off before.

    Examples
    --------
    >>> row_name("“免予公开范围1”数（件）"), row_name("信函、传真申请数")
    ('免予公开范围1数', '信函传真申请数')
    """
    text = re.sub(r"\([^()]*(?:\)|$)", "", compatible(label))
    return re.sub(r"[^\w%+]|_", "", text)


def _parents(marks: Sequence[tuple[bool, int, int, str]], entries: Sequence[Entry]) -> Iterator[int | None]:
    """Yield the row above each row: a number that goes on stays in its series, a first one opens a series under the row before it."""
    tops = any(style == _TOP for _, style, _, _ in marks)
    stack: list[_Step] = []
    for i, (part, style, number, _) in enumerate(marks):
        if style == _PLAIN and (part or tops):
            yield next((s.row for s in reversed(stack) if part or s.style <= _TOP), None)
            continue
        if style == _PLAIN:
            bare = _is_bare(entries[i])
            style, stack = (_HEADING if bare else _ROW), [s for s in stack if s.style == _HEADING and not bare]
        else:
            stack = _before(stack, part, style, number)
        yield stack[-1].row if stack else None
        stack = [*stack, _Step(style, number, i)]


def _before(stack: Sequence[_Step], part: bool, style: int, number: int) -> list[_Step]:
    """Return the rows that stay above a numbered row, which continues a series or starts one (after 其中 also below its own style)."""
    series = [] if part else [k for k in reversed(range(len(stack))) if stack[k].style == style]
    goes_on = [k for k in series if stack[k].number + 1 == number] or [k for k in series if 0 < stack[k].number < number]
    if goes_on:
        return list(stack[: goes_on[0]])
    return [s for s in stack if s.style < style or (part and s.style == style)]


def _is_bare(entry: Entry) -> bool:
    return not (entry.filled or has_unit(entry)) or kind_of(entry.unit) == "mark"


def has_unit(entry: Entry) -> bool:
    """Say whether a unit is printed in a row; the dashes of a heading are none."""
    return bool(entry.unit) and kind_of(entry.unit) != "mark"


def _is_heading(entry: Entry, style: int, heads: bool, has_units: bool) -> bool:
    """A row without unit and number is a heading, unless it stands where only a row with a number can stand."""
    if not _is_bare(entry) or glued(entry):
        return False
    if kind_of(entry.unit) == "mark":
        return not any(kind_of(c.text) == "number" for c in entry.cells)
    if heads or style == _TOP:
        return True
    label = re.sub(r"[（(][^（）()]*[）)]$", "", entry.label)
    if style != _PLAIN:
        return matches("headings", label)
    return (has_units or not entry.cells) and not matches("counts", label)


def unique_names(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Name every row by its label, preceded by those of the rows it stands under where labels repeat.

    Examples
    --------
    >>> labels = ("一、行政复议数量", "（一）维持数", "（二）纠错数", "二、行政诉讼数量", "（一）维持数")
    >>> unique_names(outline([Entry([(label, 0)], 0, "grid", unit="件") for label in labels], True))
    ('行政复议数量', '行政复议数量.维持数', '纠错数', '行政诉讼数量', '行政诉讼数量.维持数')
    """
    names = [f"#{i}" if node.heads else node.key for i, node in enumerate(nodes)]
    above = [node.parent for node in nodes]
    while repeated := [i for i in _repeated(names) if above[i] is not None]:
        for i in repeated:
            node = nodes[above[i] or 0]
            names[i], above[i] = f"{node.key}.{names[i]}", node.parent
    return tuple(told_apart(names))


def _repeated(names: Sequence[str]) -> list[int]:
    counts = Counter(names)
    return [i for i, name in enumerate(names) if counts[name] > 1]
