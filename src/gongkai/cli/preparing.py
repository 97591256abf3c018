"""The commands on the road from a folder to a panel: the manifest, the places, the doubtful cells."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.core.errors import NoDocuments, UsageError
from gongkai.core.files import refuse_unwritable, scratch_folder, write
from gongkai.core.messages import both, say, tell

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.corpus import Corpus
    from gongkai.corpus.redraft import Redrafted
    from gongkai.places import Division

OK = 0
_FEW, _MOST_TOLD = 3, 20
_WIDTHS = {"path": 36, "cell": 40, "name": 44, "printed": 48, "candidates": 28, "breaks": 48, "findings": 60, "reason": 40,
           "place": 28, "authority": 28, "documents": 44, "may_be": 44}  # fmt: skip
# States of a roster that somebody should see to.
_WRONG = ("missing", "late", "unreadable", "unclear")


def manifest(chosen: argparse.Namespace) -> int:
    """Draft the manifest of a folder, or bring it up to date, and say what is left to be decided."""
    from gongkai.corpus.manifest import known, manifest_of
    from gongkai.corpus.redraft import read_words, redraft, write_to

    folder = Path(chosen.folder)
    known(folder)
    here = manifest_of(folder)
    target = Path(chosen.out) if chosen.out else here
    refuse_unwritable(target, option="-o")
    _refuse_overwriting(target, here, chosen.sheet)
    before, sheets = read_words(here), [read_words(_there(sheet)) for sheet in chosen.sheet]
    with _read(folder, chosen) as (corpus, root):
        facts = {path.removeprefix(root): row for path, row in _facts(corpus).items() if path.startswith(root)}
    made = redraft(folder, facts, before, sheets)
    content = write_to(target, made)
    is_same = target.is_file() and target.read_bytes() == content
    if not is_same:
        write(target, content)
    _tell_manifest(made, target, folder, is_same, chosen.lang)
    return OK


def places(chosen: argparse.Namespace) -> int:
    """Show the divisions that a name or a code stands for."""
    from gongkai.places import codes_of, look_up, name_of

    said, language = "".join(chosen.name), chosen.lang
    codes = look_up(said)
    if not codes:
        tell(say("places.none", language, name=said))
        return 1
    if not (codes_of(said) or said.isdigit() or any(said in (name_of(code) or "") for code in codes)):
        tell(say("places.near", language, name=said))
    for code in codes:
        tell("\n".join(_place_lines(code, language)))
    return OK


def _place_lines(code: str, language: str) -> Iterator[str]:
    """Say of one division its code, whole name, level and years; its former codes and names; what changed it."""
    from gongkai.places import divisions, full_name, level_of
    from gongkai.places.table import changes, unit_codes, unit_id

    held = [d for c in unit_codes(unit_id(code)) for d in divisions() if d.code == c]
    own = [d for d in held if d.code == code]
    name = full_name(code)
    yield say("places.one", language, code=code, name=name, level=say(f"places.{level_of(code)}", language), span=_span(own[-1:], language))
    for division in held:
        if division is not own[-1]:
            yield say("places.other", language, code=division.code, name=division.name, span=_span([division], language))
    for change in changes():
        if {*change.old, *change.new} & {*unit_codes(unit_id(code))}:
            old, new = (" ".join(f"{c} {_name_then(c, year)}" for c in codes) or "—" for codes, year in (
                (change.old, change.year - 1), (change.new, change.year)))  # fmt: skip
            yield say("places.change", language, year=change.year, kind=say(f"places.{change.kind}", language), old=old, new=new)
    if unit_id(code) != code:
        yield say("places.unit", language, unit=unit_id(code))


def _name_then(code: str, year: int) -> str:
    from gongkai.places import name_of

    return name_of(code, year) or ""


def _span(divisions: Sequence[Division], language: str) -> str:
    from gongkai.places.table import FIRST, OPEN

    told = ""
    for division in divisions:
        told += say("places.since", language, first=division.first_year) if division.first_year > FIRST else ""
        told += say("places.until", language, last=division.last_year) if division.last_year < OPEN else ""
    return told


def _there(sheet: str) -> Path:
    if not Path(sheet).is_file():
        raise UsageError.of("manifest.no_sheet", sheet)
    return Path(sheet)


def _refuse_overwriting(target: Path, here: Path, filled: Sequence[str]) -> None:
    """Refuse to write over another file than the folder's own manifest: somebody's words may stand in it."""
    if target.exists() and not (here.exists() and target.samefile(here)) and not any(target.samefile(_there(sheet)) for sheet in filled):
        raise UsageError.of("manifest.target", target)


@contextmanager
def _read(folder: Path, chosen: argparse.Namespace) -> Iterator[tuple[Corpus, str]]:
    """Read a folder into the corpus that is kept of it, or, where that is of other folders, into another; and what paths begin with."""
    from gongkai.corpus import Corpus
    from gongkai.corpus.build import build
    from gongkai.corpus.outputs import hindrance, sources_of

    kept, here = Path(chosen.corpus), folder.resolve()
    sources = sources_of(kept) if kept.is_dir() else []
    with scratch_folder() as scratch:
        several = here in sources and len(sources) > 1
        is_ours = hindrance(kept, "corpus", [*sources] if several else [folder]) is None
        folders = [*sources] if several and is_ours else [folder]
        built = build(folders, kept if is_ours else scratch, curation=_curation(kept), jobs=chosen.jobs, language=chosen.lang)
        yield Corpus(built.folder), f"{here.name}/" if len(folders) > 1 else ""


def _curation(kept: Path) -> Path | None:
    """Return the folder of the corrections that a corpus was built with, where there are any."""
    import json

    from gongkai.corpus.outputs import CORPUS
    from gongkai.extract.corrections import CORRECTIONS

    record = kept / CORPUS
    if not record.is_file():
        return None
    curated = kept / str(json.loads(record.read_text(encoding="utf-8")).get("curation"))
    return curated if (curated / CORRECTIONS).is_file() else None


def _facts(corpus: Corpus) -> Mapping[str, dict[str, str]]:
    from gongkai.corpus.draft import facts

    return facts(corpus)


def _tell_manifest(made: Redrafted, target: Path, folder: Path, is_same: bool, language: str) -> None:
    """Say what became of a manifest, what is left to be decided with a few examples, and what to do next."""
    from gongkai.places import name_of

    n = {state: len(made.paths(state)) for state in ("new", "gone", "moved", "unreadable")}
    tell(say("manifest.written", language, path=target, n=len(made.rows) - n["gone"], **n))
    if is_same:
        tell(say("manifest.unchanged", language, path=target))
    for path, column, was, now in made.changed[:_MOST_TOLD]:
        tell(say("manifest.altered", language, path=path, column=column, was=was, now=now))
    if n["gone"]:
        tell(say("manifest.gone", language, paths=_several(made.paths("gone"), language), n=n["gone"]))
    for row in made.rows:
        code = row["division_code"][:6]
        if code.isdigit() and name_of(code) is None:
            tell(say("manifest.unknown_code", language, path=row["path"], code=row["division_code"]))
    _tell_undecided(made, language)
    key = "next" if target.parent.resolve() == folder.resolve() and target.stem == "manifest" else "sheet_next"
    tell(say(f"manifest.{key}", language, path=shlex.quote(str(target)), folder=shlex.quote(str(folder))))


def _tell_undecided(made: Redrafted, language: str) -> None:
    undecided = made.undecided()
    tell(say("manifest.decide" if undecided else "manifest.nothing", language))
    for column, rows in undecided.items():
        tell(say("manifest.column", language, column=column, meaning=say(f"manifest.{column}", language), n=len(rows)))
        for row in sorted(rows, key=lambda row: not row["read_candidates"])[:_FEW]:
            tell(say("manifest.candidates", language, path=row["path"], what=_clue(column, row, language)))


def _clue(column: str, row: Mapping[str, str], language: str) -> str:
    """Say what is known of what a person must decide."""
    said = row["read_authority"] or row["read_title"]
    if column == "use":
        return say("manifest.rivals", language, others=row["same_as"])
    if column == "division_code" and row["read_candidates"]:
        candidates = row["read_candidates"].split("; ")
        return say("manifest.maybe", language, said=said or "—", candidates=_several(candidates, language))
    if column == "year" and row["path_year"]:
        return say("manifest.maybe", language, said="—", candidates=f"{row['path_year']} (path)")
    return f"“{said}”" if said else say("manifest.untold", language)


def _several(texts: Sequence[str], language: str) -> str:
    """List texts, of many the first few and how many there are."""
    shown = say("explain.comma", language).join(list(texts)[:_FEW])
    return shown + (say("explain.more", language, n=len(texts)) if len(texts) > _FEW else "")


def worklist(chosen: argparse.Namespace) -> int:
    """Write the doubtful cells for a person to decide, or take the decisions back."""
    corpus, language = _open(chosen.corpus), chosen.lang
    if chosen.sheet is not None:
        return _take_back(corpus, chosen)
    out = refuse_unwritable(chosen.out or "doubts.xlsx", option="-o")
    if out.exists() or out.suffix.lower() != ".xlsx":
        raise UsageError.of("worklist.target", out)
    found = corpus.worklist(language)
    if found.empty:
        tell(say("worklist.none", language))
        return OK
    write(out, _work_book(found))
    tell(say("worklist.written", language, path=out, n=len(found), reports=found["report_id"].nunique()))
    for row in found.head(_FEW).itertuples():
        tell(say("worklist.first", language, path=row.path, name=row.name, candidates=row.candidates or "—"))
    tell(say("worklist.next", language, corpus=shlex.quote(chosen.corpus), path=shlex.quote(str(out))))
    return OK


def roster(chosen: argparse.Namespace) -> int:
    """Say of a list of who should have published what is there on a day, and save it as a table."""
    from gongkai.corpus.roster import undetermined

    out = Path(chosen.out) if chosen.out else None
    if out is not None:
        refuse_unwritable(out, option="-o")
        if out.exists() or out.suffix.lower() not in (".xlsx", ".csv"):
            raise UsageError.of("roster.target", out)
    corpus, language = _open(chosen.corpus), chosen.lang
    years = range(chosen.years[0], chosen.years[1] + 1) if chosen.years else ()
    on = chosen.on or date.today().isoformat()
    found = corpus.roster(chosen.frame, on, years)
    _tell_roster(found, on, language)
    if loose := undetermined(corpus):
        tell(say("roster.loose", language, n=loose))
    tell(say("roster.caution", language))
    if out is not None:
        _save_roster(found, out)
        tell(say("cli.saved", language, path=out))
    return int(found["state"].isin(_WRONG).any())


def _tell_roster(found: pd.DataFrame, on: str, language: str) -> None:
    """Say how many reports there are of each state, and name the first of each that are not in time."""
    from gongkai.corpus.held import records
    from gongkai.corpus.roster import STATES

    rows = records(found)
    by_state = {state: [row for row in rows if row["state"] == state] for state in STATES}
    counts = [say("roster.count", language, state=say(f"roster.{s}", language), n=len(own)) for s, own in by_state.items() if own]
    replaced = sum(row["replaced_on"] is not None for row in rows)
    tell(say("roster.counted", language, on=on, n=len(rows), counts=say("explain.comma", language).join(counts), replaced=replaced))
    for state in _WRONG:
        for row in by_state[state][:_MOST_TOLD]:
            days = say("roster.days", language, n=row["days_late"]) if row["days_late"] else ""
            more = say("roster.more", language, paths=row["may_be"] or row["documents"]) if row["may_be"] or row["documents"] else ""
            told = {name: row[name] or "" for name in ("place", "authority", "year")}
            tell(say("roster.line", language, state=say(f"roster.{state}", language), days=days, more=more, **told))
        if len(by_state[state]) > _MOST_TOLD:
            tell(say("roster.rest", language, n=len(by_state[state]) - _MOST_TOLD))


def _save_roster(found: pd.DataFrame, out: Path) -> None:
    from gongkai.corpus.export import write_frame
    from gongkai.corpus.held import records
    from gongkai.corpus.redraft import book
    from gongkai.corpus.roster import SHEET, columns

    if out.suffix.lower() == ".csv":
        write_frame(found, out)
    else:
        write(out, book(SHEET, list(columns()), records(found), columns(), lambda _: False, _WIDTHS))


def _take_back(corpus: Corpus, chosen: argparse.Namespace) -> int:
    """Turn the decisions of a sheet into corrections, and say how many there are and what to do next."""
    from gongkai.corpus.worklist import take_back

    folder = Path(chosen.curation) if chosen.curation else corpus.curation
    refuse_unwritable(folder, is_folder=True, option="--curation")
    done, content = take_back(corpus, _there(chosen.sheet), folder)
    language = chosen.lang
    if done.new or done.changed:
        write(done.path, content)
    tell(say("worklist.taken", language, path=done.path, new=done.new, same=done.same, changed=len(done.changed), open=done.open))
    for cell, was, now in done.changed[:_MOST_TOLD]:
        tell(say("worklist.changed", language, cell=cell, was=was, now=now))
    if done.new or done.changed:
        tell(say("worklist.build", language))
    return OK


def _work_book(found: pd.DataFrame) -> bytes:
    from gongkai.core.data import packaged
    from gongkai.corpus.redraft import book
    from gongkai.corpus.worklist import SHEET, columns

    meanings = {n: m for part in ("drafted", "person") for n, m in packaged("gongkai.corpus", "worklist.toml")[part].items()}
    rows = [{name: _sheet_text(value) for name, value in row.items()} for row in found.to_dict("records")]
    texts: list[dict[str, str]] = [{str(name): text for name, text in row.items()} for row in rows]
    return book(SHEET, list(meanings), texts, meanings, lambda name: name in columns("person"), _WIDTHS)


def _sheet_text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else "" if value is None else str(value)


def _open(path: str) -> Corpus:
    """Open the corpus whose doubtful cells are asked for."""
    from gongkai.corpus import read_corpus

    try:
        return read_corpus(path)
    except NoDocuments as error:
        raise error.advised(both("advice.worklist", out=shlex.quote("data/tidy"))) from error
