"""One rule for every format: a cell's text is what a reader sees on the page; where that is not certain, all possible texts are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum

from gongkai.core.text import ANY, is_value, plain, squeeze

PICTURE = "\ufffc"
# A footnote mark has one or two digits; more raised digits are a number that happens to be raised.
_BARE = re.compile(ANY)
_LONGEST_NOTE = 2
_BROKEN = re.compile(rf"{ANY}(?:\n{ANY})+")


class Look(Enum):
    """How characters look on the page."""

    SHOWN = "plainly"
    RAISED = "above or below the line, as the mark of a note"
    STRUCK = "struck out"
    DOUBTED = "shown, unless what cannot be known hides them"
    ADDED = "not in the text, yet perhaps on the page: generated content, a picture, the hint of an empty field"


Piece = tuple[Look, str]


def shown_text(pieces: Sequence[Piece]) -> tuple[str, tuple[str, ...]]:
    """Turn the pieces of one cell into its text, and into the other texts that the shown page may mean.

    Parameters
    ----------
    pieces : sequence of (Look, str)
        The characters of the cell in their order. A line end parts lines of the cell.

    Examples
    --------
    >>> shown_text([(Look.STRUCK, "21547"), (Look.SHOWN, "21574"), (Look.RAISED, "1")])
    ('21574', ())
    >>> shown_text([(Look.RAISED, "1"), (Look.SHOWN, "21574")])
    ('21574', ('121574',))
    >>> shown_text([(Look.SHOWN, "21\\n574")])
    ('21\\n574', ('21574', '21', '574'))
    >>> shown_text([(Look.SHOWN, "行政"), (Look.STRUCK, "处罚"), (Look.SHOWN, "许可"), (Look.RAISED, "2")])
    ('行政许可', ())
    """
    text = _text_of_looks(pieces, Look.SHOWN, Look.DOUBTED)
    if "\n" not in text and all(look is Look.SHOWN for look, _ in pieces):
        return text, ()
    same = squeeze(text)
    others = tuple(dict.fromkeys(o for o in _others(pieces, text) if "\n" in text or squeeze(o) != same))
    return (text, others) if others and any(map(is_value, (text, *others))) else (text, ())


def _others(pieces: Sequence[Piece], text: str) -> Iterable[str]:
    looks = {look for look, _ in pieces}
    if Look.DOUBTED in looks:
        yield _text_of_looks(pieces, Look.SHOWN)
    if Look.ADDED in looks and (not text or not _is_picture(pieces)):
        yield _text_of_looks(pieces, Look.SHOWN, Look.DOUBTED, Look.ADDED).replace(PICTURE, "") or PICTURE
    if Look.RAISED in looks and _is_number(pieces):
        yield _text_of_looks(pieces, Look.SHOWN, Look.DOUBTED, Look.RAISED)
    if Look.STRUCK in looks and not text:
        yield _text_of_looks(pieces, Look.STRUCK)
    if _BROKEN.fullmatch(lines := plain(text)):
        yield from (lines.replace("\n", ""), *lines.split("\n"))


def _is_picture(pieces: Sequence[Piece]) -> bool:
    return all(PICTURE in text for look, text in pieces if look is Look.ADDED)


def _is_number(pieces: Sequence[Piece]) -> bool:
    """Say whether raised digits may be digits of the number: they stand alone, before or within it, or are too many for a note."""
    line = [(look, plain(text)) for look, text in _merged(pieces) if look in (Look.SHOWN, Look.DOUBTED, Look.RAISED) and text.strip()]
    for i, (look, text) in enumerate(line):
        before, after = line[i - 1][1] if i else "", line[i + 1][1] if i + 1 < len(line) else ""
        bare = look is Look.RAISED and _BARE.fullmatch(text.strip())
        longest = max(map(len, re.split(r"[,.]", text.strip())))
        if bare and (not before or re.match(r"[\d.,]", after) or longest > _LONGEST_NOTE):
            return True
    return False


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbouring pieces that look alike."""
    merged: list[Piece] = []
    for look, text in pieces:
        if merged and merged[-1][0] is look:
            merged[-1] = (look, merged[-1][1] + text)
        else:
            merged.append((look, text))
    return merged


def _text_of_looks(pieces: Sequence[Piece], *looks: Look) -> str:
    return tidy("".join(text for look, text in pieces if look in looks))


def tidy(text: str) -> str:
    """Fold the white space of a cell, and keep the ends of its lines.

    Examples
    --------
    >>> tidy(" 21 \\r\\n\\n  574 ")
    '21\\n574'
    """
    text = (text.replace("\r", "") if "\r" in text else text).strip()
    if "\n" not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
