"""The small print of a map: sources, projection, classes, base-map note."""

from collections.abc import Sequence

import pandas as pd

from shanhai.render.maps.area import MapArea, projection_parameters
from shanhai.render.maps.topics import SOURCES, Kinds, Topic
from shanhai.render.numbers import format_number, format_percent

BASE_MAP_NOTE = (
    "Base map not reviewed; maps of China for publication need an approved base map.",
    "底图未经审核；公开出版须使用经审核的标准地图。",
)

TRUE_SCALE = 0.01
"""Error of scale from which a map says where its scale bar is true."""


def small_print(
    subjects: Sequence[Topic | Kinds], area: MapArea, counties: int, absent: pd.DataFrame, language: str
) -> str:
    """Sources, projection, classification, counties not drawn and base-map note, each on a line of its own."""
    lines = [source_line(subjects), projection_line(area)]
    if any(isinstance(subject, Topic) for subject in subjects):
        lines.append(class_line(counties))
    if len(absent):
        lines.append(absent_line(absent))
    if area.is_country and len(area.neighbours):
        lines.append(uncounted_line(area))
    lines.append(BASE_MAP_NOTE)
    wanted = {"en": [en for en, _ in lines], "zh": [zh for _, zh in lines]}
    return "\n".join(wanted[language] if language in wanted else [text for pair in lines for text in pair[::-1]])


def source_line(subjects: Sequence[Topic | Kinds]) -> tuple[str, str]:
    """Sources of the subjects and of the boundaries, each once, in English and Chinese."""
    keys = dict.fromkeys(key for subject in subjects for key in (*subject.sources, "boundaries") if key != "boundaries")
    named = [SOURCES[key] for key in (*keys, "boundaries")]
    return f"Sources: {'; '.join(en for en, _ in named)}.", f"资料来源：{'；'.join(zh for _, zh in named)}。"


def projection_line(area: MapArea) -> tuple[str, str]:
    """Projection with its parameters, in English and Chinese."""
    south, north, meridian = (format_number(value, 1) for value in projection_parameters(area.crs))
    english = f"Projection: Albers equal-area, parallels {south}° and {north}° N, meridian {meridian}° E, WGS 84."
    chinese = f"投影：阿尔伯斯等积圆锥投影，标准纬线{south}°N、{north}°N，中央经线{meridian}°E，WGS 84。"
    error = area.scale_error()
    if error > TRUE_SCALE:
        share = format_percent(100 * error, 0)
        english += f" Scale bar true in the middle, lengths elsewhere within {share}."
        chinese += f"比例尺以图中央为准，其他位置误差不超过{share}。"
    return english, chinese


def absent_line(absent: pd.DataFrame) -> tuple[str, str]:
    """Counties of the frame without a polygon of their own, in English and Chinese."""
    english, chinese = ", ".join(absent["name_en"].astype(str)), "、".join(absent["name_zh"].astype(str))
    return (
        f"Without a polygon of their own, so not coloured: {english}.",
        f"无单独多边形、未着色：{chinese}。",
    )


def uncounted_line(area: MapArea) -> tuple[str, str]:
    """Provinces of the country that the county data leave out, in English and Chinese."""
    without = area.neighbours[~area.neighbours["code"].str[:2].isin(area.counties["code"].str[:2].unique())]
    english, chinese = ", ".join(without["name_en"]), "、".join(without["name_zh"])
    return (
        f"Grey, not in the county data: islets without a county, {english}.",
        f"灰色为县级数据未含地区：无县级多边形的岛礁、{chinese}。",
    )


def class_line(counties: int) -> tuple[str, str]:
    """How numeric classes were formed, in English and Chinese."""
    return (
        f"Classes: quantiles of those with data among the {format_number(counties)} "
        f"{'county' if counties == 1 else 'counties'} drawn; "
        "lower limit included; number of counties in brackets.",
        f"分级：图中{format_number(counties)}个县级单位中有数据者的分位数，含下限；括号内为县数。",
    )
