"""Places: division codes, names, parents and changes since 2008; where a report belongs, who published it, whose name it carries."""

from __future__ import annotations

from gongkai.places.joining import Merged, merge
from gongkai.places.locating import ForeignName, Place, body_of, foreign_names, host, locate, place_findings, sites
from gongkai.places.looking import likely, look_up, mentioned
from gongkai.places.romanised import Romanised, full_name_in, romanised, romanised_names, told_in
from gongkai.places.table import (
    Change,
    Division,
    breaks,
    changes,
    codes_of,
    divisions,
    find,
    full_name,
    invented,
    is_simulated,
    level_of,
    name_of,
    parents,
    unit_id,
)

__all__ = [
    "Change", "Division", "ForeignName", "Merged", "Place", "Romanised", "body_of", "breaks", "changes", "codes_of", "divisions", "find",
    "foreign_names", "full_name", "full_name_in", "host", "invented", "is_simulated", "level_of", "likely", "locate", "look_up",
    "mentioned", "merge", "name_of", "parents", "place_findings", "romanised", "romanised_names", "sites", "told_in", "unit_id",
]  # fmt: skip
