"""The declared choices of the border effect: every option that a careful author could defend, and why.

All specifications estimate one thing: the difference, in log points, between counties at a provincial border and other
counties compared under the same fixed effects, at mean terrain. Options that would answer another question are not
here: continuous distance (another unit), schooling, ageing or urbanisation held fixed (borders may have changed them),
samples of single provinces (another population; notebook 03 has them), no fixed effects (compares rich with poor
provinces).
"""

import pandas as pd

from shanhai.errors import SpecificationError
from shanhai.model.registered import BY_PREFECTURE, BY_PROVINCE, OUTCOMES, ROBUST
from shanhai.model.samples import CHINA
from shanhai.model.variations.grid import Choice, Exclusion, Grid, Moderator, Option
from shanhai.model.variations.spatial import ConleySpec
from shanhai.spec import Filter, SampleSpec, Variable

MUNICIPALITIES = ("110000", "120000", "310000", "500000")
"""Beijing, Tianjin, Shanghai, Chongqing."""

VAST_WEST = ("150000", "540000", "630000", "650000")
"""Inner Mongolia, Tibet, Qinghai, Xinjiang."""

TERRAIN = {
    "ruggedness": (
        "ruggedness",
        "崎岖度",
        "Index of Riley et al. (1999) as Nunn & Puga (2012) use it; the main measure.",
    ),
    "slope_mean_deg": ("slope", "坡度", "Mean slope is what roads and fields meet."),
    "elevation_sd_m": ("sd of elevation", "高程标准差", "Spread of elevation, the commonest measure in economics."),
    "relief_m": ("relief", "起伏度", "Highest less lowest point, as Chinese physical geography measures mountains."),
}
"""Terrain measure by column: English, Chinese, reason."""


def add_choice_columns(frame: pd.DataFrame, centres: pd.DataFrame | None = None) -> pd.DataFrame:
    """The analysis frame with the columns that the choices need beside it.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame``.
    centres : DataFrame, optional
        code, longitude, latitude (degrees, WGS 84), from ``county_centres``; needed for Conley errors unless the frame
        already has the coordinates.

    Returns
    -------
    DataFrame
        A copy with ``edge_within_10km``, ``centre_within_25km``, ``centre_within_50km`` (nullable booleans) and, from
        ``centres``, ``longitude`` and ``latitude``.

    Raises
    ------
    SpecificationError
        If a column is absent or a code has two centres.
    """
    absent = sorted({"code", "gap_to_border_km", "distance_to_border_km"} - set(frame.columns))
    if absent or (centres is not None and centres["code"].duplicated().any()):
        raise SpecificationError(
            f"the frame lacks {absent} or a code has two centres; allowed: the analysis frame and one centre a county. "
            "Build both from the same boundaries."
        )
    added = frame.assign(
        edge_within_10km=_within(frame["gap_to_border_km"], 10.0),
        centre_within_25km=_within(frame["distance_to_border_km"], 25.0),
        centre_within_50km=_within(frame["distance_to_border_km"], 50.0),
    )
    if centres is None:
        return added
    place = centres.set_index("code")[["longitude", "latitude"]].reindex(frame["code"])
    return added.assign(longitude=place["longitude"].to_numpy(), latitude=place["latitude"].to_numpy())


def _within(distance: pd.Series, limit: float) -> pd.Series:
    """Whether a distance is at most the limit; missing stays missing."""
    return (distance <= limit).astype("boolean").mask(distance.isna())


def border_grid() -> Grid:
    """Every defensible specification of the border effect; the main one is that of ``registered.main_spec``."""
    return Grid(
        choices=(
            _OUTCOME,
            _BORDER,
            _TERRAIN,
            _DISTRICT,
            _AREA,
            _REMOTENESS,
            _ELEVATION,
            _SAMPLE,
            _WEIGHTS,
            _EFFECTS,
            _COVARIANCE,
        ),
        exclusions=EXCLUSIONS,
        main=tuple(MAIN.items()),
    )


_OUTCOME = Choice(
    "outcome",
    "outcome",
    "结果变量",
    "outcome",
    (
        Option("gdp", "GDP per head", "人均GDP", "What the claims are about.", OUTCOMES["gdp"]),
        Option(
            "lights_per_head",
            "light per head",
            "人均灯光",
            "Measured alike in every province, whatever statistical offices report (Henderson et al. 2012).",
            OUTCOMES["lights_per_head"],
        ),
        Option(
            "lights_per_km2",
            "light per km²",
            "每平方千米灯光",
            "Density of activity, as Ma & Zhao (2022) measure the valley; people may have moved away too.",
            OUTCOMES["lights_per_km2"],
        ),
    ),
)
_BORDER = Choice(
    "border",
    "border county",
    "省界县定义",
    "treatment",
    (
        Option("touches", "touches the border", "紧邻省界", "The claims' own definition.", Variable("on_border")),
        Option(
            "edge_10km",
            "edge within 10 km",
            "边缘距省界10千米内",
            "Boundary files are off by kilometres, so touching is fuzzy.",
            Variable("edge_within_10km"),
        ),
        Option(
            "centre_25km",
            "centre within 25 km",
            "中心距省界25千米内",
            "Large counties touch borders far from where people live; the valley is some 20 km wide.",
            Variable("centre_within_25km"),
        ),
        Option(
            "centre_50km",
            "centre within 50 km",
            "中心距省界50千米内",
            "A day's market area; includes the second row of counties.",
            Variable("centre_within_50km"),
        ),
    ),
)
_TERRAIN = Choice(
    "terrain",
    "terrain",
    "地形",
    "moderator",
    (
        Option("none", "not held fixed", "不控制", "The whole difference: terrain may be how borders work.", None),
        *(
            Option(
                f"{column}{ending}",
                f"{en}{suffix_en}",
                f"{zh}{suffix_zh}",
                f"{reason} {why}",
                Moderator(Variable(column, "standardised"), interacts),
            )
            for column, (en, zh, reason) in TERRAIN.items()
            for ending, suffix_en, suffix_zh, interacts, why in (
                ("", "", "", False, "Held fixed."),
                ("_x_border", " × border", "×省界", True, "The border may matter more where terrain is rugged."),
            )
        ),
    ),
)
_DISTRICT = Choice(
    "district",
    "district",
    "市辖区",
    "controls",
    (
        Option("yes", "held fixed", "控制", "Urban districts are another kind of unit.", (Variable("is_district"),)),
        Option("no", "not held fixed", "不控制", "Where provinces put districts may depend on borders.", ()),
    ),
)
_AREA = Choice(
    "area",
    "area",
    "面积",
    "controls",
    (
        Option("no", "not held fixed", "不控制", "Simplest.", ()),
        Option(
            "yes", "held fixed", "控制", "Large counties touch borders more easily.", (Variable("area_km2", "log"),)
        ),
    ),
)
_REMOTENESS = Choice(
    "remoteness",
    "distance to capital",
    "到省会距离",
    "controls",
    (
        Option("no", "not held fixed", "不控制", "Remoteness is part of what a border does.", ()),
        Option(
            "yes",
            "held fixed",
            "控制",
            "Separates the border from distance to the capital.",
            (Variable("distance_to_capital_km", "log"),),
        ),
    ),
)
_ELEVATION = Choice(
    "elevation",
    "elevation",
    "海拔",
    "controls",
    (
        Option("no", "not held fixed", "不控制", "Ruggedness already stands for terrain.", ()),
        Option(
            "yes",
            "held fixed",
            "控制",
            "High plateaus are cold and thinly settled without being rugged.",
            (Variable("elevation_mean_m", "standardised"),),
        ),
    ),
)


def _without(provinces: tuple[str, ...], name: str, name_zh: str) -> SampleSpec:
    """China without some provinces."""
    return SampleSpec(name, name_zh, filters=tuple(Filter("province_code", "!=", code) for code in provinces))


_SAMPLE = Choice(
    "sample",
    "sample",
    "样本",
    "sample",
    (
        Option("china", "all counties", "全部", "The population of the question.", CHINA),
        Option(
            "no_municipalities",
            "without municipalities",
            "不含直辖市",
            "In a municipality of one city nearly every county is near a border.",
            _without(MUNICIPALITIES, "China without municipalities", "全国（不含直辖市）"),
        ),
        Option(
            "no_vast_west",
            "without the vast west",
            "不含西部广袤省区",
            "Counties the size of provinces make distances and dummies mean something else.",
            _without(VAST_WEST, "China without the vast west", "全国（不含西部广袤省区）"),
        ),
        Option(
            "no_districts",
            "without districts",
            "不含市辖区",
            "Compares rural counties with rural counties.",
            SampleSpec("China without districts", "全国（不含市辖区）", filters=(Filter("is_district", "==", False),)),
        ),
        Option(
            "undoubted",
            "undoubted GDP",
            "GDP无存疑",
            "GDP of other counties may not belong to the residents it is divided by.",
            SampleSpec("China, undoubted GDP", "全国（GDP无存疑）", filters=(Filter("gdp_is_doubtful", "==", False),)),
        ),
    ),
)
_WEIGHTS = Choice(
    "weights",
    "weights",
    "权重",
    "weights",
    (
        Option("county", "each county once", "每县一次", "The claims are about counties.", None),
        Option("resident", "each resident once", "按人口加权", "Welfare is about people.", "population_2020"),
    ),
)
_EFFECTS = Choice(
    "effects",
    "fixed effects",
    "固定效应",
    "fixed_effects",
    (
        Option("province", "province", "省", "Border and interior counties of one province.", ("province_code",)),
        Option(
            "prefecture",
            "prefecture",
            "地级市",
            "Neighbours under the same city, at the price of what differs between cities.",
            ("prefecture_code",),
        ),
        Option(
            "province_kind",
            "province and kind of unit",
            "省、县级单位类型",
            "Cities, counties, banners and districts each have their own mean.",
            ("province_code", "kind"),
        ),
    ),
)
_COVARIANCE = Choice(
    "covariance",
    "standard errors",
    "标准误",
    "covariance",
    (
        Option("prefecture", "by prefecture", "按地级市聚类", "Shocks and policies are shared there.", BY_PREFECTURE),
        Option("province", "by province", "按省聚类", "Treatment differs by province; 31 clusters.", BY_PROVINCE),
        Option("hc3", "HC3", "HC3", "No correlation assumed; careful with leverage.", ROBUST),
        Option(
            "conley_200km",
            "Conley, 200 km",
            "Conley（200千米）",
            "Neighbours across provincial borders are correlated too.",
            ConleySpec("bartlett", 200.0),
        ),
    ),
)

EXCLUSIONS = (
    Exclusion(
        (("sample", ("no_districts",)), ("district", ("yes",))),
        "without districts in the sample the district dummy does not vary",
    ),
    Exclusion(
        (("effects", ("province_kind",)), ("district", ("yes",))),
        "the kind of unit already tells districts apart",
    ),
    Exclusion(
        (("sample", ("undoubted",)), ("outcome", ("lights_per_head", "lights_per_km2"))),
        "doubts about GDP are no reason to leave counties out of a regression of light",
    ),
)
"""Combinations that contradict themselves."""

MAIN = {
    "outcome": "gdp",
    "border": "touches",
    "terrain": "ruggedness_x_border",
    "district": "yes",
    "area": "no",
    "remoteness": "no",
    "elevation": "no",
    "sample": "china",
    "weights": "county",
    "effects": "province",
    "covariance": "prefecture",
}
"""The registered main specification in terms of these choices."""
