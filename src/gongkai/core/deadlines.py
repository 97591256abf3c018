"""When the law wants a report published: the rules of ``deadlines.toml``."""

from __future__ import annotations

from gongkai.core.codes import Body
from gongkai.core.data import packaged


def deadline(body: str | None, year: int) -> str | None:
    """Return the last day that the law leaves for a report, or None where it sets none.

    Of a body whose kind is not known, the day that all kinds have in common, if they have one.

    Examples
    --------
    >>> deadline("government", 2023), deadline("department", 2023), deadline("department", 2018), deadline("street_or_town", 2023)
    ('2024-03-31', '2024-01-31', '2019-03-31', None)
    >>> deadline(None, 2018), deadline(None, 2019)
    ('2019-03-31', None)
    """
    rules = packaged(__package__, "deadlines.toml")["deadlines"]
    days = [
        next((f"{year + 1}-{rule['day']}" for rule in rules if year <= rule["until"] and kind in rule["bodies"]), None)
        for kind in ([body] if body else Body)
    ]
    return days[0] if len(set(days)) == 1 else None
