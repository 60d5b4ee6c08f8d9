"""The 26 mountain counties in a table and in sentences, every number computed."""

from collections.abc import Mapping, Sequence

import pandas as pd

from shanhai.claims.quantities import PUBLISHED_KM2, held_by_the_26
from shanhai.core.errors import BORDERS_UNKNOWN, ReportError
from shanhai.render.maps.draw import plain_name
from shanhai.render.maps.kinds import MOUNTAIN_KINDS
from shanhai.render.maps.topics import Topic
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec

COLUMNS: Mapping[str, tuple[str, str, int]] = {
    "area_km2": ("land, km²", "面积，平方千米", 0),
    "population_2020": ("residents 2020", "常住人口2020", 0),
    "relief_m": ("relief, m", "起伏，米", 0),
    "distance_to_border_km": ("to border, km", "距省界，千米", 0),
    "gdp_per_capita_2021": ("GDP per head 2021, yuan", "人均GDP 2021，元", 0),
    "urban_share_2020": ("urban 2020, %", "城镇化率2020，%", 1),
    "share_60_plus_2020": ("60+ 2020, %", "60岁以上2020，%", 1),
}
"""Columns of the table of the 26: head in English and Chinese, decimals."""


def mountain_table(frame: pd.DataFrame, language: str = "en") -> TableSpec:
    """Key figures of the 26, by type and code.

    Parameters
    ----------
    frame : DataFrame
        Rows of the county frame with ``mountain_kind`` (see :func:`~shanhai.render.maps.kinds.add_mountain_kind`).
    language : str
    """
    check_language(language)
    order = {category.value: place for place, category in enumerate(MOUNTAIN_KINDS.categories)}
    rows = frame[frame["is_mountain_26"]].sort_values(
        ["mountain_kind", "code"], key=lambda values: values.map(order) if values.name == "mountain_kind" else values
    )
    kinds = {one.value: label(language, one.en, one.zh) for one in MOUNTAIN_KINDS.categories}
    border = {True: label(language, "yes", "是"), False: label(language, "no", "否")}
    table = pd.DataFrame(
        {
            "code": rows["code"],
            "county": [plain_name(row, language) for _, row in rows.iterrows()],
            "kind": rows["mountain_kind"].map(kinds),
            "on_border": rows["on_border"].astype("boolean").map(border),
            **{column: rows[column].astype(float) for column in COLUMNS},
        }
    )
    heads = {
        "code": label(language, "code", "代码"),
        "county": label(language, "county", "县（市、区）"),
        "kind": label(language, "type", "类型"),
        "on_border": label(language, "on border", "省界县"),
        **{column: label(language, en, zh) for column, (en, zh, _) in COLUMNS.items()},
    }
    digits = {column: places for column, (_, _, places) in COLUMNS.items()}
    return TableSpec(
        table.reset_index(drop=True),
        label(language, "The 26 mountain counties of Zhejiang", "浙江省山区26县"),
        (
            label(
                language,
                "GDP per head: GDP of 2021 over residents of the 2020 census. Relief: highest minus lowest grid cell.",
                "人均GDP：2021年GDP除以2020年普查常住人口。起伏：最高与最低格网之差。",
                joint="\n",
            ),
        ),
        digits,
        heads,
    )


def share_text(frame: pd.DataFrame, residents: float, language: str = "en") -> str:
    """How many counties of each kind, and their share of the province's land and residents.

    Parameters
    ----------
    frame : DataFrame
        All counties of the province, with ``mountain_kind``.
    residents : float
        Of the province in 2020, those of development zones included, whom the census assigns to no county.
    """
    check_language(language)
    inside = frame["is_mountain_26"].astype(bool)
    land, people = held_by_the_26(frame, "area_km2"), held_by_the_26(frame, "population_2020", residents)
    published = PUBLISHED_KM2[-1][0]
    older, square = format_percent(held_by_the_26(frame, "area_km2", published), 2), format_number(published)
    kinds = frame.loc[inside, "mountain_kind"]
    leapfrog, ecological = (int(kinds.str.startswith(kind).sum()) for kind in ("leapfrog", "ecological"))
    key, count = int(kinds.str.endswith("-key").sum()), int(inside.sum())
    english = (
        f"{count} of {len(frame)} county-level units: {leapfrog} for leapfrog and {ecological} for ecological "
        f"development, {key} of them with key assistance.\n"
        f"They hold {format_percent(land)} of the province's land as the polygons are drawn ({older} of the {square} "
        f"km² that it once published: claim M02) and {format_percent(people)} of its residents (2020; of the "
        "registered population: claim M03)."
    )
    chinese = (
        f"全省{len(frame)}个县级单位中的{count}个：跨越发展类{leapfrog}个，生态发展类{ecological}个，其中重点帮促县{key}个。\n"
        f"占全省土地面积的{format_percent(land)}（按边界多边形计；按全省早年公布的{square}平方千米计为{older}，见论断M02）、"
        f"常住人口的{format_percent(people)}（2020年；户籍口径见论断M03）。"
    )
    unmeasured = frame[frame["area_km2"].isna()]
    if len(unmeasured):
        english += f"\nLand of {', '.join(unmeasured['name_en'])} is counted where the polygons of 2017 have it."
        chinese += f"\n{'、'.join(unmeasured['name_zh'])}的土地按2017年边界计入原所在县。"
    return label(language, english, chinese, joint="\n")


def border_text(frame: pd.DataFrame, language: str = "en") -> str:
    """How many of the 26, and of the other counties, share an edge with another province."""
    check_language(language)
    inside, known = frame["is_mountain_26"].astype(bool), frame["on_border"].notna()
    border = frame["on_border"].astype("boolean").fillna(False).astype(bool)
    ours, others = inside & known, ~inside & known
    counts = [int((border & group).sum()) for group in (ours, others)] + [int(group.sum()) for group in (ours, others)]
    unknown = int((~known).sum())
    english = (
        f"{counts[0]} of {counts[2]} mountain counties lie on a provincial border, "
        f"against {counts[1]} of {counts[3]} other counties; unknown for {unknown}."
    )
    chinese = (
        f"山区26县中有{counts[0]}个与外省接壤（共{counts[2]}个），"
        f"其余县级单位{counts[3]}个中有{counts[1]}个；{unknown}个不详。"
    )
    return label(language, english, chinese, joint="\n")


def contrast_table(frame: pd.DataFrame, topics: Sequence[Topic], language: str = "en") -> TableSpec:
    """Medians of the 26 and of the province's other counties, with the lowest and highest of the 26.

    Parameters
    ----------
    frame : DataFrame
        All counties of the province.
    topics : sequence of Topic
        One row each.

    Raises
    ------
    ReportError
        If none of the 26 has a value for a topic.
    """
    check_language(language)
    rows = [_contrast(frame, one, language) for one in topics]
    heads = [
        ("median of", "中位数"),
        ("the 26", "26县"),
        ("other counties", "其他县级单位"),
        ("lowest of the 26", "26县最低"),
        ("highest of the 26", "26县最高"),
        ("counties with data", "有数据县数"),
    ]
    return TableSpec(pd.DataFrame(rows, columns=[label(language, en, zh) for en, zh in heads]))


def contrast_text(frame: pd.DataFrame, topics: Sequence[Topic], language: str = "en") -> str:
    """One sentence a topic: medians of the 26 and of the other counties, and the ends of the 26."""
    check_language(language)
    lines = []
    for one in topics:
        _, ours, others, low, high, counted = _contrast(frame, one, "en")
        english = (
            f"{one.title('en')}: median {ours} in the 26, {others} in the other counties; "
            f"from {low} to {high} (counties with data {counted})."
        )
        _, ours, others, low, high, counted = _contrast(frame, one, "zh")
        chinese = (
            f"{one.title('zh')}：26县中位数{ours}，其他县级单位{others}；26县从{low}到{high}（有数据县数{counted}）。"
        )
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def _contrast(frame: pd.DataFrame, one: Topic, language: str) -> list[str]:
    known = frame[frame[one.column].notna()].astype({one.column: float}).sort_values([one.column, "code"])
    ours, others = (known[known["is_mountain_26"].astype(bool) == side] for side in (True, False))
    if ours.empty or others.empty:
        remedy = f" {BORDERS_UNKNOWN}" if "border" in one.column else ""
        raise ReportError(
            f"{one.column!r} has no value among the 26 or among the other counties; leave it out.{remedy}"
        )
    digits = max(one.digits, 0)
    medians = [format_number(group[one.column].median(), digits) for group in (ours, others)]
    ends = [
        f"{plain_name(row, language)} {format_number(row[one.column], digits)}" for row in (ours.iloc[0], ours.iloc[-1])
    ]
    return [one.title(language).replace("\n", " "), *medians, *ends, f"{len(ours)} / {len(others)}"]
