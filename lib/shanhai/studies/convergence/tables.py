"""Tables of the convergence notebook: beta, noise, sigma, inequality, clubs, ranks, homogeneity of transitions."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.methods.convergence.beta import Instrumented
from shanhai.methods.convergence.clubs import Clubs
from shanhai.methods.records import EstimateRecord, estimates_of, hypothesis_tests
from shanhai.render.numbers import MISSING, format_estimate, format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.studies.convergence.beta import beta_estimates
from shanhai.studies.convergence.design import CONDITIONS
from shanhai.studies.convergence.words import MEASURES, SAMPLES, WORDS

_SERIES = WORDS.labels("clubs.series")
_COMPARED = WORDS.labels("compared")


def _years(rows: pd.DataFrame, _: str) -> list[str]:
    return [f"{first}–{last}" for first, last in rows[["first", "last"]].to_numpy()]


def _half_lives(rows: pd.DataFrame, language: str) -> list[str]:
    """Years in which half a gap closes; none where the interval holds no convergence too."""
    none = WORDS("beta.no_half_life", language)
    return [none if high >= 0 else format_number(years, 0) for high, years in rows[["high", "half_life"]].to_numpy()]


def _instruments(rows: pd.DataFrame, language: str) -> list[str]:
    readings = rows[["instrument", "instrument_year"]].to_numpy()
    return [f"{label(language, *MEASURES[measure])} {year}" for measure, year in readings]


_SAMPLE = Column("sample", ("counties of", "样本"), source=labelled("sample", SAMPLES))
_MEASURE = Column("measure", ("measure", "指标"), source=labelled("measure", MEASURES))
_YEARS_HEAD = ("years", "年份")
_YEARS = Column("years", _YEARS_HEAD, source=_years)
_INTERVAL = Column("interval", ("95% interval", "95%置信区间"), source=interval(digits=2))
_P = Column("p", ("p", "p值"), source=p_values("p"))
_COUNTIES = Column("n", ("counties", "县数"))

_ERRORS = (
    _MEASURE,
    _YEARS,
    Column("vcov", ("standard errors", "标准误类型")),
    Column("estimate", ("beta, % a year", "β，每年%"), 2),
    Column("se", ("standard error", "标准误"), 2),
    _INTERVAL,
    _P,
)
_NOISE = (
    _SAMPLE,
    _MEASURE,
    _YEARS,
    Column("instrument", ("level instrumented by", "初始水平的工具变量"), source=_instruments),
    Column("least_squares", ("least squares", "最小二乘"), 2),
    Column("estimate", ("instrumented", "工具变量"), 2),
    _INTERVAL,
    Column(
        "first_stage_f",
        ("first stage F", "第一阶段F"),
        source=lambda rows, _: [format_number(value) for value in rows["first_stage_f"]],
    ),
    Column("upper", ("bound if all error is late", "误差全在末年时的界限值"), 2),
    Column("noise_needed", ("noise needed for none (%)", "β为零所需噪声（%）"), 0),
    _COUNTIES,
)
_SIGMA = (
    _SAMPLE,
    _MEASURE,
    _YEARS,
    Column("first_sd", ("SD of logs, first", "首年标准差"), 2),
    Column("last_sd", ("last", "末年标准差"), 2),
    Column("change", ("change (%)", "变化（%）"), 0),
    Column("interval", ("95% interval (%)", "95%置信区间（%）"), source=interval(digits=0)),
    Column("p", ("p (jackknife)", "p值（刀切）"), source=p_values("p")),
    Column("p_pitman", ("p (Pitman-Morgan)", "p值（Pitman-Morgan）"), source=p_values("p_pitman")),
    _COUNTIES,
)
_INEQUALITY = (
    Column("scope", ("scope", "范围"), source=labelled("scope", WORDS.labels("scopes"))),
    _MEASURE,
    Column("year", ("year", "年份")),
    Column("theil", ("Theil", "泰尔指数"), 3),
    Column("between", ("between (%)", "组间（%）"), 0),
    Column("between_2", ("between prefectures (%)", "省内地级间（%）"), 0),
    Column("within", ("within (%)", "组内（%）"), 0),
    Column("gini", ("Gini", "基尼系数"), 3),
    Column("gini_between", ("between (%)", "组间（%）"), 0),
    Column("gini_within", ("within (%)", "组内（%）"), 0),
    Column("overlap", ("overlap (%)", "重叠（%）"), 0),
    Column("plain", ("Theil, counties once each", "泰尔指数（不加权）"), 3),
    _COUNTIES,
)
_CLUBS = (
    Column("series", ("series", "序列"), source=labelled("series", _SERIES)),
    Column("years", _YEARS_HEAD),
    Column("n", ("units", "单元数")),
    Column("points", ("years in the test", "检验年数")),
    Column("slope", ("slope of log t", "log t斜率"), 2),
    Column("t", ("t, all together", "t值（全体）"), 1),
    Column("before", ("clubs found", "初始俱乐部")),
    Column("sizes", ("sizes after merging", "合并后规模")),
    Column("tests", ("t of each", "各自t值")),
    Column("poor", ("of the 26 in each", "其中26县")),
    Column("divergent", ("in none", "发散单元")),
)
_MOBILITY = (
    _SAMPLE,
    _MEASURE,
    _YEARS,
    Column("tau", ("Kendall's tau", "肯德尔τ"), 2),
    _INTERVAL,
    Column("swapped", ("pairs that changed order (%)", "位序改变的县对（%）"), 0),
    _COUNTIES,
)
_HOMOGENEITY = (
    _SAMPLE,
    Column("compared", ("same chances in", "比较"), source=labelled("compared", _COMPARED)),
    Column("segment", _YEARS_HEAD, source=lambda rows, _: [segment.replace("-", "–") for segment in rows["segment"]]),
    Column("statistic", ("likelihood ratio", "似然比"), 1),
    Column("degrees", ("degrees of freedom", "自由度")),
    _P,
    Column("p_pearson", ("p (Pearson)", "p值（Pearson）"), source=p_values("p_pearson")),
    Column("moves", ("moves", "转移数")),
)


def beta_print(table: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``beta_table`` returns, conditions side by side."""
    keys = [key for key in CONDITIONS if key in set(table["conditions"])]
    cells = table.assign(cell=[format_estimate(row.estimate, row.p, 2) for row in table.itertuples()])
    wide = cells.pivot(index=["sample", "period"], columns="conditions", values="cell").fillna(MISSING)
    plain = table.drop_duplicates(["sample", "period"]).set_index(["sample", "period"], drop=False)
    rows = plain.join(wide[keys]).reset_index(drop=True)
    columns = (
        _SAMPLE,
        _MEASURE,
        _YEARS,
        *(Column(key, (CONDITIONS[key].label, CONDITIONS[key].label_zh)) for key in keys),
        Column("interval", ("95% interval, unconditional", "95%置信区间（绝对收敛）"), source=interval(digits=2)),
        Column("half_life", ("years to half a gap", "半程收敛时间（年）"), source=_half_lives),
        _COUNTIES,
    )
    notes = (WORDS("tables.beta.note", language), WORDS("tables.beta.stars", language))
    return build_table(rows, columns, language, WORDS.pair("tables.beta.caption"), notes, beta_estimates(table))


def errors_print(tables: Mapping[str, pd.DataFrame], language: str = "en") -> TableSpec:
    """Print the pre-specified regressions under each covariance (``error_table`` by measure)."""
    table = pd.concat(list(tables.values()), ignore_index=True)
    note, caption = WORDS("tables.errors.note", language), WORDS.pair("tables.errors.caption")
    return build_table(table, _ERRORS, language, caption, (note,), beta_estimates(table))


def noise_print(table: pd.DataFrame, results: Sequence[Instrumented], language: str = "en") -> TableSpec:
    """Print what ``noise_table`` returns."""
    estimates = [each.as_estimate() for each in results]
    note, caption = WORDS("tables.noise.note", language), WORDS.pair("tables.noise.caption")
    return build_table(table, _NOISE, language, caption, (note,), estimates)


def sigma_print(table: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``spread_changes`` returns."""
    rows = table.assign(**{name: 100 * np.expm1(table[name]) for name in ("change", "low", "high")})
    estimates = estimates_of(
        rows,
        estimate=rows["change"],
        se=100 * table["se"] * np.exp(table["change"]),
        p_other=[{"Pitman-Morgan": p} for p in table["p_pitman"]],
        df=table["clusters"] - 1,
        sample=[SAMPLES[key][0] for key in table["sample"]],
        outcome=table["measure"] + "_" + table["first"].astype(str) + "_" + table["last"].astype(str),
        model="sigma convergence",
        term="change of the standard deviation of logs, percent",
        estimand="ratio less one",
        vcov="jackknife(prefecture_code)",
        method="interval of the log ratio",
    )
    note, caption = WORDS("tables.sigma.note", language), WORDS.pair("tables.sigma.caption")
    return build_table(rows, _SIGMA, language, caption, (note,), estimates)


def inequality_print(
    paths: Mapping[tuple[str, str], pd.DataFrame], unweighted: pd.DataFrame, language: str = "en"
) -> TableSpec:
    """Print ``inequality_path`` by scope and measure: first and last year of each sensor, and the years of GDP."""
    parts = []
    for (scope, measure), path in paths.items():
        years = path["year"].tolist()
        shown = years if measure == "gdp_per_head" else [years[0], 2012, 2013, years[-1]]
        plain = unweighted[unweighted["scope"].eq(scope) & unweighted["measure"].eq(measure)]
        plain = plain[["year", "theil"]].rename(columns={"theil": "plain"})
        chosen = path[path["year"].isin(shown)].merge(plain, on="year", how="left")
        parts.append(chosen.assign(scope=scope, measure=measure))
    rows = pd.concat(parts, ignore_index=True)
    shares = {
        **dict.fromkeys(("gini_between", "gini_within", "gini_overlap"), "gini"),
        **dict.fromkeys(("theil_between_1", "theil_between_2", "theil_within"), "theil"),
    }
    rows = rows.reindex(columns=[*dict.fromkeys([*rows.columns, *shares])])
    rows = rows.assign(**{part: 100 * rows[part] / rows[whole] for part, whole in shares.items()}).rename(
        columns={
            "theil_between_1": "between",
            "theil_between_2": "between_2",
            "theil_within": "within",
            "gini_overlap": "overlap",
        }
    )
    note, caption = WORDS("tables.inequality.note", language), WORDS.pair("tables.inequality.caption")
    return build_table(rows, _INEQUALITY, language, caption, (note,))


def clubs_print(clubs: Mapping[str, tuple[str, Clubs, Clubs]], poor: pd.Series, language: str = "en") -> TableSpec:
    """Print clubs by series: years, clubs before and after merging; ``poor`` marks the 26 by code."""
    rows = []
    for key, (years, first, merged) in clubs.items():
        sizes = [len(club.members) for club in merged.clubs]
        own = [int(poor.reindex(list(club.members)).fillna(False).sum()) for club in merged.clubs]
        rows.append(
            {
                "series": key,
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
    note, caption = WORDS("tables.clubs.note", language), WORDS.pair("tables.clubs.caption")
    return build_table(pd.DataFrame(rows), _CLUBS, language, caption, (note,), _club_estimates(clubs))


def _club_estimates(clubs: Mapping[str, tuple[str, Clubs, Clubs]]) -> list[EstimateRecord]:
    """Slope of log t of all units together and of each club after merging."""
    return [
        EstimateRecord(
            f"Zhejiang, {years}: {term}", _SERIES[key][0], "log t test", "log_t", test.slope, test.units,
            "long-run variance (Andrews)", "slope of log t", test.se, p=test.p, unit="units of constant ground",
            method="one-sided p",
        )
        for key, (years, first, merged) in clubs.items()
        for term, test in {
            "all units": first.whole, **{f"club {n}": club.test for n, club in enumerate(merged.clubs, 1)}
        }.items()
    ]  # fmt: skip


def mobility_print(ranks: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``rank_table`` returns."""
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
    note, caption = WORDS("tables.mobility.note", language), WORDS.pair("tables.mobility.caption")
    return build_table(ranks, _MOBILITY, language, caption, (note,), estimates)


def homogeneity_print(tests: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``homogeneity_table`` returns."""
    results = hypothesis_tests(
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
        term=[_COMPARED[key][0] for key in tests["compared"]],
        method="chi-squared, moves independent",
    )
    note, caption = WORDS("tables.homogeneity.note", language), WORDS.pair("tables.homogeneity.caption")
    return build_table(tests, _HOMOGENEITY, language, caption, (note,), results)


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
