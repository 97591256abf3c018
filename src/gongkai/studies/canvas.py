"""An empty figure with the package's own font, and how Jupyter shows it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from gongkai.core.messages import unturned, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SYSTEM_FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "DejaVu Sans")
NO_GLYPH = "〓"
INK, QUIET = "#2e3440", "#6b7484"
DPI, PIXELS_PER_INCH = 144, 100
# In inches: figures of a study are of this width, so that they are read on a telephone without scrolling.
WIDTH = 5.6
# Of a title in 11.5 points: half-width characters per inch, and the height of a further line in inches.
TITLE_PLACES, TITLE_LINE = 11.4, 0.23
# The same of a note in 8.5 points.
NOTE_PLACES, NOTE_LINE = 16.6, 0.19


class Picture(Figure):
    """A figure that Jupyter shows as a PNG, with a text for those who cannot see it (``alt``)."""

    alt: str = ""

    def telling(self, parts: Sequence[str]) -> Picture:
        """Return the figure with these words as its ``alt``."""
        self.alt = "; ".join(part.replace("\n", " ") for part in parts)
        return self

    def png(self) -> bytes:
        """Return the bytes of a PNG."""
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=DPI, facecolor="white")
        return stream.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        about = {"image/png": {"alt": self.alt, "width": int(self.get_figwidth() * PIXELS_PER_INCH)}}
        display({"image/png": self.png(), "text/plain": self.alt}, metadata=about, raw=True)  # type: ignore[no-untyped-call]


@cache
def font_families() -> tuple[str, ...]:
    """Register the package's font, and return the families to draw with, the package's own first."""
    from matplotlib import font_manager

    with resources.as_file(resources.files(__package__).joinpath("fonts")) as folder:
        paths = sorted(folder.glob("*.otf"))
        for path in paths:
            font_manager.fontManager.addfont(path)
        own = [font_manager.FontProperties(fname=path).get_name() for path in paths]
    return (*own, *(name for name in SYSTEM_FONTS if name in font_manager.get_font_names()))


def use_font() -> str:
    """Let your own figures carry Chinese labels: the package's font comes first, and stays behind any that a style names later.

    Call it once, before you draw; batches have done it. ``plt.rcParams["font.sans-serif"] = ["SimHei"]`` and ``sns.set_theme()`` may
    follow: where a font lacks a character, or is not installed, the package's own is used.

    Returns
    -------
    str
        The font's name.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with mpl.rc_context():
    ...     use_font()
    ...     mpl.rcParams["font.family"] = "serif"
    ...     mpl.rcParams["font.family"]
    'Gongkai Sans SC'
    ['serif', 'Gongkai Sans SC']
    """
    import matplotlib as mpl

    own = font_families()[0]
    allow = mpl.RcParams.validate["font.family"]
    if not isinstance(allow, _Behind):
        mpl.RcParams.validate["font.family"] = _Behind(allow, own)
    mpl.rcParams["font.family"], mpl.rcParams["axes.unicode_minus"] = [own, "sans-serif"], False
    return own


class _Behind:
    """A check of a list of fonts that lets one more stand at its end, if it is not in it."""

    def __init__(self, allow: Callable[[Any], list[str]], font: str) -> None:
        self.allow, self.font = allow, font

    def __call__(self, value: Any) -> list[str]:
        return list(dict.fromkeys([*self.allow(value), self.font]))


def drawable(text: str) -> str:
    """Replace the characters that no registered font has by 〓, the printers' sign for a missing character.

    Examples
    --------
    >>> drawable("沁县 2019")
    '沁县 2019'
    """
    return "".join(c if c.isspace() or ord(c) in glyphs() else NO_GLYPH for c in unturned(text))


@cache
def glyphs() -> frozenset[int]:
    from matplotlib import font_manager

    files = [font_manager.findfont(family) for family in font_families()]
    return frozenset(code for file in files for code in font_manager.get_font(file).get_charmap())


@contextmanager
def styled() -> Iterator[None]:
    import matplotlib as mpl
    import seaborn as sns

    ours: dict[Any, Any] = {
        **sns.axes_style("white"),
        "font.family": list(font_families()),
        "font.size": 10,
        "text.color": INK,
        "axes.unicode_minus": False,
        "text.parse_math": False,
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(ours):
        yield


def canvas(
    size: tuple[float, float], title: str, notes: Sequence[str], sides: tuple[float, float] = (0.01, 0.99), foot: float = 0.0
) -> tuple[Picture, Axes]:
    """Return a figure with its title above, its notes below, and one empty plotting area between; a long title or note makes it higher."""
    lines = wrapped(drawable(title), int(size[0] * TITLE_PLACES))
    told = [line for note in notes for line in wrapped(drawable(note), int(size[0] * NOTE_PLACES))]
    head = TITLE_LINE * (len(lines) - 1)
    height = size[1] + head + NOTE_LINE * (len(told) - len(notes))
    picture = Picture(figsize=(size[0], height))
    picture.text(0.01, 1 - 0.1 / height, "\n".join(lines), va="top", fontsize=11.5)
    picture.text(0.01, 0.08 / height, "\n".join(told), va="bottom", fontsize=8.5, color=QUIET, linespacing=1.35)
    bottom = (0.15 + NOTE_LINE * len(told) + foot) / height
    return picture, picture.add_axes((sides[0], bottom, sides[1] - sides[0], 1 - bottom - (0.42 + head) / height))
