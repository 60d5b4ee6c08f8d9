"""Tables of the stress notebook on borders: placebo borders, spatial noise, jumps, pairs of counties, valleys."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.model.labels import OUTCOME_LABELS
from shanhai.report.numbers import MISSING, format_interval, format_number, format_p_value
from shanhai.report.style import check_language, label
from shanhai.report.tables import TableSpec

Heads = Mapping[str, tuple[str, str]]

ESTIMATE_HEADS: dict[str, tuple[str, str]] = {
    "estimate": ("estimate", "估计值"),
    "se": ("standard error", "标准误"),
    "interval": ("95% interval", "95%区间"),
    "p": ("p", "p值"),
}
"""Heads that most tables share."""

BORDER_OUTCOMES: dict[str, tuple[str, str]] = {
    "lights_per_km2_2013": ("log night light per km² 2013", "2013年每平方千米夜间灯光（对数）"),
    "lights_per_km2_2021": OUTCOME_LABELS["log_lights_per_km2_2021"],
    "lights_per_head_2021": OUTCOME_LABELS["log_lights_per_head_2021"],
    "gdp_per_capita_2021": OUTCOME_LABELS["log_gdp_per_capita_2021"],
}
"""Outcomes at the border by column."""

LOCATIONS = {"distance": ("distance", "距离"), "coordinates": ("coordinates", "坐标")}
BOUNDARIES = {"province": ("provincial border", "省界"), "prefecture": ("prefectural border", "地级界")}
EFFECTS = {"real": ("real provinces", "真实省份"), "drawn": ("drawn provinces", "抽取省份")}
CONTROLS = {
    "": ("none", "无"),
    "ruggedness;is_district": ("ruggedness, district", "崎岖度、市辖区"),
    "ruggedness;is_district;log_area_km2": ("ruggedness, district, area", "崎岖度、市辖区、面积"),
}


def placebo_table(placebos: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``placebo_borders`` returns: the real border among drawn ones, one row a null."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "maps": placebos["maps"],
            "effects": named(placebos["effects"], EFFECTS, language),
            "chance_held": [
                label(language, *(("yes", "是") if one else ("no", "否"))) for one in placebos["chance_held"]
            ],
            "estimate": placebos["estimate"],
            "drawn_mean": placebos["drawn_mean"],
            "interval": intervals(placebos),
            "p": [format_p_value(value) for value in placebos["p"]],
            "p_error": placebos["p_error"],
            "draws": placebos["draws"],
        }
    )
    heads = {
        "maps": ("borders", "边界"),
        "effects": ("fixed effects of", "固定效应"),
        "chance_held": ("chance held fixed", "控制成为省界的概率"),
        "estimate": ("real border", "真实省界"),
        "drawn_mean": ("mean of draws", "抽样均值"),
        "interval": ("middle 95% of draws", "抽样中间95%"),
        "p": ("p (by t)", "p值（按t）"),
        "p_error": ("error of p", "p值误差"),
        "draws": ("draws", "抽样数"),
    }
    notes = (
        label(
            language,
            f"Real borders kept by the draws, mean: {format_number(placebos['pairs_kept'].mean())}% of the divided "
            "pairs of neighbours. p counts draws with a t-ratio as large in absolute value.",
            f"抽样平均保留{format_number(placebos['pairs_kept'].mean())}%的真实相邻县界。p值按t值绝对值计。",
        ),
    )
    caption = ("The border effect among borders that could have been", "真实省界效应与可能的边界")
    return three_line(frame, caption, notes, {"estimate": 3, "drawn_mean": 3, "p_error": 3}, heads, language)


def noise_table(noise: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print what ``noise_placebo`` returns: how often each covariance finds a border effect in spatial noise."""
    check_language(language)
    frame = noise[["vcov", "rejected", "rejected_error", "t", "t_spread"]].assign(
        p=[format_p_value(value) for value in noise["p"]], draws=noise["draws"]
    )
    heads = {
        "vcov": ("standard errors", "标准误"),
        "rejected": ("noise rejected at 5% (%)", "噪声被拒比例（%）"),
        "rejected_error": ("its error", "其误差"),
        "t": ("t of the data", "数据的t值"),
        "t_spread": ("SD of t under noise", "噪声t值标准差"),
        "p": ("p among noise", "噪声中的p值"),
        "draws": ("draws", "抽样数"),
    }
    first = noise.iloc[0]
    share, reach = format_number(100 * first["share"]), format_number(first["range_km"])
    notes = (
        label(
            language,
            f"Noise as correlated as the residuals: {share}% of the variance is spatial, with a range of {reach} km.",
            f"噪声的空间相关与残差相同：{share}%的方差为空间成分，衰减距离{reach}千米。",
        ),
    )
    caption = ("The main regression on spatial noise", "以空间噪声代替结果变量")
    digits = {"rejected": 1, "rejected_error": 1}
    return three_line(frame, caption, notes, digits, heads, language)


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
    return three_line(frame, caption, notes, digits, heads, language)


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
    return three_line(frame, ("Adjacent counties", "相邻县对"), notes, {"estimate": 3, "se": 3}, heads, language)


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
    return three_line(frame, ("The valley as a curve", "以曲线表示的低谷"), notes, digits, heads, language)


def estimate_columns(frame: pd.DataFrame) -> dict[str, object]:
    """Estimate, standard error, interval and p-value."""
    return {
        "estimate": frame["estimate"],
        "se": frame["se"],
        "interval": intervals(frame),
        "p": [format_p_value(value) for value in frame["p"]],
    }


def intervals(frame: pd.DataFrame) -> list[str]:
    """95 % intervals as text."""
    return [format_interval(low, high) for low, high in frame[["low", "high"]].to_numpy()]


def named(keys: pd.Series, names: Heads, language: str) -> list[str]:
    """Labels of keys in a language."""
    return [label(language, *names[key]) for key in keys]


def three_line(
    frame: pd.DataFrame,
    caption: tuple[str, str],
    notes: tuple[str, ...],
    digits: dict[str, int],
    heads: Heads,
    language: str,
) -> TableSpec:
    """A three-line table in one language."""
    printed = {column: label(language, *names) for column, names in heads.items()}
    return TableSpec(frame, label(language, *caption), notes, digits, printed)
