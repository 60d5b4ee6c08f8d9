"""Tables and sentences of the stress notebook on the estimate: adjustments, sensitivity, the curve, families."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.methods.adjustment import ESTIMANDS, Dose, Robustness
from shanhai.methods.curve import CurveSummary, JointNullTest, Variations
from shanhai.methods.records import EstimateRecord, Quantity, estimates_of, hypothesis_tests
from shanhai.methods.regression.results import FitResult
from shanhai.render.numbers import format_number, format_p_value, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import ESTIMATE_HEADS, estimate_columns, intervals, named, three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.border.words import outcome_label, term_label

ADJUSTMENT_NAMES = {
    "registered": ("registered main model", "注册的主设定"),
    "terrain": ("terrain", "地形"),
    "terrain_district": ("terrain + district", "地形＋市辖区"),
    "geography": ("terrain + district + geography", "地形＋市辖区＋区位"),
}
STATISTICS = {
    "median": ("median estimate", "估计值中位数"),
    "share_significant": ("share significant in the direction of most", "多数方向上显著的比例"),
    "average_z": ("mean z", "z值均值"),
}
BENCHMARKS = {
    "terrain": ("ruggedness and its product with the border", "崎岖度及其与省界之积"),
    "district": ("district status", "市辖区"),
}
QUANTITIES = {"terrain": ("terrain (1 SD)", "地形（1个标准差）"), "border": ("border", "省界")}


def adjustments_table(comparison: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``BorderOrMountain.table``: weighting and matching estimates beside the registered regression."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "adjustment": named(comparison["adjustment"], ADJUSTMENT_NAMES, language),
            "method": [
                label(language, en, zh) for en, zh in zip(comparison["method"], comparison["method_zh"], strict=True)
            ],
            "estimand": comparison["estimand"],
            **estimate_columns(comparison),
            "effective": [
                f"{format_number(one)} / {format_number(two)}"
                for one, two in comparison[["effective_treated", "effective_control"]].to_numpy()
            ],
            "largest_difference": comparison["largest_difference"],
        }
    )
    heads = {
        "adjustment": ("made alike in", "可比条件"),
        "method": ("method", "方法"),
        "estimand": ("mean", "估计对象"),
        **ESTIMATE_HEADS,
        "effective": ("effective border / interior", "有效样本（省界／内部）"),
        "largest_difference": ("largest difference left (SD)", "最大剩余差异（标准差）"),
    }
    shown = [key for key in ESTIMANDS if key in set(comparison["estimand"])]
    notes = tuple(label(language, *(f"{key}: {text}." for text in ESTIMANDS[key])) for key in shown)
    caption = ("Border counties made alike in terrain", "地形可比的省界县与内部县")
    digits = {"estimate": 3, "se": 3, "largest_difference": 3}
    kinds = ["coefficient" if kind == "OLS" else kind for kind in comparison["estimand"]]
    estimates = estimates_of(comparison, method="", n=comparison["n_treated"] + comparison["n_control"], estimand=kinds)
    return three_line(frame, caption, notes, digits, heads, language, estimates)


def dose_table(dose: Dose, language: str = "en") -> TableSpec:
    """Print terrain where no border is, and the border where no mountain is."""
    check_language(language)
    doses = dose.table
    frame = pd.DataFrame(
        {
            "quantity": named(doses["quantity"], QUANTITIES, language),
            "sample": [label(language, en, zh) for en, zh in doses[["sample", "sample_zh"]].to_numpy()],
            **estimate_columns(doses),
            "n": doses["n"],
            "n_treated": doses["n_treated"],
        }
    )
    heads = {
        "quantity": ("difference", "差异"),
        "sample": ("counties", "县"),
        **ESTIMATE_HEADS,
        "n": ("number", "县数"),
        "n_treated": ("on a border", "省界县数"),
    }
    caption = ("Mountain without border, border without mountain", "无省界的山区与无山区的省界")
    estimates = tuple(result.records()[0] for result in dose.results)
    return three_line(frame, caption, (), {"estimate": 3, "se": 3}, heads, language, estimates)


def bounds_table(bounds: pd.DataFrame, result: FitResult, language: str = "en") -> TableSpec:
    """Print ``benchmark_bounds`` of a regression: the border effect if something unseen were as strong as the seen."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "benchmark": named(bounds["benchmark"], BENCHMARKS, language),
            "multiple": bounds["multiple"],
            "r2_treatment": 100 * bounds["r2_treatment"],
            "r2_outcome": 100 * bounds["r2_outcome"],
            "estimate": bounds["estimate"],
            "interval": intervals(bounds),
        }
    )
    heads = {
        "benchmark": ("unseen as strong as", "未观测因素强度相当于"),
        "multiple": ("times", "倍数"),
        "r2_treatment": ("explains of the border (%)", "解释省界（%）"),
        "r2_outcome": ("explains of the outcome (%)", "解释结果（%）"),
        "estimate": ("estimate left", "剩余估计值"),
        "interval": ESTIMATE_HEADS["interval"],
    }
    note = label(language, "Classical intervals (Cinelli & Hazlett 2020).", "经典区间（Cinelli & Hazlett 2020）。")
    digits = {"multiple": 0, "r2_treatment": 1, "r2_outcome": 1, "estimate": 3}
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
    return three_line(frame, ("Unseen confounding", "未观测混杂因素"), (note,), digits, heads, language, estimates)


def stability_table(oster: pd.DataFrame, result: FitResult, language: str = "en") -> TableSpec:
    """Print ``oster_table`` of a regression: how much selection on what is unseen the estimate stands."""
    check_language(language)
    heads = {
        "multiple": ("R²max over R²", "R²max与R²之比"),
        "r_max": ("R²max", "R²max"),
        "delta": ("delta for an effect of zero", "使效应为零的δ"),
        "beta": ("estimate at delta 1", "δ＝1时的估计值"),
    }
    note = label(
        language,
        "Within provinces; delta 1 is as much selection on the unseen as on all controls (Oster 2019).",
        "省内；δ＝1表示未观测选择与全部控制变量的选择同样强（Oster 2019）。",
    )
    digits = {"multiple": 1, "r_max": 3, "delta": 2, "beta": 3}
    spec = result.spec
    names = {"delta": "delta for an effect of zero", "beta": "estimate at delta 1"}
    numbers = tuple(
        Quantity(
            spec.sample.name, f"{names[column]}, {spec.outcome.name}", f"{spec.model}, selection on the unseen (Oster)",
            f"on_border, {_ceiling(row)}", float(row[column]), result.n, spec.spec_id,
        )
        for row in oster.to_dict("records")
        for column in names
    )  # fmt: skip
    caption = ("Coefficient stability", "系数稳定性")
    return three_line(oster[[*heads]], caption, (note,), digits, heads, language, numbers)


def _ceiling(row: Mapping[Hashable, float]) -> str:
    """The largest R² of a row of ``oster_table`` in words."""
    return "R² max 1" if np.isnan(row["multiple"]) else f"R² max {row['multiple']:g} times R²"


def robustness_sentence(strength: Robustness, language: str = "en") -> str:
    """How strong a confounder must be, in words."""
    zero, significant, clustered = (
        format_percent(100 * value) for value in (strength.value, strength.value_significant, strength.value_clustered)
    )
    return label(
        language,
        f"Something unseen that explains {zero} of what is left of both border and outcome brings the estimate of "
        f"{format_number(strength.estimate, 3)} to zero;\n{significant} makes it not significant by its classical "
        f"error, {clustered} by the clustered one.",
        f"若未观测因素对省界和结果的剩余方差各解释{zero}，估计值{format_number(strength.estimate, 3)}即为零；\n"
        f"各解释{significant}则按经典标准误不显著，{clustered}则按聚类标准误不显著。",
        joint="\n",
    )


def curve_sentences(summary: CurveSummary, language: str = "en") -> str:
    """What a specification curve says about its main specification.

    Raises
    ------
    ReportError
        If the curve does not hold the main specification.
    """
    if summary.main is None or summary.share_of_main_sign is None or summary.share_of_main_sign_significant is None:
        raise ReportError("The curve has no main specification; keep its options when a grid is narrowed.")
    count, main = format_number(summary.specifications), format_number(summary.main, 3)
    same, sure = (
        format_percent(100 * value) for value in (summary.share_of_main_sign, summary.share_of_main_sign_significant)
    )
    middle, low, high = (
        format_number(value, 3) for value in (summary.median, summary.lower_quartile, summary.upper_quartile)
    )
    return label(
        language,
        f"{count} specifications; the registered one estimates {main}.\n{same} have its sign, {sure} its sign and "
        f"p < 0.05; the median is {middle}, the middle half {low} to {high}.",
        f"共{count}个设定；注册的主设定估计值为{main}。\n{same}与其同号，{sure}同号且p < 0.05；"
        f"中位数{middle}，中间一半为{low}至{high}。",
        joint="\n",
    )


def moves_table(moves: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``what_moves``: how much of the variance of the curve each choice accounts for."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "choice": [label(language, en, zh) for en, zh in moves[["label", "label_zh"]].to_numpy()],
            "share_of_estimates": 100 * moves["share_of_estimates"],
            "share_of_t": 100 * moves["share_of_t"],
            "spread": moves["spread"],
        }
    )
    heads = {
        "choice": ("choice", "选择"),
        "share_of_estimates": ("variance of estimates (%)", "估计值方差（%）"),
        "share_of_t": ("variance of t-ratios (%)", "t值方差（%）"),
        "spread": ("largest less smallest median", "中位数最大差"),
    }
    note = label(
        language,
        "Shapley shares of the R² of option dummies; the last row is what choices do only together.",
        "选项虚拟变量R²的Shapley分解；末行为选择之间的共同作用。",
    )
    digits = {"share_of_estimates": 1, "share_of_t": 1, "spread": 3}
    caption = ("What moves the estimate", "什么影响估计值")
    return three_line(frame, caption, (note,), digits, heads, language)


def joint_table(test: JointNullTest, language: str = "en") -> TableSpec:
    """Print a joint test of the curve: its statistics beside those of curves without effect."""
    check_language(language)
    rows = test.table.rename(columns={"null_low": "low", "null_high": "high"})
    frame = pd.DataFrame(
        {
            "statistic": named(rows["statistic"], STATISTICS, language),
            "observed": rows["observed"],
            "null_median": rows["null_median"],
            "interval": intervals(rows),
            "p": [format_p_value(value) for value in rows["p"]],
        }
    )
    heads = {
        "statistic": ("statistic of the curve", "曲线统计量"),
        "observed": ("observed", "观测值"),
        "null_median": ("median without effect", "无效应时中位数"),
        "interval": ("middle 95% without effect", "无效应时中间95%"),
        "p": ESTIMATE_HEADS["p"],
    }
    numbers = tuple(format_number(value) for value in (test.draws, test.clusters, test.regressions))
    note = label(
        language,
        f"{numbers[0]} draws of a wild cluster bootstrap of scores, {numbers[1]} clusters, {numbers[2]} regressions.",
        f"得分野聚类自助法{numbers[0]}次抽样，{numbers[1]}个聚类，{numbers[2]}个回归。",
    )
    digits = {"observed": 3, "null_median": 3}
    caption = ("Could a curve like this come without any effect?", "无效应时会有这样的曲线吗？")
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
    return three_line(frame, caption, (note,), digits, heads, language, tests)


def families_table(families: Sequence[pd.DataFrame], language: str = "en") -> TableSpec:
    """Print declared families (``estimate_family``): raw p-values beside three adjusted ones."""
    check_language(language)
    table = pd.concat(families, ignore_index=True)
    adjusted = {
        "p": ESTIMATE_HEADS["p"],
        "p_holm": ("p (Holm)", "p值（Holm）"),
        "p_bh": ("p (Benjamini-Hochberg)", "p值（BH）"),
        "p_romano_wolf": ("p (Romano-Wolf)", "p值（Romano-Wolf）"),
    }
    frame = pd.DataFrame(
        {
            "sample": [label(language, en, zh) for en, zh in table[["sample", "sample_zh"]].to_numpy()],
            "outcome": [label(language, *outcome_label(name)) for name in table["outcome"]],
            "term": [label(language, *term_label(name)) for name in table["term"]],
            "estimate": table["estimate"],
            **{name: [format_p_value(value) for value in table[name]] for name in adjusted},
        }
    )
    heads = {
        "sample": ("sample", "样本"),
        "outcome": ("outcome", "被解释变量"),
        "term": ("term", "变量"),
        "estimate": ESTIMATE_HEADS["estimate"],
        **adjusted,
    }
    starts = table["family"].ne(table["family"].shift())
    return TableSpec(
        frame,
        label(language, "Declared families of tests", "声明的检验族"),
        (label(language, "A thin line parts the families.", "细线分隔检验族。"),),
        {"estimate": 3},
        {column: label(language, *names) for column, names in heads.items()},
        frozenset(int(place) for place in starts[starts].index if place),
        tuple(row for family in families for row in _family_estimates(family)),
    )


def _family_estimates(family: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Tests of one family, each adjusted p-value under the name of its method and family."""
    name = f"family {family['family'].iloc[0]} of {len(family)}"
    methods = {"p_holm": "Holm", "p_bh": "Benjamini-Hochberg", "p_romano_wolf": "Romano-Wolf"}
    adjusted = [
        {f"{method}, {name}": float(row[column]) for column, method in methods.items()}
        for row in family.to_dict("records")
    ]
    return estimates_of(family, p_other=adjusted)


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
