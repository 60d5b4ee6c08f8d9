"""Fonts, theme and label language of every figure.

Chinese glyphs come from the font file inside the ``zhplot`` distribution (Noto Sans SC, OFL). The file is
located through the package metadata, because importing ``zhplot`` changes matplotlib's settings.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Literal, cast, get_args

import matplotlib
from matplotlib import font_manager

from shanhai.core.errors import ParameterError, ReportError
from shanhai.render._fonts import cut_chinese, cut_latin, usual_chinese

Language = Literal["en", "zh", "both"]
"""Language of labels: English, Chinese, or both."""

_LATIN_FONT = "DejaVu Sans"
_CHINESE_FONT = "Noto Sans SC"
_CHINESE_FONT_FILE = "zhplot/fonts/NotoSansSC-Regular.ttf"

JOURNAL_WIDTH_MM = 190
"""Full page width of most journals of geography and economics."""

COLUMN_WIDTH_MM = 90
"""Width of one of two columns."""

INLINE_DPI = 100
PRINT_DPI = 300


_NAMED = {"zh": ("zh", "cn", "chin", "中", "汉", "简"), "en": ("en", "eng", "英")}
"""How other names of the languages begin."""


def check_language(language: str) -> Language:
    """Return the language if it is one of en, zh, both.

    Raises
    ------
    ParameterError
        For anything else.
    """
    if language not in get_args(Language):
        raise ParameterError(
            f"language {language!r} is unknown; allowed are {', '.join(get_args(Language))}.{_meant(language)} Set the "
            "parameter to one."
        )
    return cast(Language, language)


def _meant(language: object) -> str:
    """A question after the language that another name of it means: cn, zh-CN, chinese, 中文."""
    text = str(language).casefold()
    found = next((key for key, starts in _NAMED.items() if text.startswith(starts)), "")
    return f" Did you mean {found!r}?" if found else ""


def label(language: str, en: str, zh: str, *, joint: str = " ") -> str:
    """Text in the language asked for; ``both`` puts the Chinese first, then ``joint``, then the English.

    A text that is the same in both languages, such as a unit, is written once.
    """
    return {"en": en, "zh": zh, "both": en if en == zh else f"{zh}{joint}{en}"}[check_language(language)]


@cache
def chinese_font_file() -> Path:
    """Path of the Chinese font inside the installed ``zhplot`` distribution.

    Raises
    ------
    ReportError
        If the distribution or the file is missing.
    """
    try:
        file = Path(str(distribution("zhplot").locate_file(_CHINESE_FONT_FILE)))
    except PackageNotFoundError as error:
        raise ReportError("zhplot is not installed, so there is no Chinese font; install the locked list.") from error
    if not file.is_file():
        raise ReportError(f"{_CHINESE_FONT_FILE} is not in the installed zhplot; install the locked version.")
    return file


@cache
def usual_chinese_font() -> tuple[Path, frozenset[str]]:
    """A font with the usual characters of the Chinese one alone, and these characters."""
    return cut_chinese(chinese_font_file()), frozenset(usual_chinese())


@cache
def _register_fonts() -> tuple[str, ...]:
    """Make the Chinese font and those with the usual characters known to matplotlib once.

    Returns
    -------
    tuple of str
        Families in order of use, each cut one before the whole one, which has the characters that it lacks.
    """
    file, known = chinese_font_file(), font_manager.fontManager
    if not any(Path(entry.fname) == file for entry in known.ttflist):
        known.addfont(file)
    shipped = Path(matplotlib.get_data_path())  # a font of the same name elsewhere on the machine may be another
    for family, cut in ((_LATIN_FONT, cut_latin), (_CHINESE_FONT, cut_chinese)):
        faces = [entry for entry in known.ttflist if entry.name == family]
        ours = [face for face in faces if Path(face.fname) == file or shipped in Path(face.fname).parents]
        known.ttflist += [replace(face, fname=str(cut(Path(face.fname))), name=f"{family}, cut") for face in ours]
    return f"{_LATIN_FONT}, cut", _LATIN_FONT, f"{_CHINESE_FONT}, cut", _CHINESE_FONT


def _theme_settings() -> dict[Any, Any]:
    """Matplotlib settings of the project: seaborn's paper theme, fonts set after it, reproducible output."""
    import seaborn as sns  # takes more than a second, which only those who draw should wait for

    return {
        **sns.plotting_context("paper"),
        **sns.axes_style("ticks"),
        "font.family": list(_register_fonts()),
        "font.size": 8.0,
        "axes.titlesize": 9.0,
        "axes.labelsize": 8.0,
        "xtick.labelsize": 7.0,
        "ytick.labelsize": 7.0,
        "legend.fontsize": 7.0,
        "legend.title_fontsize": 7.5,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 3.0,
        "ytick.major.size": 3.0,
        "hatch.linewidth": 0.4,
        "axes.unicode_minus": True,  # the Latin font has the glyph
        "mathtext.fontset": "dejavusans",
        "pdf.fonttype": 42,  # TrueType outlines stay text: journals refuse Type 3
        "ps.fonttype": 42,
        "pdf.compression": 4,  # of nine: of a large map half the time of the usual six, and 3 % more bytes
        "text.hinting": "no_hinting",  # widths of texts are then the same in print, PDF and on a screen
        "svg.hashsalt": "shanhai",  # without it identifiers change from run to run
        "savefig.bbox": "standard",
        "figure.dpi": INLINE_DPI,
    }


@contextmanager
def theme() -> Iterator[None]:
    """Project theme inside a ``with`` block; matplotlib's settings come back after it.

    A character that no font holds raises :class:`~shanhai.core.errors.ReportError` at drawing time, because a box
    in place of a name would pass unseen.
    """
    with matplotlib.rc_context(_theme_settings()), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph \d+ .* missing from", category=UserWarning)
        try:
            yield
        except UserWarning as warning:
            if "missing from" not in str(warning):
                raise
            raise ReportError(f"No font holds a character of the figure: {warning}. Change the label.") from warning


def use_theme() -> None:
    """Set the project theme for all later figures of this process, for charts of one's own."""
    matplotlib.rcParams.update(_theme_settings())
