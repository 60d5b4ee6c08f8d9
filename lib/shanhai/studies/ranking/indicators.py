"""The indicators of the 26 mountain counties: what is measured, from which table, and what is wrong with it.

An indicator is here only if the bundled tables give it for the 26 and if a county could do better or worse in it:
terrain and distance to a border are conditions, no achievements. What the plan asks for and the tables do not hold is
in :data:`MISSING`; what they hold and an evaluation should not use is in :data:`UNUSED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

BOTH = ("leapfrog", "ecological")

GROUPS: Mapping[str, tuple[str, str]] = {
    "regions": ("gap between regions", "地区差距"),
    "town_country": ("gap between town and country", "城乡差距"),
    "income": ("gap of income", "收入差距"),
    "growth": ("growth and structure", "增长与结构"),
    "people": ("people", "人口"),
    "space": ("space", "空间"),
}
"""Groups by key: English, Chinese. The first three are the three gaps (三大差距) of the plan."""


@dataclass(frozen=True)
class Indicator:
    """One indicator of the evaluation."""

    key: str
    group: str
    direction: int
    """1 if more is better, -1 if less is."""
    names: tuple[str, str]
    """English, Chinese; with the year."""
    unit: tuple[str, str]
    formula: tuple[str, str]
    data: str
    """Tables it is computed from."""
    caveat: tuple[str, str]
    types: tuple[str, ...] = BOTH
    """Types of county that are judged by it."""
    repeated: bool = False
    """Whether it exists for 2010/11 as well, measured alike."""


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "gdp_per_head_relative", "regions", 1,
        ("GDP per head 2021, province = 100", "2021年人均GDP（全省=100）"), ("% of the province", "占全省%"),
        ("GDP of the year over census residents of the year before, over the same of the province",
         "当年GDP除以上年普查常住人口，与全省同口径值之比"),
        "county_gdp; census_2010; census_2020; prefecture_economy",
        ("current prices; product, not income: profits and commuters' work count where they are made",
         "当年价；是产出而非收入"), repeated=True,
    ),
    Indicator(
        "urban_share", "town_country", 1,
        ("urban share of residents 2020", "2020年城镇化率"), ("%", "%"),
        ("urban residents over residents", "城镇常住人口占常住人口"), "census_2010; census_2020",
        ("how much town there is, not how far the country lags behind it; the definition of a town was redrawn",
         "反映城镇规模而非城乡差距；城镇划分口径有调整"), repeated=True,
    ),
    Indicator(
        "farm_productivity_relative", "town_country", 1,
        ("product of a farm worker, other workers = 100", "农业与非农业劳动生产率之比（二元对比系数）"),
        ("%", "%"),
        ("primary GDP share over primary employment share, over the same of the rest",
         "第一产业GDP比重/就业比重，除以非第一产业的同一比值"),
        "county_gdp; census_2010; census_2020",
        ("the usual stand-in for the gap of incomes in town and country; employment of 2020 from the 10 % long form",
         "城乡收入差距的常用替代；2020年就业取自长表10%抽样"), repeated=True,
    ),
    Indicator(
        "cars_per_100_households", "income", 1,
        ("households with a car 2020", "2020年拥有家用汽车的家庭户比重"), ("%", "%"),
        ("households with a car over households, long form", "长表中拥有家用汽车的家庭户占比"), "census_2020",
        ("a stand-in: incomes are not in the tables; scattered settlement needs cars too",
         "替代指标：数据中没有收入；居住分散也需用车"),
    ),
    Indicator(
        "gdp_growth_relative", "growth", 1,
        ("growth of GDP 2011–2021 above the province", "2011—2021年GDP增速减全省增速"),
        ("points a year", "个百分点/年"),
        ("mean yearly growth at current prices less that of the province", "现价年均增速减全省现价年均增速"),
        "county_gdp; prefecture_economy",
        ("no prices by county; no figure of 2011 for Kecheng, Qujiang and Liandu; Cangnan with Longgang",
         "无分县价格指数；柯城、衢江、莲都缺2011年；苍南含龙港"),
    ),
    Indicator(
        "lights_growth_relative", "growth", 1,
        ("growth of night lights 2014–2021 above the province", "2014—2021年夜间灯光增速减全省增速"),
        ("points a year", "个百分点/年"),
        ("mean yearly growth from the mean of 2013–2015 to that of 2020–2022, less that of the province",
         "2013—2015年均值到2020—2022年均值的年均增速减全省增速"), "county_lights",
        ("one sensor; roads and lamps grow faster than product; weak lights are noisy",
         "同一传感器；道路照明快于产出；弱光噪声大"),
    ),
    Indicator(
        "primary_share", "growth", -1,
        ("primary sector in GDP 2021", "2021年第一产业占GDP比重"), ("%", "%"),
        ("value added of the primary sector over GDP", "第一产业增加值占GDP"), "county_gdp",
        ("structure; not used for ecological counties, which are meant to live off land and forest",
         "产业结构；生态发展类不采用"), types=("leapfrog",), repeated=True,
    ),
    Indicator(
        "population_change", "people", 1,
        ("change of residents 2010–2020", "2010—2020年常住人口年均变化"), ("% a year", "%/年"),
        ("mean yearly change between censuses", "两次普查间年均变化率"), "census_2010; census_2020",
        ("2020 counted absent people better than 2010; Cangnan with Longgang",
         "两次普查对外出人口登记有别；苍南含龙港"),
    ),
    Indicator(
        "share_60_plus", "people", -1,
        ("aged 60 and over 2020", "2020年60岁及以上人口比重"), ("%", "%"),
        ("residents aged 60 and over over residents", "60岁及以上常住人口占比"), "census_2010; census_2020",
        ("the young leave: partly the same as the change of residents", "年轻人外流所致，与人口变化部分重叠"),
        repeated=True,
    ),
    Indicator(
        "mean_schooling", "people", 1,
        ("mean years of schooling 2020, 15 and over", "2020年15岁及以上平均受教育年限"), ("years", "年"),
        ("as published by the census", "普查公布值"), "census_2010; census_2020",
        ("the educated leave; schooling of the old was decided long ago", "受教育者外流；老年人学历早已确定"),
        repeated=True,
    ),
    Indicator(
        "illiteracy", "people", -1,
        ("illiterate 2020, 15 and over", "2020年15岁及以上文盲率"), ("%", "%"),
        ("illiterates over residents aged 15 and over", "15岁及以上文盲人口占比"), "census_2010; census_2020",
        ("mostly old people; close to schooling; Qingtian's and Longquan's printed figures of 2020 are doubtful",
         "主要是老年人；与受教育年限相近；青田、龙泉2020年公布数存疑"), repeated=True,
    ),
    Indicator(
        "residents_to_registered", "people", 1,
        ("residents per 100 registered 2020", "2020年常住人口与户籍人口之比"), ("%", "%"),
        ("census residents over registered population at the end of the year", "普查常住人口除以年末户籍人口"),
        "census_2010; census_2020; county_hukou",
        ("below 100, more people left than came; Qingtian's registered live abroad too",
         "低于100表示净流出；青田户籍人口亦旅居海外"), repeated=True,
    ),
    Indicator(
        "gdp_per_light", "space", 1,
        ("GDP per unit of night light 2021", "2021年单位灯光GDP"), ("million yuan", "百万元"),
        ("GDP of 2021 over the mean light sum of 2020–2022", "2021年GDP除以2020—2022年灯光均值"),
        "county_gdp; county_lights",
        ("stands in for product per built-up land; light is no map of land use",
         "建设用地产出的替代；灯光不是土地利用图"),
    ),
    Indicator(
        "lights_per_km2", "space", -1,
        ("night light per km² 2020–2022", "2020—2022年每平方千米夜间灯光"), ("units per km²", "单位/平方千米"),
        ("mean light sum over land area", "灯光均值除以面积"), "county_lights; boundaries",
        ("pressure on land as far as light shows it; says nothing of water, forest or air; steep land is dark anyway",
         "仅为灯光所示的土地压力；不反映水、林、气；陡地本就较暗"), types=("ecological",), repeated=True,
    ),
)  # fmt: skip
"""All indicators, by group."""

MISSING: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = (
    ("income", ("disposable income of urban and rural residents, and their ratio", "城乡居民人均可支配收入及其比"),
     ("county statistical communiqués, yearly", "各县统计公报（年度）")),
    ("income", ("income of the poorest villages and of village collectives", "低收入农户与村集体收入"),
     ("agriculture and rural affairs bureau of the province", "省农业农村厅")),
    ("regions", ("general public budget revenue per head", "人均一般公共预算收入"),
     ("county finance accounts", "县级财政决算")),
    ("growth", ("growth at constant prices; industry, tourism and digital economy", "可比价增速；工业、旅游、数字经济"),
     ("Zhejiang statistical yearbook, by county", "《浙江统计年鉴》分县资料")),
    ("people", ("doctors, hospital beds, compulsory schools; life expectancy", "医生、床位、义务教育；预期寿命"),
     ("county yearbooks, health commission", "县年鉴、卫健委")),
    ("space", ("water and air quality, forest cover, gross ecosystem product", "水质、空气质量、森林覆盖率、GEP"),
     ("ecology and environment bulletin of the province; GEP accounts", "省生态环境公报；GEP核算")),
    ("space", ("built-up land and product per mu", "建设用地与亩均产出"),
     ("land survey; evaluation of enterprises by output per mu", "国土调查；亩均论英雄评价")),
)  # fmt: skip
"""What the plan's goals would need and the tables do not hold: group, what, where it could come from."""

UNUSED: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("relief, ruggedness, distance to the border", "起伏、崎岖度、距省界距离"),
     ("conditions, no achievements", "是条件而非成绩")),
    (("housing floor area per head", "人均住房建筑面积"),
     ("rises where people leave", "人口外流处反而较高")),
    (("fixed investment; length of roads", "固定资产投资；公路里程"),
     ("end in 2016 or change definition, three districts lacking; means, not ends",
      "止于2016年或口径有变，缺三区；是手段而非目的")),
    (("GDP per km²", "地均GDP"), ("mostly says how much of the land is steep", "主要反映陡坡土地多少")),
)  # fmt: skip
"""What the tables hold and the evaluation leaves out, and why."""


def indicators_of(kind: str, *, repeated: bool = False) -> tuple[Indicator, ...]:
    """Indicators by which a type of county is judged; only those that exist for both years if asked."""
    return tuple(one for one in INDICATORS if kind in one.types and (one.repeated or not repeated))


def groups_of(indicators: tuple[Indicator, ...]) -> pd.Series:
    """Group by key of indicator."""
    return pd.Series({one.key: one.group for one in indicators}, name="group")


def directions_of(indicators: tuple[Indicator, ...]) -> pd.Series:
    """1 or -1 by key of indicator."""
    return pd.Series({one.key: one.direction for one in indicators}, name="direction")
