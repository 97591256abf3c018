"""Counties side by side, never without their intervals: who is there, funnels, shrunken rates with ranks, years, one county's peers."""

from gongkai.inference import FEWEST
from gongkai.studies.comparison.among import among_peers
from gongkai.studies.comparison.effects import at_design_effects
from gongkai.studies.comparison.figures import (
    distribution_figure,
    funnel_figure,
    intervals_figure,
    profile_figure,
    ranks_figure,
    twice_figure,
)
from gongkai.studies.comparison.selection import compared, newest, one_year, peers
from gongkai.studies.comparison.tables import aside_table, conclusions, heading, presence_table, ranked_table, title, year_ratios
from gongkai.studies.comparison.wild import clusters_in_words, wild_ratios

__all__ = [
    "FEWEST", "among_peers", "aside_table", "at_design_effects", "clusters_in_words", "compared", "conclusions", "distribution_figure",
    "funnel_figure", "heading", "intervals_figure", "newest", "one_year", "peers", "presence_table", "profile_figure",
    "ranked_table", "ranks_figure", "title", "twice_figure", "wild_ratios", "year_ratios",
]  # fmt: skip
