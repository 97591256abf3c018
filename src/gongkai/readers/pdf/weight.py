"""The bytes of a PDF -> how much each page asks the library to draw, counted before the library is asked: it counts nothing itself.

Only what the count needs is parsed: pages, what they draw, the forms within. What the file says otherwise is the library's to read.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from gongkai.readers.decoding import Unreadable
from gongkai.readers.limits import Tally, most, within

_OBJECT, _NUMBERED = re.compile(rb"obj\b"), re.compile(rb"(\d{1,8})\s+\d{1,5}\s+$")
# Fonts, of which a page may name hundreds, are passed over.
_TOKEN = re.compile(
    rb"(?:\s|%[^\r\n]*[\r\n]|/Font\s*<<[^<>]*>>)*(<<|>>|\[|\]|<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
    rb"|/[^\s/<>\[\](){}%]*|\d+\s+\d+\s+R\b|[^\s/<>\[\](){}%]+)",
    re.S,
)
_STREAM = re.compile(rb"\s*stream\r?\n?")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_DRAWS = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do(?![A-Za-z])")
_STATES = re.compile(rb"(?:/([^\s/<>\[\](){}%]+)\s+)?\b(gs|Do|q|Q)(?![A-Za-z])")
# What is painted with a pattern, up to the next colour; in square points of a page of A4, and bytes of drawing that one tile counts for.
_TILED = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+(?:scn|SCN)\b(.*?)(?=\s(?:/\S+\s+)?(?:scn|SCN|sc|SC|rg|RG|g|G|k|K)\s|\Z)", re.S)
_PAINTS = re.compile(rb"(?<=\s)[fFBbSs]\*?(?=\s)")
_PAPER, _TILE, _MATRIX = 600 * 850, 0.1, 6
# What the library keeps for a form beside its content, and how often a form is taken to be drawn where its content is encrypted.
_FORM, _UNKNOWN = 1_000, 4
_SWELLS, _TOKENS, _PARENTS, _HEAD = 1_032, 200_000, 50, 20
_R, _DIGITS = ord("R"), b"0123456789"
# Words for a voice that are Chinese characters name what is shown; others may be another number.
_SPOKEN, _CHINESE = re.compile(rb"ActualText\s*(<[^>]*>|\([^)]*\)|.)", re.S), re.compile(r"[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]+")
# Layers and patterns: whether they show a text can only be seen. And masks, which the library knows by the texts that they mask.
_COLD, _MASKS = (b"OCProperties", b"OCGs", b"/PatternType 1"), (b"/Luminosity", b"/Alpha")


class Ref(NamedTuple):
    """The number of another object."""

    number: int


class Stream(NamedTuple):
    """An object with bytes of its own, as they are written."""

    head: Mapping[bytes, Any]
    raw: bytes


class Traits(NamedTuple):
    """What decides how pages are read.

    Whether layers can be off, whether text is given other words than are shown, or masked, and whether forms with text are masked.
    """

    layers: bool = False
    spoken: bool = False
    masked: bool = False
    veiled: bool = False


@dataclass
class _File:
    """The objects of a file, parsed when they are asked for."""

    data: bytes
    places: dict[int, int]
    packed: dict[int, bytes] = field(default_factory=dict)
    parsed: dict[int, Any] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    spoken: bool = False
    veiled: bool = False

    def get(self, value: Any) -> Any:
        """Follow references to what they mean; None where there is nothing."""
        for _ in range(_PARENTS):
            if not isinstance(value, Ref):
                return value
            if value.number not in self.parsed:
                self.parsed[value.number] = self._object(value.number)
            value = self.parsed[value.number]
        return None

    def _object(self, number: int) -> Any:
        if number in self.places:
            return _object_at(self.data, self.places[number])
        return _parsed(self.packed[number], 0)[0] if number in self.packed else None

    def dictionary(self, value: Any) -> Mapping[bytes, Any]:
        found = self.get(value)
        return found.head if isinstance(found, Stream) else found if isinstance(found, dict) else {}


def weigh(data: bytes) -> Traits:
    """Refuse a file that asks for more than a page may draw, and say what is special about it.

    Raises
    ------
    Unreadable
        If a page or all together draw too much, or a form draws itself.
    """
    file = _File(data, dict(_places(data)))
    _unpack(file)
    drawn = Tally("pdf_all_drawn")
    for page in _pages(file):
        drawn.add(within("pdf_drawn", sum(_page_weights(file, page))))
    layers, masked = (any(word in text for text in (data, *file.packed.values()) for word in words) for words in (_COLD, _MASKS))
    return Traits(layers, file.spoken, masked, file.veiled)


def _places(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the number of each object, and where it begins."""
    for found in _OBJECT.finditer(data):
        if number := _NUMBERED.search(data[max(found.start() - _HEAD, 0) : found.start()]):
            yield int(number[1]), found.end()


def _unpack(file: _File) -> None:
    """Find the objects that are packed into streams."""
    for found in re.finditer(rb"/ObjStm\b", file.data):
        at = file.data.rfind(b"obj", 0, found.start())
        stream = _object_at(file.data, at + 3) if at >= 0 else None
        if isinstance(stream, Stream):
            body, head = _decoded(stream, most("pdf_drawn")) or b"", stream.head
            first, many = _number(file.get(head.get(b"First"))), _number(file.get(head.get(b"N")))
            numbers = [int(n) for n in body[:first].split()[: 2 * many] if n.isdigit()]
            ends = [*(first + n for n in numbers[3::2]), len(body)]
            file.packed |= {n: body[first + a : b] for n, a, b in zip(numbers[::2], numbers[1::2], ends, strict=False)}


def _pages(file: _File) -> Iterator[Mapping[bytes, Any]]:
    """Yield the pages, wherever they are written."""
    starts = sorted(file.places.values())
    spots = [m.start() for m in _PAGE.finditer(file.data)]
    for spot in spots:
        at = file.data.rfind(b"obj", 0, spot)
        page = _object_at(file.data, at + 3) if at >= 0 and starts else None
        if isinstance(page, dict):
            yield page
    for text in file.packed.values():
        if _PAGE.search(text) and isinstance(page := _parsed(text, 0)[0], dict):
            yield page


def _page_weights(file: _File, page: Mapping[bytes, Any]) -> Iterator[int]:
    """Yield what each content of a page draws, its annotations too."""
    contents = file.get(page.get(b"Contents"))
    resources = _inherited(file, page)
    for content in contents if isinstance(contents, list) else [contents]:
        stream = file.get(content)
        if isinstance(stream, Stream):
            yield _weight(file, stream, resources, ())
    annotations = file.get(page.get(b"Annots"))
    for annotation in annotations if isinstance(annotations, list) else ():
        shown = file.get(file.dictionary(file.dictionary(annotation).get(b"AP")).get(b"N"))
        for look in [shown] if isinstance(shown, Stream) else map(file.get, shown.values()) if isinstance(shown, dict) else ():
            if isinstance(look, Stream):
                yield _weight(file, look, resources, ())


def _inherited(file: _File, page: Mapping[bytes, Any]) -> Mapping[bytes, Any]:
    """Return the resources of a page, which may stand in one of its parents."""
    for _ in range(_PARENTS):
        if found := file.dictionary(page.get(b"Resources")):
            return found
        page = file.dictionary(page.get(b"Parent"))
    return {}


def _weight(file: _File, stream: Stream, resources: Mapping[bytes, Any], around: tuple[int, ...]) -> int:
    """Return how many bytes of drawing a content makes, that of the forms that it draws included, each time that it draws them."""
    within("pdf_depth", len(around))
    resources = file.dictionary(stream.head.get(b"Resources")) or resources
    forms, tiles = _forms(file, resources), _tiles(file, resources)
    file.spoken = file.spoken or any(b"ActualText" in file.dictionary(p) for p in file.dictionary(resources.get(b"Properties")).values())
    if not forms and not tiles and len(stream.raw) * _SWELLS < most("pdf_drawn") and not around:
        content = _decoded(stream, most("pdf_drawn"))
        file.spoken = file.spoken or _speaks(content)
        return len(stream.raw if content is None else content)
    content = _decoded(stream, most("pdf_drawn"))
    if content is None:
        file.spoken = True
        return len(stream.raw) + sum(_UNKNOWN * _form_weight(file, number, resources, around) for number in forms.values())
    file.spoken = file.spoken or _speaks(content)
    total = len(content)
    within("pdf_drawn", total)
    for name, painted in _TILED.findall(content) if tiles else ():
        total += tiles.get(name, 0) * len(_PAINTS.findall(painted))
    names = [n for n in _DRAWS.findall(content) if n in forms] if forms else []
    file.veiled = file.veiled or any(_has_text(file, forms[name]) for name in _masked(file, resources, content) if name in forms)
    for name in set(names):
        total += names.count(name) * _form_weight(file, forms[name], resources, around)
    return total


def _masked(file: _File, resources: Mapping[bytes, Any], content: bytes) -> Iterator[bytes]:
    """Yield the names of what a content draws under a mask."""
    states = file.dictionary(resources.get(b"ExtGState"))
    masks = {name: bool(file.dictionary(mask)) for name, state in states.items() if (mask := file.dictionary(state).get(b"SMask"))}
    names = b"|".join(re.escape(name) for name, hides in masks.items() if hides)
    done = 0
    for start in re.finditer(rb"/(?:%s)\s+gs\b" % names, content) if names else ():
        depth = 0
        for found in _STATES.finditer(content, start.end()) if start.end() > done else ():
            name, operator = found.groups()
            depth += (operator == b"q") - (operator == b"Q")
            done = found.end()
            if depth < 0 or (operator == b"gs" and masks.get(name) is False):
                break
            if operator == b"Do":
                yield name


def _has_text(file: _File, number: int) -> bool:
    """Say whether a form may write or draw further forms; one that cannot be read may."""
    stream = file.get(Ref(number))
    content = _decoded(stream, most("pdf_drawn")) if isinstance(stream, Stream) else b""
    return content is None or b"BT" in content or bool(_forms(file, file.dictionary(stream.head.get(b"Resources"))))


def _speaks(content: bytes | None) -> bool:
    """Say whether a content gives text words for a voice that may be a number; one that cannot be read may."""
    return content is None or not all(_is_chinese(words) for words in _SPOKEN.findall(content))


def _is_chinese(words: bytes) -> bool:
    if not words.startswith(b"<"):
        return False
    try:
        text = bytes.fromhex(words.strip(b"<>").decode("ascii")).decode("utf-16")
    except ValueError:
        return False
    return bool(_CHINESE.fullmatch(text))


def _forms(file: _File, resources: Mapping[bytes, Any]) -> dict[bytes, int]:
    drawn = file.dictionary(resources.get(b"XObject"))
    return {
        name: ref.number
        for name, ref in drawn.items()
        if isinstance(ref, Ref) and isinstance(found := file.get(ref), Stream) and found.head.get(b"Subtype") == b"/Form"
    }


def _tiles(file: _File, resources: Mapping[bytes, Any]) -> dict[bytes, int]:
    """Return how much each pattern of tiles draws where it fills a page."""
    patterns = {name: file.dictionary(pattern) for name, pattern in file.dictionary(resources.get(b"Pattern")).items()}
    return {name: _tile_weight(file, pattern) for name, pattern in patterns.items() if b"XStep" in pattern}


def _tile_weight(file: _File, pattern: Mapping[bytes, Any]) -> int:
    matrix = [_real(file.get(n)) for n in file.get(pattern.get(b"Matrix")) or ()] if b"Matrix" in pattern else []
    a, b, c, d = matrix[:4] if len(matrix) == _MATRIX else (1.0, 0.0, 0.0, 1.0)
    one = abs(_real(file.get(pattern[b"XStep"])) * _real(file.get(pattern.get(b"YStep"))) * (a * d - b * c))
    return int(_TILE * _PAPER / max(one, 1 / _PAPER))


def _form_weight(file: _File, number: int, resources: Mapping[bytes, Any], around: tuple[int, ...]) -> int:
    """Return what a form draws, counted once."""
    if number in around:
        raise Unreadable("pdf_circle")
    if number not in file.weights:
        stream = file.get(Ref(number))
        file.weights[number] = _FORM + _weight(file, stream, resources, (*around, number))
    return file.weights[number]


def _object_at(data: bytes, at: int) -> Any:
    """Return what an object is: a value, or a stream with its dictionary."""
    value, end = _parsed(data, at)
    begin = _STREAM.match(data, end) if isinstance(value, dict) else None
    if not begin:
        return value
    length = value.get(b"Length")
    stop = begin.end() + _number(length)
    if isinstance(length, Ref) or not re.match(rb"\s*endstream", data[stop : stop + 16]):
        stop = data.find(b"endstream", begin.end())
    return Stream(value, data[begin.end() : stop if stop >= 0 else len(data)])


def _parsed(data: bytes, at: int) -> tuple[Any, int]:
    """Parse one value, and say where it ends."""
    stack: list[list[Any]] = [[]]
    for found in islice(_TOKEN.finditer(data, at), _TOKENS):
        token, at = found[1], found.end()
        if token in (b"<<", b"["):
            stack.append([])
        elif token in (b">>", b"]") and len(stack) > 1:
            items = stack.pop()
            stack[-1].append(items if token == b"]" else {k[1:]: v for k, v in _pairs(items)})
        elif token[-1] == _R and token[0] in _DIGITS:
            stack[-1].append(Ref(int(token.split()[0])))
        else:
            stack[-1].append(_name(token) if b"#" in token else token)
        if len(stack) == 1:
            break
    return (stack[0][0] if stack[0] else None), at


def _pairs(items: list[Any]) -> Iterable[tuple[bytes, Any]]:
    return ((k, v) for k, v in zip(items[::2], items[1::2], strict=False) if isinstance(k, bytes) and k.startswith(b"/"))


def _name(token: bytes) -> bytes:
    """Spell a name out that is written with the numbers of its characters."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), token) if token.startswith(b"/") else token


def _number(value: Any) -> int:
    return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _real(value: Any) -> float:
    try:
        return float(value) if isinstance(value, bytes) else 0.0
    except ValueError:
        return 0.0


def _decoded(stream: Stream, most_bytes: int) -> bytes | None:
    """Return the bytes that a stream stands for, or one more than are allowed; None where a filter is not known, or it is encrypted."""
    filters = stream.head.get(b"Filter", [])
    body = stream.raw
    for name in filters if isinstance(filters, list) else [filters]:
        try:
            if name in (b"/FlateDecode", b"/Fl"):
                body = zlib.decompressobj().decompress(body, most_bytes + 1)
            elif name in (b"/ASCII85Decode", b"/A85"):
                body = base64.a85decode(body.strip().removesuffix(b"~>"))
            elif name in (b"/ASCIIHexDecode", b"/AHx"):
                body = bytes.fromhex(body.partition(b">")[0].decode("ascii"))
            else:
                return None
        except (zlib.error, ValueError):
            return None
    return body
