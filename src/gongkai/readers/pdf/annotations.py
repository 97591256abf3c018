"""The annotations and fields of a page -> part of what the page draws: what a viewer shows of them, and nothing that it hides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ctypes import POINTER, cast, create_string_buffer
from typing import Any, NamedTuple

from pypdfium2 import raw

Box = tuple[float, float, float, float]
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_SIZE, _TYPE = 12.0, re.compile(r"([\d.]+)\s+Tf")
# The length of the text of an appearance that is none: a closing zero.
_NONE = 2


class Note(NamedTuple):
    """Words that a viewer writes into a box, in type of a size, since the file has no picture of them."""

    text: str
    box: Box
    size: float


class Added(NamedTuple):
    """What the file says of annotations without picturing it: words, and lines that strike words out."""

    notes: tuple[Note, ...] = ()
    strikes: tuple[Box, ...] = ()


def settled(document: Any, index: int) -> tuple[Any, Added]:
    """Open a page with what its annotations and fields show drawn into it."""
    page = document[index]
    many = raw.FPDFPage_GetAnnotCount(page.raw)
    if not many:
        return page, Added()
    notes, strikes, drawn = list[Note](), list[Box](), False
    for i in reversed(range(many)):
        if not (annotation := raw.FPDFPage_GetAnnot(page.raw, i)):
            continue
        drawn = drawn or raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_LINK
        unseen = raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN
        listed = bool(document.formenv) and _kind(document, annotation) == raw.FPDF_FORMFIELD_LISTBOX
        if not unseen:
            notes += _notes(document, annotation, listed)
            strikes += _strikes(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if unseen or listed:
            raw.FPDFPage_RemoveAnnot(page.raw, i)
    if drawn and raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[index]
    return page, Added(tuple(notes), tuple(strikes))


def _kind(document: Any, annotation: Any) -> int:
    return int(raw.FPDFAnnot_GetFormFieldType(document.formenv.raw, annotation))


def _notes(document: Any, annotation: Any, listed: bool) -> Iterator[Note]:
    """Yield the words of a text box without appearance, and the chosen lines of a list, whose appearance shows the others too."""
    words = ""
    if listed:
        form = document.formenv.raw
        chosen = [i for i in range(raw.FPDFAnnot_GetOptionCount(form, annotation)) if raw.FPDFAnnot_IsOptionSelected(form, annotation, i)]
        words = "\n".join(_string(raw.FPDFAnnot_GetOptionLabel, form, annotation, i) for i in chosen)
    elif raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_FREETEXT and not _pictured(annotation):
        words = _string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents")
    if words.strip():
        size = _TYPE.search(_string(raw.FPDFAnnot_GetStringValue, annotation, b"DA"))
        yield Note(words, _box(annotation), float(size[1]) or _SIZE if size else _SIZE)


def _pictured(annotation: Any) -> bool:
    return bool(raw.FPDFAnnot_GetAP(annotation, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > _NONE)


def _strikes(annotation: Any) -> Iterator[Box]:
    """Yield the lines that an annotation draws through words, if the file does not picture them."""
    if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_STRIKEOUT or _pictured(annotation):
        return
    quad = raw.FS_QUADPOINTSF()
    for i in range(raw.FPDFAnnot_CountAttachmentPoints(annotation)):
        raw.FPDFAnnot_GetAttachmentPoints(annotation, i, quad)
        yield (quad.x1 + quad.x3) / 2, (quad.y1 + quad.y3) / 2, (quad.x2 + quad.x4) / 2, (quad.y2 + quad.y4) / 2


def _box(annotation: Any) -> Box:
    edges = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, edges)
    return edges.left, min(edges.bottom, edges.top), edges.right, max(edges.bottom, edges.top)


def _string(ask: Callable[..., int], *of: Any) -> str:
    """Return a text for which the library wants room."""
    length = ask(*of, None, 0)
    room = create_string_buffer(length)
    ask(*of, cast(room, POINTER(raw.FPDF_WCHAR)), length)
    return room.raw.decode("utf-16-le", "replace").rstrip("\0").replace("\r", "\n")
