"""How a sheet sets a cell -> the text that it shows, whichever of the two formats says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gongkai.core.shown import Look, Piece, shown_text
from gongkai.core.text import squeeze
from gongkai.readers.colours import BLACK, WHITE, Colour, look
from gongkai.readers.sheets.formats import general, ink_of, sections, shown, shown_words
from gongkai.readers.sheets.layout import Shown


class Font(NamedTuple):
    """How characters are set; ink None is the program's own."""

    struck: bool = False
    raised: bool = False
    ink: Colour | None = None
    tiny: bool = False


class CellStyle(NamedTuple):
    """How a cell is set: its format and font, the colour behind it (None where that is not known)."""

    code: str = "General"
    font: Font = Font()
    paper: Colour | None = WHITE


class Differing(NamedTuple):
    """What a condition sets otherwise in a cell; None is left as it is."""

    code: str | None = None
    font: Font = Font()
    paper: Colour | None = None

    def over(self, style: CellStyle) -> CellStyle:
        """Return a style with what differs."""
        font, own = style.font, self.font
        changed = font._replace(struck=font.struck or own.struck, raised=font.raised or own.raised, ink=own.ink or font.ink)
        code = style.code if self.code is None else self.code
        return CellStyle(code, changed, style.paper if self.paper is None else self.paper)


AS_IT_IS = Differing()


def pieces(runs: Sequence[tuple[Font | None, str]], style: CellStyle) -> list[Piece]:
    """Say of each run of a cell's text how it looks; one without a font of its own has the cell's."""
    found = [(_look(font or style.font, style.paper), text) for font, text in runs]
    return [(seen, text) for seen, text in found if seen is not None]


def _look(font: Font, paper: Colour | None) -> Look | None:
    if font.tiny:
        return None
    # Ink that is nowhere set is black in Excel, and as light as it must be in other programs.
    seen = look(font.ink, paper) if font.ink else look(BLACK, paper) or Look.DOUBTED
    if seen is not None and (font.struck or font.raised):
        return Look.STRUCK if font.struck else Look.RAISED
    return seen


def text_shown(runs: Sequence[tuple[Font | None, str]], style: CellStyle) -> Shown:
    """Return what a cell shows that holds words."""
    if len(runs) == 1:
        runs = [(runs[0][0], shown_words(runs[0][1], style.code))]
    elif any(text for _, text in runs) and not shown_words("x", style.code):
        return "", ()
    return shown_text(pieces(runs, style))


def number_shown(value: float, style: CellStyle, date1904: bool = False, zeros: bool = True) -> Shown:
    """Return what a cell shows that holds a number; as a day, it may also be a count with a wrong format.

    Examples
    --------
    >>> number_shown(21574.0, CellStyle('yyyy"年"m"月"d"日"')), number_shown(0.0, CellStyle(), zeros=False)
    (('1959年1月24日', ('21574',)), ('', ()))
    >>> number_shown(0.5, CellStyle("# ?/?"))
    ('0.5', ('0.5 [# ?/?]',))
    """
    if not value and not zeros:
        return "", ()
    text = shown(value, style.code, date1904)
    if text is None:
        return general(value), (f"{general(value)} [{style.code}]",)
    if not text:
        return "", ()
    if ink := ink_of(value, style.code):
        style = style._replace(font=style.font._replace(ink=ink))
    seen = _look(style.font, style.paper)
    printed, others = (text, ()) if seen is Look.SHOWN else shown_text(pieces([(None, text)], style))
    if printed and value.is_integer() and value >= 0 and any(s.is_date for s in sections(style.code)):
        others = (*others, general(value))
    return printed, tuple(o for o in others if squeeze(o) != squeeze(printed))
