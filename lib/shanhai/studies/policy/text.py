"""Sentences of the policy notebook; every number and every verdict in them follows from the estimates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.methods.did.honest import breakdown, differences_of, relative_magnitudes, smoothness
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import format_interval, format_number, format_p_value, format_percent
from shanhai.render.style import check_language, label
from shanhai.studies.policy.evaluation import Evaluation
from shanhai.studies.policy.registered import crosses_sensors, design_name, group_paths, refusals
from shanhai.studies.policy.tables import DESIGNS, UNITS

SHOWN = ("main", "chosen", "home", "neighbours", "long")
"""Designs that the figure of event studies shows."""

LEVEL = 0.05
"""Size of the tests that sentences speak of."""


GROUPS: dict[str, tuple[str, str]] = {
    "listed": ("the 26", "26县"),
    "home": ("other counties of Zhejiang", "浙江其他县"),
    "neighbours": ("border-and-mountain counties of the neighbours", "邻省省界山区县"),
}
"""Groups of the first figure."""


def refused_text(values: pd.DataFrame, language: str = "en") -> str:
    """Which policy years the lights can carry, and the reason for each that they cannot.

    Parameters
    ----------
    values : DataFrame
        Light by code and year, as of ``policy_data``.
    """
    check_language(language)
    lines = []
    for year, accepted, reason in refusals(values).itertuples(index=False, name=None):
        verdict = label(language, "can be evaluated", "可评估") if accepted else label(language, "refused", "拒绝")
        lines.append(f"{year}: {verdict}" + (f". {reason}" if reason else ""))
    return "\n".join(lines)


def light_groups(units: pd.DataFrame, values: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Mean log light by year of the 26 and of both comparisons, by (English, Chinese) name."""
    paths = group_paths(units, values)
    return {names: paths[key] for key, names in GROUPS.items()}


def design_text(one: Evaluation, language: str = "en") -> str:
    """Estimand, sample, window, and who is left out."""
    design, panel = one.design, one.panel
    treated, compared = int(panel.treated.sum()), int((~panel.treated).sum())
    alone = panel.left_out[panel.left_out["treated"].astype(bool)]
    before, after = (f"{years[0]}–{years[-1]}" for years in (design.pre_years, design.post_years))
    lines = [
        label(
            language,
            f"{DESIGNS[design_name(design)][0]}: {treated} of the 26 against {compared} counties, {one.study.clusters} "
            f"prefectures. Before: {before}; under the policy: {after}.",
            f"{DESIGNS[design_name(design)][1]}：26县中的{treated}个与{compared}个县相比，共{one.study.clusters}个地级单位。"
            f"政策前：{before}；政策后：{after}。",
            joint="\n",
        )
    ]
    if len(alone):
        lines.append(
            label(
                language,
                f"Without a counterpart, so that nothing is said about them ({len(alone)}): "
                f"{', '.join(alone['name_en'])}.",
                f"没有可比县、因而无从论及者（{len(alone)}个）：{'、'.join(alone['name_zh'])}。",
                joint="\n",
            )
        )
    dark = panel.left_out[~panel.left_out["treated"].astype(bool)]
    if len(dark):
        lines.append(
            label(
                language,
                f"Not compared for want of light or terrain in the tables ({len(dark)}): {', '.join(dark['name_en'])}.",
                f"因缺少灯光或地形数据而未参与比较（{len(dark)}个）：{'、'.join(dark['name_zh'])}。",
                joint="\n",
            )
        )
    if crosses_sensors(design):
        lines.append(
            label(
                language,
                "The window runs across the change of sensor in 2013; differences across it mix light and sensor.",
                "窗口跨越2013年传感器更换；跨越该年的差异混有传感器的影响。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def effect_text(one: Evaluation, language: str = "en") -> str:
    """The effect with its interval, and which tests tell it from none."""
    (size, size_zh), interval = _size(one.estimate, one), _size_interval(one.wild.low, one.wild.high, one)
    tests = {
        ("counties exchanged", "县互换"): one.permuted.test.p,
        ("prefectures exchanged", "地级互换"): None if one.clusters is None else one.clusters.p,
        ("wild bootstrap", "野聚类自助法"): one.wild.p,
        ("placebo provinces", "安慰剂省份"): one.placebo.p,
    }
    said = {names: p for names, p in tests.items() if p is not None}
    found = [names for names, p in said.items() if p < LEVEL]
    english, chinese = (
        mark.join(f"{names[place]} p {format_p_value(p)}" for names, p in said.items())
        for place, mark in ((0, "; "), (1, "；"))
    )
    verdict = _verdict(len(found), len(said))
    return label(
        language,
        f"Light of the compared counties of the 26 changed by {size} relative to their comparison (95% interval "
        f"{interval}). {verdict[0]} ({english}).",
        f"相对于比较对象，参与比较的26县灯光变化{size_zh}（95%区间{interval}）。{verdict[1]}（{chinese}）。",
        joint="\n",
    )


def trend_text(one: Evaluation, language: str = "en") -> str:
    """Whether the groups moved alike before, and what the test could have missed."""
    parted = one.trend.p < 2 * LEVEL
    p, hidden, effect = (
        format_p_value(one.trend.p),
        format_number(one.trend.hidden_50, 2),
        format_number(abs(one.estimate), 2),
    )
    years = len(one.trend.years)
    english = (
        f"Before the policy the groups already moved apart (p {p}): parallel trends are in doubt."
        if parted
        else f"Before the policy no difference in trends is found (p {p})."
    )
    chinese = f"政策前两组走势已不相同（p {p}）：平行趋势存疑。" if parted else f"政策前未发现趋势差异（p {p}）。"
    return label(
        language,
        f"{english} The test sees {years} change{'s' if years > 1 else ''} only: a straight trend that biases the "
        f"effect by {hidden} would be missed half of the time, against an effect of size {effect}.",
        f"{chinese}检验只看到{years}个变化：使效应偏误{hidden}的直线趋势有一半机会不被发现，而效应大小为{effect}。",
        joint="\n",
    )


def honest_text(one: Evaluation, language: str = "en") -> str:
    """What is left of the effect when trends may differ after the policy as much as before."""
    differences = differences_of(one.study)
    same, alike = relative_magnitudes(differences, (0.0, 1.0)).itertuples(index=False)
    limit = breakdown(differences)
    (line,) = smoothness(differences, (0.0,)).itertuples(index=False)
    straight = f"{format_number(line.estimate, 2)} {format_interval(line.ci_low, line.ci_high, 2)}"
    changes = len(differences.pre)
    before = "one change" if changes == 1 else f"{changes} changes"
    parallel = format_interval(same.ci_low, same.ci_high, 2)
    wide = format_interval(alike.ci_low, alike.ci_high, 2)
    english, chinese = (
        ("Zero is inside already if trends were parallel.", "即使趋势平行，区间也已包含零。")
        if limit == 0
        else (
            f"Zero stays outside up to a bound of {format_number(limit, 2)}.",
            f"界限不超过{format_number(limit, 2)}时区间不含零。",
        )
    )
    return label(
        language,
        f"Mean effect against {one.design.reference}: {format_number(differences.estimate, 3)}, interval {parallel} "
        f"with parallel trends, {wide} if trends may part as fast in a year as they did before (bound 1). {english} "
        f"If the gap had gone on in the straight line of the {before} before, the effect would be {straight}"
        f"{': a single yearly change carries this' if changes == 1 else ''}.",
        f"相对{one.design.reference}年的平均效应：{format_number(differences.estimate, 3)}；趋势平行时区间{parallel}；"
        f"若趋势每年的分离可与政策前一样快（界限1），区间为{wide}。{chinese}若差距沿政策前{changes}次变化的直线延续，"
        f"效应为{straight}{'：全凭一年的变化' if changes == 1 else ''}。",
        joint="\n",
    )


def selection_text(evaluations: Mapping[str, Evaluation], language: str = "en") -> str:
    """What the design shows where no policy was, by comparison."""
    lines = []
    for name, one in evaluations.items():
        if name not in ("main", "chosen", "home", "neighbours", "all"):
            continue
        low, high = one.placebo.interval
        mean, net = format_number(one.placebo.mean, 3, signed=True), format_number(one.placebo.net, 3, signed=True)
        middle, p = format_interval(low, high, 2), format_p_value(one.placebo.p)
        count = len(one.placebo.region_means)
        lines.append(
            label(
                language,
                f"{DESIGNS[name][0]}: {mean} in {count} other provinces (middle 95% of draws {middle}); the 26 "
                f"{format_number(one.estimate, 3, signed=True)}, less the placebo {net} (p {p}).",
                f"{DESIGNS[name][1]}：其他{count}个省{mean}（抽样中间95%{middle}）；26县"
                f"{format_number(one.estimate, 3, signed=True)}，减去安慰剂后{net}（p {p}）。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def prefecture_text(
    effects: Mapping[str, SdidPlacebo], names: Mapping[str, tuple[str, str]], language: str = "en"
) -> str:
    """Synthetic difference-in-differences of each prefecture in a sentence."""
    lines = []
    for code, one in effects.items():
        larger = int((np.abs(one.estimates) >= abs(one.fit.estimate)).sum())
        estimate = format_number(one.fit.estimate, 3, signed=True)
        misfit, count = format_number(one.fit.rmspe_pre, 2), len(one.placebos)
        lines.append(
            label(
                language,
                f"{names[code][0]}: {estimate} log points; {larger} of {count} donors show as much without this policy "
                f"(p {format_p_value(one.p)}). Before the policy the fit misses by {misfit} on average.",
                f"{names[code][1]}：{estimate}对数点；{count}个供体中有{larger}个在没有这一政策时也有这样大（p "
                f"{format_p_value(one.p)}）。政策前平均拟合误差{misfit}。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def summary_text(evaluations: Mapping[str, Evaluation], language: str = "en") -> str:
    """What all designs together say, in three sentences."""
    logs = [one for one in evaluations.values() if one.design.outcome == "log"]
    estimates = [one.estimate for one in logs]
    low, high = (format_number(value, 3, signed=True) for value in (min(estimates), max(estimates)))
    unit = sum(one.permuted.test.p < LEVEL for one in evaluations.values())
    region = sum(one.placebo.p < LEVEL for one in evaluations.values())
    before = sum(one.trend.p < LEVEL for one in evaluations.values())
    count = len(evaluations)
    first = next(iter(evaluations.values()))
    span = _size_interval(first.wild.low, first.wild.high, first)
    nothing = unit == 0 and region == 0
    english = (
        "No design tells an effect from none" if nothing else "Some designs tell an effect from none, others do not"
    )
    chinese = "没有任何设定能把效应与零区分开" if nothing else "部分设定发现效应，部分没有"
    return label(
        language,
        f"{english}: effects on log light run from {low} to {high}; exchanging counties rejects in {unit} of {count} "
        f"designs, placebo provinces in {region}. Trends before the policy differ at 5% in {before} of {count}. This "
        f"is no measure of what the policy did: the first interval alone runs over {span}, and light is not income.",
        f"{chinese}：对数灯光的效应从{low}到{high}；{count}个设定中县互换检验拒绝{unit}个，安慰剂省份拒绝{region}个。"
        f"政策前趋势在{count}个设定中有{before}个在5%水平上不同。这不能度量政策的作用：仅第一个区间就为{span}，且灯光不是收入。",
        joint="\n",
    )


def _verdict(found: int, tests: int) -> tuple[str, str]:
    if found == 0:
        return f"None of {tests} tests tells this from zero at 5%", f"{tests}个检验在5%水平上都不能将其与零区分"
    if found == tests:
        return f"All {tests} tests tell this from zero at 5%", f"{tests}个检验在5%水平上都将其与零区分"
    return (
        f"{found} of {tests} tests tell this from zero at 5%, the others do not",
        f"{tests}个检验中有{found}个在5%水平上将其与零区分",
    )


def _size(value: float, one: Evaluation) -> tuple[str, str]:
    """An effect in words, English and Chinese: percent for logarithms, its unit otherwise."""
    if one.design.outcome == "log":
        percent = format_percent(100 * np.expm1(value), signed=True)
        return percent, percent
    number, (unit, unit_zh) = format_number(value, 2, signed=True), UNITS[one.design.outcome]
    return f"{number} {unit}", f"{number}{unit_zh}"


def _size_interval(low: float, high: float, one: Evaluation) -> str:
    if one.design.outcome == "log" and np.isfinite([low, high]).all():
        return format_interval(100 * np.expm1(low), 100 * np.expm1(high), 1) + "%"
    return format_interval(low, high, 2)
