"""What a user asks a corpus for -> codes, years and names that its tables can be filtered by, or a refusal that lists the choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from numbers import Real
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.core.codes import Body
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, Words, both, listed, say
from gongkai.core.report_ids import as_report_id
from gongkai.core.schema import frame, schemas, to_pandas
from gongkai.corpus.ingest import TABLES as BUILT
from gongkai.corpus.parts import Years, is_within
from gongkai.corpus.store import damaged
from gongkai.forms import editions, load_form
from gongkai.places import codes_of, divisions, full_name, name_of, unit_id

if TYPE_CHECKING:
    import pandas as pd


BODIES = schemas()["reports"].columns["body"].codes
TABLES = schemas()["cells"].columns["table"].codes
GOVERNMENT = Body.GOVERNMENT
_LISTS = "statistics"
# A division; with three or six digits more a street or town, and its villages.
_WHOLE = re.compile(r"\d{6}|\d{9}|\d{12}")
_PREFIX = re.compile(r"\d{2}|\d{4}")
_SPAN = re.compile(r"(\d{4})(?:[-—~至到](\d{4}))?")
_MOST_SHOWN = 12
Known = Callable[[], Iterable[str]]


def divisions_asked(said: Any, name: str, known: Known) -> tuple[str, ...]:
    """Return the codes, or the first two or four digits of codes, that a user means.

    Parameters
    ----------
    said : str, int or several
        Codes, as text or numbers; the first two or four digits, for a province or prefecture with all within it; or names.
    name : str
        The parameter, for the refusal.
    known : callable
        Returns the codes that the corpus has; asked only where something must be refused.

    Raises
    ------
    UsageError
        If one of them is no division, is the name of several, or if there is none at all.

    Examples
    --------
    >>> divisions_asked([350128, "3501", "平潭", "福建省"], "division_code", list)
    ('350128', '3501', '35')
    """
    several = [said] if isinstance(said, (str, bytes)) or not isinstance(said, Iterable) else list(said)
    if not several:
        raise _no_division(name, "[]", known)
    return tuple(dict.fromkeys(code for one in several for code in _division(one, name, known)))


def units_asked(said: Any, name: str, known: Known) -> tuple[str, ...]:
    """Return the units that a user means by codes or names of any year; first digits stay what they are.

    Examples
    --------
    >>> units_asked(["长治县", 140430, "14"], "unit_id", list)
    ('140404', '140430', '14')
    """
    return tuple(dict.fromkeys(map(unit_id, divisions_asked(said, name, known))))


def years_asked(said: Any) -> Years:
    """Return the first and the last year that a user means; None where a side is open.

    Examples
    --------
    >>> years_asked(2020), years_asked("2019-2021"), years_asked((2019, None)), years_asked(range(2019, 2024))
    ((2020, 2020), (2019, 2021), (2019, None), (2019, 2023))
    """
    if isinstance(said, str):
        span = _SPAN.fullmatch(said.strip())
        return _years_between(span[1], span[2] or span[1], said) if span else _years_between(said, said, said)
    if not isinstance(said, Iterable):
        return _years_between(said, said, said)
    several = list(said)
    if isinstance(said, (tuple, list)) and len(several) == 2:
        return _years_between(several[0], several[1], said)
    known = sorted(y for y in map(_year_asked, several) if y is not None)
    if not known or len(known) != len(several) or known != [*range(known[0], known[-1] + 1)]:
        raise _no_years(said)
    return known[0], known[-1]


def one_of(name: str, said: Any, known: Sequence[str]) -> None:
    """Refuse a value that is not among the choices of a parameter, and list the choices.

    Examples
    --------
    >>> one_of("body", "government", BODIES)
    """
    if not (isinstance(said, str) and said in known):
        raise UsageError.of("selection.choice", name, known=listed(known), said=said)


def cell_asked(table: str, item: str | None, measure: str | None) -> tuple[str, str, str]:
    """Return table, item and measure of a cell of a form, told apart or as one path; those of the indicator lists are whatever is printed.

    Examples
    --------
    >>> cell_asked("applications/granted/total", None, None)
    ('applications', 'granted', 'total')
    """
    parts = str(table).split("/", 2) if item is None and measure is None else [str(table), str(item), str(measure)]
    path = "/".join(parts)
    if len(parts) == 3 and (parts[0] == _LISTS or path in _paths()):
        return parts[0], parts[1], parts[2]
    near = "、".join(_nearest(path, _paths()))
    raise UsageError.of("selection.no_cell", "cell", near=near, path=path)


def within(codes: pd.Series[Any], asked: Sequence[str], units: Sequence[str] = ()) -> pd.Series[bool]:
    """Say which codes are among those asked for, or begin with the digits asked for; all where nothing is asked."""
    import pandas as pd

    known: pd.Series[bool] = pd.Series(True, codes.index)
    for values, wanted in ((codes, asked), (codes.map(unit_id, na_action="ignore"), units)):
        first = tuple(code for code in wanted if _PREFIX.fullmatch(code))
        begins = values.fillna("").astype("str").str.startswith(first) if first else False
        known &= values.isin(list(wanted)) | begins if wanted else True
    return known


def in_years(years: pd.Series[Any], asked: Years) -> pd.Series[bool]:
    """Say which years are between the first and the last that are asked for."""
    inside: pd.Series[bool] = years.between(asked[0] or 0, asked[1] or 9999).fillna(False).astype(bool)
    return inside


def filtered(column: str, asked: Sequence[str]) -> Any:
    """Return the same condition as a filter for Parquet files."""
    import pyarrow.compute as pc

    wanted = pc.field(column).isin(list(asked))
    for code in asked:
        wanted = wanted | pc.starts_with(pc.field(column), code) if _PREFIX.fullmatch(code) else wanted
    return wanted


def as_filter(codes: Sequence[str], units: Sequence[str], only_table: str | None) -> Any:
    """Return a selection of divisions, units and one official table as a filter for Parquet files; None selects all rows."""
    import pyarrow.compute as pc

    wanted = [filtered(f"at_{name}", values) for name, values in (("division_code", codes), ("unit_id", units)) if values]
    return reduce(and_, [*wanted, *([pc.field("table") == only_table] if only_table else [])]) if wanted or only_table else None


def parts(folder: Path, has_reports: bool) -> list[Path]:
    """Return year and file of every part of a corpus of an older version, whichever of its tables still has it."""
    found = sorted({Path(path.parent.name, path.name) for table in BUILT for path in (folder / table).glob("*/*.parquet")})
    if has_reports and not found:
        raise damaged(folder / BUILT[0], FileNotFoundError())
    return found


def files(folder: Path, held: Iterable[Path], years: Years, codes: Iterable[str]) -> list[Path]:
    """Return the files of a table that hold the years and divisions asked for; also one that is lost, which loading will miss."""
    named, spans = {code[:2] for code in codes}, years != (None, None)
    inside = (part for part in held if not spans or is_within(part.parent.name, years))
    return [folder / part for part in inside if not named or part.stem in named]


def loaded(table: str, files: Sequence[Path], wanted: Any) -> pd.DataFrame:
    """Load the rows that are wanted of some files, with the contract's types."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    if not files:
        return frame(table, [])
    try:
        read = ds.dataset([str(f) for f in files], format="parquet").to_table(columns=list(schemas()[table].columns), filter=wanted)
    except FileNotFoundError as error:
        raise damaged(next((file for file in files if not file.exists()), files[0]), error) from error
    except pa.ArrowInvalid as error:
        raise damaged(files[0].parent, error) from error
    return _with_ids(to_pandas(read))


def _with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the letter before the ids of a corpus that was built before they had one."""
    if "report_id" not in rows or rows.empty or (first := rows["report_id"].iloc[0]) == as_report_id(first):
        return rows
    return rows.assign(report_id=rows["report_id"].map(as_report_id).astype(rows["report_id"].dtype))


def shown(codes: Iterable[str]) -> str:
    """List divisions with their names, the first few of many.

    Examples
    --------
    >>> shown(["350128", "140430", "350128"])
    '140430 沁县、350128 平潭县'
    """
    listed = sorted(set(codes))
    more = f" … ({len(listed)})" if len(listed) > _MOST_SHOWN else ""
    return "、".join(f"{code} {name_of(code[:6]) or ''}".strip() for code in listed[:_MOST_SHOWN]) + more or "—"


def nothing(part: Any, whole: pd.DataFrame) -> Words:
    """Say in both languages that a part of a corpus holds no report, what was asked for, and what there is instead."""
    years = "-".join(str(y or "") for y in dict.fromkeys((part.first_year, part.last_year)))
    asked = {"division_code": "、".join(part.codes), "unit_id": "、".join(part.units), "years": years.strip("-") and years}
    selected = ", ".join(f"{name} {value}" for name, value in asked.items() if value) or "—"
    there, codes = sorted(whole["year"].dropna().unique()), whole["division_code"].dropna()
    held = {"divisions": shown(codes), "years": f"{there[0]}-{there[-1]}" if there else "—"}
    key = "corpus.unread" if len(part.failures) else "corpus.nothing_selected"
    wider = [p for p in (re.sub("(00){1,2}$", "", code) for code in part.codes) if _PREFIX.fullmatch(p) and p not in part.codes]
    near = [p for p in wider if codes.str.startswith(p).any()]
    told = [
        say(key, language, selected=selected, n=len(part.failures), **held)
        + "".join(" " + say("corpus.within", language, codes=p.ljust(6, "0"), prefix=p) for p in near)
        for language in LANGUAGES
    ]
    return Words(*told)


def _division(said: Any, name: str, known: Known) -> tuple[str, ...]:
    """Return what one code, prefix or name stands for; a name of a province or prefecture also for all within it."""
    text = _number_text(said)
    if _WHOLE.fullmatch(text):
        return (text,)
    if _PREFIX.fullmatch(text) and (name_of(text.ljust(6, "0")) or any(code.startswith(text) for code in known())):
        return (text,)
    found = codes_of(text) if isinstance(said, str) else ()
    if not found:
        raise _no_division(name, text, known)
    if len({unit_id(code) for code in found}) > 1:
        several = "、".join(f"{full_name(code)} {code}" for code in found)
        raise UsageError.of("selection.several", name, text=text, several=several)
    return tuple(re.sub("(00){1,2}$", "", code) for code in found)


def _number_text(said: Any) -> str:
    """Return a code as text, also where a table keeps it as a number."""
    if isinstance(said, bool):
        return repr(said)
    if isinstance(said, Real) and float(said).is_integer():
        return str(int(float(said)))
    return "".join(said.split()) if isinstance(said, str) else repr(said)


def _no_division(name: str, found: str, known: Known) -> UsageError:
    held = shown(known())
    near = (
        shown(code for like in _nearest(found, _division_names()) for code in codes_of(like))
        if re.search(r"[\u4e00-\u9fff]", found)
        else ""
    )
    likely = both("selection.likely", near=near) if near else ""
    return UsageError.of("selection.no_division", name, held=held, likely=likely, found=found, name=name)


def _division_names() -> Sequence[str]:
    return list(dict.fromkeys(d.name for d in divisions()))


def _nearest(text: str, known: Sequence[str]) -> list[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    return [like for like, _, _ in process.extract(text, known, scorer=JaroWinkler.normalized_similarity, limit=3)]


def _paths() -> Sequence[str]:
    return list(dict.fromkeys(f.path for code in editions() for f in load_form(code).fields))


def _years_between(first: Any, last: Any, said: Any) -> Years:
    ends = _year_asked(first), _year_asked(last)
    faulty = any(end is None and given is not None for end, given in zip(ends, (first, last), strict=True))
    if faulty or ends == (None, None) or (ends[0] is not None and ends[1] is not None and ends[0] > ends[1]):
        raise _no_years(said)
    return ends


def _year_asked(said: Any) -> int | None:
    """Return a year of four digits, None where it is none."""
    text = said.strip() if isinstance(said, str) else _number_text(said) if isinstance(said, Real) else ""
    return int(text) if re.fullmatch(r"(?:19|20)\d\d", text) else None


def _no_years(said: Any) -> UsageError:
    return UsageError.of("selection.years", "years", said=said)
