"""What is measured in the specifications of the border effect: outcome, border, terrain and what is held fixed."""

from shanhai.methods.curve.grid import Choice, Moderator, Option
from shanhai.methods.spec import Variable
from shanhai.studies.border.design import OUTCOMES

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


OUTCOME = Choice(
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
BORDER = Choice(
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
TERRAIN_FORM = Choice(
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
DISTRICT = Choice(
    "district",
    "district",
    "市辖区",
    "controls",
    (
        Option("yes", "held fixed", "控制", "Urban districts are another kind of unit.", (Variable("is_district"),)),
        Option("no", "not held fixed", "不控制", "Where provinces put districts may depend on borders.", ()),
    ),
)
AREA = Choice(
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
REMOTENESS = Choice(
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
ELEVATION = Choice(
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
