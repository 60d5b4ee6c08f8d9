"""Tables of notebook 13 on the border: jumps, pairs, valleys, placebos; words stand in ``words.toml``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.core.fields import label_of, terrain_grid
from shanhai.methods.placebo.borders import BorderPlacebo, PlaceboKey
from shanhai.methods.records import EstimateRecord, Result, estimates_of, hypothesis_tests
from shanhai.methods.spec import RegressionSpec
from shanhai.render.errors import error_label
from shanhai.render.numbers import MISSING, format_number
from shanhai.render.style import label
from shanhai.render.tables import ESTIMATE_COLUMNS, Column, Source, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair
from shanhai.studies.robustness.design import VALLEY_CONTROLS, WORDS

_OUTCOME = Column(
    "outcome",
    ("outcome", "被解释变量"),
    source=lambda rows, language: [label(language, *label_of(f"log_{column}")) for column in rows["outcome"]],
)
_LOCATION = Column("location", ("followed by", "依据"), source=labelled("location", WORDS.labels("location")))
_BANDWIDTH = Column("bandwidth_km", ("bandwidth (km)", "带宽（千米）"), 0)
_BOUND = Column("equivalence_bound", ("jump excluded beyond", "可排除的断点跳跃上界"), 3)
_INTERVAL = ESTIMATE_COLUMNS[2]


def _both(first: str, second: str) -> Source:
    """Counts of two columns together."""
    return lambda rows, _: (rows[first] + rows[second]).astype("Int64")


def jump_table(jumps: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``jump_evidence`` returns: jumps of the richer province's side over the other, at the line."""
    columns = (
        _OUTCOME,
        _LOCATION,
        _BANDWIDTH,
        *ESTIMATE_COLUMNS,
        _BOUND,
        Column("n", ("counties", "县数"), source=_both("n_left", "n_right")),
        Column("near", ("within 20 km", "20千米内"), source=_both("near_left", "near_right")),
    )
    note = WORDS("jumps.note", language)
    return build_table(jumps, columns, language, WORDS.pair("jumps.caption"), (note,), _jump_estimates(jumps))


def bandwidth_table(widths: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print the robust rows of ``bandwidth_table``: the jump under other bandwidths and donuts."""
    columns = (
        _LOCATION,
        _BANDWIDTH,
        Column("donut_km", ("left out within (km)", "剔除范围（donut，千米）"), 0),
        *ESTIMATE_COLUMNS,
        _BOUND,
        Column("n", ("counties", "县数"), source=_both("n_left", "n_right")),
    )
    rows = widths[widths["method"].ne("conventional")].reset_index(drop=True)
    notes = [WORDS("bandwidths.note.design", language)]
    if rows["note"].ne("").any():
        notes.append(WORDS("bandwidths.note.lost", language, missing=MISSING))
    return build_table(rows, columns, language, WORDS.pair("bandwidths.caption"), notes, _jump_estimates(rows))


def _jump_estimates(jumps: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Robust jumps; those that could not be estimated are left out."""
    known = jumps.dropna(subset=["se"])
    donuts = [f", {width:g} km left out" if width else "" for width in known["donut_km"]]
    return estimates_of(
        known,
        sample="China, near a border",
        outcome="log_" + known["outcome"],
        model=[
            f"jump by {location}, bandwidth {width:.4f} km{donut}"
            for location, width, donut in zip(known["location"], known["bandwidth_km"], donuts, strict=True)
        ],
        term="right_side",
        n=known["n_left"] + known["n_right"],
        estimand="jump, bias-corrected",
        vcov=known["vcov"],
        method="robust bias correction",
    )


def single_pairs_table(single: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``single_pair_evidence`` returns: the jump by pairs of provinces, one row an outcome."""
    columns = (
        _OUTCOME,
        Column("pairs", ("pairs of provinces", "省对数")),
        Column("too_small", ("with too few counties", "县数过少")),
        Column("above", ("jump above zero", "断点跳跃为正")),
        Column("median", ("median jump", "断点跳跃中位数"), 3),
        Column("median_half", ("median ± of the 95% interval", "95%置信区间半宽的中位数"), 3),
        Column("rejected", ("p < 0.05", "p < 0.05")),
        Column("rejected_holm", ("after Holm", "Holm校正后")),
        Column("p_joint", ("p (none jumps)", "p值（均无断点跳跃）"), source=p_values("p_joint")),
    )
    tests = hypothesis_tests(
        single,
        sample="China, near a border",
        outcome="log_" + single["outcome"],
        model=[f"jump by single pairs of provinces, bandwidth {width:.4f} km" for width in single["bandwidth_km"]],
        term="no pair jumps",
        statistic="chi-squared over its degrees of freedom",
        value=single["statistic"],
        p=single["p_joint"],
        df=single["pairs"],
        n=single["pairs"],
        unit="pairs of provinces",
        vcov="HC3",
        method="robust bias correction",
    )
    return build_table(
        single, columns, language, WORDS.pair("single_pairs.caption"), (WORDS("single_pairs.note", language),), tests
    )


def pairs_table(pairs: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``pair_evidence`` returns: adjacent counties across provincial and across prefectural borders."""
    columns = (
        _OUTCOME,
        Column("boundary", ("across a", "跨越"), source=labelled("boundary", WORDS.labels("boundary"))),
        *ESTIMATE_COLUMNS,
        Column("pairs", ("pairs of counties", "县对数")),
    )
    estimates = estimates_of(
        pairs,
        sample="China, adjacent counties",
        outcome="log_" + pairs["outcome"],
        model="pairs across a " + pairs["boundary"] + " boundary",
        term="right_side",
        n=pairs["pairs"],
        unit="pairs of adjacent counties",
        clusters=pairs[["units", "unit_pairs"]].min(axis=1),
    )
    return build_table(
        pairs, columns, language, WORDS.pair("pairs.caption"), (WORDS("pairs.note", language),), estimates
    )


def spline_table(valleys: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``valley_evidence`` returns: how deep the valley is, where its bottom lies, what is within 20 km."""
    columns = (
        _OUTCOME,
        Column(
            "controls",
            ("held fixed", "控制"),
            source=labelled("controls", WORDS.labels("controls", grid=terrain_grid())),
        ),
        Column("p_flat", ("p (no valley)", "p值（无边界洼地）"), source=p_values("p_flat")),
        Column("bottom_km", ("bottom at (km)", "最低点（千米）"), 0),
        Column("depth", ("depth", "洼地深度"), 3),
        _INTERVAL,
        Column("half_km", ("half of it left at (km)", "深度减半处（千米）"), 0),
        Column("share", ("risen by 20 km", "20千米内回升"), source=_identified_share),
        Column("p_same_sides", ("p (same on both sides)", "p值（两侧相同）"), source=p_values("p_same_sides")),
    )
    note = WORDS("valleys.note", language, missing=MISSING)
    return build_table(valleys, columns, language, WORDS.pair("valleys.caption"), (note,), _valley_estimates(valleys))


def _identified_share(valleys: pd.DataFrame, _: str) -> list[str]:
    """Shares risen by 20 km; one whose interval is not bounded is not identified."""
    return [
        f"{format_number(100 * share)}%" if np.isfinite([share, low, high]).all() else MISSING
        for share, low, high in valleys[["share_20km", "share_low", "share_high"]].to_numpy()
    ]


def _valley_estimates(valleys: pd.DataFrame) -> tuple[Result, ...]:
    """Depth and share risen by 20 km of each curve, and the tests of no valley and of the same one on both sides.

    A share that is not identified, whose interval is not bounded, is none.
    """
    curves = valleys.assign(
        sample="China",
        outcome="log_" + valleys["outcome"],
        model=[
            f"valley as a spline, given {', '.join(VALLEY_CONTROLS[key]) or 'nothing'}" for key in valleys["controls"]
        ],
        vcov="cluster(prefecture_code) CR1S",
    )
    shares = {"estimate": "share_20km", "low": "share_low", "high": "share_high"}
    shares_known = curves[np.isfinite(valleys[[*shares.values()]].to_numpy(dtype=float)).all(axis=1)]
    tests = curves.drop(columns=["low", "high", "df"])
    sides = tests.drop_duplicates("outcome").drop(columns="clusters")
    return (
        *estimates_of(curves, term="depth", estimate=curves["depth"], estimand="lowest point"),
        *estimates_of(
            shares_known, **{field: shares_known[column] for field, column in shares.items()}, term="risen by 20 km",
            estimand="share", method="interval of Fieller",
        ),
        *hypothesis_tests(
            tests, term="no valley", statistic="F", value=tests["f_flat"], p=tests["p_flat"],
            df_denominator=valleys["df"],
        ),
        *hypothesis_tests(
            sides, sample="China, at the nearest border", model="valley as a spline", vcov="cluster(pair) CR1",
            term="same valley on both sides", statistic="F", value=sides["f_same_sides"], p=sides["p_same_sides"],
            df_denominator=sides["df_same_sides"],
        ),
    )  # fmt: skip


def name_valleys(curves: Mapping[str, pd.DataFrame], language: str = "en") -> dict[str, pd.DataFrame]:
    """What ``valley_curves`` returns by the label of what each curve holds fixed, its key in a column ``series``."""
    return {
        WORDS(f"controls.{key}", language, grid=terrain_grid()): curve.assign(series=key)
        for key, curve in curves.items()
    }


# Placebos


def placebo_table(placebos: pd.DataFrame, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print what ``placebo_frame`` returns of a regression: the real border among drawn ones, one row a null."""
    answers = {True: WORDS.pair("yes_no.yes"), False: WORDS.pair("yes_no.no")}
    columns = (
        Column("maps", ("borders", "边界"), source=labelled("maps", WORDS.labels("maps"))),
        Column("effects", ("fixed effects of", "固定效应"), source=labelled("effects", WORDS.labels("effects"))),
        Column(
            "chance_held",
            ("chance held fixed", "控制位于边界的概率"),
            source=lambda rows, language: [label(language, *answers[bool(held)]) for held in rows["chance_held"]],
        ),
        Column("estimate", ("real border", "真实省界"), 3),
        Column("drawn_mean", ("mean of draws", "抽样均值"), 3),
        Column("interval", ("middle 95% of draws", "抽样的2.5%～97.5%分位区间"), source=interval()),
        Column("p", ("p (by t)", "p值（按t）"), source=p_values("p")),
        Column("p_error", ("error of p", "p值误差"), 3),
        Column("draws", ("draws", "抽样数")),
    )
    counts = {"n": format_number(placebos["n"].max()), "kept": format_number(placebos["pairs_kept"].mean())}
    note = WORDS("placebos.note", language, **counts)
    plain = placebos.drop(columns=["low", "high", "spec_id", "vcov"], errors="ignore")
    estimates = estimates_of(
        plain,
        sample=spec.sample.name,
        outcome=spec.outcome.name,
        model=[
            f"{spec.model}, fixed effects of {effects} provinces, {WORDS.pair(_chance(held))[0]}"
            for effects, held in placebos[["effects", "chance_held"]].to_numpy()
        ],
        term="on_border",
        method=[f"placebo borders, {maps}, {draws} draws" for maps, draws in placebos[["maps", "draws"]].to_numpy()],
        null_mean=plain["drawn_mean"],
        null_low=placebos["low"],
        null_high=placebos["high"],
    )
    return build_table(placebos, columns, language, WORDS.pair("placebos.caption"), (note,), estimates)


def placebo_panels(placebos: Mapping[PlaceboKey, BorderPlacebo]) -> dict[Pair, BorderPlacebo]:
    """Tests with the fixed effects of the real provinces, by English and Chinese title, for ``placebo_plot``."""
    return {
        WORDS.pair("placebos.title", maps=WORDS.pair(f"maps.{kind}"), chance=WORDS.pair(_chance(held))): test
        for (kind, effects, held), test in placebos.items()
        if effects == "real"
    }


def _chance(held: object) -> str:
    """Key of whether each county's chance to lie on a drawn border was a control."""
    return "chance.held" if held else "chance.free"


def noise_table(noise: pd.DataFrame, spec: RegressionSpec, language: str = "en") -> TableSpec:
    """Print what ``noise_placebo`` returns of a regression: how often each covariance finds an effect in noise."""
    columns = (
        Column(
            "vcov",
            ("standard errors", "标准误类型"),
            source=lambda rows, language: [error_label(vcov, language) for vcov in rows["vcov"]],
        ),
        Column("rejected", ("noise rejected at 5% (%)", "噪声被拒比例（%）"), 1),
        Column("rejected_error", ("simulation error", "模拟误差"), 1),
        Column("t", ("t of the data", "数据的t值")),
        Column("t_spread", ("SD of t under noise", "噪声t值标准差")),
        Column("p", ("p among noise", "噪声中的p值"), source=p_values("p")),
        Column("draws", ("draws", "抽样数")),
    )
    drawn = noise.iloc[0]
    share, reach = format_number(100 * drawn["share"]), format_number(drawn["range_km"])
    tests = hypothesis_tests(
        noise,
        sample=spec.sample.name,
        outcome=spec.outcome.name,
        model=[f"{spec.model} on spatial noise, {vcov}" for vcov in noise["vcov"]],
        term="on_border",
        method=[f"spatial noise, {draws} draws" for draws in noise["draws"]],
        statistic="t",
        value=noise["t"],
    )
    note = WORDS("noise.note", language, share=share, reach=reach)
    return build_table(noise, columns, language, WORDS.pair("noise.caption"), (note,), tests)
