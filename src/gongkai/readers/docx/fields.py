"""Fields: what Word computes. Of their marks, code and result, which may hold other fields, only the result of the outermost is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gongkai.core.shown import Look, Piece
from gongkai.readers.zipped import OFF, attribute, child, children, is_on, local, setting

if TYPE_CHECKING:
    from lxml.etree import _Element

_LEAVES = frozenset(("t", "sym", "tab", "br", "cr", "noBreakHyphen", "drawing", "pict", "object"))
_GONE = frozenset(("del", "moveFrom"))
# Codes that show something; Word shows it by itself, or when it next computes them.
_SHOWING = re.compile(r"\s*(?:=|(?:IF|QUOTE|MERGEFIELD|DOCVARIABLE|DOCPROPERTY|REF|LINK|COMPARE|FILLIN|SEQ|LISTNUM|AUTONUM\w*)\b)", re.I)
_DRAWN = re.compile(r"\s*(?:EQ|SYMBOL)\b", re.I)
# Word itself nests fields no deeper.
_DEEPEST = 20
_BUTTON = re.compile(r"\s*(?:MACRO|GOTO)BUTTON\s+\S+\s+(.*\S)", re.I | re.S)


@dataclass
class _Field:
    """A field that has begun."""

    begin: _Element
    paragraph: _Element | None
    code: str = ""
    coded: list[_Element] = field(default_factory=list)
    results: list[_Element] = field(default_factory=list)
    separated: bool = False


class Fields:
    """Of each character of a document, whether a field hides it; of each mark, what it shows instead."""

    def __init__(self, body: _Element) -> None:
        self.looks: dict[_Element, Look | None] = {}
        self.shown: dict[_Element, Piece] = {}
        self._stacks: list[list[_Field]] = [[]]
        self._read(body)

    def _read(self, body: _Element) -> None:
        """Walk a document. A cell holds its fields whole, so that one that is nowhere closed hides nothing outside of it."""
        from lxml import etree

        gone = 0
        for event, e in etree.iterwalk(body, events=("start", "end")):
            name = local(e)
            if name in _GONE:
                gone += 1 if event == "start" else -1
            elif name == "tc":
                if event == "start":
                    self._stacks.append([])
                else:
                    self._abandon(self._stacks.pop())
            elif event == "start" and not gone:
                self._visit(name, e)
        self._abandon(self._stacks.pop())

    def _visit(self, name: str, e: _Element) -> None:
        open_ones = self._stacks[-1]
        if name in _LEAVES:
            for one in (one for stack in self._stacks[-_DEEPEST:] for one in stack[-_DEEPEST:]):
                (one.results if one.separated else one.coded).append(e)
        elif name == "instrText" and open_ones:
            open_ones[-1].code += e.text or ""
        elif name == "fldChar":
            kind = attribute(e, "fldCharType")
            if kind == "begin":
                open_ones.append(_Field(e, next((a for a in e.iterancestors() if local(a) == "p"), None)))
            elif kind == "separate" and open_ones:
                open_ones[-1].separated = True
            elif kind == "end" and open_ones:
                self._close(open_ones.pop(), e)

    def _close(self, one: _Field, end: _Element) -> None:
        """Hide the code of a field, and doubt a result that is marked as out of date."""
        self.looks |= dict.fromkeys(one.coded, None)
        chosen = _chosen(child(one.begin, "ffData"))
        if chosen is not None:
            self.looks |= dict.fromkeys(one.results, None)
            self.shown[one.begin] = (Look.SHOWN, chosen)
        elif attribute(one.begin, "dirty", "0") not in OFF:
            self.looks |= {e: Look.DOUBTED for e in one.results if e not in self.looks}
        elif not any(local(e) != "t" or (e.text or "").strip() for e in one.results) and (piece := without_result(one.code)):
            self.shown[end] = piece

    def _abandon(self, unclosed: list[_Field]) -> None:
        """Mark the rest of the paragraph after an unclosed field as doubtful."""
        for one in unclosed:
            own = (e for e in one.coded if one.paragraph is not None and one.paragraph in e.iterancestors())
            self.looks |= {e: Look.DOUBTED for e in own if e not in self.looks}


def without_result(code: str) -> Piece | None:
    """Return what a field shows whose result the file does not hold: its code, in braces, where it shows anything.

    Examples
    --------
    >>> without_result(" =SUM(ABOVE) ")[1], without_result(" MACROBUTTON NoMacro 点击输入 ")[1], without_result(" TOC ")
    ('{=SUM(ABOVE)}', '点击输入', None)
    """
    if found := _BUTTON.match(code):
        return Look.ADDED, found[1]
    if _DRAWN.match(code):
        return Look.SHOWN, f"{{{code.strip()}}}"
    return (Look.ADDED, f"{{{code.strip()}}}") if _SHOWING.match(code) else None


def _chosen(data: _Element | None) -> str | None:
    """Return what a form field shows of itself: the entry that is chosen, the box that is ticked or not."""
    options = child(data, "ddList")
    if options is not None:
        entries = [attribute(e, "val") or "" for e in children(options, "listEntry")]
        number = setting(options, "result") or setting(options, "default") or "0"
        return entries[int(number)] if number.isdigit() and int(number) < len(entries) else ""
    box = child(data, "checkBox")
    if box is None:
        return None
    return "☑" if is_on(box, "checked" if child(box, "checked") is not None else "default") else "☐"
