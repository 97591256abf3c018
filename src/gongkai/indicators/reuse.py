"""Texts of reports -> how much of each is found again in the year before, and in other authorities' reports; the places side by side.

A sentence is compared by its 5-grams, the runs of five characters without punctuation and white space, exactly and not by sampling. The
words of the official form are left out, and so are, between authorities, the formulas that many of them write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gongkai.core.data import packaged
from gongkai.core.errors import UsageError, refuse_language
from gongkai.forms import editions, load_form

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from scipy import sparse

LENGTH = 5
# A sentence with fewer 5-grams, of under ten characters, is alike by chance or by office style.
FEWEST = 6
# So much of a sentence's 5-grams must be found: a changed year or number of one digit in a sentence of thirty characters leaves .8.
LEAST = 0.8
# A sentence is a formula if each of its 5-grams stands in at least a tenth of the authorities' reports of the year, and in five.
COMMON, COMMON_FEWEST = 0.1, 5
# The sentences are compared with the reports that share most 5-grams; the one that shares most sentences is among the first of them.
_NEAREST, _BLOCK = 5, 256
_END = re.compile(r"[。！？；!?;\n]+")
_NO_LETTER = re.compile(r"[\W_]+")
COLUMNS = ("report_id", "division_code", "year", "sentences", "formula", "before_id", "before", "before_share", "other_id", "other",
           "other_share")  # fmt: skip


@dataclass(frozen=True)
class _Text:
    """The sentences of a report: as they stand, where, and the 5-grams of one after the other with where each sentence's begin."""

    sentences: tuple[str, ...]
    places: tuple[str, ...]
    grams: np.ndarray
    starts: np.ndarray

    def of(self, n: int) -> np.ndarray:
        """Return the 5-grams of one sentence, in order."""
        return self.grams[self.starts[n] : self.starts[n + 1] if n + 1 < len(self.starts) else None]

    @property
    def distinct(self) -> np.ndarray:
        """The 5-grams of the whole text, each once, in order."""
        import numpy as np

        return np.unique(self.grams)

    def held_in(self, grams: np.ndarray) -> np.ndarray:
        """Return for each sentence the share of its 5-grams that are among others, which are in order."""
        import numpy as np

        sizes = np.diff(self.starts, append=len(self.grams))
        found: np.ndarray = np.add.reduceat(_is_in(self.grams, grams).astype(np.int64), self.starts) / sizes
        return found


def copied_text(sections: pd.DataFrame, reports: pd.DataFrame, *, least: float = LEAST) -> pd.DataFrame:
    """Say of each report how many of its sentences are found again: in its own of the year before, and in one of another authority.

    Parameters
    ----------
    sections, reports : DataFrame
        ``corpus.sections`` and ``corpus.reports``, or some of their rows. Reports without a year are left out.
    least : float
        The share of a sentence's 5-grams that must be found, over 0 and at most 1.

    Returns
    -------
    DataFrame
        One row for each report with text: ``report_id``, ``division_code``, ``year``; ``sentences``, those of at least ten characters that
        are not the form's own words; ``formula``, how many of them each of whose 5-grams stands in a tenth of that year's reports;
        ``before_id``, ``before``, ``before_share``: the authority's report of the year before, how many sentences are found there (formulas
        too), and that share; ``other_id``, ``other``, ``other_share``: the report of another authority, of this year or the one before,
        in which most are found, without formulas. NA where there is no report to compare with, or no sentence.

    Raises
    ------
    UsageError
        If ``least`` is no such share.

    Notes
    -----
    The containment of a set of n-grams in another is Broder's (1997, On the resemblance and containment of documents). Memory grows with
    the reports of two years. ``attrs["caution_zh"]`` and ``attrs["caution"]`` say what must not be concluded.

    Examples
    --------
    >>> import pandas as pd
    >>> said = ["本机关全年举办政策解读培训十二场，参加人员三百余人。", "我县全年组织信息公开专题讲座两次，覆盖所有乡镇。"]
    >>> sections = pd.DataFrame({"report_id": ["ra", "rb", "rb"], "text": [said[0], *said], "where": "line 1"})
    >>> reports = pd.DataFrame({"report_id": ["ra", "rb"], "year": [2021, 2022], "division_code": "140430", "body": "government"})
    >>> copied_text(sections, reports)[["year", "sentences", "before", "before_share"]].values.tolist()
    [[2021, 1, <NA>, <NA>], [2022, 2, 1, 0.5]]
    """
    import pandas as pd

    _refuse_share(least)
    known = reports[reports["year"].notna()].drop_duplicates("report_id").set_index("report_id")
    rows = [row for year, here, before in _by_year(sections, known) for row in _of_year(year, known, here, before, least)]
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    counts, shares = ["year", "sentences", "formula", "before", "other"], ["before_share", "other_share"]
    made = made.astype({**dict.fromkeys(counts, "Int64"), **dict.fromkeys(shares, "Float64")})
    caution = packaged("gongkai.indicators", "reuse.toml")["caution"]
    made.attrs = {"caution_zh": caution["zh"], "caution": caution["en"]}
    return made


def copied_codebook(language: str = "zh") -> pd.Series[str]:
    """Return what the columns of :func:`copied_text` mean.

    Examples
    --------
    >>> copied_codebook("en")["other_id"]
    'that report'
    """
    import pandas as pd

    refuse_language(language)
    return pd.Series({column: words[language] for column, words in packaged("gongkai.indicators", "reuse.toml")["columns"].items()})


def copied_places(sections: pd.DataFrame, report_id: str, other_id: str, *, least: float = LEAST) -> pd.DataFrame:
    """Show the sentences of one report that are found again in another, side by side.

    Parameters
    ----------
    sections : DataFrame
        ``corpus.sections``.
    report_id, other_id : str
        The two reports.
    least : float
        As in :func:`copied_text`.

    Returns
    -------
    DataFrame
        One row for each such sentence: ``sentence``, ``where``, the likest of the other report, ``found``, with ``found_where``, and
        ``share``, how much of the sentence's 5-grams the other report holds.

    Raises
    ------
    UsageError
        If one of them has no text there, or ``least`` is no share.

    Examples
    --------
    >>> import pandas as pd
    >>> said = "本机关全年举办政策解读培训十二场，参加人员三百余人。"
    >>> sections = pd.DataFrame({"report_id": ["ra", "rb"], "text": [said, "今年：" + said], "where": ["line 1", "line 7"]})
    >>> copied_places(sections, "ra", "rb")[["found", "found_where", "share"]].values.tolist()
    [['今年：本机关全年举办政策解读培训十二场，参加人员三百余人', 'line 7', 1.0]]
    """
    import numpy as np
    import pandas as pd

    _refuse_share(least)
    texts = _texts(sections[sections["report_id"].isin([report_id, other_id])])
    for one in (report_id, other_id):
        if one not in texts:
            raise UsageError.of("indicators.no_text", one)
    own, other = texts[report_id], texts[other_id]
    rows = []
    shares = own.held_in(other.distinct)
    for n in np.flatnonzero(shares >= least).tolist():
        likest = max(range(len(other.sentences)), key=lambda m: _is_in(own.of(n), other.of(m)).sum())
        rows.append((own.sentences[n], own.places[n], other.sentences[likest], other.places[likest], float(shares[n])))
    return pd.DataFrame(rows, columns=["sentence", "where", "found", "found_where", "share"])


def _refuse_share(least: float) -> None:
    if not 0 < least <= 1:
        raise UsageError.of("indicators.least", "least", least=least)


def _authority(reports: pd.DataFrame) -> pd.Series[Any]:
    """Return by report whose it is: a government's by its division (or unit), else by its name; one that nobody knows is its own."""
    place = reports["unit_id"] if "unit_id" in reports else reports["division_code"]
    place = place.fillna(reports["division_code"])
    known = place.astype("str") + "/" + reports["body"].astype("str")
    named = reports["authority"].fillna("") if "authority" in reports else ""
    known = known.where(reports["body"] == "government", known + "/" + named)
    return known.where(place.notna(), reports.index.to_series())


def _texts(sections: pd.DataFrame) -> dict[str, _Text]:
    """Cut each report's text into sentences that are long enough, without the form's own words."""
    import numpy as np

    texts = {}
    for report_id, told in sections.groupby("report_id", sort=False):
        said = [(s.strip(), where) for text, where in zip(told["text"], told["where"], strict=True) for s in _END.split(str(text))]
        found = [(s, where, own) for s, where in said if len(own := _new_grams(s)) >= FEWEST]
        if found:
            grams = [own for *_, own in found]
            starts = np.cumsum([0, *map(len, grams[:-1])])
            texts[str(report_id)] = _Text(tuple(s for s, *_ in found), tuple(where for _, where, _ in found), np.concatenate(grams), starts)
    return texts


def _new_grams(sentence: str) -> np.ndarray:
    import numpy as np

    grams = np.unique(_grams(sentence))
    new: np.ndarray = grams[~_is_in(grams, _of_forms())]
    return new


def _is_in(grams: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mark the 5-grams that are among others, which are in order."""
    import numpy as np

    if not len(known):
        return np.zeros(len(grams), bool)
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    found: np.ndarray = known[places] == grams
    return found


def _grams(text: str) -> np.ndarray:
    """Return the 5-grams of a text as numbers of 64 bits: two that differ have one number once in 10^19."""
    import numpy as np

    letters = _NO_LETTER.sub("", unicodedata.normalize("NFKC", text))
    points = np.frombuffer(letters.encode("utf-32-le"), "<u4").astype(np.uint64)
    if len(points) < LENGTH:
        return np.empty(0, np.uint64)
    mixed = np.zeros(len(points) - LENGTH + 1, np.uint64)
    for n in range(LENGTH):
        mixed = (mixed ^ points[n : n + len(mixed)]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


@cache
def _of_forms() -> np.ndarray:
    """Return the 5-grams of the official labels, headings and titles of all editions."""
    import numpy as np

    words = {word for code in editions() for word in _words(load_form(code))}
    return np.unique(np.concatenate([_grams(word) for word in sorted(words)]))


def _words(form: Any) -> Iterator[str]:
    yield from (heading for number, headings in form.sections for heading in (number, *headings))
    for table in form.tables.values():
        yield from (table.zh, *table.headings, *table.ignored)
        yield from (name.zh for names in (table.items, table.measures) for name in names.values())


def _by_year(sections: pd.DataFrame, reports: pd.DataFrame) -> Iterator[tuple[int, dict[str, _Text], dict[str, _Text]]]:
    """Yield each year with the texts of its reports and of those of the year before; no more are held at a time."""
    before: tuple[int, dict[str, _Text]] = (0, {})
    for year in sorted({int(year) for year in reports["year"]}):
        here = _texts(sections[sections["report_id"].isin(reports.index[reports["year"] == year])])
        yield year, here, before[1] if before[0] == year - 1 else {}
        before = year, here


def _of_year(
    year: int, reports: pd.DataFrame, here: Mapping[str, _Text], before: Mapping[str, _Text], least: float
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Compare the reports of one year with those of the year before and with each other."""
    import numpy as np

    if not here:
        return
    texts = {**before, **here}
    names, owners = [*here, *before], _authority(reports.loc[[*here, *before]]).to_numpy()
    counts, vocabulary = _matrix([texts[name] for name in names])
    is_common = _is_common(counts[: len(here)], len({*owners[: len(here)]}))
    nearest = _nearest(counts[:, ~is_common], len(here), owners)
    for n, ((name, text), near) in enumerate(zip(here.items(), nearest, strict=True)):
        is_formula, is_own = text.held_in(vocabulary[is_common]) >= 1, owners == owners[n]
        last = [m for m in range(len(here), len(names)) if is_own[m]]
        yield (
            name, reports.at[name, "division_code"], year, len(text.sentences), int(is_formula.sum()),
            *_best(text, {names[m]: texts[names[m]] for m in last}, np.zeros_like(is_formula), least),
            *(_best(text, {names[m]: texts[names[m]] for m in near}, is_formula, least) if near or is_own.all() else (None, 0, 0.0)),
        )  # fmt: skip


def _matrix(texts: Sequence[_Text]) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Return which report holds which 5-gram, of those that several hold, and these 5-grams in order."""
    import numpy as np
    from scipy import sparse

    known = np.concatenate([text.distinct for text in texts])
    known.sort()
    shared = np.unique(known[1:][known[1:] == known[:-1]])
    del known  # a country's two years are 200 MB
    held = [np.searchsorted(shared, own[_is_in(own, shared)]).astype(np.int32) for own in (text.distinct for text in texts)]
    ends = np.cumsum([0, *map(len, held)])
    return sparse.csr_matrix((np.ones(ends[-1], np.int8), np.concatenate(held), ends), (len(texts), len(shared))), shared


def _is_common(counts: sparse.csr_matrix, authorities: int) -> np.ndarray:
    """Mark the 5-grams that many authorities write in one year."""
    import numpy as np

    found: np.ndarray = np.asarray(counts.sum(axis=0, dtype=np.int64)).ravel() >= max(COMMON_FEWEST, COMMON * authorities)
    return found


def _nearest(counts: sparse.csr_matrix, n: int, owners: np.ndarray) -> Iterator[list[int]]:
    """Yield for each of the first n reports those of others that share most 5-grams with it, a block of reports at a time."""
    import numpy as np

    turned = counts.T.tocsr()
    for start in range(0, n, _BLOCK):
        shared = (counts[start : min(start + _BLOCK, n)].astype(np.int32) @ turned).toarray()
        for row, own in zip(shared, owners[start:], strict=False):
            row[owners == own] = 0
            most = np.argpartition(-row, min(_NEAREST, len(row) - 1))[:_NEAREST]
            yield [int(m) for m in most[np.argsort(-row[most], kind="stable")] if row[m]]


def _best(
    text: _Text, others: Mapping[str, _Text], left_out: np.ndarray, least: float
) -> tuple[str | None, int | None, float | None]:  # fmt: skip
    """Return the report in which most sentences are found, how many, and their share of all; nothing if there is none."""
    found = {name: text.held_in(other.distinct) >= least for name, other in others.items()}
    counts = {name: int((is_found & ~left_out).sum()) for name, is_found in found.items()}
    if not counts:
        return None, None, None
    name = max(counts, key=lambda one: (counts[one], one))
    return name, counts[name], counts[name] / len(text.sentences)
