"""Tables of the policy notebook: who is compared, effects under each design, trends before, whole prefectures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.methods.did.panel import PolicyPanel
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import label
from shanhai.render.table_columns import Column, build_table, interval, labelled, p_values
from shanhai.render.tables import TableSpec
from shanhai.render.words import Pair
from shanhai.studies.policy.analysis import (
    PolicyEstimation,
    effect_estimates,
    estimation_table,
    prefecture_estimates,
    trend_tests,
)
from shanhai.studies.policy.words import DESIGNS, UNITS, WORDS

_PAIRS = (
    Column("one", ("of the 26", "26县")),
    Column("other", ("compared with", "比较对象")),
    Column("level_one", ("log light, of the 26", "灯光对数，26县"), 2),
    Column("level_other", ("compared", "比较对象"), 2),
    Column("terrain_one", ("ruggedness (m), of the 26", "崎岖度（米），26县"), 0),
    Column("terrain_other", ("compared ", "比较对象 "), 0),
)
_DESIGN = Column("design", ("design", "设定"), source=labelled("design", DESIGNS))
_ESTIMATE = Column("estimate", ("effect", "效应"), 3)
_EFFECTS = (
    _DESIGN,
    _ESTIMATE,
    Column("interval", ("95% interval", "95%区间"), source=interval("wild_low", "wild_high")),
    Column("unit_p", ("p, counties exchanged", "p值，县互换"), source=p_values("unit_p")),
    Column("cluster_p", ("p, prefectures exchanged", "p值，地级互换"), source=p_values("cluster_p")),
    Column("placebo_mean", ("placebo mean", "安慰剂均值"), 3),
    Column("net", ("effect less placebo", "效应减安慰剂"), 3),
    Column("region_p", ("p, placebo provinces", "p值，安慰剂省份"), source=p_values("region_p")),
    Column("counties", ("of the 26 / compared", "26县／比较县")),
    Column("clusters", ("prefectures", "地级数")),
)
_TRENDS = (
    _DESIGN,
    Column("years", ("years before", "政策前年份")),
    Column("pre_p", ("p, same trend before", "p值，事前趋势相同"), source=p_values("pre_p")),
    _ESTIMATE,
    Column("hidden_50", ("bias missed half of the time", "半数情况下未被发现的偏误"), 3),
    Column("hidden_80", ("missed one time in five", "五分之一情况下未被发现"), 3),
)
_PREFECTURES = (
    Column("prefecture", ("prefecture", "地级市")),
    _ESTIMATE,
    Column("se", ("placebo s.e.", "安慰剂标准误"), 3),
    Column("p", ("p among donors", "在供体中的p值"), source=p_values("p")),
    Column("rmspe_pre", ("misfit before", "事前拟合误差"), 3),
    Column("weight", ("heaviest donor and year", "权重最大的供体与年份")),
    Column("donors", ("donors", "供体数")),
)


def pairs_table(panel: PolicyPanel, language: str = "en") -> TableSpec:
    """Print the units of a panel: pairs side by side, or means of treated and comparison where there are no pairs."""
    if panel.design.comparison == "matched":
        names = {"en": panel.units["name_en"], "zh": panel.units["name_zh"]}
        both = panel.units["name_zh"] + " " + panel.units["name_en"]
        units = panel.units.assign(name=names.get(language, both)).sort_values("stratum")
    else:
        counts = panel.units.groupby("treated").size().astype(str)
        means = panel.units.groupby("treated")[["level", "terrain"]].mean()
        units = means.assign(name=[WORDS("tables.pairs.mean", language, count=count) for count in counts]).reset_index()
    sides = {"one": units[units["treated"]], "other": units[~units["treated"].astype(bool)]}
    rows = pd.DataFrame(
        {
            f"{column}_{side}" if column != "name" else side: part[column].to_numpy()
            for column in ("name", "level", "terrain")
            for side, part in sides.items()
        }
    )
    first, last = (str(panel.design.level_years[place]) for place in (0, -1))
    note = WORDS("tables.pairs.note", language, first=first, last=last)
    return build_table(rows, _PAIRS, language, WORDS.pair("tables.pairs.caption"), (note,))


def effects_table(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> TableSpec:
    """Print the effect under each design, and its p-values."""
    table = estimation_table(estimations)
    counts = table[["n_treated", "n_comparison"]].to_numpy()
    rows = table.assign(counties=[f"{treated} / {other}" for treated, other in counts])
    scales = dict.fromkeys(each.design.outcome for each in estimations.values())
    units = "; ".join(UNITS[scale][0] for scale in scales), "；".join(UNITS[scale][1] for scale in scales)
    provinces = "–".join(format_number(value) for value in sorted({table["regions"].min(), table["regions"].max()}))
    note = WORDS("tables.effects.note", language, units=units, provinces=provinces)
    caption = WORDS.pair("tables.effects.caption")
    return build_table(rows, _EFFECTS, language, caption, (note,), effect_estimates(estimations))


def trends_table(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> TableSpec:
    """Print the tests of trends before the policy and what they could have missed."""
    before = [each.design.pre_years for each in estimations.values()]
    rows = estimation_table(estimations).assign(years=[f"{years[0]}–{years[-1]}" for years in before])
    note, caption = WORDS("tables.trends.note", language), WORDS.pair("tables.trends.caption")
    return build_table(rows, _TRENDS, language, caption, (note,), trend_tests(estimations))


def prefectures_table(effects: Mapping[str, SdidPlacebo], names: Mapping[str, Pair], language: str = "en") -> TableSpec:
    """Print synthetic difference-in-differences of whole prefectures."""
    rows = pd.DataFrame(
        {
            "prefecture": [label(language, *names[code]) for code in effects],
            "estimate": [each.fit.estimate for each in effects.values()],
            "se": [each.se for each in effects.values()],
            "p": [each.p for each in effects.values()],
            "rmspe_pre": [each.fit.rmspe_pre for each in effects.values()],
            "weight": [_heaviest(each, names, language) for each in effects.values()],
            "donors": [len(each.placebos) for each in effects.values()],
        }
    )
    note, caption = WORDS("tables.prefectures.note", language), WORDS.pair("tables.prefectures.caption")
    return build_table(rows, _PREFECTURES, language, caption, (note,), prefecture_estimates(effects))


def _heaviest(effect: SdidPlacebo, names: Mapping[str, Pair], language: str) -> str:
    fit = effect.fit
    if not np.isfinite(fit.estimate):
        return MISSING
    donor, year = fit.unit_weights.idxmax(), fit.time_weights.idxmax()
    shares = [format_number(100 * weights.max()) for weights in (fit.unit_weights, fit.time_weights)]
    return f"{label(language, *names[str(donor)])} {shares[0]}%; {year} {shares[1]}%"
