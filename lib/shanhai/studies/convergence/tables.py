"""Tables of the convergence notebook: beta, noise, sigma, and the names that all of its tables share."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.methods.convergence.beta import Instrumented
from shanhai.methods.records import estimates_of
from shanhai.render.numbers import MISSING, format_estimate, format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import named, three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.convergence.beta_tables import beta_estimates
from shanhai.studies.convergence.registered import CONDITIONS, MEASURES, Period

SAMPLES: dict[str, tuple[str, str]] = {
    "china": ("China", "全国"),
    "zhejiang": ("Zhejiang", "浙江"),
    "the_26": ("the 26", "山区26县"),
    "rest": ("rest of Zhejiang", "浙江其他县"),
    "with_gdp": ("Zhejiang, those with GDP", "浙江（有GDP的县）"),
    "undoubted": ("China, doubtful GDP left out", "全国（剔除存疑GDP）"),
}
SCOPES: dict[str, tuple[str, str]] = {
    "provinces": ("China", "全国"),
    "prefectures": ("Zhejiang: prefectures", "浙江：地级市"),
    "the_26": ("Zhejiang: 26 and rest", "浙江：26县与其他"),
}
SERIES: dict[str, tuple[str, str]] = {
    "late": ("light, trend (as the authors do)", "灯光趋势（按原作者做法）"),
    "late_raw": ("light, unfiltered", "灯光原值"),
    "late_million": ("light, trend, per million residents", "灯光趋势，每百万人"),
    "early": ("light, trend", "灯光趋势"),
    "gdp": ("GDP of prefectures, trend", "地级市GDP趋势"),
}
SAMPLE_HEAD = ("counties of", "样本")
MEASURE_HEAD = ("measure", "指标")
YEARS_HEAD = ("years", "年份")


def years_text(rows: pd.DataFrame) -> list[str]:
    """Years from first to last as text."""
    return [f"{first}–{last}" for first, last in rows[["first", "last"]].to_numpy()]


def beta_print(table: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``beta_table`` returns, conditions side by side."""
    check_language(language)
    keys = [key for key in CONDITIONS if key in set(table["conditions"])]
    lines = []
    for (sample, _), rows in table.groupby(["sample", "period"], sort=False):
        plain = rows.iloc[0]
        cells = {row.conditions: format_estimate(row.estimate, row.p, 2) for row in rows.itertuples()}
        lines.append(
            {
                "sample": label(language, *SAMPLES[str(sample)]),
                "measure": label(language, *MEASURES[plain["measure"]]),
                "years": f"{plain['first']}–{plain['last']}",
                **{key: cells.get(key, MISSING) for key in keys},
                "interval": format_interval(plain["low"], plain["high"], 2),
                "half_life": half_life_text(plain, language),
                "n": int(plain["n"]),
            }
        )
    heads = {
        "sample": SAMPLE_HEAD,
        "measure": MEASURE_HEAD,
        "years": YEARS_HEAD,
        **{key: (CONDITIONS[key].label, CONDITIONS[key].label_zh) for key in keys},
        "interval": ("95% interval, unconditional", "95%区间（无条件）"),
        "half_life": ("years to half a gap", "差距减半年数"),
        "n": ("counties", "县数"),
    }
    notes = (
        label(
            language,
            "Percent a year per log point of the first year; below zero: those behind grow faster. Errors by "
            "prefecture (the 26: HC3). Half of a gap: at the unconditional speed. Inside one province the column of "
            "provinces is empty.",
            "每个对数点初始水平对应的年增长率（%）；为负即后进者增长更快。按地级聚类（26县用HC3）。",
        ),
        label(language, "*** p < 0.01, ** p < 0.05, * p < 0.1", "*** p < 0.01，** p < 0.05，* p < 0.1"),
    )
    caption = ("Beta convergence: growth on the initial level", "β收敛：增长对初始水平")
    return three_line(pd.DataFrame(lines), caption, notes, {}, heads, language, beta_estimates(table))


def half_life_text(row: pd.Series, language: str) -> str:
    """Years in which half a gap closes; ``none`` where the interval holds no convergence too."""
    if row["high"] >= 0:
        return label(language, "none told", "无法排除不收敛")
    return format_number(row["half_life"], 0)


def errors_print(tables: dict[str, pd.DataFrame], language: str = "en") -> TableSpec:
    """Print the registered regressions under each covariance (``error_table`` by measure)."""
    check_language(language)
    table = pd.concat(list(tables.values()), ignore_index=True)
    frame = pd.DataFrame(
        {
            "measure": named(table["measure"], MEASURES, language),
            "years": years_text(table),
            "vcov": table["vcov"],
            "estimate": table["estimate"],
            "se": table["se"],
            "interval": [format_interval(low, high, 2) for low, high in table[["low", "high"]].to_numpy()],
            "p": [format_p_value(value) for value in table["p"]],
        }
    )
    heads = {
        "measure": MEASURE_HEAD,
        "years": YEARS_HEAD,
        "vcov": ("standard errors", "标准误"),
        "estimate": ("beta, % a year", "β，每年%"),
        "se": ("standard error", "标准误值"),
        "interval": ("95% interval", "95%区间"),
        "p": ("p", "p值"),
    }
    caption = ("The registered regressions, Zhejiang, under three error structures", "浙江注册回归与三种误差结构")
    note = label(language, "Eleven prefectures are few clusters.", "11个地级市，聚类数偏少。")
    return three_line(frame, caption, (note,), {"estimate": 2, "se": 2}, heads, language, beta_estimates(table))


def noise_print(table: pd.DataFrame, results: Sequence[Instrumented], language: str = "en") -> TableSpec:
    """Print what ``noise_table`` returns."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": named(table["sample"], SAMPLES, language),
            "measure": named(table["measure"], MEASURES, language),
            "years": years_text(table),
            "instrument": [
                f"{label(language, *MEASURES[measure])} {year}" if measure else MISSING
                for measure, year in table[["instrument", "instrument_year"]].to_numpy()
            ],
            "least_squares": table["least_squares"],
            "estimate": table["estimate"],
            "interval": [format_interval(low, high, 2) for low, high in table[["low", "high"]].to_numpy()],
            "first_stage_f": [format_number(value) for value in table["first_stage_f"]],
            "upper": table["upper"],
            "noise_needed": table["noise_needed"],
            "n": table["n"],
        }
    )
    heads = {
        "sample": SAMPLE_HEAD,
        "measure": MEASURE_HEAD,
        "years": YEARS_HEAD,
        "instrument": ("level instrumented by", "初始水平的工具"),
        "least_squares": ("least squares", "最小二乘"),
        "estimate": ("instrumented", "工具变量"),
        "interval": ("95% interval", "95%区间"),
        "first_stage_f": ("first stage F", "第一阶段F"),
        "upper": ("bound if all error is late", "误差全在末年时的界"),
        "noise_needed": ("noise needed for none (%)", "β为零所需噪声（%）"),
        "n": ("counties", "县数"),
    }
    notes = (
        label(
            language,
            "Beta in percent a year, errors by prefecture. Noise needed: share of the variance of the first level that "
            "would have to be noise for no convergence. Residents are shared by level and instrument, so their error "
            "stays in.",
            "β为每年%，按地级聚类。所需噪声：若无收敛，初始水平方差中须为噪声的比例。人口误差两边共有，未被消除。",
        ),
    )
    caption = ("How much noise in the first year can explain", "初始年份噪声能解释多少")
    digits = {"least_squares": 2, "estimate": 2, "upper": 2, "noise_needed": 0}
    return three_line(frame, caption, notes, digits, heads, language, tuple(each.as_estimate() for each in results))


def sigma_print(table: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``spread_changes`` returns."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "sample": named(table["sample"], SAMPLES, language),
            "measure": named(table["measure"], MEASURES, language),
            "years": years_text(table),
            "first_sd": table["first_sd"],
            "last_sd": table["last_sd"],
            "change": 100 * np.expm1(table["change"]),
            "interval": [
                format_interval(100 * np.expm1(low), 100 * np.expm1(high), 0)
                for low, high in table[["low", "high"]].to_numpy()
            ],
            "p": [format_p_value(value) for value in table["p"]],
            "p_pitman": [format_p_value(value) for value in table["p_pitman"]],
            "n": table["n"],
        }
    )
    heads = {
        "sample": SAMPLE_HEAD,
        "measure": MEASURE_HEAD,
        "years": YEARS_HEAD,
        "first_sd": ("SD of logs, first", "首年标准差"),
        "last_sd": ("last", "末年标准差"),
        "change": ("change (%)", "变化（%）"),
        "interval": ("95% interval (%)", "95%区间（%）"),
        "p": ("p (jackknife)", "p值（刀切）"),
        "p_pitman": ("p (Pitman-Morgan)", "p值（Pitman-Morgan）"),
        "n": ("counties", "县数"),
    }
    note = label(
        language,
        "Counties once each. Jackknife over prefectures; Pitman and Morgan take counties as independent.",
        "每县计一次。按地级刀切；Pitman-Morgan检验假定各县独立。",
    )
    caption = ("Sigma convergence: the spread of log levels", "σ收敛：对数水平的离散")
    percent = {name: 100 * np.expm1(table[name]) for name in ("low", "high")}
    estimates = estimates_of(
        table,
        estimate=frame["change"],
        **percent,
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
    digits = {"first_sd": 2, "last_sd": 2, "change": 0}
    return three_line(frame, caption, (note,), digits, heads, language, estimates)


def period_name(period: Period, language: str) -> str:
    """Measure and years of a period in words."""
    return f"{label(language, *MEASURES[period.measure])} {period.first}–{period.last}"


def province_names(frame: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """English and Chinese names of the provinces of a frame by code."""
    rows = frame[["province_code", "province", "province_zh"]].drop_duplicates("province_code")
    return {code: (en, zh) for code, en, zh in rows.itertuples(index=False, name=None)}
