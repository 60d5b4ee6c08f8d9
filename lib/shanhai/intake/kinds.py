"""Kinds of tables that are taken in: their columns, how yearbooks call these, and in which unit ours are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from shanhai.core import fields
from shanhai.intake.cells import not_current, not_of_year, plain, without_unit

Level = Literal["county", "prefecture", ""]


@dataclass(frozen=True)
class Target:
    """One column of ours that figures of a yearbook can go to."""

    column: str
    dimension: str
    """money, people, share, or empty for what has no unit."""
    factor: float
    """What one of our unit is in yuan, persons or percent."""
    heads: str = ""
    """Pattern of its heads in yearbooks, without unit and year."""
    per_head: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of table."""

    name: str
    """As the command calls it."""
    level: Level
    """Level of the places that its rows are of; empty for tables whose rows are keyed otherwise."""
    targets: tuple[Target, ...] = ()
    tables: tuple[str, ...] = field(default=())
    """Tables of the project that it may become."""

    def table(self, year: int | None = None) -> str:
        """The table of the project; of a census that of its year."""
        return self.tables[-1] if len(self.tables) == 1 or year is None else f"census_{year}"


_GDP = r"(?:国内|地区)?生产总值(?:gdp)?|gdp|grossdomesticproduct|grossregionalproduct|生产总值总量|地区生产总值总量"


def _sector(number: str, english: str) -> str:
    return rf"第?{number}(?:次)?产业(?:增加值|产值|生产总值)?|{english}(?:sector|industry|gdp)?(?:valueadded)?"


COUNTY_GDP: Final = Kind(
    "county_gdp",
    "county",
    (
        Target("gdp_10k_yuan", "money", 1e4, _GDP),
        Target("primary_gdp_10k_yuan", "money", 1e4, _sector("一", "primary")),
        Target(
            "gdp_per_capita_10k_yuan",
            "money",
            1e4,
            r"人均(?:地区|国内)?(?:生产总值|gdp)(?:gdp)?|(?:地区)?人均生产总值|gdpper(?:capita|head)",
            per_head=True,
        ),
    ),
    ("county_gdp",),
)

PREFECTURE_ECONOMY: Final = Kind(
    "prefecture_economy",
    "prefecture",
    (
        Target("gdp_100m_yuan", "money", 1e8, _GDP),
        Target("primary_gdp_10k_yuan", "money", 1e4, _sector("一", "primary")),
        Target("secondary_gdp_10k_yuan", "money", 1e4, _sector("二", "secondary")),
        Target("tertiary_gdp_10k_yuan", "money", 1e4, _sector("三", "tertiary")),
        Target("primary_share_pct", "share", 1, r"第?一(?:次)?产业(?:占(?:gdp|地区生产总值)?的?)?(?:比重|占比)"),
        Target("secondary_share_pct", "share", 1, r"第?二(?:次)?产业(?:占(?:gdp|地区生产总值)?的?)?(?:比重|占比)"),
        Target("tertiary_share_pct", "share", 1, r"第?三(?:次)?产业(?:占(?:gdp|地区生产总值)?的?)?(?:比重|占比)"),
        Target(
            "gdp_per_capita_yuan",
            "money",
            1,
            r"人均(?:地区|国内)?(?:生产总值|gdp)(?:gdp)?|gdpper(?:capita|head)",
            per_head=True,
        ),
        Target("gdp_growth_pct", "share", 1, r"(?:地区生产总值|生产总值|gdp)(?:增速|增长率|增长|比上年增长|growth)"),
    ),
    ("prefecture_economy",),
)

CENSUS: Final = Kind("census", "county", (), ("census_2010", "census_2020"))
CLAIMS: Final = Kind("claims", "", (), ("claims",))
PAIRINGS: Final = Kind("pairings", "", (), ("pairings",))
COLLABORATION: Final = Kind("collaboration", "", (), ("collaboration",))

TABLES: Final[Mapping[str, Kind]] = {
    kind.name: kind for kind in (COUNTY_GDP, CENSUS, PREFECTURE_ECONOMY, CLAIMS, PAIRINGS, COLLABORATION)
}
"""Kinds of tables by the name that the command takes."""

FILES: Final[Mapping[str, tuple[str, str]]] = {
    "boundaries": ("layer", "counties"),
    "dem": ("grid", "elevation"),
    "lights_grid": ("grid", "lights_grid"),
}
"""Layers and grids: kind and name of what they replace."""

ROLES: Final[Mapping[str, str]] = {
    "code": r"(?:行政)?(?:区划)?代码|区划码|行政区划|adcode|code|统计用区划代码",
    "place": (
        r"地区|县市|县名|名称|地名|县市区|县区|县级市|区县|市县|单位名称|行政区|行政区域|地区名称|城市|县|市|市州|地级市|地市"
        r"|county|counties|name|place|district|region|city|县级行政区|行政单位"
    ),
    "year": r"年份|年度|年|year",
    "province": r"省|省份|省区市|省级|所属省|province",
    "prefecture": r"所属市|所属地级市|地级市名|所属地市|prefecture",
}
"""Columns that say which place and year a row is of, by their heads."""


_DIMENSIONS: Final = {"persons": "people", "percent": "share"}
"""Dimensions of the units that the dictionary names, where yearbooks print them in several."""

_INDEX: Final = re.compile(r"指数|index", re.IGNORECASE)


def no_figure_of_year(head: str) -> str:
    """Words of a head whose figures are none of a whole year at current prices; empty if it has none."""
    found = _INDEX.search(head)
    return found[0] if found else not_of_year(head) or not_current(head)


def all_targets(kind: Kind, table: str) -> tuple[Target, ...]:
    """Columns of a table that a file can fill: those with heads of their own, and the rest of the dictionary."""
    known = {target.column for target in kind.targets}
    taken = {"code", "year"} if kind.level else set()
    rest = [
        Target(described.column, _DIMENSIONS.get(described.unit, ""), 1)
        for described in fields.fields_of(table)
        if described.column not in known | taken
    ]
    return (*kind.targets, *rest)


def guess(head: str, kind: Kind, table: str) -> tuple[str, str]:
    """Column of ours that a head without its year means, and why; both empty if none.

    Examples
    --------
    >>> guess("地区生产总值（亿元）", COUNTY_GDP, "county_gdp")[0], guess("GDP增速(%)", COUNTY_GDP, "county_gdp")[0]
    ('gdp_10k_yuan', '')
    """
    text, whole = without_unit(head), plain(head)
    if kind.targets and no_figure_of_year(head):
        return "", ""
    columns = {described.column: described for described in fields.fields_of(table)}
    if whole in columns:
        return whole, "the head is the name of the column"
    for target in kind.targets:
        if target.heads and re.fullmatch(target.heads, text):
            return target.column, "yearbooks print it under this head"
    if kind.level:
        for role, pattern in ROLES.items():
            if re.fullmatch(pattern, text.replace("、", "").replace("/", "")):
                return role, f"a head of the {role}"
    for column, described in columns.items():
        if text and text in (_short(described.chinese), _short(described.english)):
            return column, "the data dictionary describes the column so"
    return "", ""


def _short(description: str) -> str:
    """Beginning of a description, up to what explains it."""
    return without_unit(re.split(r"[（(，,;；]", description)[0])
