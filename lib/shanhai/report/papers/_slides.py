"""Ten slides on question, answer, data, exhibits, places, ledger and doubts, composed from the results."""

import re
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image
from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Length, Mm, Pt

from shanhai.claims.verdicts import VERDICT_NAMES, Verdict, counted
from shanhai.core.errors import ReportError
from shanhai.core.letters import allowed
from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.data.vintage import PRE_SPECIFIED
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.office import WRITTEN, saved
from shanhai.render.style import label
from shanhai.render.tables import display_width
from shanhai.report.papers.compose import WORDS, Speaker, contradicted
from shanhai.report.papers.document import Bullets, Paragraph, blocks_of, plain, typeset
from shanhai.report.papers.numbers import main_difference
from shanhai.report.papers.plan import BATTERY, BORDERS, GAP
from shanhai.report.results import Language, Results, Run

_AUDIT, _MAP, _CONVERGENCE = "01-audit-data", "02-map-mountain-counties", "05-track-convergence"

_GAPS = (("330800", "330000"), ("511900", "510000"))
"""Place and reference of the slides on places."""

_WIDTH, _HEIGHT, _SIDE, _TOP, _FOOT = 338.7, 190.5, 16.0, 34.0, 12.0
"""Slide of 16 to 9 and its margins, in millimetres; the title stands above ``_TOP``."""

_TITLE = (_WIDTH - 2 * _SIDE, _TOP - 12)
"""Room of a title; all of a deck are of one size."""

_SIZES = (24, 22, 20, 18, 16, 14, 12, 11)
"""Sizes of letters in points, of which the first is taken that fits."""

_ABOVE = 16
"""Size of the letters of a text above its picture, in points."""

_LETTER, _LINE = 0.56, 1.25
"""Width of a Latin letter, generously, and height of a line, in sizes of letters."""

_POINT = 25.4 / 72
"""Millimetres."""

_LATIN, _CHINESE = "Arial", "Microsoft YaHei"


@dataclass(frozen=True)
class Picture:
    """A figure on a slide."""

    content: bytes
    text: str
    """What it shows, for those who do not see it."""


@dataclass(frozen=True)
class Slide:
    """A title with text, and with a figure or the rows of a table beside it."""

    title: str
    texts: tuple[str, ...]
    picture: Picture | None = None
    rows: tuple[tuple[str, ...], ...] = ()


def compose_slides(results: Results, language: Language) -> tuple[Slide, ...]:
    """The ten slides of a deck.

    Raises
    ------
    ReportError
        If a run, an exhibit or a claim that they show is not in the results.
    """
    places = load_places()
    verdicts = {finding["id"]: Verdict(finding["verdict"]) for finding in results.findings}
    say = Speaker(language, {"gdp": str(PRE_SPECIFIED.gdp), "census": str(PRE_SPECIFIED.census)})
    battery, borders = results.run(BATTERY, language), results.run(BORDERS, language)
    gaps = [results.run(f"{GAP}-{place}-{reference}", language) for place, reference in _GAPS]
    difference = main_difference(results)
    audit, mapped = results.run(_AUDIT, language), results.run(_MAP, language)

    def title(key: str, **values: Any) -> str:
        return _plain(say(f"deck.{key}", **values))

    answers = (battery.answer[0], gaps[0].answer[0], gaps[1].answer[0], results.run(_CONVERGENCE, language).answer[0])
    return (
        Slide(title("title"), (title("subtitle"), *_clean((battery.question,)), WORDS("form.byline", language))),
        Slide(
            title(f"answer.{verdicts['Q22'].value}"), (*(_brief(text) for text in _clean(answers)), title("brackets"))
        ),
        Slide(title("data"), _clean((_plain(say("deck.units")), *audit.answer))),
        Slide(title("map"), _clean(mapped.answer[:1]), _picture(mapped, "types")),
        Slide(
            title(f"main.{'lower' if difference < 0 else 'higher'}", amount=format_percent(abs(difference))),
            _clean(borders.answer[:1]),
            _picture(borders, "coefficients"),
        ),
        *(
            Slide(
                title(
                    "place", place=_name(places.place(place)), reference=_name(places.place(reference)), **_share(run)
                ),
                _clean(run.answer[:1]),
                _picture(run, "waterfall"),
            )
            for run, (place, reference) in zip(gaps, _GAPS, strict=True)
        ),
        Slide(title("battery"), _clean(battery.answer[1:2]), _picture(battery, "battery")),
        _ledger(results, say, language),
        Slide(title("doubts"), _items(say("deck.doubts_text"))),
    )


def _share(run: Run) -> dict[str, str]:
    """Percent of a gap that terrain, border and distance account for, by national slopes and by the province's own."""
    _, _, _, national, _, _, own, _ = run.exhibit("table", "shares").rows[0]
    return {"national": national, "own": own}


def _ledger(results: Results, say: Speaker, language: Language) -> Slide:
    """How many claims have which verdict, and which are contradicted."""
    findings = counted(results.findings)
    counts = Counter(Verdict(finding["verdict"]) for finding in findings)
    head = (WORDS("deck.verdict", language), WORDS("deck.count", language))
    rows = tuple((label(language, *VERDICT_NAMES[verdict]), format_number(counts[verdict])) for verdict in Verdict)
    refuted = [str(finding["id"]) for finding in findings if finding["verdict"] == Verdict.CONTRADICTED]
    return Slide(
        _plain(say("deck.ledger", claims=format_number(len(findings)))),
        (contradicted(refuted, language),),
        rows=(head, *rows),
    )


def pptx_of(slides: tuple[Slide, ...], language: str) -> bytes:
    """Slides as a presentation of 16 to 9, the same bytes each time.

    Raises
    ------
    ReportError
        If a text does not fit its slide in the smallest letters.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = _mm(_WIDTH), _mm(_HEIGHT)
    properties = deck.core_properties
    properties.created = properties.modified = WRITTEN
    properties.author = properties.last_modified_by = "Shanhai"
    properties.title, properties.language = allowed(slides[0].title), "zh-CN" if language == "zh" else "en-GB"
    size = min(_fitting((slide.title,), _TITLE, (28, 26, 24, 22, 20)) for slide in slides)
    for number, slide in enumerate(slides, 1):
        _add(deck, slide, number, size)
    return saved(deck)


def _add(deck: Any, slide: Slide, number: int, title_size: int) -> None:
    shown = deck.slides.add_slide(deck.slide_layouts[5])
    head = shown.shapes.title
    head.left, head.top, head.width, head.height = map(_mm, (_SIDE, 8.0, *_TITLE))
    _fill(head.text_frame, (slide.title,), _TITLE, (title_size,), is_title=True)
    room = _HEIGHT - _TOP - _FOOT
    width = _WIDTH - 2 * _SIDE
    top = _TOP
    if slide.picture is not None:
        width, room, frame = _beside(slide.picture, slide.texts, room)
        _place_picture(shown, slide.picture, frame)
    elif not slide.rows:  # text alone stands in the middle of its slide's height, not at its head
        top += max(0.0, (room - _needed(slide.texts, width, room)) / 2)
        room -= top - _TOP
    if slide.rows:
        width = 120.0
        _place_table(shown, slide.rows, (_SIDE + width + 20, _TOP + 4, 140.0, room))
    box = shown.shapes.add_textbox(_mm(_SIDE), _mm(top), _mm(width), _mm(room))
    _fill(box.text_frame, slide.texts, (width, room), _SIZES)
    foot = shown.shapes.add_textbox(_mm(_WIDTH - _SIDE - 20), _mm(_HEIGHT - 11), _mm(20), _mm(8))
    _fill(foot.text_frame, (str(number),), (20, 8), (11,), is_right=True)


def _beside(
    picture: Picture, texts: tuple[str, ...], room: float
) -> tuple[float, float, tuple[float, float, float, float]]:
    """Width and height of the text, and where the picture stands: below the text if it is larger there than beside.

    Left, top, width and height of the picture, in millimetres.
    """
    across, down = Image.open(BytesIO(picture.content)).size
    whole = _WIDTH - 2 * _SIDE
    column = 92.0
    beside = (_SIDE + column + 8, _TOP, whole - column - 8, room)
    head = text_height(texts, whole, _ABOVE)
    below = (_SIDE, _TOP + head + 2, whole, room - head - 2)
    sizes = [min(width / across, height / down) for _, _, width, height in (beside, below)]
    return (whole, head, below) if sizes[1] > sizes[0] else (column, room, beside)


def _needed(texts: tuple[str, ...], width: float, room: float) -> float:
    """Height of texts in the largest letters that fit."""
    heights = (text_height(texts, width, size) for size in _SIZES)
    return next((height for height in heights if height <= room), room)


def _fill(
    frame: Any,
    texts: tuple[str, ...],
    room: tuple[float, float],
    sizes: tuple[int, ...],
    *,
    is_title: bool = False,
    is_right: bool = False,
) -> None:
    """Paragraphs in the largest letters that fit the room, in millimetres."""
    size = _fitting(texts, room, sizes)
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for position, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if position == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if is_right else PP_ALIGN.LEFT
        paragraph.space_after = Pt(0 if is_title else size // 2)
        _write(paragraph.add_run(), text, size, is_bold=is_title)


def _fitting(texts: tuple[str, ...], room: tuple[float, float], sizes: tuple[int, ...]) -> int:
    """The first of some sizes in which texts fit a room of so many millimetres."""
    fitting = [size for size in sizes if text_height(texts, room[0], size) <= room[1]]
    if not fitting:
        raise ReportError(
            f"The text {texts[0][:60]!r} fits its slide of {room[0]:g} x {room[1]:g} mm in no size to {sizes[-1]} "
            "points; shorten it, or show less of it."
        )
    return fitting[0]


def text_height(texts: tuple[str, ...], width: float, size: float) -> float:
    """Height of paragraphs in millimetres, half a line after each, letters of a size in points on a width.

    Examples
    --------
    >>> text_height(("地",), 100.0, 20.0) < text_height(("地" * 40,), 100.0, 20.0)
    True
    """
    letters = width / (size * _POINT) - 1
    lines = sum(max(1, -int(-_LETTER * display_width(text) // letters)) + 0.5 for text in texts)
    return lines * _LINE * size * _POINT


def _write(run: Any, text: str, size: int, *, is_bold: bool = False) -> None:
    run.text = allowed(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), is_bold, _LATIN
    properties = run._r.get_or_add_rPr()
    east = properties.makeelement(qn("a:ea"), {"typeface": _CHINESE})
    properties.append(east)


def _place_picture(shown: Any, picture: Picture, room: tuple[float, float, float, float]) -> None:
    """A picture as large as the room allows, in its middle."""
    left, top, width, height = room
    shape = shown.shapes.add_picture(BytesIO(picture.content), 0, 0)
    across, down = shape.image.size
    scale = min(width / across, height / down)
    shape.width, shape.height = _mm(scale * across), _mm(scale * down)
    shape.left, shape.top = _mm(left + (width - scale * across) / 2), _mm(top + (height - scale * down) / 2)
    shape._element.nvPicPr.cNvPr.set("descr", allowed(picture.text))


def _place_table(shown: Any, rows: tuple[tuple[str, ...], ...], room: tuple[float, float, float, float]) -> None:
    """Rows under their head, names to the left and numbers to the right."""
    left, top, width, _ = room
    step = 13.0
    table = shown.shapes.add_table(
        len(rows), len(rows[0]), _mm(left), _mm(top), _mm(width), _mm(step * len(rows))
    ).table
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            paragraph = table.cell(row, column).text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if column else PP_ALIGN.LEFT
            _write(paragraph.add_run(), text, 16, is_bold=row == 0)


def _picture(run: Run, name: str) -> Picture:
    exhibit = run.exhibit("figure", name)
    return Picture(exhibit.files["png"].read_bytes(), typeset(exhibit.caption))


def _brief(text: str) -> str:
    """A text without long parentheses, whose intervals and methods stand on the slides that follow.

    Examples
    --------
    >>> _brief("It is 11% lower (95% CI -18.2% to -3.3%, clustered by province), not more (2 of 5 pass).")
    'It is 11% lower, not more (2 of 5 pass).'
    >>> _brief("同属（或同不属）市辖区的县低11.0%（95%置信区间−18.2%～−3.3%，标准误聚类到省份层面）。")
    '同属（或同不属）市辖区的县低11.0%。'
    """
    return re.sub(r"\s*\([^()]{35,}\)|（[^（）]{15,}）", "", text)


def _clean(texts: Any) -> tuple[str, ...]:
    return tuple(_plain(text) for text in texts)


def _plain(markdown: str) -> str:
    """Characters of a paragraph of Markdown."""
    return " ".join(plain(block.line) for block in blocks_of(markdown) if isinstance(block, Paragraph))


def _items(markdown: str) -> tuple[str, ...]:
    """Items of a list in Markdown."""
    return tuple(plain(item) for block in blocks_of(markdown) if isinstance(block, Bullets) for item in block.items)


def _name(place: Place) -> tuple[str, str]:
    return place.short_en, place.short_zh


def _mm(length: float) -> Length:
    return Mm(length)
