"""Exported tables -> what lets their folder be published: ``datapackage.json``, a README in both languages, scripts that load them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from gongkai import __version__
from gongkai.core.data import packaged
from gongkai.core.errors import UsageError
from gongkai.core.messages import LANGUAGES, said_of, say
from gongkai.core.schema import schemas
from gongkai.corpus.codebook import STATUS_SUFFIX, code_label, meaning, reasons
from gongkai.corpus.export.excel import SIMULATED
from gongkai.corpus.export.stata import codes_of, stata_name
from gongkai.corpus.held import records
from gongkai.corpus.outputs import is_table
from gongkai.report import STATUSES

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTOR, README = "datapackage.json", "README.md"
# What Data Package calls the types of ours.
_TYPES = {"str": "string", "Float64": "number", "Int64": "integer", "bool": "boolean", "int64": "integer", "float64": "number"}
_MEDIA = {
    "csv": ("csv", "text/csv"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "stata": ("dta", "application/x-stata-dta"),
}
_DIALECT = {"delimiter": ",", "doubleQuote": True, "lineTerminator": "\r\n"}
_ABOUT_REPORT = ("sha256", "retrieved_at", "report_id", "simulated")


class Written(NamedTuple):
    """One table that has been written: its name, itself, the name of its file and where its bytes are for now."""

    name: str
    table: pd.DataFrame
    file: str
    scratch: Path


def companions(to: str) -> tuple[str, ...]:
    """Return the names of the files that stand beside the tables of a format.

    Examples
    --------
    >>> companions("stata")
    ('datapackage.json', 'README.md', 'load.R', 'load.do')
    """
    return (DESCRIPTOR, README, *_texts()["scripts"][to])


def refuse_others(folder: Path, to: str) -> None:
    """Refuse a folder in which a file of somebody else bears the name of one that is to be written.

    Raises
    ------
    UsageError
    """
    for name in companions(to):
        path = folder / name
        if path.is_file() and not is_table(path):
            raise UsageError.of("export.taken", path, name=name)


def published(written: Sequence[Written], to: str) -> Mapping[str, str]:
    """Return the content of every file that stands beside tables that were written, by its name."""
    held = {one.name: one.table for one in written}
    scripts = {name: _script(text, held) for name, text in _texts()["scripts"][to].items()}
    descriptor = json.dumps(_descriptor(written, to, held.get("reports")), ensure_ascii=False, indent=1) + "\n"
    return {DESCRIPTOR: descriptor, README: _readme(written, to, [*scripts]), **scripts}


def _texts() -> Mapping[str, Any]:
    return packaged(__package__, "published.toml")


def _descriptor(written: Sequence[Written], to: str, reports: pd.DataFrame | None) -> Mapping[str, Any]:
    """Describe the tables as a Data Package (version 1), with what gongkai knows beyond it under ``gongkai``."""
    said = _texts()["descriptor"]
    is_csv = to == "csv"
    names = {one.name for one in written}
    return {
        "profile": "tabular-data-package" if is_csv else "data-package",
        "name": said["name"],
        "title": said["title"],
        "description": f"{said['description']} {said['rights']}",
        "licenses": [{"name": "MIT", "title": said["licence_title"], "path": said["licence_path"]}],
        **({"sources": sources} if (sources := [*_sources(reports)]) else {}),
        "resources": [_resource(one, to, names) for one in written],
        "gongkai": {"version": __version__, **_versions(reports)},
    }


def _sources(reports: pd.DataFrame | None) -> Iterator[Mapping[str, Any]]:
    """Yield one source for each report: who and when, its address if it has one, the hash of the document."""
    for row in records(reports) if reports is not None else ():
        title = row["title"] or " ".join(str(part) for part in (row["authority"], row["year"]) if part) or row["path"]
        url = row["source_url"]
        path = {"path": url} if url and url.startswith(("http://", "https://")) else {}
        yield {"title": title, **path, **{name: row[name] for name in _ABOUT_REPORT if row[name]}}


def _versions(reports: pd.DataFrame | None) -> Mapping[str, Any]:
    """Say which versions of the program and of the forms the reports were read by, and how many are simulated."""
    if reports is None:
        return {}
    forms = reports[["form", "form_version"]].drop_duplicates().sort_values(["form", "form_version"])
    return {
        "reports": len(reports),
        "simulated": int(reports["simulated"].sum()),
        "read_by": sorted(set(reports["version"])),
        "forms": [{"form": form, "version": version} for form, version in forms.itertuples(index=False, name=None)],
    }


def _resource(one: Written, to: str, names: set[str]) -> Mapping[str, Any]:
    """Describe one table: its file, its bytes, its columns."""
    ending, media = _MEDIA[to] if one.file.endswith(_MEDIA[to][0]) else _MEDIA["csv"]
    is_csv = ending == _MEDIA["csv"][0]
    with one.scratch.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    describe = _stata_field if ending == _MEDIA["stata"][0] else _field
    return {
        **({"profile": "tabular-data-resource"} if is_csv else {}),
        "name": one.name,
        "title": " / ".join(_title(one.name, language) for language in LANGUAGES),
        "path": one.file,
        "format": ending,
        "mediatype": media,
        **({"encoding": "utf-8", "dialect": _DIALECT} if is_csv else {}),
        "bytes": one.scratch.stat().st_size,
        "hash": f"sha256:{digest}",
        "rows": len(one.table),
        "schema": {
            "fields": [describe(one.name, str(name), str(kind)) for name, kind in one.table.dtypes.items()],
            "missingValues": [""],
            **_keys(one, names),
        },
    }


def _title(name: str, language: str) -> str:
    """Say what a table is."""
    if name in schemas():
        return str(getattr(schemas()[name], language))
    return say("export.panel", language) if name == "panel" else _texts()["readme"][language].get(name, name)


def _field(table: str, name: str, kind: str) -> dict[str, Any]:
    """Describe one column: its type, its meaning in both languages, what must and may stand there."""
    column = schemas()[table].columns.get(name) if table in schemas() else None
    codes = () if table == "codebook" else codes_of(table, stata_name(name))
    constraints = {**({"required": True} if column and column.required else {}), **({"enum": list(codes)} if codes else {})}
    said = ["" if table == "codebook" else meaning(table, name, language) for language in LANGUAGES]
    return {
        "name": name,
        "type": _TYPES.get(kind, "string"),
        **({"description": " / ".join(said)} if any(said) else {}),
        **({"constraints": constraints} if constraints else {}),
    }


def _stata_field(table: str, name: str, kind: str) -> dict[str, Any]:
    """Describe one column as Stata has it: codes are numbers, of which ``categories`` says what each stands for."""
    field = _field(table, name, kind) | {"name": stata_name(name)}
    codes = field.pop("constraints", {}).get("enum", ())
    numbered = [{"value": number, "label": code} for number, code in enumerate(codes, 1)]
    return field | ({"type": "integer", "categories": numbered} if numbered else {})


def _keys(one: Written, names: set[str]) -> Mapping[str, Any]:
    """Name the columns that tell the rows of a table apart, and the table of the reports that its rows belong to."""
    schema = schemas().get(one.name)
    key = list(schema.key) if schema else [name for name in ("report_id",) if one.name == "panel" and name in one.table]
    belongs = "reports" in names and "report_id" in one.table and one.name not in ("reports", "set_aside")
    foreign = [{"fields": "report_id", "reference": {"resource": "reports", "fields": "report_id"}}] if belongs else []
    return {**({"primaryKey": key} if key else {}), **({"foreignKeys": foreign} if foreign else {})}


def _readme(written: Sequence[Written], to: str, scripts: Sequence[str]) -> str:
    """Say in both languages what the folder holds and how to load it."""
    parts = [part for language in LANGUAGES for part in _readme_in(language, written, to, scripts)]
    return "\n\n".join([_texts()["readme"]["mark"], *parts]) + "\n"


def _readme_in(language: str, written: Sequence[Written], to: str, scripts: Sequence[str]) -> Iterator[str]:
    said = _texts()["readme"][language]
    known, invented = _reports_in(written)
    yield f"# {said['title']}"
    yield said_of(_texts(), f"readme.{language}.about", language, {"version": __version__, "reports": len(known)})
    if invented:
        yield said_of(_texts(), f"readme.{language}.simulated", language, {"n": len(invented)})
    yield said["tables"]
    rows = [f"| `{one.file}` | {len(one.table)} | {_title(one.name, language)} |" for one in written]
    yield "\n".join([said["head"], "| --- | ---: | --- |", *rows])
    letters = reasons() if to == "stata" else {}
    statuses = [f"- `{s}`{f' (`.{letters[s]}`)' if s in letters else ''}: {say(f'meaning.{s}', language)}" for s in STATUSES]
    yield f"{said['missing']}\n\n" + "\n".join(statuses)
    yield f"{said['load']}\n\n" + "\n".join(_loading(to, scripts))
    yield said["data"]
    yield said["rights"]
    yield said_of(_texts(), f"readme.{language}.cite", language, {"version": __version__})


def _reports_in(written: Sequence[Written]) -> tuple[set[str], set[str]]:
    """Return the ids of the reports that tables are of, and of those among them that are simulated."""
    held = [one.table for one in written if "report_id" in one.table]
    marked = [table[table[SIMULATED].fillna(False)] for table in held if SIMULATED in table]
    return {i for table in held for i in table["report_id"].dropna()}, {i for table in marked for i in table["report_id"].dropna()}


def _loading(to: str, scripts: Sequence[str]) -> Iterator[str]:
    names = {"load.R": "R", "load.do": "Stata"}
    yield from (f"- {names[name]}: {_texts()['load'][name]}" for name in scripts)
    yield f"- Python: `pandas.{_texts()['reader'][to]}`"


def _script(text: str, held: Mapping[str, pd.DataFrame]) -> str:
    """Fill in what a script must know of the tables."""
    texts = {
        name: [str(c) for c, kind in t.dtypes.items() if kind == "str" and not str(c).endswith(STATUS_SUFFIX)] for name, t in held.items()
    }
    yes_no = {str(column) for table in held.values() for column, kind in table.dtypes.items() if kind == "bool"}
    gaps = {letter: " / ".join(code_label("status", status, language) for language in LANGUAGES) for status, letter in reasons().items()}
    return Template(text.removeprefix("\n")).substitute(
        texts=",\n".join(f"  {name} = c({_quoted(columns)})" for name, columns in texts.items()),
        booleans=_quoted(sorted(yes_no)),
        gaps_r=", ".join(f'{letter} = "{label}"' for letter, label in gaps.items()),
        gaps_stata=" ".join(f'.{letter} "{label}"' for letter, label in gaps.items()),
        checked=_texts()["scripts"]["checked"].strip("\n"),
    ) + ("" if text.endswith("\n") else "\n")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
