"""Tables of the convergence notebook: inequality by parts, clubs, ranks, homogeneity of transitions."""

import numpy as np
import pandas as pd

from shanhai.methods.convergence.clubs import Clubs
from shanhai.methods.records import EstimateRecord, estimates_of, hypothesis_tests
from shanhai.render.numbers import MISSING, format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import named, three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.convergence.registered import MEASURES
from shanhai.studies.convergence.tables import (
    MEASURE_HEAD,
    SAMPLE_HEAD,
    SAMPLES,
    SCOPES,
    SERIES,
    YEARS_HEAD,
    years_text,
)


def inequality_print(paths: dict[tuple[str, str], pd.DataFrame], unweighted: pd.DataFrame, language: str) -> TableSpec:
    """Print ``inequality_path`` by scope and measure: first and last year of each sensor, and the years of GDP."""
    check_language(language)
    rows = []
    for (scope, measure), path in paths.items():
        years = path["year"].tolist()
        shown = years if measure == "gdp_per_head" else [years[0], 2012, 2013, years[-1]]
        plain = unweighted[unweighted["scope"].eq(scope) & unweighted["measure"].eq(measure)].set_index("year")
        for row in path[path["year"].isin(shown)].to_dict("records"):
            second = row.get("theil_between_2", np.nan)
            rows.append(
                {
                    "scope": label(language, *SCOPES[scope]),
                    "measure": label(language, *MEASURES[measure]),
                    "year": row["year"],
                    "theil": row["theil"],
                    "between": 100 * row["theil_between_1"] / row["theil"],
                    "between_2": 100 * second / row["theil"],
                    "within": 100 * row["theil_within"] / row["theil"],
                    "gini": row["gini"],
                    "gini_between": 100 * row["gini_between"] / row["gini"],
                    "gini_within": 100 * row["gini_within"] / row["gini"],
                    "overlap": 100 * row["gini_overlap"] / row["gini"],
                    "plain": float(plain["theil"].get(row["year"], np.nan)),
                    "n": row["n"],
                }
            )
    heads = {
        "scope": ("scope", "范围"),
        "measure": MEASURE_HEAD,
        "year": ("year", "年份"),
        "theil": ("Theil", "泰尔指数"),
        "between": ("between (%)", "组间（%）"),
        "between_2": ("between prefectures (%)", "省内地级间（%）"),
        "within": ("within (%)", "组内（%）"),
        "gini": ("Gini", "基尼系数"),
        "gini_between": ("between (%)", "组间（%）"),
        "gini_within": ("within (%)", "组内（%）"),
        "overlap": ("overlap (%)", "重叠（%）"),
        "plain": ("Theil, counties once each", "泰尔指数（不加权）"),
        "n": ("counties", "县数"),
    }
    notes = (
        label(
            language,
            "Weighted by residents; counties with figures in all years of the measure. Parts of Theil add up to 100; "
            "so do the three of the Gini (overlap: because ranges of groups overlap). Lights of 2012 and 2013 are "
            "seen by two sensors. China: between provinces, then between prefectures inside them. Last index: package "
            "inequality.",
            "按人口加权；仅含各年均有数据的县。泰尔各部分合计100；基尼三部分合计100（重叠：组间分布交叠）。"
            "2012与2013年灯光来自两种传感器。全国先按省、再按省内地级市分解。末列用inequality包。",
        ),
    )
    digits = {"theil": 3, "gini": 3, "plain": 3} | dict.fromkeys(
        ("between", "between_2", "within", "gini_between", "gini_within", "overlap"), 0
    )
    caption = ("Inequality per resident, taken apart", "人均不平等的分解")
    return three_line(pd.DataFrame(rows), caption, notes, digits, heads, language)


def clubs_print(found: dict[str, tuple[str, Clubs, Clubs]], poor: pd.Series, language: str = "en") -> TableSpec:
    """Print clubs by series: years, clubs before and after merging; ``poor`` marks the 26 by code."""
    check_language(language)
    rows = []
    for key, (years, first, merged) in found.items():
        sizes = [len(club.members) for club in merged.clubs]
        own = [int(poor.reindex(list(club.members)).fillna(False).sum()) for club in merged.clubs]
        rows.append(
            {
                "series": label(language, *SERIES[key]),
                "years": years,
                "n": first.whole.units,
                "points": first.whole.points,
                "slope": first.whole.slope,
                "t": first.whole.t,
                "before": len(first.clubs),
                "sizes": " + ".join(map(str, sizes)),
                "tests": "; ".join(format_number(club.test.t, 1) for club in merged.clubs),
                "poor": MISSING if key == "gdp" else " + ".join(map(str, own)),
                "divergent": len(merged.divergent),
            }
        )
    heads = {
        "series": ("series", "序列"),
        "years": YEARS_HEAD,
        "n": ("units", "单元数"),
        "points": ("years in the test", "检验年数"),
        "slope": ("slope of log t", "log t斜率"),
        "t": ("t, all together", "t值（全体）"),
        "before": ("clubs found", "初始俱乐部"),
        "sizes": ("sizes after merging", "合并后规模"),
        "tests": ("t of each", "各自t值"),
        "poor": ("of the 26 in each", "其中26县"),
        "divergent": ("in none", "不归属"),
    }
    note = label(
        language,
        "t below -1.65: not all converge. With so few years read the clubs as a description. Highest club first.",
        "t小于-1.65：并非全部收敛。年份很少，俱乐部仅作描述；自高到低排列。",
    )
    caption = ("Log t test and clubs (Phillips and Sul)", "log t检验与收敛俱乐部")
    return three_line(
        pd.DataFrame(rows), caption, (note,), {"slope": 2, "t": 1}, heads, language, _club_estimates(found)
    )


def _club_estimates(found: dict[str, tuple[str, Clubs, Clubs]]) -> tuple[EstimateRecord, ...]:
    """Slope of log t of all units together and of each club after merging."""
    rows = []
    for key, (years, first, merged) in found.items():
        tests = {"all units": first.whole} | {f"club {n}": club.test for n, club in enumerate(merged.clubs, 1)}
        rows += [
            EstimateRecord(
                f"Zhejiang, {years}: {term}", SERIES[key][0], "log t test", "log_t", test.slope, test.units,
                "long-run variance (Andrews)", "slope of log t", test.se, p=test.p, unit="units of constant ground",
                method="one-sided p",
            )
            for term, test in tests.items()
        ]  # fmt: skip
    return tuple(rows)


def mobility_print(ranks: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``rank_table`` returns."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": named(ranks["sample"], SAMPLES, language),
            "measure": named(ranks["measure"], MEASURES, language),
            "years": years_text(ranks),
            "tau": ranks["tau"],
            "interval": [format_interval(low, high, 2) for low, high in ranks[["low", "high"]].to_numpy()],
            "swapped": ranks["swapped"],
            "n": ranks["n"],
        }
    )
    heads = {
        "sample": SAMPLE_HEAD,
        "measure": MEASURE_HEAD,
        "years": YEARS_HEAD,
        "tau": ("Kendall's tau", "肯德尔τ"),
        "interval": ("95% interval", "95%区间"),
        "swapped": ("pairs that changed order (%)", "次序互换的县对（%）"),
        "n": ("counties", "县数"),
    }
    note = label(language, "Interval: jackknife over prefectures.", "区间：按地级刀切。")
    caption = ("Rank mobility", "位次流动")
    estimates = estimates_of(
        ranks,
        estimate=ranks["tau"],
        sample=[SAMPLES[key][0] for key in ranks["sample"]],
        outcome=ranks["measure"] + "_" + ranks["first"].astype(str) + "_" + ranks["last"].astype(str),
        model="rank mobility",
        term="tau",
        estimand="Kendall's tau",
        vcov="jackknife(prefecture_code)",
    )
    return three_line(frame, caption, (note,), {"tau": 2, "swapped": 0}, heads, language, estimates)


def homogeneity_print(tests: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``homogeneity_table`` returns."""
    check_language(language)
    names = {"halves": ("first and second half", "前后两段"), "the_26": ("the 26 and the rest", "26县与其他县")}
    frame = pd.DataFrame(
        {
            "sample": named(tests["sample"], SAMPLES, language),
            "compared": named(tests["compared"], names, language),
            "segment": tests["segment"].str.replace("-", "–"),
            "statistic": tests["statistic"],
            "degrees": tests["degrees"],
            "p": [format_p_value(value) for value in tests["p"]],
            "p_pearson": [format_p_value(value) for value in tests["p_pearson"]],
            "moves": tests["moves"],
        }
    )
    heads = {
        "sample": SAMPLE_HEAD,
        "compared": ("same chances in", "比较"),
        "segment": YEARS_HEAD,
        "statistic": ("likelihood ratio", "似然比"),
        "degrees": ("degrees of freedom", "自由度"),
        "p": ("p", "p值"),
        "p_pearson": ("p (Pearson)", "p值（Pearson）"),
        "moves": ("moves", "转移数"),
    }
    note = label(
        language,
        "Moves are taken as independent; neighbours and years are not, so p is too small.",
        "检验假定各转移独立；邻县与相邻年份并不独立，p值偏小。",
    )
    caption = ("Do all share one matrix of chances?", "转移矩阵是否相同")
    stored = hypothesis_tests(
        tests,
        statistic="likelihood ratio",
        value=tests["statistic"],
        n=tests["moves"],
        unit="moves of a county from one year to the next",
        df=tests["degrees"],
        p_other=[{"Pearson": p} for p in tests["p_pearson"]],
        sample=[SAMPLES[key][0] for key in tests["sample"]],
        outcome="class of light per resident, " + tests["segment"],
        model="one matrix of chances",
        term=[names[key][0] for key in tests["compared"]],
        method="chi-squared, moves independent",
    )
    return three_line(frame, caption, (note,), {"statistic": 1}, heads, language, stored)


def moran_estimates(path: pd.DataFrame, draws: int, seed: int) -> tuple[EstimateRecord, ...]:
    """Moran's I of each year of ``moran_table``, for the figure."""
    return estimates_of(
        path,
        estimate=path["moran"],
        null_mean=path["expected"],
        sample="Zhejiang, units of constant ground",
        outcome="log_" + path["measure"],
        model="Moran's I, neighbours by shared edge",
        term=[f"year_{year}" for year in path["year"]],
        estimand="Moran's I",
        unit="units of constant ground",
        method=f"randomisation; p by permutation ({draws}, seed {seed}), upper tail",
    )


BETWEEN = ("between provinces", "省间")
PREFECTURES = ("between prefectures of a province", "省内地级市间")
INSIDE = ("within prefectures", "地级市内")
STACKS: dict[str, tuple[tuple[str, str], dict[str, tuple[str, str]]]] = {
    "provinces": (
        ("China", "全国"),
        {"theil_between_1": BETWEEN, "theil_between_2": PREFECTURES, "theil_within": INSIDE},
    ),
    "prefectures": (
        ("Zhejiang, by prefecture", "浙江，按地级市"),
        {"theil_between_1": ("between prefectures", "地级市间"), "theil_within": INSIDE},
    ),
    "the_26": (
        ("Zhejiang, the 26 and the rest", "浙江，26县与其他县"),
        {
            "theil_between_1": ("between the two", "两组之间"),
            "theil_within": ("within both", "两组内部"),
        },
    ),
}
"""Panels of the figure by scope: title, and parts from the ground up."""


def stacks(
    split: dict[tuple[str, str], pd.DataFrame],
) -> dict[tuple[str, str], tuple[pd.DataFrame, dict[str, tuple[str, str]]]]:
    """Paths of light per resident with the names of their parts, by title, for ``inequality_plot``."""
    return {title: (split[scope, "lights_per_head"], names) for scope, (title, names) in STACKS.items()}
