"""From a seed and a county's number to its invented years, each consistent in itself and with the year before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.data import packaged
from gongkai.core.model import Form
from gongkai.forms import editions, load_form, one_of_each
from gongkai.synthetic.writers import list_form

if TYPE_CHECKING:
    import numpy as np

Values = Mapping[str, float]


@cache
def settings() -> Mapping[str, Any]:
    """Return what the simulated province is made of."""
    return packaged(__package__, "province.toml")


def edition(year: int) -> Form | None:
    """Return the form that authorities use for a year, one of each alternative row; None before the first.

    Examples
    --------
    >>> [form and form.code for form in map(edition, (2013, 2018, 2020, 2024))]
    [None, 'statistics', '2019', '2021']
    """
    forms = (list_form() if code == "statistics" else load_form(code) for code in editions())
    found = next((form for form in forms if form.tables and form.first_year <= year <= form.last_year), None)
    return found and one_of_each(found, lambda table, item: False)


@dataclass(frozen=True, slots=True)
class Year:
    """One year of one county: the cells of the edition, and the rows of the list (label, unit, year, cumulative) where it is one."""

    year: int
    form: Form
    values: Values
    listed: tuple[tuple[str, str, int, int], ...] = ()
    received: int = 0


@dataclass
class _County:
    """The parameters of one invented county, and what it carries over from year to year."""

    rng: np.random.Generator
    level: float
    growth: float
    taste: Mapping[str, float]
    carried: np.ndarray
    sizes: Mapping[str, float]
    stocks: dict[str, int]
    contention: float
    pending: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)


def history(seed: int, number: int, last: int) -> Iterator[Year]:
    """Yield the years of one county from the first edition on; a later ``last`` changes none of them, nor does another county.

    Examples
    --------
    >>> years = {year.year: year.values for year in history(1, 0, 2022)}
    >>> years[2021]["applications/carried_out/total"] == years[2022]["applications/carried_in/total"]
    True
    """
    county = _founded(seed, number)
    first = min(load_form(code).first_year for code in editions() if edition(load_form(code).first_year))
    for year in range(first, last + 1):
        form = edition(year)
        assert form is not None
        applications = _applications(county, form, year)
        cases = _review(county, year, applications)
        values = {**applications, **cases, **_disclosure(county)}
        received = _total(applications, "received")
        if any(form.fields):
            yield Year(year, form, {f.path: values[f.path] for f in form.fields}, received=received)
        else:
            yield Year(year, form, {}, _older_list(county, year, applications, cases), received)


def _founded(seed: int, number: int) -> _County:
    import numpy as np

    rng = np.random.default_rng([seed, number])
    known, things = settings()["applications"], settings()["disclosure"]
    taste = {item: float(rng.gamma(share * known["even"], 1)) for item, share in known["results"].items()}
    sizes = {name: float(rng.lognormal(0, thing.get("spread", 0))) for name, thing in things.items()}
    stocks = {name: round(thing.get("stock", 0) * sizes[name]) for name, thing in things.items()}
    level, growth = rng.normal(0, known["spread"]), rng.normal(known["growth"], known["growth_spread"])
    sizes["files"] = float(rng.lognormal(0, settings()["list"]["spread"]))
    contention = float(rng.normal(0, settings()["review"]["shocks"]["spread"]))
    return _County(rng, known["median"] * float(np.exp(level)), float(growth), taste, np.zeros(6, int), sizes, stocks, contention)


def _overdispersed_count(county: _County, mean: float) -> int:
    """Draw a count that varies more than chance alone: negative binomial."""
    size = settings()["applications"]["dispersion"]
    return int(county.rng.poisson(county.rng.gamma(size, mean / size))) if mean else 0


def _shared(county: _County, n: Any, weights: Sequence[float]) -> np.ndarray:
    """Part counts by weights."""
    import numpy as np

    given = np.asarray(weights, float)
    return county.rng.multinomial(n, given / given.sum())


def _applications(county: _County, form: Form, year: int) -> dict[str, float]:
    """Draw applications received, decided and carried over, for each kind of applicant, so that every sum holds."""
    import numpy as np

    known, mass = settings()["applications"], settings()["mass"]
    applicants = tuple(known["applicants"])
    burst = np.zeros(len(applicants), int)
    burst[applicants.index(mass["applicant"])] = (county.rng.random() < mass["share"]) * county.rng.integers(mass["least"], mass["most"])
    mean = county.level * float(np.exp(county.growth * (year - known["base_year"])))
    new = _shared(county, _overdispersed_count(county, mean), tuple(known["applicants"].values())) + burst
    coming = new + county.carried
    out = county.rng.binomial(coming - burst, known["carried"])
    items = _results(form) or tuple(known["results"])
    decided = _shared(county, coming - burst - out, [county.taste.get(i, 0) for i in items])
    decided += _shared(county, burst, [mass["results"].get(i, 0) for i in items])
    rows = {known["received"]: new, known["carried_in"]: county.carried, known["carried_out"]: out, known["processed"]: coming - out}
    rows |= dict(zip(items, decided.T, strict=True))
    county.carried = out
    columns = (*applicants, "total")
    return {f"applications/{i}/{w}": float(n) for i, row in rows.items() for w, n in zip(columns, (*row, row.sum()), strict=True)}


@cache
def _results_of(code: str) -> tuple[str, ...]:
    form = edition(load_form(code).first_year)
    sides = [i.left for i in form.identities if i.code == "results"] if form else []
    return tuple(f.item for f in sides[0]) if sides else ()


def _results(form: Form) -> tuple[str, ...]:
    """Return the rows that an edition adds up to the applications processed."""
    return _results_of(form.code)


def _total(applications: Values, role: str) -> int:
    return int(applications[f"applications/{settings()['applications'][role]}/total"])


def _review(county: _County, year: int, applications: Values) -> dict[str, float]:
    """Draw how many decisions are contested, and add the cases still pending from the year before; the rates change with the law."""
    known = settings()["review"]
    shocks = known["shocks"]
    fresh = county.rng.normal(0, shocks["spread"] * math.sqrt(1 - shocks["persistence"] ** 2))
    county.contention = shocks["persistence"] * county.contention + float(fresh)
    contentious = math.exp(county.contention - shocks["spread"] ** 2 / 2)
    outcomes = (*known["outcomes"], "total")
    cells: dict[str, float] = {}
    for item, rate in known["cases"].items():
        for since, factors in known["breaks"].items():
            rate *= factors.get(item, 1) if year >= int(since) else 1
        new = county.rng.poisson(rate * contentious * _total(applications, "processed"))
        parts = _shared(county, new + county.pending.get(item, 0), tuple(known["outcomes"].values()))
        county.pending[item] = int(parts[outcomes.index("pending")])
        cells |= {f"review/{item}/{m}": float(n) for m, n in zip(outcomes, (*parts, parts.sum()), strict=True)}
    return cells


def _disclosure(county: _County) -> dict[str, float]:
    """Draw the figures of section two: documents issued and repealed, items, decisions, money."""
    cells: dict[str, float] = {}
    for name, thing in settings()["disclosure"].items():
        size, before = county.sizes[name], county.stocks[name]
        found: dict[str, float] = {
            k: _overdispersed_count(county, thing.get(k, 0) * size) for k in ("added", "dropped", "decisions", "items")
        }
        found["dropped"] = min(found["dropped"], before)
        found["change"] = found["added"] - found["dropped"]
        county.stocks[name] = int(before + found["change"])
        found |= {"before": before, "stock": county.stocks[name]}
        found["yuan"] = round(thing.get("yuan", 0) * size * float(county.rng.lognormal(0, 0.3)), 2)
        cells |= {f"disclosure/{name}/{measure}": float(found[of]) for measure, of in settings()["disclosure_measures"].items()}
    return cells


def _older_list(county: _County, year: int, applications: Values, cases: Values) -> tuple[tuple[str, str, int, int], ...]:
    """Print the same year as the older list has it, with what all years since the list began add up to."""
    known = settings()["list"]
    files = _overdispersed_count(county, known["files"] * county.sizes["files"])
    received, processed = _total(applications, "received"), _total(applications, "processed")
    gazette = int(county.rng.binomial(files, known["gazette"]))
    found = {"files": files, "gazette": gazette, "website": files - gazette, "received": received, "processed": processed}
    for name, n, weights in (("channel", received, known["channels"]), ("reply", processed, known["replies"])):
        found |= {f"{name}{k}": int(part) for k, part in enumerate(_shared(county, n, weights))}
    found["reconsideration"] = int(cases["review/reconsideration/total"])
    found["litigation"] = sum(int(cases[f"review/{item}/total"]) for item in known["litigation"])
    before = county.sums or {name: n * (year - known["since"]) for name, n in found.items()}
    county.sums = {name: before[name] + n for name, n in found.items()}
    return tuple((label, unit, found[name], county.sums[name]) for label, unit, name in known["rows"])
