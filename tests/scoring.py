"""Documents whose figures a person read, and how many of their cells a reading has right: three sets of cases, each scored by itself.

reports     ``../shared/reports``, scored by ``../shared/score.py``: the published documents
awkward     ``../shared/awkward``, scored by ``../shared/score_awkward.py``: one awkward thing each, so one outcome each
converted   ``tests/converted``, the project's own: figures of published reports, set again by programs that are not the package

right, flagged, missed and wrong mean what ``../shared/score.py`` says. A document that is refused has missed all that it prints.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import gongkai

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CONVERTED = ROOT / "tests" / "converted"
SHIPPED = "converted"
OUTCOMES = ("right", "flagged", "missed", "wrong")
_SAID = ("uncertain", "unreadable")


@dataclass(frozen=True)
class Score:
    """How many cells (and other facts) of a document came out how, and what is not right."""

    right: int = 0
    flagged: int = 0
    missed: int = 0
    wrong: int = 0
    faults: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return ", ".join(f"{name} {getattr(self, name)}" for name in OUTCOMES)


@dataclass(frozen=True)
class Case:
    """A document with its truth; ``digest`` changes when either does, and then it is another case."""

    name: str
    digest: str
    score: Callable[[], Score]


def cases() -> dict[str, Case]:
    """Return every case that is here, by its name: the set and the name within it."""
    found = [*_converted(), *(_reports() if (SHARED / "score.py").exists() else ())]
    found += _awkward() if (SHARED / "score_awkward.py").exists() else ()
    return {case.name: case for case in sorted(found, key=lambda case: case.name)}


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


@cache
def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"shared_{name}", SHARED / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _reports() -> Iterator[Case]:
    for truth in sorted((SHARED / "reports").rglob("truth.json")):
        document = next(path for path in sorted(truth.parent.iterdir()) if path.stem == "report")
        yield Case(f"reports/{truth.parent.name}", _digest(document.read_bytes(), truth.read_bytes()), partial(_score_report, truth))


def _score_report(truth: Path) -> Score:
    module = _module("score")
    try:
        tally, _ = module.score(truth.parent)
    except gongkai.ReportError as error:
        return Score(missed=_printed(module, json.loads(truth.read_text(encoding="utf-8"))), faults=(f"refused: {error}",))
    return Score(**tally, faults=tuple(line.strip() for line in tally.faults))


def _printed(module: ModuleType, truth: dict[str, Any]) -> int:
    """Count what there is to score in a document, by scoring a reading of nothing."""
    import pandas as pd

    nothing, tally = pd.DataFrame(columns=["table", "item", "measure", "label", "value", "unit", "status"]), module.Tally()
    module.score_tables(truth, nothing, tally)
    module.score_statistics(truth, nothing, tally)
    module.score_prose(truth, SimpleNamespace(figures=nothing), tally)
    return sum(tally.values())


def _awkward() -> Iterator[Case]:
    table = json.loads((SHARED / "awkward" / "cases.json").read_text(encoding="utf-8"))
    for case in table["cases"]:
        path = SHARED / "awkward" / case["file"]
        known = json.dumps([case, table["truth"]], ensure_ascii=False, sort_keys=True).encode()
        yield Case(f"awkward/{case['file']}", _digest(path.read_bytes(), known), partial(_score_awkward, case, table["truth"], path))


def _score_awkward(case: dict[str, Any], truth: dict[str, float], path: Path) -> Score:
    outcome, said = _module("score_awkward").outcome(case, truth, path)
    return Score(**{outcome: 1}, faults=() if outcome == "right" else (f"{outcome}: {case['what']} [{said}]",))


def _converted() -> Iterator[Case]:
    for path in sorted((CONVERTED / "documents").iterdir()):
        facts = (CONVERTED / "figures" / f"{path.name.split('.')[0]}.json").read_bytes()
        yield Case(f"{SHIPPED}/{path.name}", _digest(path.read_bytes(), facts), partial(_score_converted, path, json.loads(facts)))


def _score_converted(path: Path, facts: dict[str, Any]) -> Score:
    try:
        report = gongkai.read_report(path)
    except gongkai.ReportError as error:
        return Score(missed=len(_cells(facts)), faults=(f"refused: {error}",))
    said = [*_scored_cells(facts, report), *_scored_facts(facts, report)]
    counts = Counter(outcome for outcome, _ in said)
    return Score(**{name: counts[name] for name in OUTCOMES}, faults=tuple(f"{o}: {what}" for o, what in said if o in ("missed", "wrong")))


Key = tuple[str, ...]
Truth = tuple[float | None, str]  # the value, and the status where there is none


def _cells(facts: dict[str, Any]) -> dict[Key, Truth]:
    """Return every printed cell: by table, item and measure, or by label and column in a list."""
    if facts["form"] == "statistics":
        return {
            ("statistics", label, measure): (float(value), "printed")
            for label, _, *values in facts["indicators"]
            for measure, value in zip(("year", "cumulative"), values, strict=True)
        }
    columns = _columns(facts["form"])
    printed = {
        (*row.split("/"), measure): text
        for row, texts in facts["rows"].items()
        if "#" not in row
        for measure, text in zip(columns[row.split("/")[0], row.split("/")[1]], texts, strict=True)
    }
    values = facts.get("values", {})
    return {key: (values["/".join(key)], "printed") if "/".join(key) in values else _meant(text) for key, text in printed.items()}


def _meant(text: str) -> Truth:
    if text.lstrip("+-").replace(".", "", 1).isdigit():
        return float(text), "printed"
    return None, "mark" if text else "blank"


@cache
def _columns(form: str) -> dict[tuple[str, str], list[str]]:
    labels = tomllib.loads((CONVERTED / "form.toml").read_text(encoding="utf-8"))
    own = {("disclosure", item): list(group["columns"]) for group in labels[form]["disclosure"] for item in group["rows"]}
    own |= {("applications", item): list(labels["applications"]["columns"]) for item, *_ in labels["applications"]["rows"]}
    return own | {("review", item): list(labels["review"]["columns"]) for item in labels["review"]["rows"]}


def _scored_cells(facts: dict[str, Any], report: gongkai.Report) -> Iterator[tuple[str, str]]:
    """Yield the outcome of every printed cell, and of every other that was given a value."""
    listed = facts["form"] == "statistics"
    read: dict[Key, Truth] = {}
    for cell in report.cells.astype(object).where(report.cells.notna(), None).itertuples():
        read[(cell.table, "".join(str(cell.label).split()) if listed else cell.item, cell.measure)] = (cell.value, cell.status)
    wanted = _cells(facts)
    for key, (value, status) in wanted.items():
        got, why = read.get(key, (None, "absent"))
        yield _outcome(value, status, got, why), f"{'/'.join(key)} printed {value} ({status}), read {got} ({why})"
    for key in read.keys() - wanted.keys():
        if read[key][0] is not None:
            yield "wrong", f"{'/'.join(key)} is not printed, read {read[key][0]}"


def _outcome(value: float | None, status: str, got: float | None, why: str) -> str:
    if got is not None:
        return "right" if value is not None and abs(got - value) < 1e-6 * max(1, abs(value)) else "wrong"
    if value is None:
        return "right" if why == status else "missed"
    return "flagged" if why in _SAID else "missed"


def _scored_facts(facts: dict[str, Any], report: gongkai.Report) -> Iterator[tuple[str, str]]:
    """Yield the outcome of what else is printed: form, year, title, authority, date, headings, the number in the prose, broken sums."""
    for name in ("form", "year", "title", "authority", "published"):
        wanted, got = ("".join(str(v or "").split()) for v in (facts[name], getattr(report, name)))
        if wanted:
            yield "right" if got == wanted else "wrong" if got else "missed", f"{name} printed {wanted}, read {got}"
    if "prose" in facts:
        value, unit = facts["prose"]
        found = (float(value), unit) in {(float(f.value), f.unit) for f in report.figures.dropna(subset="value").itertuples()}
        yield "right" if found else "missed", f"prose {value} {unit}"
    yield from _scored_findings({tuple(found) for found in facts.get("broken", ())}, report)


def _scored_findings(broken: Iterable[tuple[str | None, ...]], report: gongkai.Report) -> Iterator[tuple[str, str]]:
    """Yield whether each sum that is broken in print was found, and every error that is none."""
    errors = report.findings[report.findings["level"] == "error"][["code", "item", "measure"]].astype(object)
    found = set(errors.where(errors.notna(), None).itertuples(index=False, name=None))
    yield from (("right" if known in found else "missed", f"broken {known}") for known in broken)
    yield from (("wrong", f"nothing is broken, found {other}") for other in found - set(broken))
