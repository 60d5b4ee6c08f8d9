"""What can be mapped: title, unit, decimals, palette and source of each numeric column, in English and Chinese."""

from dataclasses import dataclass, replace

from shanhai.core.errors import ReportError
from shanhai.render.style import label

SOURCES = {
    "census": ("2020 population census by county (NBS)", "2020年人口普查分县资料（国家统计局）"),
    "economy": ("county and provincial statistical yearbooks", "县域统计年鉴、各省统计年鉴"),
    "lights": ("VIIRS-like night-time lights (Chen et al. 2021)", "类VIIRS夜间灯光数据（Chen 等，2021）"),
    "terrain": ("open global terrain grid (Mapzen), zonal statistics", "全球开放地形格网（Mapzen），分区统计"),
    "boundaries": ("county boundaries of 2017 carried to the counties of 2020", "2017年县级边界，对应2020年县级单位"),
    "plan": ("Zhejiang's list of 26 mountain counties (2021)", "浙江省山区26县名单（2021年）"),
}
"""Short names of sources for the line below a map."""


@dataclass(frozen=True)
class Topic:
    """A numeric column as a map shows it.

    Attributes
    ----------
    column : str
    en, zh : str
        Title.
    unit_en, unit_zh : str
    digits : int
        Decimals of the class limits; negative for tens, hundreds.
    palette : str
        A sequential colour map of matplotlib whose lightness falls steadily.
    sources : tuple of str
        Keys of :data:`SOURCES`.
    """

    column: str
    en: str
    zh: str
    unit_en: str
    unit_zh: str
    digits: int
    palette: str
    sources: tuple[str, ...]

    def title(self, language: str) -> str:
        """Title with its unit."""
        return label(language, f"{self.en} ({self.unit_en})", f"{self.zh}（{self.unit_zh}）", joint="\n")


@dataclass(frozen=True)
class Outline:
    """A group of counties with a heavy outline: its boolean column, and what the legend calls it."""

    column: str
    en: str
    zh: str


@dataclass(frozen=True)
class Category:
    """A named kind of county: value in the column, labels, fill and hatch."""

    value: str
    en: str
    zh: str
    colour: str
    hatch: str = ""


@dataclass(frozen=True)
class Kinds:
    """A column of kinds as a map shows it: title, kinds in the order of the legend, sources."""

    column: str
    en: str
    zh: str
    categories: tuple[Category, ...]
    sources: tuple[str, ...]

    def title(self, language: str) -> str:
        """Title."""
        return label(language, self.en, self.zh, joint="\n")


_SPACE, _LAND, _WEALTH, _PEOPLE, _LIGHT = "Purples_r", "YlOrBr", "YlGnBu", "BuPu", "OrRd"
_BORDER_EN = "to the nearest provincial border"

TOPICS = {
    topic.column: topic
    for topic in (
        Topic("elevation_mean_m", "Mean elevation", "平均海拔", "m", "米", -1, _LAND, ("terrain",)),
        Topic("relief_m", "Relief: highest minus lowest", "地形起伏：最高减最低", "m", "米", -1, _LAND, ("terrain",)),
        Topic("ruggedness", "Terrain ruggedness", "地形崎岖度", "m", "米", 0, _LAND, ("terrain",)),
        Topic("slope_mean_deg", "Mean slope", "平均坡度", "degrees", "度", 1, _LAND, ("terrain",)),
        Topic("area_km2", "Land area", "土地面积", "km²", "平方千米", -1, _LAND, ("boundaries",)),
        Topic("distance_to_border_km", f"Distance from centre {_BORDER_EN}", "中心到最近省界的距离", "km", "千米",
              0, _SPACE, ("boundaries",)),
        Topic("gap_to_border_km", f"Distance from edge {_BORDER_EN}", "边缘到最近省界的距离", "km", "千米",
              0, _SPACE, ("boundaries",)),
        Topic("gdp_per_capita_2021", "GDP per head, 2021", "人均地区生产总值，2021年", "yuan", "元",
              -2, _WEALTH, ("economy", "census")),
        Topic("share_60_plus_2020", "Residents aged 60 and over, 2020", "60岁及以上常住人口比重，2020年", "%", "%",
              1, _PEOPLE, ("census",)),
        Topic("urban_share_2020", "Urban share of residents, 2020", "常住人口城镇化率，2020年", "%", "%",
              1, _WEALTH, ("census",)),
        Topic("mean_schooling_2020", "Mean years of schooling, 2020", "平均受教育年限，2020年", "years", "年",
              1, _WEALTH, ("census",)),
        Topic("illiteracy_2020", "Illiteracy at 15 and over, 2020", "15岁及以上文盲率，2020年", "%", "%",
              1, _PEOPLE, ("census",)),
        Topic("light_density", "Night lights, {year}", "夜间灯光，{year}年", "nW/cm²/sr summed over cells, per km²",
              "每平方千米格网辐亮度之和，nW/cm²/sr", 1, _LIGHT, ("lights",)),
        Topic("light_growth", "Growth of night lights, {base_year}–{year}", "夜间灯光年均增长，{base_year}—{year}年",
              "% a year", "%/年", 1, _LIGHT, ("lights",)),
    )
}  # fmt: skip
"""Topics by column; titles with braces take values through :func:`topic`."""


def topic(column: str, **values: int | str) -> Topic:
    """The topic of a column, with the values that its title asks for, such as ``year=2021``.

    Raises
    ------
    ReportError
        If the column is no topic, or its title asks for a value that is not given.
    """
    if column not in TOPICS:
        raise ReportError(f"{column!r} is not a mapped topic; there are {', '.join(TOPICS)}. Or pass a Topic.")
    found = TOPICS[column]
    try:
        return replace(found, en=found.en.format(**values), zh=found.zh.format(**values))
    except KeyError as error:
        raise ReportError(f"The title of {column!r} needs {error}; pass it, as in topic(..., year=2021).") from error
