"""Tables of the policy notebook and the estimates that they and its figures show."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.fields import label_of
from shanhai.methods.did import Comparison, Form, PolicyPanel
from shanhai.methods.records import EstimateRecord, HypothesisTest, estimates_of
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair
from shanhai.studies.policy.analysis import PolicyEstimation, TrendBounds, estimation_table
from shanhai.studies.policy.design import design_name
from shanhai.studies.policy.words import CHANGES, COMPARISONS, DESIGNS, FORMS, PRICES, UNITS, WORDS

_RUGGEDNESS = label_of("ruggedness")

_PAIRS = (
    Column("one", ("of the 26", "26县")),
    Column("other", ("compared with", "对照组")),
    Column("level_one", ("log light, of the 26", "夜间灯光对数，26县"), 2),
    Column("level_other", ("log light, compared", "夜间灯光对数，对照组"), 2),
    Column("terrain_one", (f"{_RUGGEDNESS[0]}, of the 26", f"{_RUGGEDNESS[1]}，26县"), 0),
    Column("terrain_other", (f"{_RUGGEDNESS[0]}, compared", f"{_RUGGEDNESS[1]}，对照组"), 0),
)
_DESIGN = Column("design", ("design", "设定"), source=labelled("design", DESIGNS))
_COUNTIES = Column("counties", ("counties: of the 26 / compared", "县数：26县／对照县"))
_ESTIMATE = Column("estimate", ("estimate", "估计值"), 3)
_MEAN = Column("mean", ("mean change", "平均变化"), 3)
_EFFECTS = (
    _DESIGN,
    _ESTIMATE,
    Column("interval", ("95% interval", "95%置信区间"), source=interval("wild_low", "wild_high")),
    Column("unit_p", ("p, counties exchanged", "p值（按县置换）"), source=p_values("unit_p")),
    Column("cluster_p", ("p, prefectures exchanged", "p值（按地级市置换）"), source=p_values("cluster_p")),
    Column("placebo_mean", ("placebo mean", "安慰剂均值"), 3),
    Column("net", ("estimate less placebo", "估计值减安慰剂"), 3),
    Column("region_p", ("p, placebo provinces", "p值（安慰剂省份）"), source=p_values("region_p")),
    _MEAN,
    _COUNTIES,
    Column("clusters", ("prefectures", "地级市数")),
)
_COMPARISON = Column("comparison", ("compared with", "对照组"), source=labelled("comparison", COMPARISONS))
_FORM = Column("form", ("controls", "控制变量"), source=labelled("form", FORMS))
_PLACEBOS = (
    Column("placebo", ("mean of placebo provinces", "安慰剂省份均值"), 3),
    Column("region_p", ("p, placebo provinces", "p值（安慰剂省份）"), source=p_values("region_p")),
)
_FORMS = (
    _COMPARISON,
    _FORM,
    _ESTIMATE,
    Column("interval", ("95% interval", "95%置信区间"), source=interval("wild_low", "wild_high")),
    Column("detectable", ("detectable effect", "最小可识别效应"), 3),
    *_PLACEBOS,
    _MEAN,
    _COUNTIES,
)
_GDP = (
    Column("change", ("growth", "增长"), source=labelled("change", CHANGES)),
    Column("form", _FORM.head, source=labelled("form", WORDS.labels("gdp_forms"))),
    _ESTIMATE,
    Column("interval", ("95% interval", "95%置信区间"), source=interval()),
    Column("detectable", ("detectable effect", "最小可识别效应"), 3),
    *_PLACEBOS,
    Column("mean", ("mean growth", "平均增速"), 3),
)
_YEARLY = (
    Column("prices", ("prices", "价格"), source=labelled("prices", PRICES)),
    Column("prefecture", ("prefecture", "地级市")),
    Column("before", ("before, points a year", "实施前，每年百分点"), 2),
    Column("after", ("under the policy", "实施后"), 2),
    Column("estimate", ("change", "变化"), 2),
    Column("larger", ("others with as large a change", "变化不小于本市的其他市"), 0),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("years", ("years before / after", "实施前／后年数")),
)
_TRENDS = (
    _DESIGN,
    Column("years", ("years before", "实施前年份")),
    Column("pre_p", ("p, equal trends before", "p值（平行趋势检验）"), source=p_values("pre_p")),
    _ESTIMATE,
    Column("hidden_50", ("bias missed with probability 50%", "50%概率漏检的偏误"), 3),
    Column("hidden_80", ("missed with probability 20%", "20%概率漏检的偏误"), 3),
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
    rows = table.assign(counties=[f"{treated} / {comparison}" for treated, comparison in counts])
    scales = dict.fromkeys(estimation.design.outcome for estimation in estimations.values())
    units = "; ".join(UNITS[scale][0] for scale in scales), "；".join(UNITS[scale][1] for scale in scales)
    span = [format_number(value) for value in sorted({table["regions"].min(), table["regions"].max()})]
    provinces = "–".join(span), "～".join(span)
    note = WORDS("tables.effects.note", language, units=units, provinces=provinces)
    caption = WORDS.pair("tables.effects.caption")
    return build_table(rows, _EFFECTS, language, caption, (note,), _effect_estimates(estimations))


def forms_table(forms: Mapping[tuple[Comparison, Form], PolicyEstimation], language: str = "en") -> TableSpec:
    """Print the effect in each form, a block a comparison, the plain difference first; of ``estimate_forms``."""
    names = pd.DataFrame(list(forms), columns=["comparison", "form"])
    by_name = {f"{who}, {form}": estimation for (who, form), estimation in forms.items()}
    table = estimation_table(by_name).rename(columns={"placebo_mean": "placebo"})
    counts = table[["n_treated", "n_comparison"]].to_numpy()
    rows = table.assign(
        **names,
        detectable=[estimation.detectable for estimation in forms.values()],
        counties=[f"{treated} / {comparison}" for treated, comparison in counts],
    )
    scale = next(iter(forms.values())).design.outcome
    note = WORDS("tables.forms.note", language, unit=UNITS[scale])
    spec = build_table(rows, _FORMS, language, WORDS.pair("tables.forms.caption"), (note,), _effect_estimates(by_name))
    starts = np.flatnonzero(names["comparison"].ne(names["comparison"].shift()))[1:]
    return replace(spec, rules_before=frozenset(map(int, starts)))


def forms_estimates(forms: Mapping[tuple[Comparison, Form], PolicyEstimation]) -> pd.DataFrame:
    """Estimate and interval of the wild bootstrap by comparison (``term``) and form (``model``), for the figure."""
    rows = [
        (who, form, estimation.estimate, estimation.wild.low, estimation.wild.high)
        for (who, form), estimation in forms.items()
    ]
    return pd.DataFrame(rows, columns=["term", "model", "estimate", "low", "high"])


def gdp_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print growth of GDP of the 26 less that of the others, before the policy and across it; of ``gdp_effects``."""
    rows = effects.assign(order=effects["change"].map({key: place for place, key in enumerate(CHANGES)}))
    rows = rows.sort_values("order", kind="stable", ignore_index=True)
    estimates = tuple(row for effect in rows.to_dict("records") for row in _gdp_estimates(effect))
    note = WORDS("tables.gdp.note", language, provinces=format_number(rows["regions"].max()))
    spec = build_table(rows, _GDP, language, WORDS.pair("tables.gdp.caption"), (note,), estimates)
    starts = np.flatnonzero(rows["order"].diff().gt(0))
    return replace(spec, rules_before=frozenset(map(int, starts)))


def _gdp_estimates(row: Mapping[Hashable, Any]) -> tuple[EstimateRecord, EstimateRecord]:
    effect = EstimateRecord(
        "26 counties against home", "gdp_per_km2_log", f"growth of GDP, {row['change']} ({row['form']})", "treated",
        row["estimate"], row["n_treated"] + row["n_comparison"], "", "difference", low=row["low"], high=row["high"],
        clusters=row["clusters"], design_id=row["spec_id"], method="wild cluster bootstrap, Webb weights",
    )  # fmt: skip
    net = replace(
        effect, term="net_of_placebo", estimate=row["net"], low=None, high=None, p=row["region_p"], clusters=None,
        null_mean=0.0, method=f"placebo provinces, {row['regions']} provinces",
    )  # fmt: skip
    return effect, net


def yearly_table(yearly: pd.DataFrame, names: Mapping[str, Pair], language: str = "en") -> TableSpec:
    """Print growth of whole prefectures less that of the rest of the province; of ``before_and_after``."""
    counts = yearly[["years_before", "years_after"]].to_numpy()
    rows = yearly.rename(columns={"change": "estimate"}).assign(
        prefecture=[label(language, *names[code]) for code in yearly["code"]],
        years=[f"{before} / {after}" for before, after in counts],
    )
    known = rows.dropna(subset="estimate")
    estimates = estimates_of(
        known, sample="prefecture " + known["code"], outcome="growth of GDP less that of the rest of Zhejiang",
        model=known["prices"] + " prices", term="change", n=known["others"] + 1, estimand="difference",
        unit="prefectures", method="rank among the other prefectures",
    )  # fmt: skip
    note = WORDS("tables.yearly.note", language, others=str(yearly["others"].max()))
    return build_table(rows, _YEARLY, language, WORDS.pair("tables.yearly.caption"), (note,), estimates)


def trends_table(estimations: Mapping[str, PolicyEstimation], language: str = "en") -> TableSpec:
    """Print the tests of trends before the policy and what they could have missed."""
    before = [estimation.design.pre_years for estimation in estimations.values()]
    dash = "—" if language == "zh" else "–"
    rows = estimation_table(estimations).assign(years=[f"{years[0]}{dash}{years[-1]}" for years in before])
    note, caption = WORDS("tables.trends.note", language), WORDS.pair("tables.trends.caption")
    return build_table(rows, _TRENDS, language, caption, (note,), _trend_tests(estimations))


def _effect_estimates(estimations: Mapping[str, PolicyEstimation]) -> tuple[EstimateRecord, ...]:
    """Effect of each design: with clustered errors, by the wild bootstrap and permutations, and less its placebos."""
    return tuple(row for name, estimation in estimations.items() for row in _effects_of(name, estimation))


def _effects_of(name: str, estimation: PolicyEstimation) -> tuple[EstimateRecord, EstimateRecord, EstimateRecord]:
    low, high = estimation.result.ci[estimation.result.position("treated")]
    effect = EstimateRecord(
        *_names(name, estimation), "treated", estimation.estimate, len(estimation.panel.units), _vcov(estimation),
        "difference", estimation.se, float(low), float(high), estimation.p, estimation.study.df,
        estimation.study.clusters, design_id=estimation.design.spec_id,
    )  # fmt: skip
    wild, placebo = estimation.wild, estimation.placebo
    ends = [end - placebo.mean for end in placebo.interval]
    exchanged = {f"counties exchanged, {estimation.permuted.test.draws} draws": estimation.permuted.test.p}
    if estimation.clusters is not None:
        exchanged[f"prefectures exchanged, {estimation.clusters.draws} draws"] = estimation.clusters.p
    return (
        effect,
        replace(
            effect, vcov="", method=f"{wild.label}, seed {wild.seed}", se=None, low=wild.low, high=wild.high, p=wild.p,
            df=None, p_other=exchanged,
        ),
        replace(
            effect, term="net_of_placebo", estimate=placebo.net, se=None,
            vcov="", method=f"placebo provinces, {len(placebo.effects)} draws", low=None, high=None, p=placebo.p,
            df=None, clusters=None, null_mean=0.0, null_low=ends[0], null_high=ends[1],
        ),
    )  # fmt: skip


def _trend_tests(estimations: Mapping[str, PolicyEstimation]) -> tuple[HypothesisTest, ...]:
    """Tests of equal trends before: the largest studentised difference among those of exchanged counties."""
    return tuple(
        HypothesisTest(
            *_names(name, estimation), "equal trends before the policy", "largest studentised difference",
            estimation.trend.statistic, len(estimation.panel.units), p=estimation.trend.p,
            design_id=estimation.design.spec_id,
            method=f"permutation of counties, {estimation.permuted.test.draws} draws",
        )
        for name, estimation in estimations.items()
    )  # fmt: skip


def year_estimates(estimations: Mapping[str, PolicyEstimation]) -> tuple[EstimateRecord, ...]:
    """Differences by year of each design, as the figure of event studies shows them."""
    rows: list[EstimateRecord] = []
    for name, estimation in estimations.items():
        years = estimation.study.to_frame().dropna(subset="se")
        terms = [f"year_{year}" for year in years["year"]]
        rows += _rows_of(name, estimation, years, term=terms, df=estimation.study.df)
    return tuple(rows)


def bound_estimates(estimation: PolicyEstimation, bounds: TrendBounds) -> tuple[EstimateRecord, ...]:
    """Mean effect against the reference year under each bound of :func:`bound_trends`, for the figure."""
    rows: list[EstimateRecord] = []
    for kind, table in (("relative magnitudes", bounds.magnitudes), ("smoothness", bounds.slopes)):
        rows += _rows_of(
            design_name(estimation.design), estimation, table,
            term=[f"mean effect, {kind} {bound:g}" for bound in table["bound"]],
            estimate=table.get("estimate", bounds.differences.estimate),
            low=table["ci_low"], high=table["ci_high"], method="trends bounded (Rambachan and Roth)",
        )  # fmt: skip
    return tuple(rows)


def prefecture_estimates(effects: Mapping[str, SdidPlacebo]) -> tuple[EstimateRecord, ...]:
    """Synthetic difference-in-differences of whole prefectures, for the figure."""
    return tuple(
        EstimateRecord(
            f"prefecture {code} against prefectures of Anhui, Fujian and Jiangxi", effect.fit.spec.outcome,
            "synthetic difference-in-differences", "treated", effect.fit.estimate, 1 + len(effect.placebos),
            "", "difference", effect.se, p=effect.p, design_id=effect.fit.spec.spec_id, unit="prefectures",
            method="placebo in space",
        )
        for code, effect in effects.items()
    )  # fmt: skip


def _rows_of(
    name: str, estimation: PolicyEstimation, table: pd.DataFrame, **fields: object
) -> tuple[EstimateRecord, ...]:
    sample, outcome, model = _names(name, estimation)
    return estimates_of(
        table, sample=sample, outcome=outcome, model=model, n=len(estimation.panel.units), vcov=_vcov(estimation),
        estimand="difference", clusters=estimation.study.clusters, design_id=estimation.design.spec_id, **fields,
    )  # fmt: skip


def _names(name: str, estimation: PolicyEstimation) -> tuple[str, str, str]:
    """Sample, outcome and model of a design."""
    design = estimation.design
    model = f"policy {design.policy_year}, {design.first_year}-{design.last_year} ({name})"
    return f"26 counties against {design.comparison}", f"lights_per_km2_{design.outcome}", model


def _vcov(estimation: PolicyEstimation) -> str:
    return estimation.result.error.replace("(cluster)", "(prefecture_code)")
