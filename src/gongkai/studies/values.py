"""What parameters are: the types that a notebook gives them, what fits these, and how a cell of a table or a command line is read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from gongkai.studies.notebooks import Declared

Parameters = Mapping[str, Any]


class Kind(NamedTuple):
    """The type of a parameter's values, and of the elements of a list, where all are of one."""

    of: type
    element: type | None = None

    @property
    def name(self) -> str:
        return self.of.__name__.lower()


_NAMED: dict[str, type] = {
    "bool": bool, "int": int, "float": float, "str": str, "date": date, "datetime": datetime, "list": list, "dict": dict,
}  # fmt: skip
_NOTHING = {"None", "NoneType", "Optional", "typing", "Union", "datetime.", ""}
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,，][0-9]{3})+(\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")


def kind_of(parameter: Declared) -> Kind | None:
    """Return the type of a parameter: the one annotated, else that of its default; None where neither says one.

    A parameter whose default is a whole number may also be given 0.5, unless a type is annotated.

    Examples
    --------
    >>> [kind_of(Declared("x", default)) for default in ("2019", "['a']", "None")]
    [Kind(of=<class 'float'>, element=None), Kind(of=<class 'list'>, element=<class 'str'>), None]
    >>> kind_of(Declared("x", "None", "list[int] | None"))
    Kind(of=<class 'list'>, element=<class 'int'>)
    """
    if said := _annotated(parameter.annotation):
        return said
    value = literal(parameter.default)
    if value is None:
        called = re.match(r"(?:[\w.]*\.)?(\w+)\(", parameter.default)
        made = _NAMED.get({"Timestamp": "datetime", "today": "date", "now": "datetime"}.get(called[1], called[1])) if called else None
        return Kind(made) if made else None
    kind = next((known for known in _NAMED.values() if type(value) is known), None)
    if kind is list:
        elements = {type(each) for each in value}
        return Kind(list, elements.pop() if len(elements) == 1 else None)
    return Kind(float if kind is int else kind) if kind else None


def _annotated(text: str) -> Kind | None:
    """Read a type as Python writes it; None where it is a choice of several, or another."""
    inner = re.fullmatch(r"(?:typing\.)?Optional\[(.*)\]", text)
    parts = [part.strip() for part in re.split(r"\|(?![^\[]*\])", inner[1] if inner else text)]
    kinds = [part for part in parts if part not in _NOTHING]
    if len(kinds) != 1:
        return None
    head, _, element = kinds[0].partition("[")
    kind = _NAMED.get(head.split(".")[-1].replace("List", "list").replace("Dict", "dict").replace("Timestamp", "datetime"))
    return Kind(kind, _NAMED.get(element.rstrip("]")) if kind is list else None) if kind else None


def literal(text: str) -> Any:
    """Return the value of a Python literal; None for any other text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def mistyped(given: Parameters, known: Mapping[str, Kind]) -> list[str]:
    """Return the names of the parameters whose values are of another type than their own.

    Examples
    --------
    >>> mistyped({"year": "abc", "last": None, "rate": 1}, {"year": Kind(int), "last": Kind(int), "rate": Kind(float)})
    ['year']
    """
    return [name for name, value in given.items() if value is not None and name in known and not _fits(value, known[name])]


def _fits(value: object, kind: Kind) -> bool:
    """Say whether a value is of a type; an int is accepted as a float, a bool as no number, a day as a moment."""
    if kind.of is list and isinstance(value, list):
        return kind.element is None or all(_fits(each, Kind(kind.element)) for each in value)
    if isinstance(value, bool):
        return kind.of is bool
    return isinstance(value, (int, float) if kind.of is float else date if kind.of is datetime else kind.of)


def value_of(text: str, default: str, kind: Kind | None) -> Any:
    """Turn a cell into a value of the parameter's type; what is none of it stays text, and is refused by :func:`mistyped`.

    Without a type, what is written as a number is one, unless it begins with 0, as codes do. ``None`` is None where the default is.

    Examples
    --------
    >>> [value_of(text, "0", Kind(float)) for text in ("12", "-0.50", "2019.0", "0571", "1,000")]
    [12, -0.5, 2019, '0571', '1,000']
    >>> [value_of(text, "None", None) for text in ("12", "0571", "FALSE", "沁县", "None")], value_of("140430", "''", Kind(str))
    ([12, '0571', False, '沁县', None], '140430')
    >>> value_of("2024/3/1", "date(2024, 1, 1)", Kind(date)), value_of('["a", 1]', "[]", Kind(list))
    (datetime.date(2024, 3, 1), ['a', 1])
    """
    if default == text == "None":
        return None
    return _READ[kind.of if kind else None](text)


def as_columns(columns: Mapping[str, Iterable[str]], kinds: Mapping[str, Kind | None]) -> dict[str, Kind | None]:
    """Return the types by which the columns of a table are read: a column without one is text where any of its cells is.

    Examples
    --------
    >>> as_columns({"code": ["0571", "330100"], "n": ["1", "2"]}, {"code": None, "n": None})
    {'code': Kind(of=<class 'str'>, element=None), 'n': None}
    """
    plain = {name: any(isinstance(_guessed(text), str) and text != "None" for text in texts if text) for name, texts in columns.items()}
    return {name: Kind(str) if kinds.get(name) is None and plain[name] else kinds.get(name) for name in columns}


def grouped(text: str, kind: Kind | None) -> bool:
    """Say whether a text is a number with separators of thousands, given for a parameter that is not known to be text.

    Examples
    --------
    >>> grouped("1,000", None), grouped("1,000", Kind(str))
    (True, False)
    """
    return kind is None and bool(_GROUPED.fullmatch(text))


def _guessed(text: str) -> Any:
    """Read a cell for which no type is known; ``12E3`` is rather a code."""
    if "e" in text.casefold() and _DECIMAL.fullmatch(text):
        return text
    for read in (_number, _truth, _bracketed):
        if not isinstance(value := read(text), str):
            return value
    return text


def _bracketed(text: str) -> Any:
    return _structure(text) if text[:1] in ("[", "{") else text


def _truth(text: str) -> bool | str:
    """Read True and False, as Python, R and spreadsheets write them."""
    return {"true": True, "false": False}.get(text.casefold(), text)


def _whole(text: str) -> int | float | str:
    value = _number(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(text: str) -> int | float | str:
    """Read a number as a program writes it: neither separators of thousands nor leading zeros, which codes have."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _plain_number(text: str) -> int | float | str:
    """Read a number; one that a spreadsheet wrote as 2019.0 is whole."""
    value = _number(text)
    return int(value) if isinstance(value, float) and re.fullmatch(r"[+-]?[0-9]+\.0*", text) else value


def _moment(text: str) -> datetime | str:
    """Read a day, with the time of day if there is one, as programs, spreadsheets and people in China write it."""
    found = _DATE.fullmatch(text)
    try:
        return datetime(*(int(part or 0) for part in found.groups())) if found else text  # type: ignore[arg-type]
    except ValueError:
        return text


def _day(text: str) -> date | str:
    moment = _moment(text)
    return moment.date() if isinstance(moment, datetime) and moment == datetime(*moment.timetuple()[:3]) else text


def _structure(text: str) -> Any:
    """Read a list or a dictionary, in Python's words or JSON's."""
    value = literal(text)
    if value is None:
        try:
            value = json.loads(text)
        except ValueError:
            return text
    return value if isinstance(value, list | dict) else list(value) if isinstance(value, tuple) else text


_READ: dict[type | None, Callable[[str], Any]] = {
    None: _guessed, bool: _truth, int: _whole, float: _plain_number, str: str, date: _day, datetime: _moment,
    list: _structure, dict: _structure,
}  # fmt: skip
