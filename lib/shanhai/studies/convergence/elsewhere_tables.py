"""Tables of the comparison with other provinces: position and distance, dark counties, equal start, common steps."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.estimate import Estimate
from shanhai.methods.records import EstimateRecord, HypothesisTest, Quantity, estimates_of
from shanhai.render.errors import error_words
from shanhai.render.numbers import format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair
from shanhai.studies.border.design import BY_PREFECTURE
from shanhai.studies.convergence.design import CONDITIONS, FEWEST_DARK, THE_26, Period
from shanhai.studies.convergence.elsewhere import Elsewhere
from shanhai.studies.convergence.words import MEASURES, SAMPLES, WORDS, years_between

_MEASURE = Column("measure", ("measure", "指标"), source=labelled("measure", MEASURES))


def _amounts(name: str) -> Column:
    """Light to one decimal, yuan to none."""

    def cells(rows: pd.DataFrame, _: str) -> list[str]:
        return [
            format_number(value, 0 if measure == "gdp_per_head" else 1)
            for measure, value in rows[["measure", name]].itertuples(index=False, name=None)
        ]

    heads = {"own": ("the 26", "26县"), "other": ("the others", "其他县"), "distance": ("absolute gap", "绝对差距")}
    return Column(name, heads[name], source=cells)


def _counts(rows: pd.DataFrame, _: str) -> list[str]:
    return [f"{group} / {others}" for group, others in rows[["group", "others"]].to_numpy()]


_POSITION = (
    _MEASURE,
    Column("year", ("year", "年份")),
    _amounts("own"),
    _amounts("other"),
    Column("ratio", ("ratio (%)", "26县／其他县（%）"), 1),
    _amounts("distance"),
    Column("share_people", ("share of the 26 in residents (%)", "26县人口占比（%）"), 1),
    Column("counties", ("counties: the 26 / others", "县数：26县／其他"), source=_counts),
)
_DARK = (
    Column("rule", ("dark counties", "低灯光县的界定"), source=labelled("rule", WORDS.labels("dark_rules"))),
    Column("provinces", ("other provinces", "其他省份数")),
    Column("lower", ("lower quartile", "下四分位"), 1),
    Column("median", ("median", "中位数"), 1),
    Column("upper", ("upper quartile", "上四分位"), 1),
    Column("home", ("Zhejiang by the rule", "浙江（按规则）"), 1),
    Column("more", ("provinces above the 26", "升幅大于26县的省份数")),
)
_EQUAL = (
    Column("sample", ("counties of", "样本"), source=labelled("sample", SAMPLES)),
    _MEASURE,
    Column(
        "years",
        ("years", "年份"),
        source=lambda rows, language: [
            years_between(first, last, language) for first, last in rows[["first", "last"]].to_numpy()
        ],
    ),
    Column(
        "conditions",
        ("controls", "控制变量"),
        source=labelled(
            "conditions",
            {key: (condition.label, condition.label_zh) for key, condition in CONDITIONS.items()}
            | WORDS.labels("tables.equal.controls"),
        ),
    ),
    Column("estimate", ("difference", "增速之差"), 2),
    Column("se", ("standard error", "标准误"), 2),
    Column("interval", ("95% interval", "95%置信区间"), source=interval(digits=2)),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("mean", ("mean growth", "平均增速"), 1),
    Column("n", ("counties", "县数")),
)
_STEPS = (
    Column("year", ("year", "年份")),
    Column("the_26", ("rise of the 26, points", "26县升幅（百分点）"), 1),
    Column("median", ("dark counties elsewhere, median, points", "其他省份低灯光县升幅中位数（百分点）"), 1),
    Column("above", ("dark counties: provinces above usual", "低灯光县：高于常年的省份数")),
    Column("p_holm", ("dark counties: p (Holm)", "低灯光县：Holm校正p值"), source=p_values("p_holm")),
    Column("growth", ("light elsewhere, median growth, %", "其他省份灯光增速中位数（%）"), 1),
    Column("above_light", ("light: provinces above usual", "灯光：高于常年的省份数")),
    Column("p_holm_light", ("light: p (Holm)", "灯光：Holm校正p值"), source=p_values("p_holm_light")),
)


def position_print(paths: Mapping[str, pd.DataFrame], language: str = "en") -> TableSpec:
    """Print what ``positions_of_the_26`` returns of light and GDP: first and last year of each sensor, years of GDP."""
    parts = []
    for measure in ("lights_per_head", "gdp_per_head"):
        path = paths[measure]
        ends = (path["year"].min(), SENSOR_BREAK - 1, SENSOR_BREAK, path["year"].max())
        shown = path if measure == "gdp_per_head" else path[path["year"].isin(ends)]
        parts.append(shown.assign(measure=measure))
    rows = pd.concat(parts, ignore_index=True)
    numbers = [
        Quantity(
            "the 26 and the rest of Zhejiang", f"{row['measure']} {row['year']}", "all residents together", name,
            float(row[name]), int(row["group"] + row["others"]),
        )
        for row in rows.to_dict("records")
        for name in ("own", "other", "ratio", "distance")
    ]  # fmt: skip
    note, caption = WORDS("tables.position.note", language), WORDS.pair("tables.position.caption")
    return build_table(rows, _POSITION, language, caption, (note,), numbers)


def change_estimates(changes: Mapping[str, Estimate], paths: Mapping[str, pd.DataFrame]) -> tuple[EstimateRecord, ...]:
    """Change of the ratio of each measure, from ``position_change``, for the figure."""
    counties = {measure: paths[measure][["group", "others"]].iloc[0].sum() for measure in changes}
    return tuple(
        EstimateRecord(
            "the 26 and the rest of Zhejiang", f"{measure}, ratio in percent", "all residents together", "change",
            change.value, int(counties[measure]), change.error, "difference", change.se, *change.interval(),
            p=change.p, df=change.df,
        )
        for measure, change in changes.items()
    )  # fmt: skip


def dark_print(beside: Elsewhere, language: str = "en") -> TableSpec:
    """Print the rise of the dark counties of other provinces under each rule."""
    rows, numbers = [], []
    for rule, paths in beside.paths.items():
        rises = beside.rises(rule)
        whole = paths.iloc[:, -1] - paths.iloc[:, 0]
        counties = beside.counts[rule].sum(axis=1)
        home = [float(whole[code]) for code in whole.index.difference(rises.index)]
        low, median, high = (float(rises.quantile(at)) for at in (0.25, 0.5, 0.75))
        row = {"rule": rule, "provinces": len(rises), "lower": low, "median": median, "upper": high}
        rows.append({**row, "home": home[0] if home else np.nan, "more": beside.rank(rule) - 1})
        numbers += [
            Quantity(
                "dark counties of a province against the rest of it", "rise of light per resident, points",
                WORDS.labels("dark_rules")[rule][0], str(code), float(rise), int(counties[str(code)]),
            )
            for code, rise in whole.items()
        ]  # fmt: skip
    years = beside.the_26.index
    note = WORDS(
        "tables.dark.note",
        language,
        first=str(years[0]),
        last=str(years[-1]),
        rise=format_number(beside.rise_of_the_26, 1),
        fewest=format_number(FEWEST_DARK),
    )
    return build_table(
        pd.DataFrame(rows), _DARK, language, WORDS.pair("tables.dark.caption"), (note,), estimates=numbers
    )


def equal_print(table: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``equal_start_table`` returns."""
    note = WORDS("tables.equal.note", language, error=error_words(BY_PREFECTURE.label))
    caption = WORDS.pair("tables.equal.caption")
    return build_table(table, _EQUAL, language, caption, (note,), _equal_estimates(table))


def _equal_estimates(table: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Growth of the 26 beside others of the same initial level."""
    periods = [Period(*key) for key in table[["measure", "first", "last"]].itertuples(index=False, name=None)]
    return estimates_of(
        table,
        sample=[SAMPLES[key][0] for key in table["sample"]],
        outcome=[period.growth for period in periods],
        model=[f"equal start, {CONDITIONS[key].label}" for key in table["conditions"]],
        term=THE_26.name,
    )


def steps_print(beside: Elsewhere, language: str = "en") -> TableSpec:
    """Print by year the rise of the 26, of the dark counties elsewhere, and the growth of light elsewhere."""
    rows = beside.yearly()
    rows = rows.assign(growth=100 * np.expm1(rows["median_light"]))
    both = {"dark": beside.steps, "light": beside.light_steps}
    tests = [
        HypothesisTest(
            "provinces other than Zhejiang", _STEP_OUTCOMES[key], "years alike in every province", "all years",
            "Friedman's chi-squared", steps.statistic, steps.places, p=steps.p, df=steps.degrees, unit="provinces",
            method="chi-squared",
        )
        for key, steps in both.items()
    ]  # fmt: skip
    tests += [
        HypothesisTest(
            "provinces other than Zhejiang", _STEP_OUTCOMES[key], "years alike in every province",
            f"year_{row['year']}",
            "provinces above the median of their own changes", float(row["above"]), steps.places, p=float(row["p"]),
            p_other={"Holm": float(row["p_holm"])}, unit="provinces", method="binomial, one-sided",
        )
        for key, steps in both.items()
        for row in steps.years.to_dict("records")
    ]  # fmt: skip
    given: dict[str, str | Pair] = {key: format_number(steps.places) for key, steps in both.items()}
    p = {key: format_p_value(steps.p) for key, steps in both.items()}
    given |= {f"friedman_{key}": (f"p {value}", f"p值{value}") for key, value in p.items()}
    note = WORDS.pair("tables.steps.note", **given)
    return build_table(rows, _STEPS, language, WORDS.pair("tables.steps.caption"), (label(language, *note),), tests)


_STEP_OUTCOMES = {
    "dark": "light per resident of dark counties in percent of the rest, change",
    "light": "log light, change",
}
