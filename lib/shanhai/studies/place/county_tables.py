"""Table and chart of the county report: one county beside its class."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from shanhai.render.maps.topics import Outline
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import label
from shanhai.render.tables import TableSpec
from shanhai.studies.place.charts import ProfileRow, profile_plot
from shanhai.studies.place.county import County
from shanhai.studies.place.standing import GDP_SPAN, LIGHT_SPAN, Standing

MARK = "in_county"
"""Boolean column of the frame that a map outlines."""


def standing_table(subject: County, found: Sequence[Standing], language: str = "en") -> TableSpec:
    """Each indicator of the county: value, median of its class, province, rank and distance from the median."""
    rows = [
        [
            label(language, one.yardstick.indicator.en, one.yardstick.indicator.zh),
            label(language, one.yardstick.indicator.unit_en, one.yardstick.indicator.unit_zh),
            *(format_number(value, one.yardstick.indicator.digits) for value in (one.value, one.median, one.province)),
            _rank(one, language),
            format_number(one.distance, 1, signed=True),
        ]
        for one in found
    ]
    heads = {
        "indicator": label(language, "indicator", "指标"),
        "unit": label(language, "unit", "单位"),
        "county": _names(subject, language)[0],
        "median": label(language, "class median", "同类中位数"),
        "province": _names(subject, language)[2],
        "rank": label(language, "rank in class", "同类位次"),
        "distance": label(language, "from median, class units", "距中位数（同类单位）"),
    }
    return TableSpec(pd.DataFrame(rows, columns=list(heads)), notes=_notes(subject, language), headers=heads)


def _rank(one: Standing, language: str) -> str:
    if not one.rank:
        return MISSING
    doubt = label(language, " (doubtful)", "（存疑）") if one.is_doubtful else ""
    return label(language, f"{one.rank} of {one.count}", f"{one.rank}/{one.count}") + doubt


def _notes(subject: County, language: str) -> tuple[str, ...]:
    lines = (
        (f"Class: {subject.peers.name('en')}; a rank counts those with a figure.",
         f"同类：{subject.peers.name('zh')}；位次只计有数据者。"),
        ("Rank 1 is the highest value, but for illiteracy and residents aged 60 and over the lowest.",
         "第1位为最高值；文盲率与60岁及以上比重以最低为第1位。"),
        ("Class unit: width of the middle half of the class.", "同类单位：该类中间一半的跨度。"),
        (f"GDP at current prices, so growth {GDP_SPAN[0]}–{GDP_SPAN[1]} is nominal; lights "
         f"{LIGHT_SPAN[0]}–{LIGHT_SPAN[1]} come from one sensor.",
         f"GDP为当年价，{GDP_SPAN[0]}—{GDP_SPAN[1]}年增速为名义值；{LIGHT_SPAN[0]}—{LIGHT_SPAN[1]}年灯光来自同一传感器。"),
    )  # fmt: skip
    return tuple(label(language, english, chinese) for english, chinese in lines)


def standing_chart(subject: County, found: Sequence[Standing], language: str = "en") -> Figure:
    """The county, the median of its class and the province on one strip an indicator; ticks are the class."""
    rows = [
        ProfileRow(
            en=one.yardstick.indicator.en,
            zh=one.yardstick.indicator.zh,
            unit_en=one.yardstick.indicator.unit_en,
            unit_zh=one.yardstick.indicator.unit_zh,
            digits=one.yardstick.indicator.digits,
            place=one.value,
            province=one.median,
            country=one.province,
            others=one.others,
        )
        for one in found
    ]
    return profile_plot(
        rows, _names(subject, language), language=language, others_name=("counties of the class", "同类县")
    )


def county_outline(subject: County) -> Outline:
    """The county with a heavy outline; needs the column :data:`MARK`."""
    return Outline(MARK, subject.place.name_en, subject.place.name_zh)


def mark_county(subject: County, frame: pd.DataFrame) -> pd.DataFrame:
    """County frame with the boolean column :data:`MARK`."""
    return frame.assign(**{MARK: frame["code"] == subject.place.code})


def _names(subject: County, language: str) -> tuple[str, str, str]:
    return (
        label(language, subject.place.name_en, subject.place.name_zh),
        label(language, "class median", "同类中位数"),
        label(language, subject.province.short_en, subject.province.short_zh),
    )
