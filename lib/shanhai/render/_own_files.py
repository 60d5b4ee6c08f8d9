"""The line that names files of the user's own below every figure and table, since sources printed there are ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from shanhai.core import sources
from shanhai.render.sheet import text_size, wrap
from shanhai.render.style import PRINT_DPI, theme
from shanhai.render.words import Pair, Words

_WORDS = Words(
    "render/_own_files.py",
    {
        "line": (
            "Files of the user's own in the place of the project's: {files}.",
            "以下项目数据由用户自备文件替代：{files}。",
        ),
        "file": ("{title} from “{file}”", "{title}取自文件“{file}”"),
        "sheet": (", sheet “{sheet}”", "工作表“{sheet}”"),
        "day": (", imported on {day}", "（{day}导入）"),
        "layer.counties": ("boundaries of counties", "县级行政区边界"),
        "layer.prefectures": ("boundaries of prefectures", "地级行政区边界"),
        "layer.provinces": ("boundaries of provinces", "省级行政区边界"),
        "layer.provincial_borders": ("lines between provinces", "省界"),
        "grid.elevation": ("heights above sea level", "海拔高程"),
        "grid.lights_grid": ("grid of lights or population", "灯光或人口栅格"),
    },
)

_OUR_YEARS = (re.compile(r"(?:, \d{4}(?:-\d{4})?)+$"), re.compile(r"^\d{4}[、—][\d、—]*年"))
"""Years in the titles of the registry, English and Chinese: the user's file may be of others."""

_SMALL, _MARGIN = 6.0, 1.0
"""Points of the text, and millimetres around it."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_LONGEST = 60
"""Characters of a name of a file or sheet that are printed."""


def own_line(caption: str) -> str:
    """The sentence that names the user's files in force, in the language of a caption; empty if there are none.

    Raises
    ------
    SettingsError
        As :func:`shanhai.core.sources.replacements`.
    """
    origins = sources.origins()
    if not origins:
        return ""
    is_chinese = 2 * len(_HAN.findall(caption)) > len(_LATIN.findall(caption))
    language = "zh" if is_chinese else "en"
    told = ("；" if is_chinese else "; ").join(
        _origin(_title(kind, name), origin, language)
        for (kind, name), origin in sorted(origins.items(), key=lambda item: item[0][1])
    )
    return _WORDS("line", language, files=told)


def _title(kind: sources.Kind, name: str) -> Pair:
    """What a table, layer or grid holds: of a table as the registry has it, within a sentence and without our years."""
    if kind != "table":
        return _WORDS.pair(f"{kind}.{name}")
    source = sources.bundled(name)[0]
    english, chinese = (
        years.sub("", re.split("[:：]", title)[0])
        for years, title in zip(_OUR_YEARS, (source.title, source.title_zh), strict=True)
    )
    return (english if english[:2].isupper() else english[0].lower() + english[1:]), chinese


def _origin(title: Pair, origin: sources.Origin, language: str) -> str:
    """One file: what it holds, its name and sheet, and when it was imported; checksums are in the manifest."""
    told = _WORDS("file", language, title=title, file=_cut(origin.file))
    if origin.sheet:
        told += _WORDS("sheet", language, sheet=_cut(origin.sheet))
    if origin.day:
        told += _WORDS("day", language, day=_day(origin.day))
    return told


def _day(day: str) -> Pair:
    """A day, given as ``YYYY-MM-DD``, in both languages."""
    year, month, number = map(int, day.split("-"))
    return f"{number} {_MONTHS[month - 1]} {year}", f"{year}年{month}月{number}日"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def caption_with(caption: str, line: str) -> str:
    """A caption and that sentence behind it, as two sentences."""
    if not (caption and line):
        return caption or line
    return caption.rstrip(".。") + ("。" if line.endswith("。") else ". ") + line


@contextmanager
def written_below(figure: Figure, line: str) -> Iterator[Bbox | None]:
    """Write a line below a figure; the paper grows by what it takes, and what is drawn stays where it is.

    Parameters
    ----------
    figure : matplotlib Figure
        The line is taken off again at the end.
    line : str
        Empty for none.

    Yields
    ------
    The paper in inches, to be saved as ``bbox_inches``; None if nothing is written.
    """
    if not line:
        yield None
        return
    width, height = figure.get_size_inches()
    margin = _MARGIN / 25.4
    with theme():
        text = wrap(line, _SMALL, width * 25.4 - 2 * _MARGIN)
        below = ceil((text_size(text, _SMALL)[1] + 2 * _MARGIN) / 25.4 * PRINT_DPI) / PRINT_DPI  # whole dots
        written = figure.text(
            *(margin / width, -margin / height, text), size=_SMALL, va="top", ha="left", parse_math=False
        )
    written.set_in_layout(False)
    try:
        yield Bbox.from_extents(0, -below, width, height)
    finally:
        written.remove()
