"""Characters of symbol fonts, which are no letters -> what they show; one that no table has is an unknown sign, never a letter."""

from __future__ import annotations

import re

from gongkai.core.shown import Look, Piece

UNKNOWN = "\ufffd"
_CIRCLED = {0x80 + i: c for i, c in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")}
_ASCII = {code: chr(code) for code in map(ord, " 0123456789()+,./:;<=>?%[]{}|")}
# Font, without its number, to character code to Unicode.
FONTS = {
    "symbol": {**_ASCII, 0x2D: "-", 0xB7: "•", 0xD7: "⋅", 0xB4: "×", 0xB8: "÷", 0xB1: "±"},
    "wingdings": {**_CIRCLED, 0x20: " ", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢",
                  0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
    "wingdings 2": {0x20: " ", 0x50: "✓", 0x52: "☑", 0x53: "☒", 0xA3: "□"},
    "wingdings 3": {0x20: " "},
    "webdings": {0x20: " ", 0x61: "✓"},
}  # fmt: skip
_PRIVATE = range(0xF000, 0xF100)


def symbol(font: str, code: str) -> Piece:
    """Turn a character that a document names by its font and its code into what it shows.

    Examples
    --------
    >>> symbol("Symbol", "F034"), symbol("Wingdings", "F0FC"), symbol("宋体", "0034"), symbol("Wingdings", "F034")[1] == UNKNOWN
    ((<Look.SHOWN: 'plainly'>, '4'), (<Look.SHOWN: 'plainly'>, '✓'), (<Look.SHOWN: 'plainly'>, '4'), True)
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{2,5}", code):
        return Look.SHOWN, UNKNOWN
    number, table = int(code, 16), FONTS.get(font.casefold())
    if table is not None:
        return Look.SHOWN, table.get(number & 0xFF if number in _PRIVATE else number, UNKNOWN)
    if number in _PRIVATE:
        return Look.DOUBTED, chr(number & 0xFF) if 0x20 <= number & 0xFF < 0x7F else UNKNOWN
    return Look.SHOWN, chr(number) if 0x20 <= number < 0xD800 else UNKNOWN


def in_font(text: str, font: str) -> str:
    """Return what text shows in a font: in one of symbols, a letter or a digit is a picture.

    Examples
    --------
    >>> in_font("215 件", "宋体"), in_font("215", "Symbol"), in_font("2", "Wingdings") == UNKNOWN
    ('215 件', '215', True)
    """
    table = FONTS.get(font.casefold())
    if table is None:
        return text
    return "".join(table.get(ord(c) & 0xFF, UNKNOWN) if ord(c) < 0x100 or ord(c) in _PRIVATE else c for c in text)
