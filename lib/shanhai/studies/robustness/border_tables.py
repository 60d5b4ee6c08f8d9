"""Tables of the stress notebook on the border: jumps, single pairs of provinces, pairs of counties, valleys."""

import numpy as np
import pandas as pd

from shanhai.core.fields import label_of
from shanhai.methods.records import EstimateRecord, Result, estimates_of, hypothesis_tests
from shanhai.render.numbers import MISSING, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import ESTIMATE_HEADS, estimate_columns, intervals, named, three_line
from shanhai.render.tables import TableSpec

BORDER_OUTCOMES: dict[str, tuple[str, str]] = {
    column: label_of(f"log_{column}")
    for column in ("lights_per_km2_2013", "lights_per_km2_2021", "lights_per_head_2021", "gdp_per_capita_2021")
}
"""Outcomes at the border by column."""

LOCATIONS = {"distance": ("distance", "距离"), "coordinates": ("coordinates", "坐标")}
BOUNDARIES = {"province": ("provincial border", "省界"), "prefecture": ("prefectural border", "地级界")}
CONTROLS = {
    "": ("none", "无"),
    "ruggedness;is_district": ("ruggedness, district", "崎岖度、市辖区"),
    "ruggedness;is_district;log_area_km2": ("ruggedness, district, area", "崎岖度、市辖区、面积"),
}


def jump_table(jumps: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``jump_evidence`` returns: jumps of the richer province's side over the other, at the line."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "outcome": named(jumps["outcome"], BORDER_OUTCOMES, language),
            "location": named(jumps["location"], LOCATIONS, language),
            "bandwidth_km": jumps["bandwidth_km"],
            **estimate_columns(jumps),
            "equivalence_bound": jumps["equivalence_bound"],
            "n": jumps["n_left"] + jumps["n_right"],
            "near": jumps["near_left"] + jumps["near_right"],
        }
    )
    heads = {
        "outcome": ("outcome", "被解释变量"),
        "location": ("followed by", "依据"),
        "bandwidth_km": ("bandwidth (km)", "带宽（千米）"),
        **ESTIMATE_HEADS,
        "equivalence_bound": ("jump excluded beyond", "可排除的跳跃"),
        "n": ("counties", "县数"),
        "near": ("within 20 km", "20千米内"),
    }
    notes = (
        label(
            language,
            f"Robust bias-corrected estimates, effects of segments of 100 km, errors {jumps['vcov'].iloc[0]}. A jump "
            "larger than the bound is excluded at 5% (two one-sided tests).",
            "稳健偏误校正估计，100千米分段效应；大于界限的跳跃在5%水平上可排除（双单侧检验）。",
        ),
    )
    caption = ("Does the outcome jump at the border?", "结果变量在省界处有跳跃吗？")
    digits = {"bandwidth_km": 0, "estimate": 3, "se": 3, "equivalence_bound": 3}
    return three_line(frame, caption, notes, digits, heads, language, jump_estimates(jumps))


def jump_estimates(jumps: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Robust jumps of ``jump_evidence`` or ``bandwidth_table``; those that could not be estimated are left out."""
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
    check_language(language)
    frame = pd.DataFrame(
        {
            "outcome": named(single["outcome"], BORDER_OUTCOMES, language),
            **{name: single[name] for name in ("pairs", "too_small", "above", "median", "median_half")},
            **{name: single[name] for name in ("rejected", "rejected_holm")},
            "p_joint": [format_p_value(value) for value in single["p_joint"]],
        }
    )
    heads = {
        "outcome": ("outcome", "被解释变量"),
        "pairs": ("pairs of provinces", "省对数"),
        "too_small": ("with too few counties", "县数过少"),
        "above": ("jump above zero", "跳跃为正"),
        "median": ("median jump", "跳跃中位数"),
        "median_half": ("median ± of the 95% interval", "95%区间半宽中位数"),
        "rejected": ("p < 0.05", "p < 0.05"),
        "rejected_holm": ("after Holm", "Holm校正后"),
        "p_joint": ("p (none jumps)", "p值（均无跳跃）"),
    }
    notes = (
        label(
            language,
            "The richer province less the poorer, each pair by itself within twice the pooled bandwidth; robust, HC3. "
            "By pair a line has some twenty counties a side, so only jumps far larger than the valley would be seen.",
            "较富省减较穷省，各省对单独估计，带宽为合并估计的两倍；稳健估计，HC3。每侧约二十县，只能发现远大于低谷的跳跃。",
        ),
    )
    caption = ("The jump by single pairs of provinces", "分省对断点估计")
    estimates = hypothesis_tests(
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
    return three_line(frame, caption, notes, {"median": 3, "median_half": 3}, heads, language, estimates)


def pairs_table(pairs: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``pair_evidence`` returns: adjacent counties across provincial and across prefectural borders."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "outcome": named(pairs["outcome"], BORDER_OUTCOMES, language),
            "boundary": named(pairs["boundary"], BOUNDARIES, language),
            **estimate_columns(pairs),
            "pairs": pairs["pairs"],
        }
    )
    heads = {
        "outcome": ("outcome", "被解释变量"),
        "boundary": ("across a", "跨越"),
        **ESTIMATE_HEADS,
        "pairs": ("pairs of counties", "县对数"),
    }
    notes = (
        label(
            language,
            "The county of the unit with higher GDP per head (the pair left out) less its neighbour; effects of pairs, "
            "clusters by unit and by pair of units.",
            "人均GDP较高一侧（不计该县对）减相邻县；县对效应，按单元与单元对双向聚类。",
        ),
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
    caption = ("Adjacent counties", "相邻县对")
    return three_line(frame, caption, notes, {"estimate": 3, "se": 3}, heads, language, estimates)


def spline_table(valleys: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``valley_evidence`` returns: how deep the valley is, where its bottom lies, what is within 20 km."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "outcome": named(valleys["outcome"], BORDER_OUTCOMES, language),
            "controls": named(valleys["controls"], CONTROLS, language),
            "p_flat": [format_p_value(value) for value in valleys["p_flat"]],
            "bottom_km": valleys["bottom_km"],
            "depth": valleys["depth"],
            "interval": intervals(valleys),
            "half_km": valleys["half_km"],
            "share": [
                f"{format_number(100 * share)}%" if np.isfinite([share, low, high]).all() else MISSING
                for share, low, high in valleys[["share_20km", "share_low", "share_high"]].to_numpy()
            ],
            "p_same_sides": [format_p_value(value) for value in valleys["p_same_sides"]],
        }
    )
    heads = {
        "outcome": ("outcome", "被解释变量"),
        "controls": ("held fixed", "控制"),
        "p_flat": ("p (no valley)", "p值（无低谷）"),
        "bottom_km": ("bottom at (km)", "最低点（千米）"),
        "depth": ("depth", "深度"),
        "interval": ESTIMATE_HEADS["interval"],
        "half_km": ("half of it left at (km)", "减半处（千米）"),
        "share": ("risen by 20 km", "20千米内回升"),
        "p_same_sides": ("p (same on both sides)", "p值（两侧相同）"),
    }
    notes = (
        label(
            language,
            "Natural splines of the distance of the county's centre within provinces, against 100 km, clusters by "
            f"prefecture. {MISSING}: the share is not identified (its interval is the whole line).",
            f"县中心到省界距离的自然样条，省内比较，以100千米处为基准，按地级聚类。{MISSING}：比例不可识别。",
        ),
    )
    digits = {"bottom_km": 0, "depth": 3, "half_km": 0}
    caption = ("The valley as a curve", "省界低谷的样条估计")
    return three_line(frame, caption, notes, digits, heads, language, _valley_estimates(valleys))


def _valley_estimates(valleys: pd.DataFrame) -> tuple[Result, ...]:
    """Depth and share risen by 20 km of each curve, and the tests of no valley and of the same one on both sides.

    A share that is not identified, whose interval is not bounded, is none.
    """
    curves = valleys.assign(
        sample="China",
        outcome="log_" + valleys["outcome"],
        model=["valley as a spline, given " + (held.replace(";", ", ") or "nothing") for held in valleys["controls"]],
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
