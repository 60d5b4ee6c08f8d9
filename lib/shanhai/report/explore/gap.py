"""Any place against any other: what subtraction of logarithms says, from the figures of the newest vintage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.fields import label_of
from shanhai.core.places import NATION, ZHEJIANG, bare_name
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_table
from shanhai.data.vintage import Vintage
from shanhai.render.numbers import is_missing, round_half_up
from shanhai.report.explore._page import Explorer, build_page
from shanhai.report.results import Language
from shanhai.studies.gap.analysis import gap_data, trait_rows
from shanhai.studies.gap.design import gap_design, traits
from shanhai.studies.gap.tables import TRAIT_DIGITS
from shanhai.studies.gap.words import WORDS as GAP

_FIRST = {"place": "330800", "reference": ZHEJIANG}
"""Places that the page opens with: Quzhou and Zhejiang, as notebook 08."""

_DIGITS = {"gdp": 4, "head": 2, "residents": 0, "covered": 2, "light": 6, "mean_log": 6, "doubtful": 0}
"""Decimals that the page holds of each figure: GDP in 100 million yuan, as exact as it is published."""

_FURTHER_DIGITS = 2
"""Decimals of a trait beyond those that are printed."""

_HUNDRED_MILLION = 1e8

_SHOWN_OTHERWISE = ("municipality", "direct_administration", "city_without_counties")
"""Kinds of prefecture that are a province too, no place, or a county of the census."""

_NAMES = ("code", "name_en", "name_zh", "short_en", "short_zh", "level", "within_en", "within_zh")


@dataclass(frozen=True)
class GapPlaces:
    """Every place that can be compared, one row each.

    Attributes
    ----------
    table : DataFrame
        Names, ``gdp`` (100 million yuan), ``head`` (GDP per head, yuan), ``residents`` (by whom GDP is divided),
        ``covered`` (percent of the residents), ``light`` (per resident), ``mean_log`` (population-weighted mean of log
        GDP per head over the counties that notebook 08 uses), ``doubtful`` (counties with doubtful GDP), and a column a
        trait; ``joint`` (code of the union whose GDP alone is known) and ``joint_head`` (its GDP per head, yuan).
    vintage : Vintage
    """

    table: pd.DataFrame
    vintage: Vintage

    @classmethod
    def of(cls) -> "GapPlaces":
        """The country, provinces, prefectures and counties of the newest vintage."""
        data = gap_data()
        used = trait_rows(data, gap_design(data.vintage).regression)
        names = pd.concat([_provinces(data.vintage), _prefectures(data.vintage), _counties(data.frame, data.vintage)])
        means = _means_by_place(data.frame, used, data.vintage)
        # a prefecture without counties, such as Dongguan, is a county of the census under the same code
        table = names.drop_duplicates("code").join(means[~means.index.duplicated()], on="code")
        return cls(table.reset_index(drop=True), data.vintage)


def gap_page(places: GapPlaces, language: Language) -> Explorer:
    """The page of gaps in one language."""
    vintage = places.vintage
    years = {"year": str(vintage.gdp), "census": str(vintage.census), "lights": str(vintage.lights)}
    return build_page("gap", language, _content(places, language), **years)


def _content(places: GapPlaces, language: Language) -> dict[str, Any]:
    table, side, vintage = places.table, int(language == "zh"), places.vintage
    names = {"ruggedness": label_of("ruggedness"), **GAP.labels("trait")}
    described = []
    for trait in traits(vintage):
        digits = TRAIT_DIGITS.get(trait, 1)
        values = _rounded(table[trait], digits + _FURTHER_DIGITS)
        described.append({"name": names[trait][side], "digits": digits, "values": values})
    shown = {name.removesuffix(f"_{language}") if name.startswith("within") else name for name in _NAMES}
    columns = {name: f"{name}_{language}" if name == "within" else name for name in shown if "within_" not in name}
    names_of = {name: table[column].tolist() for name, column in sorted(columns.items())}
    return {
        "places": {**names_of, "bare": table["name_zh"].map(bare_name).tolist()},
        "figures": {name: _rounded(table[name], digits) for name, digits in _DIGITS.items()},
        "traits": described,
        "joints": _joints(table),
        "year": str(vintage.gdp),
        "census": str(vintage.census),
        "lights": str(vintage.lights),
        "first": _FIRST,
    }


def _joints(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Counties of which GDP is known together only: their rows, and their joint GDP per head."""
    groups = table.dropna(subset="joint").groupby("joint")
    return [
        {"members": list(map(int, rows.index)), "head": float(round_half_up(rows["joint_head"].iloc[0], 2))}
        for _, rows in groups
    ]


def _rounded(values: pd.Series, digits: int) -> list[float | None]:
    return [None if is_missing(value) else float(round_half_up(value, digits)) for value in values]


def _named(frame: pd.DataFrame, level: str, within: Mapping[str, Any]) -> pd.DataFrame:
    """Names of places of a level; counties have no short names but their own."""
    short = {f"short_{tag}": frame[f"name_short_{tag}" if level != "county" else f"name_{tag}"] for tag in ("en", "zh")}
    return frame[["code", "name_en", "name_zh"]].assign(**short, level=level, **within)


def _figures(frame: pd.DataFrame, vintage: Vintage) -> dict[str, pd.Series]:
    """GDP, GDP per head, and the residents that the one is divided by to give the other."""
    gdp, head = frame[vintage.column("gdp")].astype(float), frame[vintage.column("gdp_per_capita")].astype(float)
    people = frame[vintage.column("population")].astype(float)
    return {"gdp": gdp / _HUNDRED_MILLION, "head": head, "residents": (gdp / head).fillna(people)}


def _provinces(vintage: Vintage) -> pd.DataFrame:
    frame = build_province_frame()
    within = {"within_en": "", "within_zh": ""}
    covered = frame[f"{vintage.column('gdp')}_covered_pct"]
    level = frame["code"].eq(NATION).map({True: "nation", False: "province"})
    return _named(frame, "province", within).assign(level=level, **_figures(frame, vintage), covered=covered)


def _prefectures(vintage: Vintage) -> pd.DataFrame:
    frame = build_prefecture_frame()
    frame = frame[~frame["kind"].isin(_SHOWN_OTHERWISE)]
    provinces = build_province_frame().set_index("code")
    within = {f"within_{tag}": frame["province_code"].map(provinces[f"name_short_{tag}"]) for tag in ("en", "zh")}
    figures = _figures(frame, vintage)
    covered = pd.Series(100.0, index=frame.index).where(figures["gdp"].notna())
    return _named(frame, "prefecture", within).assign(**figures, covered=covered)


def _counties(frame: pd.DataFrame, vintage: Vintage) -> pd.DataFrame:
    within = {"within_en": frame["prefecture"], "within_zh": frame["prefecture_zh"]}
    figures = _figures(frame, vintage)
    covered = pd.Series(100.0, index=frame.index).where(figures["gdp"].notna())
    union, head = f"gdp_joint_{vintage.gdp}", vintage.column("gdp_per_capita")
    joint = with_joint_gdp(frame, load_table("county_gdp"), load_table("crosswalk"), int(vintage.gdp))
    together = {"joint": joint[union], "joint_head": joint[head].astype(float).where(joint[union].notna())}
    return _named(frame, "county", within).assign(**figures, covered=covered, **together)


def _means_by_place(frame: pd.DataFrame, used: pd.DataFrame, vintage: Vintage) -> pd.DataFrame:
    """By code of every level: means over the residents of the counties used, light per resident, doubtful counties."""
    people, light = vintage.column("population"), vintage.column("lights")
    listed = {trait: used[column] for trait, (_, column) in traits(vintage).items()}
    listed["mean_log"] = np.log(used[vintage.column("gdp_per_capita")])
    lit = frame[[light, people]].astype(float).dropna()
    found = []
    for codes in (frame["code"], frame["prefecture_code"], frame["province_code"], pd.Series(NATION, frame.index)):
        weights = used[people].groupby(codes[used.index]).sum()
        means = {
            name: (values * used[people]).groupby(codes[used.index]).sum() / weights for name, values in listed.items()
        }
        sums = lit.groupby(codes[lit.index]).sum()
        doubtful = (frame["gdp_is_doubtful"] & frame[vintage.column("gdp")].notna()).groupby(codes).sum()
        found.append(pd.DataFrame({**means, "light": sums[light] / sums[people], "doubtful": doubtful}))
    return pd.concat(found)
