"""How the border effect is estimated: sample, weights, fixed effects and standard errors."""

from shanhai.methods.curve.grid import Choice, Option
from shanhai.methods.spec import CovarianceSpec, Filter, SampleSpec
from shanhai.studies.border.design import BY_PREFECTURE, BY_PROVINCE, CHINA, ROBUST

MUNICIPALITIES = ("110000", "120000", "310000", "500000")
"""Beijing, Tianjin, Shanghai, Chongqing."""

VAST_WEST = ("150000", "540000", "630000", "650000")
"""Inner Mongolia, Tibet, Qinghai, Xinjiang."""


def _without(provinces: tuple[str, ...], name: str, name_zh: str) -> SampleSpec:
    """China without some provinces."""
    return SampleSpec(name, name_zh, filters=tuple(Filter("province_code", "!=", code) for code in provinces))


SAMPLE = Choice(
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
WEIGHTS = Choice(
    "weights",
    "weights",
    "权重",
    "weights",
    (
        Option("county", "each county once", "每县一次", "The claims are about counties.", None),
        Option("resident", "each resident once", "按人口加权", "Welfare is about people.", "population_2020"),
    ),
)
EFFECTS = Choice(
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
COVARIANCE = Choice(
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
            CovarianceSpec.conley("bartlett", 200.0),
        ),
    ),
)
