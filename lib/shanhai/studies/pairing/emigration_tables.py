"""Tables on people who are registered in a place and live elsewhere."""

from collections.abc import Mapping

import pandas as pd

from shanhai.render.style import check_language, label
from shanhai.render.table_columns import three_line
from shanhai.render.tables import TableSpec

SOURCES: Mapping[str, tuple[str, str]] = {
    "census": ("census 2010, both", "2010年普查（均为普查）"),
    "yearbook": ("yearbooks, both", "年鉴（均为年鉴）"),
    "mixed": ("last yearbook, census 2020", "最近年鉴与2020年普查"),
}
"""Where registered and resident population come from."""


def joint_names(codes: pd.Series, names: Mapping[str, str]) -> dict[str, str]:
    """Mapping[str, str] of grounds such as ``511902+511903``."""
    return {joint: " + ".join(names[code] for code in joint.split("+")) for joint in codes}


def people_table(years: pd.DataFrame, language: str = "en") -> TableSpec:
    """Registered and resident population by year; of ``registered_less_resident``."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "year_of": years["year"].astype(str),
            "registered_of": years["registered_year"].astype(str),
            "registered": years["registered"],
            "residents": years["residents"],
            "difference": years["difference"],
            "share": 100 * years["difference"] / years["registered"],
            "source": [label(language, *SOURCES[name]) for name in years["source"]],
        }
    )
    heads = {
        "year_of": ("residents of", "常住人口年份"),
        "registered_of": ("registered of", "户籍人口年份"),
        "registered": ("registered", "户籍人口"),
        "residents": ("residents", "常住人口"),
        "difference": ("difference", "差额"),
        "share": ("% of registered", "占户籍%"),
        "source": ("source", "来源"),
    }
    notes = (
        label(
            language,
            "Yearbooks put the residents of 2014 far above what the census found in 2020: part of the step is a "
            "correction.",
            "年鉴所载2014年常住人口远高于2020年普查结果，差额的跳升部分来自普查修正。",
            joint="\n",
        ),
    )
    digits = {"registered": 0, "residents": 0, "difference": 0, "share": 1}
    caption = ("Registered and resident population of Bazhong", "巴中户籍与常住人口")
    return three_line(frame, caption, notes, digits, heads, language)


def county_people_table(counties: pd.DataFrame, names: Mapping[str, str], language: str = "en") -> TableSpec:
    """Registered less resident population by county; of ``by_county``, names by its ``codes``."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "county": [names[codes] for codes in counties["codes"]],
            "difference_2010": counties["difference_2010"],
            "share_2010": 100 * counties["difference_2010"] / counties["registered_2010"],
            "registered_of": counties["registered_year"].astype(str),
            "registered": counties["registered"],
            "residents_2020": counties["residents_2020"],
            "difference": counties["difference"],
            "share": counties["share"],
        }
    )
    heads = {
        "county": ("county", "县（区）"),
        "difference_2010": ("registered less residents 2010", "2010年户籍减常住"),
        "share_2010": ("% of registered", "占户籍%"),
        "registered_of": ("last register", "最近户籍年份"),
        "registered": ("registered", "户籍人口"),
        "residents_2020": ("residents 2020", "2020年常住人口"),
        "difference": ("difference", "差额"),
        "share": ("% of registered", "占户籍%"),
    }
    notes = (
        label(
            language,
            "The development zone, printed apart in 2020, is counted with Bazhou.",
            "2020年单列的经济开发区计入巴州区。",
        ),
    )
    digits = {"difference_2010": 0, "registered": 0, "residents_2020": 0, "difference": 0, "share": 1, "share_2010": 1}
    return three_line(frame, ("By county", "分县（区）"), notes, digits, heads, language)
