"""Tables of what an evaluation of the 26 finds: ranks, coordination, and what moves the ranks."""

from collections.abc import Sequence

import pandas as pd

from shanhai.methods.composite import GRADES, single_changes, variance_shares
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.ranking.declared import CHOICES, LEVELS, TYPES, Names, county_name, three_line
from shanhai.studies.ranking.evaluate import Evaluation
from shanhai.studies.ranking.robustness import SURE


def ranks_table(evaluations: Sequence[Evaluation], language: str = "en") -> TableSpec:
    """Ranks within types with their ranges over rankings, best first."""
    check_language(language)
    parts, rules, total = [], set(), 0
    for each in evaluations:
        rows = each.ranks.sort_values(["rank", "median"], kind="stable")
        parts.append(
            pd.DataFrame(
                {
                    "type": label(language, *TYPES[each.kind]),
                    "county": [county_name(str(code), language) for code in rows.index],
                    "score": rows["score"].to_numpy() * 100,
                    "rank": rows["rank"].to_numpy(),
                    "range": rank_intervals(rows["low"], rows["high"]),
                    "median": rows["median"].to_numpy(),
                    "top": [format_percent(100 * share, 0) for share in rows["top"]],
                    "bottom": [format_percent(100 * share, 0) for share in rows["bottom"]],
                }
            )
        )
        total += len(rows)
        rules.add(total)
    first = evaluations[0]
    share = format_number(100 * first.spec.level)
    rankings = format_number(first.spread.scores[..., 0].size)
    heads: Names = {
        "type": ("type", "类型"),
        "county": ("county", "县（市、区）"),
        "score": ("score", "得分"),
        "rank": ("rank", "位次"),
        "range": (f"middle {share}% of rankings", f"排序中间{share}%"),
        "median": ("median", "中位数"),
        "top": ("in the best third", "位于前三分之一"),
        "bottom": ("in the last third", "位于后三分之一"),
    }
    notes = (
        label(
            language,
            f"Score and rank: weighted mean, range, {LEVELS[first.spec.schemes[0]][0]} weights. Range, median and "
            f"shares: {rankings} rankings over scalings, weights and methods. Ranks are within the type.",
            f"得分与位次：加权平均、极差、{LEVELS[first.spec.schemes[0]][1]}权重；范围、中位数与比重来自{rankings}次排序"
            "（无量纲化×权重×方法）。位次为类型内位次。",
            joint="\n",
        ),
    )
    frame = pd.concat(parts, ignore_index=True)
    caption = ("Ranks of the 26 within their types", "山区26县类型内位次")
    return three_line(frame, caption, notes, {"score": 1}, heads, language, rules - {total})


def coordination_table(evaluations: Sequence[Evaluation], language: str = "en") -> TableSpec:
    """Coupling C, development T and coordination D of the groups, in the standard and the modified version."""
    check_language(language)
    parts = []
    for each in evaluations:
        rows = each.coordination.sort_values("coordination", ascending=False, kind="stable")
        part = rows.drop(columns=["grade", "grade_modified"])
        part.insert(0, "type", label(language, *TYPES[each.kind]))
        part.insert(1, "county", [county_name(str(code), language) for code in rows.index])
        part.insert(5, "grade", [grade_name(value, language) for value in rows["grade"]])
        parts.append(part.assign(grade_modified=[grade_name(value, language) for value in rows["grade_modified"]]))
    heads: Names = {
        "type": ("type", "类型"),
        "county": ("county", "县（市、区）"),
        "development": ("T", "T"),
        "coupling": ("C", "C"),
        "coordination": ("D", "D"),
        "grade": ("grade", "等级"),
        "coupling_modified": ("C modified", "修正C"),
        "coordination_modified": ("D modified", "修正D"),
        "grade_modified": ("its grade", "修正等级"),
    }
    notes = (
        label(
            language,
            "Groups are the systems. Standard: geometric over arithmetic mean. Modified: Wang et al. (2021). "
            "D = √(C·T).",
            "以各组为子系统。标准式：几何平均/算术平均；修正式：王淑佳等（2021）。D = √(C·T)。",
        ),
    )
    frame = pd.concat(parts, ignore_index=True)
    caption = ("Coupling coordination of the groups", "各组耦合协调度")
    rule = {len(parts[0])} if len(parts) > 1 else set()
    return three_line(frame, caption, notes, 3, heads, language, rule)


def variance_table(evaluations: Sequence[Evaluation], language: str = "en") -> TableSpec:
    """Shares of the variance of ranks by decision, in percent, one column a type."""
    check_language(language)
    shares = {each.kind: variance_shares(each.spread)[list(CHOICES)] * 100 for each in evaluations}
    frame = pd.DataFrame({"choice": [label(language, *names) for names in CHOICES.values()]})
    for kind, values in shares.items():
        frame[kind] = values.to_numpy()
    heads: Names = {"choice": ("decision", "决策"), **{kind: TYPES[kind] for kind in shares}}
    caption = ("Where the variance of ranks comes from, percent", "位次方差的来源（%）")
    return three_line(frame, caption, (), 1, heads, language)


def single_table(evaluations: Sequence[Evaluation], language: str = "en") -> TableSpec:
    """What one decision other than the reference's does to the ranks."""
    check_language(language)
    parts, rules = [], set()
    for each in evaluations:
        rows = single_changes(each.spread)
        parts.append(
            pd.DataFrame(
                {
                    "type": label(language, *TYPES[each.kind]),
                    "choice": [label(language, *CHOICES[choice]) for choice in rows["choice"]],
                    "level": [label(language, *LEVELS[level]) for level in rows["level"]],
                    "mean_shift": rows["mean_shift"],
                    "largest_shift": rows["largest_shift"],
                    "place": [county_name(code, language) for code in rows["place"]],
                    "correlation": rows["correlation"],
                }
            )
        )
        rules.add(len(rows))
    heads: Names = {
        "type": ("type", "类型"),
        "choice": ("decision", "决策"),
        "level": ("instead", "改为"),
        "mean_shift": ("mean shift of rank", "平均位次变动"),
        "largest_shift": ("largest", "最大变动"),
        "place": ("whose", "变动最大者"),
        "correlation": ("rank correlation", "秩相关"),
    }
    caption = ("One decision changed at a time", "逐一改变决策")
    digits = {"mean_shift": 1, "correlation": 2}
    return three_line(pd.concat(parts, ignore_index=True), caption, (), digits, heads, language, {min(rules)})


def concentration_table(spreads: Sequence[pd.DataFrame], language: str = "en") -> TableSpec:
    """Print what ``spread_by_concentration`` returns, one block a type."""
    check_language(language)
    rows = pd.concat(spreads, ignore_index=True)
    frame = pd.DataFrame(
        {
            "type": [label(language, *TYPES[kind]) for kind in rows["kind"]],
            "concentration": rows["concentration"],
            "group": [
                f"{format_number(low)}–{format_number(high)}%"
                for low, high in rows[["group_low", "group_high"]].to_numpy()
            ],
            "kept": [format_percent(100 * share, 0) for share in rows["kept"]],
            "width": rows["width"],
            "places": rows["places"],
        }
    )
    sure = format_number(100 * SURE)
    heads: Names = {
        "type": ("type", "类型"),
        "concentration": ("concentration", "集中度"),
        "group": ("a group of 1/6 lies at", "1/6权重的组的取值"),
        "kept": (f"pairs safe at {sure}%", f"{sure}%可靠的县对"),
        "width": ("places in an interval", "区间位次数"),
        "places": ("of", "总位次"),
    }
    caption = ("How widely weights are drawn, and what is left of the ranks", "权重抽取的宽窄与位次的可靠程度")
    digits = {"concentration": 0, "width": 0}
    return three_line(frame, caption, (), digits, heads, language, {len(spreads[0])} if len(spreads) > 1 else set())


def grade_name(position: int, language: str) -> str:
    """Name of a grade of D."""
    _, english, chinese = GRADES[int(position)]
    return label(language, english, chinese)


def rank_intervals(low: pd.Series, high: pd.Series) -> list[str]:
    """Intervals in whole numbers as text, as in 2–7."""
    return [f"{format_number(a)}–{format_number(b)}" for a, b in zip(low, high, strict=True)]
