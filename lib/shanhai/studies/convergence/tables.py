"""Tables of the convergence notebook: beta, noise, sigma, inequality, clubs, ranks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.methods.convergence.beta import Instrumented
from shanhai.methods.convergence.clubs import Clubs
from shanhai.methods.records import EstimateRecord, HypothesisTest, estimates_of, hypothesis_tests
from shanhai.render.errors import error_label, error_words
from shanhai.render.numbers import MISSING, format_estimate, format_number
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.studies.border.design import BY_PREFECTURE
from shanhai.studies.convergence.beta import beta_estimates
from shanhai.studies.convergence.design import CONDITIONS, COVARIANCES, MAIN
from shanhai.studies.convergence.words import MEASURES, SAMPLES, WORDS, years_between

_SERIES = WORDS.labels("clubs.series")
_COMPARED = {"halves": "first and second half", "the_26": "the 26 and the rest"}
"""Terms of the tests of one matrix, by what is compared."""


def _years(rows: pd.DataFrame, language: str) -> list[str]:
    return [years_between(first, last, language) for first, last in rows[["first", "last"]].to_numpy()]


def _errors(rows: pd.DataFrame, language: str) -> list[str]:
    return [error_label(name, language) for name in rows["vcov"]]


def _half_lives(rows: pd.DataFrame, language: str) -> list[str]:
    """Years in which half a gap closes; none where the interval holds no convergence too."""
    none = WORDS("beta.no_half_life", language)
    return [none if high >= 0 else format_number(years, 0) for high, years in rows[["high", "half_life"]].to_numpy()]


def _instruments(rows: pd.DataFrame, language: str) -> list[str]:
    return [
        WORDS("regressions.named.least_squares", language, measure=MEASURES[measure], years=str(year))
        for measure, year in rows[["instrument", "instrument_year"]].to_numpy()
    ]


_SAMPLE = Column("sample", ("counties of", "样本"), source=labelled("sample", SAMPLES))
_MEASURE = Column("measure", ("measure", "指标"), source=labelled("measure", MEASURES))
_YEARS_HEAD = ("years", "年份")
_YEARS = Column("years", _YEARS_HEAD, source=_years)
_INTERVAL = Column("interval", ("95% interval", "95%置信区间"), source=interval(digits=2))
_P = Column("p", ("p", "p值"), source=p_values("p"))
_COUNTIES = Column("n", ("counties", "县数"))
_MEAN = Column("mean", ("mean growth", "平均增速"), 1)

_ERRORS = (
    _MEASURE,
    _YEARS,
    Column("vcov", ("standard errors", "标准误类型"), source=_errors),
    Column("estimate", ("coefficient", "系数"), 2),
    Column("se", ("standard error", "标准误"), 2),
    _INTERVAL,
    _P,
    _MEAN,
    _COUNTIES,
)
_NOISE = (
    _SAMPLE,
    _MEASURE,
    _YEARS,
    Column("instrument", ("instrument", "工具变量"), source=_instruments),
    Column("least_squares", ("least squares", "最小二乘估计"), 2),
    Column("estimate", ("instrumented", "工具变量估计"), 2),
    _INTERVAL,
    Column(
        "first_stage_f",
        ("first-stage F", "第一阶段F值"),
        source=lambda rows, _: [format_number(value) for value in rows["first_stage_f"]],
    ),
    Column("upper", ("bound", "误差全在末年时的界限值"), 2),
    Column("noise_needed", ("noise needed (%)", "所需噪声（%）"), 0),
    _COUNTIES,
)
_SIGMA = (
    _SAMPLE,
    _MEASURE,
    _YEARS,
    Column("first_sd", ("SD, first year", "首年标准差"), 2),
    Column("last_sd", ("SD, last year", "末年标准差"), 2),
    Column("change", ("change (%)", "变化（%）"), 0),
    Column("interval", ("95% interval (%)", "95%置信区间（%）"), source=interval(digits=0)),
    Column("p", ("p (jackknife)", "p值（刀切法）"), source=p_values("p")),
    Column("p_pitman", ("p (Pitman-Morgan)", "p值（Pitman-Morgan）"), source=p_values("p_pitman")),
    _COUNTIES,
)
_INEQUALITY = (
    Column("scope", ("scope", "范围"), source=labelled("scope", WORDS.labels("scopes"))),
    _MEASURE,
    Column("year", ("year", "年份")),
    Column("theil", ("Theil", "泰尔指数"), 3),
    Column("between", ("Theil: between (%)", "泰尔：组间（%）"), 0),
    Column("between_2", ("between prefectures (%)", "省内地级市间（%）"), 0),
    Column("within", ("Theil: within (%)", "泰尔：组内（%）"), 0),
    Column("plain", ("Theil, unweighted", "泰尔指数（不加权）"), 3),
    Column("gini", ("Gini", "基尼系数"), 3),
    _COUNTIES,
)
_CLUBS = (
    Column("series", ("series", "序列"), source=labelled("series", _SERIES)),
    Column("years", _YEARS_HEAD),
    Column("n", ("units", "单元数")),
    Column("points", ("years in the test", "检验年数")),
    Column("slope", ("slope of log t", "log t斜率"), 2),
    Column("t", ("t, all units", "t值（全体）"), 1),
    Column("before", ("clubs before merging", "合并前俱乐部数")),
    Column("sizes", ("sizes after merging", "合并后规模")),
    Column("tests", ("t of each club", "各俱乐部t值")),
    Column("poor", ("of the 26 in each", "其中26县")),
    Column("divergent", ("in no club", "发散单元")),
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


def beta_print(table: pd.DataFrame, language: str = "en", caption: str = "caption") -> TableSpec:
    """Print what ``beta_table`` returns, conditions side by side; ``caption`` is its key, ``variants`` for those."""
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
        _INTERVAL,
        Column("half_life", ("half-life, years", "半程收敛时间（年）"), source=_half_lives),
        _MEAN,
        _COUNTIES,
    )
    few = error_words(COVARIANCES["the_26"][0].label)
    note = WORDS("tables.beta.note", language, error=error_words(BY_PREFECTURE.label), few=few)
    notes = (note, WORDS("tables.beta.stars", language))
    return build_table(rows, columns, language, WORDS.pair(f"tables.beta.{caption}"), notes, beta_estimates(table))


def errors_print(tables: Mapping[str, pd.DataFrame], language: str = "en") -> TableSpec:
    """Print the pre-specified regressions under each covariance (``error_table`` by measure)."""
    table = pd.concat(list(tables.values()), ignore_index=True)
    note, caption = WORDS("tables.errors.note", language), WORDS.pair("tables.errors.caption")
    return build_table(table, _ERRORS, language, caption, (note,), beta_estimates(table))


def noise_print(table: pd.DataFrame, results: Sequence[Instrumented], language: str = "en") -> TableSpec:
    """Print what ``noise_table`` returns."""
    estimates = [result.as_estimate() for result in results]
    note = WORDS("tables.noise.note", language, error=error_words(BY_PREFECTURE.label))
    caption = WORDS.pair("tables.noise.caption")
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
    """Print ``inequality_path`` by scope and measure at both ends of the main period of each measure."""
    parts = []
    for (scope, measure), path in paths.items():
        shown = next([each.first, each.last] for each in MAIN if each.measure == measure)
        plain = unweighted[unweighted["scope"].eq(scope) & unweighted["measure"].eq(measure)]
        plain = plain[["year", "theil"]].rename(columns={"theil": "plain"})
        chosen = path[path["year"].isin(shown)].merge(plain, on="year", how="left")
        parts.append(chosen.assign(scope=scope, measure=measure))
    rows = pd.concat(parts, ignore_index=True)
    parts_of_theil = {"theil_between_1": "between", "theil_between_2": "between_2", "theil_within": "within"}
    rows = rows.reindex(columns=[*dict.fromkeys([*rows.columns, *parts_of_theil])])
    rows = rows.assign(**{part: 100 * rows[part] / rows["theil"] for part in parts_of_theil})
    rows = rows.rename(columns=parts_of_theil)
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
                "years": years.replace("–", "—") if language == "zh" else years,
                "n": first.whole.units,
                "points": first.whole.points,
                "slope": first.whole.slope,
                "t": first.whole.t,
                "before": len(first.clubs),
                "sizes": " + ".join(map(str, sizes)),
                "tests": ("；" if language == "zh" else "; ").join(
                    format_number(club.test.t, 1) for club in merged.clubs
                ),
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


def homogeneity_tests(tests: pd.DataFrame) -> tuple[HypothesisTest, ...]:
    """Tests of ``homogeneity_table``, for the figure of transitions."""
    return hypothesis_tests(
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
        term=[_COMPARED[key] for key in tests["compared"]],
        method="chi-squared, moves independent",
    )


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
