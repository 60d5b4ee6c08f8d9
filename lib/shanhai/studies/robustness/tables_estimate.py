"""Tables of notebook 13 on the estimate: adjustments, the unobserved, the curve, families of tests."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from shanhai.core.fields import label_of, terrain_grid
from shanhai.methods.adjustment import Dose
from shanhai.methods.curve import JointNullTest, Variations
from shanhai.methods.records import EstimateRecord, Quantity, estimates_of, hypothesis_tests
from shanhai.methods.regression.results import FitResult
from shanhai.render.numbers import format_number
from shanhai.render.style import label
from shanhai.render.tables import ESTIMATE_COLUMNS, Column, Source, TableSpec, build_table, interval, labelled, p_values
from shanhai.studies.border.words import term_label
from shanhai.studies.robustness.design import WORDS

_ESTIMATE, _, _INTERVAL, _P = ESTIMATE_COLUMNS


def _percent(column: str) -> Source:
    """Shares as percent."""
    return lambda rows, _: 100 * rows[column]


def _texts(english: str, chinese: str) -> Source:
    """Texts that the rows hold in both languages."""
    return lambda rows, language: [label(language, *pair) for pair in rows[[english, chinese]].to_numpy()]


def adjustments_table(comparison: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``BorderOrMountain.table``: weighting and matching estimates beside the pre-specified regression."""
    columns = (
        Column("adjustment", ("balanced on", "可比条件"), source=labelled("adjustment", WORDS.labels("adjustment"))),
        Column("method", ("method", "方法"), source=_texts("method", "method_zh")),
        Column("estimand", ("estimand", "估计目标")),
        *ESTIMATE_COLUMNS,
        Column("effective", ("effective border / interior", "有效样本量（边界／非边界）"), source=_effective_sizes),
        Column("largest_difference", ("largest difference left (SD)", "最大标准化均值差"), 3),
    )
    shown = set(comparison["estimand"])
    explained = [(key, mean) for key, mean in WORDS.labels("adjustments.estimand").items() if key in shown]
    notes = (
        WORDS("adjustments.note.data", language),
        *(WORDS("adjustments.note.estimand", language, estimand=key, mean=mean) for key, mean in explained),
    )
    kinds = ["coefficient" if kind == "OLS" else kind for kind in comparison["estimand"]]
    estimates = estimates_of(comparison, method="", n=comparison["n_treated"] + comparison["n_control"], estimand=kinds)
    return build_table(comparison, columns, language, WORDS.pair("adjustments.caption"), notes, estimates)


def _effective_sizes(comparison: pd.DataFrame, _: str) -> list[str]:
    return [
        f"{format_number(border)} / {format_number(interior)}"
        for border, interior in comparison[["effective_treated", "effective_control"]].to_numpy()
    ]


def dose_table(dose: Dose, language: str = "en") -> TableSpec:
    """Print terrain where no border is, and the border where no mountain is."""
    columns = (
        Column("quantity", ("difference", "差异"), source=labelled("quantity", WORDS.labels("difference"))),
        Column("part", ("sample", "样本"), source=_dose_parts(dose.beyond_km)),
        *ESTIMATE_COLUMNS,
        Column("n", ("counties", "县数")),
        Column("n_treated", ("on a border", "省际边界县数")),
    )
    estimates = tuple(result.records()[0] for result in dose.results)
    return build_table(
        dose.table, columns, language, WORDS.pair("dose.caption"), (WORDS("dose.note", language),), estimates
    )


def _dose_parts(beyond_km: float) -> Source:
    return lambda rows, language: [
        WORDS(f"dose.part.{part}", language, **({"km": format_number(beyond_km)} if part == "far" else {}))
        for part in rows["part"]
    ]


def bounds_table(bounds: pd.DataFrame, result: FitResult, language: str = "en") -> TableSpec:
    """Print ``benchmark_bounds`` of a regression: the border effect if something unseen were as strong as the seen."""
    columns = (
        Column(
            "benchmark",
            ("confounder as strong as", "不可观测混杂因素的强度相当于"),
            source=labelled("benchmark", WORDS.labels("benchmark", grid=terrain_grid())),
        ),
        Column("multiple", ("times", "倍数"), 0),
        Column("r2_treatment", ("partial R² with the border (%)", "与省界的偏R²（%）"), 1, _percent("r2_treatment")),
        Column("r2_outcome", ("partial R² with the outcome (%)", "与被解释变量的偏R²（%）"), 1, _percent("r2_outcome")),
        Column("estimate", ("estimate left", "剩余估计值"), 3),
        _INTERVAL,
    )
    spec = result.spec
    estimates = estimates_of(
        bounds,
        p=None,
        sample=spec.sample.name,
        outcome=spec.outcome.name,
        model=[
            f"{spec.model}, given something unseen {times:g} times as strong as {name}"
            for times, name in zip(bounds["multiple"], bounds["benchmark"], strict=True)
        ],
        term="on_border",
        n=result.n,
        vcov="iid",
        method="bound on what is unseen (Cinelli and Hazlett)",
        design_id=spec.spec_id,
    )
    return build_table(
        bounds, columns, language, WORDS.pair("bounds.caption"), (WORDS("bounds.note", language),), estimates
    )


def stability_table(oster: pd.DataFrame, result: FitResult, language: str = "en") -> TableSpec:
    """Print ``oster_table`` of a regression: how much selection on what is unseen the estimate stands."""
    columns = (
        Column("multiple", ("R²max over R²", "R²max与R²之比"), 1),
        Column("r_max", ("R²max", "R²max"), 3),
        Column("delta", ("delta for an estimate of zero", "使估计值为零的δ"), 2),
        Column("beta", ("estimate at delta 1", "δ＝1时的估计值"), 3),
    )
    spec = result.spec
    ceilings = ["1" if np.isnan(times) else f"{times:g} times R²" for times in oster["multiple"]]
    quantities = tuple(
        Quantity(
            spec.sample.name, f"{column.head[0]}, {spec.outcome.name}",
            f"{spec.model}, selection on the unseen (Oster)", f"on_border, R² max {ceiling}", float(row[column.key]),
            result.n, spec.spec_id,
        )
        for ceiling, row in zip(ceilings, oster.to_dict("records"), strict=True)
        for column in columns[2:]
    )  # fmt: skip
    return build_table(
        oster, columns, language, WORDS.pair("stability.caption"), (WORDS("stability.note", language),), quantities
    )


# Specification curve and families


def curve_estimates(curve: Variations) -> tuple[EstimateRecord, ...]:
    """The main specification of a curve of a grid; the table of the curve holds all others."""
    place = int(curve.table["is_main"].to_numpy().argmax())
    spec = curve.spec(place)
    return estimates_of(
        curve.table.iloc[[place]],
        sample=spec.sample.name,
        outcome=spec.outcome.name,
        model="specification curve of the border, main specification",
        term=spec.term_names[0],
        vcov=spec.covariance.label,
        design_id=spec.spec_id,
    )


def moves_table(moves: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``what_moves``: how much of the variance of the curve each choice accounts for."""
    columns = (
        Column("choice", ("choice", "选择"), source=_choices),
        Column(
            "share_of_estimates", ("variance of estimates (%)", "估计值方差（%）"), 1, _percent("share_of_estimates")
        ),
        Column("share_of_t", ("variance of t-ratios (%)", "t值方差（%）"), 1, _percent("share_of_t")),
        Column("spread", ("largest less smallest median", "中位数最大差"), 3),
    )
    return build_table(moves, columns, language, WORDS.pair("moves.caption"), (WORDS("moves.note", language),))


def _choices(moves: pd.DataFrame, language: str) -> list[str]:
    """Names of the choices; of the last row, which is no choice of the grid, that of the words."""
    together = WORDS.pair("moves.together")
    rows = moves[["choice", "label", "translation"]].to_numpy()
    return [label(language, *(together if key == "together" else names)) for key, *names in rows]


def joint_table(test: JointNullTest, language: str = "en") -> TableSpec:
    """Print a joint test of the curve: its statistics beside those of curves without effect."""
    columns = (
        Column(
            "statistic",
            ("statistic of the curve", "设定曲线统计量"),
            source=labelled("statistic", WORDS.labels("statistic")),
        ),
        Column("observed", ("observed", "观测值"), 3),
        Column("null_median", ("median under the null", "原假设下的中位数"), 3),
        Column(
            "interval",
            ("middle 95% under the null", "原假设下的2.5%～97.5%分位区间"),
            source=interval("null_low", "null_high"),
        ),
        _P,
    )
    counts = {name: format_number(getattr(test, name)) for name in ("draws", "clusters", "regressions")}
    tests = hypothesis_tests(
        test.table,
        sample="all samples of the grid",
        outcome="all outcomes of the grid",
        model="specification curve of the border",
        term="no effect in any specification",
        value=test.table["observed"],
        null_mean=test.table["null_median"],
        n=test.clusters,
        unit="prefectures",
        clusters=test.clusters,
        method=f"wild cluster bootstrap of scores, {test.draws} draws",
    )
    note = WORDS("joint.note", language, floor=format_number(test.draws + 1), **counts)
    return build_table(test.table, columns, language, WORDS.pair("joint.caption"), (note,), tests)


def families_table(families: Sequence[pd.DataFrame], language: str = "en") -> TableSpec:
    """Print declared families (``estimate_family``): raw p-values beside three adjusted ones."""
    table = pd.concat(families, ignore_index=True)
    columns = (
        Column("sample", ("sample", "样本"), source=_texts("sample", "sample_translation")),
        Column(
            "outcome",
            ("outcome", "被解释变量"),
            source=labelled("outcome", {name: label_of(name) for name in table["outcome"]}),
        ),
        Column("term", ("term", "变量"), source=labelled("term", {name: term_label(name) for name in table["term"]})),
        _ESTIMATE,
        _P,
        Column("p_holm", ("p (Holm)", "Holm校正p值"), source=p_values("p_holm")),
        Column("p_bh", ("p (Benjamini-Hochberg)", "BH校正p值"), source=p_values("p_bh")),
        Column("p_romano_wolf", ("p (Romano-Wolf)", "Romano-Wolf校正p值"), source=p_values("p_romano_wolf")),
    )
    starts = table["family"].ne(table["family"].shift())
    estimates = tuple(row for family in families for row in _family_estimates(family))
    printed = build_table(
        table, columns, language, WORDS.pair("families.caption"), (WORDS("families.note", language),), estimates
    )
    return replace(printed, rules_before=frozenset(int(place) for place in starts[starts].index if place))


def _family_estimates(family: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Tests of one family, each adjusted p-value under the name of its method and family."""
    name = f"family {family['family'].iloc[0]} of {len(family)}"
    methods = {"p_holm": "Holm", "p_bh": "Benjamini-Hochberg", "p_romano_wolf": "Romano-Wolf"}
    adjusted = [
        {f"{method}, {name}": float(row[column]) for column, method in methods.items()}
        for row in family.to_dict("records")
    ]
    return estimates_of(family, p_other=adjusted)
