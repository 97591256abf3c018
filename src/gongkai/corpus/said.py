"""What a person writes into a manifest, in either language -> the codes that the program keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from gongkai.core.data import packaged
from gongkai.core.messages import LANGUAGES, Words, both, say
from gongkai.core.tables import UNNAMED
from gongkai.places import codes_of, full_name

KNOWN = {
    "division_code": r"\d{6}|\d{9}|\d{12}", "body": "government|department|street_or_town", "scope": "organ|government|area",
    "year": r"(?:19|20)\d\d", "use": "yes|no", "retrieved_at": r"\d{4}-\d\d-\d\d(?:[T ].*)?", "sha256": "[0-9a-f]{64}",
}  # fmt: skip
# Columns whose codes have words in the catalogue, under its area of that name.
_WORDED = ("body", "scope", "use")
_DAY = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?")
# How like a name that is ours another must be to be a slip of the pen: division-code and divison_code are, 备注 and county are not.
_ALIKE = 0.8


@cache
def columns(part: str) -> tuple[str, ...]:
    """Return the columns of a manifest: the ``person``'s, or the ``drafted`` ones, as ``draft.toml`` lists them."""
    return tuple(packaged(__package__, "draft.toml")[part])


def as_code(column: str, said: str) -> str:
    """Return the code that a person means; what cannot be told stays as it is.

    Examples
    --------
    >>> as_code("body", "部门"), as_code("use", "否"), as_code("division_code", "平潭"), as_code("division_code", "鼓楼区")
    ('department', 'no', '350128', '鼓楼区')
    >>> as_code("year", "2019年度"), as_code("retrieved_at", "2024/3/5")
    ('2019', '2024-03-05')
    """
    if column in _WORDED:
        return _words(column).get(said.lower(), said)
    if column == "division_code" and said and not said[0].isdigit():
        codes = codes_of(said)
        return codes[0] if len(codes) == 1 else said
    if column == "retrieved_at" and (day := _DAY.fullmatch(said)):
        return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
    return re.sub("年度?$", "", said) if column == "year" else said.lower() if column == "sha256" else said


def faults(number: int, row: Mapping[str, str]) -> Iterator[Words]:
    """Say, in both languages, which values of one line cannot be meant; ``row`` holds the codes of what is said.

    Examples
    --------
    >>> [words.en for words in faults(3, {"year": "19", "division_code": "鼓楼区"})]  # doctest: +ELLIPSIS
    ["line 3: division_code '鼓楼区' may be 320106 江苏省南京市鼓楼区, ...", "line 3: year is '19'"]
    """
    if surplus := row.get(UNNAMED):
        yield both("manifest.surplus", number=number, value=surplus)
    for column, pattern in KNOWN.items():
        value = row.get(column, "")
        if not value or re.fullmatch(pattern, value):
            continue
        if column == "division_code" and (several := codes_of(value)):
            named = [f"{code} {full_name(code)}" for code in several]
            yield both("manifest.several", number=number, value=value, several=Words("、".join(named), ", ".join(named)))
        else:
            yield both("manifest.value", number=number, column=column, value=value)


def misspelt(found: Iterable[str]) -> Mapping[str, str]:
    """Return the columns that are likely meant to be the person's, each with what was meant; others are the user's own.

    Examples
    --------
    >>> misspelt(["path", "divison_code", "备注", "county", "read_year"])
    {'divison_code': 'division_code'}
    """
    known = (*columns("person"), *columns("drafted"))
    plain = {re.sub(r"[\W_]+", "_", name.lower()): name for name in columns("person")}
    near = {name: get_close_matches(re.sub(r"[\W_]+", "_", name.lower()), plain, 1, _ALIKE) for name in found if name not in known}
    return {name: plain[alike[0]] for name, alike in near.items() if alike}


@cache
def _words(column: str) -> Mapping[str, str]:
    codes = KNOWN[column].split("|")
    return {word.lower(): code for code in codes for word in (code, *(say(f"{column}.{code}", language) for language in LANGUAGES))}
