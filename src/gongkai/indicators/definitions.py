"""What an indicator is: an entry of the package's file, of a user's file or of a notebook, checked by the same rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from re import fullmatch
from typing import Any

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.findings import codes
from gongkai.core.messages import Words, both, joined, listed
from gongkai.core.schema import schemas
from gongkai.forms import editions, load_form

# The kinds of indicators, and whether each of them has a denominator.
KINDS = {"share": True, "ratio": True, "rate": True, "concentration": True, "count": False, "flag": False}
# What is counted of a report itself (report/group/name) rather than printed in one of its cells; a user's own columns have any name.
COUNTED = {
    "statuses": (*schemas()["cells"].columns["status"].codes, "present"), "findings": tuple(codes()),
    "identities": (*schemas()["checks"].columns["state"].codes, "gap"), "between": ("days_late", "carry_over_gap"),
}  # fmt: skip
GIVEN = "given"
FREE = ("statistics", "report")
TYPES = {"str": str, "float": (int, float), "bool": bool}


@dataclass(frozen=True, slots=True)
class Term:
    """One operand: the first of its ``paths`` that a document has, added or taken away."""

    sign: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: its words in both languages, its terms, and the editions of the form that it is defined for.

    ``breaks`` names the changes of law or form across which its numbers are not comparable; ``off_zh`` and ``off_en`` say why it is
    left out unless asked for; ``lead`` puts it among the few that a study shows.
    """

    code: str
    zh: str
    en: str
    kind: str
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] = ()
    family: str = ""
    source: str = ""
    source_en: str = ""
    caution_zh: str = ""
    caution_en: str = ""
    breaks: tuple[str, ...] = ()
    scale: float = 1.0
    lead: bool = False
    off_zh: str = ""
    off_en: str = ""
    forms: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        return self.numerator + self.denominator

    @property
    def operands(self) -> tuple[str, ...]:
        """Paths of all cells that it can be computed from, without signs and duplicates."""
        return tuple(dict.fromkeys(cell for term in self.terms for path in term.paths for cell in cells_of(path)))


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return the package's indicators by code, in the order of their file.

    Examples
    --------
    >>> entry = indicators()["reconsideration_corrected_share"]
    >>> entry.kind, entry.operands
    ('share', ('review/reconsideration/corrected', 'review/reconsideration/total', 'review/reconsideration/pending'))
    """
    return _checked(load("indicators"), "indicators.toml")


def define(code: str, **entry: Any) -> Indicator:
    """Define an indicator in a notebook, by the keys of a file's entry.

    Parameters
    ----------
    code : str
        Its name in the tables.
    **entry
        ``zh`` or ``en`` (the label), ``kind`` (``share``, ``ratio``, ``rate``, ``concentration``, ``count`` or ``flag``), ``numerator``
        and, where there is something to divide by, ``denominator``: a cell's path, or a list of them. A leading ``-`` takes a cell
        away; an item that ends in ``.`` stands for all that begin with it; a list inside the list gives alternatives, of which the
        first that a document has is taken. Optional: ``caution_zh``, ``caution_en``, ``source``, ``source_en``, ``family``, ``breaks``,
        ``scale``, ``forms``.

    Returns
    -------
    Indicator
        To be given to :func:`table` and :func:`codebook` as ``extra``.

    Raises
    ------
    UsageError
        If the entry cannot mean anything; it names what is wrong.

    Examples
    --------
    >>> mine = define("third_party_share", en="Denied for third parties", kind="share",
    ...     numerator="applications/denied.third_party_rights/total", denominator="applications/denied./total")
    >>> mine.forms, len(mine.operands)
    (('2019', '2021'), 8)
    """
    return _checked({code: entry}, code, reserved=indicators())[code]


def chosen(extra: Any = None) -> Mapping[str, Indicator]:
    """Return the package's indicators with a user's own behind them: of a TOML file, one from :func:`define`, or several."""
    return {**indicators(), **_own(extra)}


def breaks() -> Mapping[str, Mapping[str, Any]]:
    """Return the changes of law and form across which numbers are not comparable, by code: year, words, and the form that decides.

    Examples
    --------
    >>> [(code, entry["year"]) for code, entry in breaks().items()]
    [('list', 2014), ('regulation', 2019), ('form', 2021), ('review_law', 2024)]
    """
    return load("breaks")


@cache
def cells_of(path: str) -> tuple[str, ...]:
    """Return the official cells that a path names: itself, or all whose item begins with one that ends in ``.``.

    Examples
    --------
    >>> cells_of("applications/unavailable./total")[0], len(cells_of("applications/unavailable./total")), cells_of("applications/x/y")
    ('applications/unavailable.not_held/total', 3, ())
    """
    table, item, measure = path.split("/")
    if table in FREE:
        return (path,)
    known = (f for code in editions() for f in load_form(code).fields if (f.table, f.measure) == (table, measure))
    return tuple(dict.fromkeys(f.path for f in known if f.item == item or (item.endswith(".") and f.item.startswith(item))))


@cache
def load(name: str) -> Mapping[str, Any]:
    """Return one of this room's files of data."""
    return packaged(__package__, f"{name}.toml")


def _own(extra: Any) -> Mapping[str, Indicator]:
    if extra is None:
        return {}
    if isinstance(extra, (str, Path)):
        return _checked(_read_toml(Path(extra)), str(extra), reserved=indicators())
    return {one.code: one for one in ([extra] if isinstance(extra, Indicator) else extra)}


def _read_toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError.of("indicators.entries", path, found=both("indicators.no_toml", error=error)) from error


def _checked(raw: Mapping[str, Any], where: str, reserved: Iterable[str] = ()) -> dict[str, Indicator]:
    """Turn raw entries into indicators, or name everything that is wrong with them."""
    faults = [fault for code, body in raw.items() for fault in _faults(code, body, reserved)]
    made = {} if faults else {code: _indicator(code, body) for code, body in raw.items()}
    faults += [both("indicators.no_form", code=code) for code in made if not made[code].forms]
    if faults:
        raise UsageError.of("indicators.entries", where, found=joined(faults))
    return made


def _indicator(code: str, body: Mapping[str, Any]) -> Indicator:
    words = {"zh": body.get("zh") or body["en"], "en": body.get("en") or body["zh"]}
    terms = {side: tuple(_term(t) for t in _as_list(body.get(side, ()))) for side in ("numerator", "denominator")}
    lists = {key: tuple(_as_list(body.get(key, ()))) for key in ("breaks", "forms")}
    made = Indicator(code, **{**body, **words, **terms, **lists})
    able = tuple(e for e in editions() if all(_has(e, t) for t in made.terms) and e in (made.forms or editions()))
    return replace(made, forms=able)


def _term(raw: Any) -> Term:
    paths = _as_list(raw)
    return Term(-1 if paths[0].startswith("-") else 1, tuple(path.removeprefix("-") for path in paths))


def _has(edition: str, term: Term) -> bool:
    """Say whether an edition of the form has one of the alternatives of a term."""
    printed = {f.path for f in load_form(edition).fields}
    return any(
        path.startswith("report/") or (path.startswith("statistics/") and edition == "statistics") or printed.intersection(cells_of(path))
        for path in term.paths
    )


def _faults(code: str, body: Any, reserved: Iterable[str]) -> list[Words]:
    """Say in both languages what is wrong with one raw entry."""
    if not isinstance(body, Mapping):
        return [both("indicators.no_entry", code=code)]
    faults = [both("indicators.reserved", code=code)] if code in reserved else []
    known: dict[str, Any] = {f.name: TYPES.get(str(f.type), object) for f in fields(Indicator) if f.name != "code"}
    wrong = [f"{key} = {value!r}" for key, value in body.items() if key not in known or not isinstance(value, known[key])]
    faults += [both("indicators.unknown_key", code=code, pair=pair) for pair in wrong]
    if not (body.get("zh") or body.get("en")):
        faults.append(both("indicators.no_label", code=code))
    kind = body.get("kind")
    if kind not in KINDS:
        return [*faults, both("indicators.wrong_kind", code=code, kind=kind, kinds=listed(KINDS))]
    for side in ("numerator", "denominator"):
        faults += _faults_of_side(f"{code}.{side}", body.get(side, ()), side == "numerator" or KINDS[kind])
    for key, words in (("breaks", breaks()), ("forms", editions())):
        unknown = [str(name) for name in _as_list(body.get(key, ())) if name not in words]
        faults += [both("indicators.no_such", where=f"{code}.{key}", name=name) for name in unknown]
    return faults


def _faults_of_side(where: str, side: Any, needed: bool) -> list[Words]:
    terms = _as_list(side)
    if needed and not terms:
        return [both("indicators.missing", where=where)]
    paths = [path for term in terms for path in _as_list(term)]
    wrong = [path for path in paths if not _names_a_cell(path)]
    return [both("indicators.not_a_cell", where=where, path=path) for path in wrong]


def _as_list(side: Any) -> list[Any]:
    return list(side) if isinstance(side, (list, tuple)) else [side]


def _names_a_cell(path: Any) -> bool:
    if not (isinstance(path, str) and fullmatch(r"-?[^/]+/[^/]+/[^/]+", path)):
        return False
    plain = path.removeprefix("-")
    table, group, name = plain.split("/")
    return bool(cells_of(plain)) and (table != "report" or group == GIVEN or name in COUNTED.get(group, ()))
