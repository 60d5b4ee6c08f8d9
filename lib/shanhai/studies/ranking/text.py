"""The evaluation of the 26 in sentences and as stored quantities; every number is computed."""

from collections.abc import Sequence

import pandas as pd

from shanhai.methods.composite import pair_table, variance_shares
from shanhai.methods.records import Quantity
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.studies.ranking.change import Change
from shanhai.studies.ranking.declared import CHOICES, SHORT, TYPES, county_name
from shanhai.studies.ranking.evaluate import Evaluation
from shanhai.studies.ranking.indicators import INDICATORS
from shanhai.studies.ranking.robustness import SURE


def data_text(evaluations: Sequence[Evaluation], language: str = "en") -> str:
    """How many indicators judge each type, and which values are missing."""
    check_language(language)
    lines = []
    for each in evaluations:
        count, groups = len(each.weights), len(each.groups.columns)
        places = each.spread.places
        english = f"{TYPES[each.kind][0].capitalize()}: {len(places)} counties, {count} indicators in {groups} groups."
        chinese = f"{TYPES[each.kind][1]}：{len(places)}个县，{groups}组{count}项指标。"
        missing = each.indicators.loc[places].isna()
        for key in missing.columns[missing.any()]:
            codes = [str(code) for code in places[missing[key]]]
            names = next(one.names for one in INDICATORS if one.key == key)
            listed = [county_name(code, "en") for code in codes]
            english += f" Missing: {names[0]} of {', '.join(listed)}; drawn from the other counties."
            chinese += f"缺{'、'.join(county_name(code, 'zh') for code in codes)}的“{names[1]}”，从其他县的数值中抽取。"
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def ranks_text(evaluations: Sequence[Evaluation], language: str = "en") -> str:
    """What the ranks bear: how many pairs keep their order, who is surely in the best or the last third."""
    check_language(language)
    return "\n".join(_ranks_line(each, language) for each in evaluations)


def _ranks_line(each: Evaluation, language: str) -> str:
    pairs = pair_table(each.spread)
    kept = int((pairs[["ahead", "behind"]].max(axis=1) >= SURE).sum())
    share, sure = format_percent(100 * kept / len(pairs), 0), format_percent(100 * SURE, 0)
    width = (each.ranks["high"] - each.ranks["low"] + 1).median()
    thirds = {side: [str(code) for code in each.ranks.index[each.ranks[side] >= SURE]] for side in ("top", "bottom")}
    count, median = len(each.spread.places), format_number(width)
    middle = format_percent(100 * each.spec.level, 0)
    english = (
        f"{TYPES[each.kind][0].capitalize()}: {kept} of {len(pairs)} pairs ({share}) keep their order in {sure} of "
        f"the rankings; the middle {middle} of a county's ranks cover {median} of {count} places (median). "
        f"In the best third in {sure}: {_listed(thirds['top'], 'en')}; in the last third: "
        f"{_listed(thirds['bottom'], 'en')}."
    )
    chinese = (
        f"{TYPES[each.kind][1]}：{len(pairs)}对县中有{kept}对（{share}）在{sure}的排序中次序不变；"
        f"各县中间{middle}的位次跨{median}位（中位数，共{count}位）。"
        f"{sure}的排序中位于前三分之一：{_listed(thirds['top'], 'zh')}；"
        f"位于后三分之一：{_listed(thirds['bottom'], 'zh')}。"
    )
    return label(language, english, chinese, joint="\n")


def sensitivity_text(evaluations: Sequence[Evaluation], language: str = "en") -> str:
    """Which decision moves the ranks most, and which least."""
    check_language(language)
    lines = []
    for each in evaluations:
        shares = variance_shares(each.spread).drop("interactions").sort_values(ascending=False, kind="stable")
        first, last = str(shares.index[0]), str(shares.index[-1])
        most, least = (format_percent(100 * shares[name], 0) for name in (first, last))
        english = (
            f"{TYPES[each.kind][0].capitalize()}: {most} of the variance of ranks comes from {CHOICES[first][0]}, "
            f"{least} from {CHOICES[last][0]}."
        )
        chinese = f"{TYPES[each.kind][1]}：位次方差的{most}来自{CHOICES[first][1]}，仅{least}来自{CHOICES[last][1]}。"
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def coordination_text(evaluations: Sequence[Evaluation], language: str = "en") -> str:
    """How far the grades of coordination hang on the version of the formula."""
    check_language(language)
    table = pd.concat([each.coordination for each in evaluations])
    moved = table["grade"].ne(table["grade_modified"])
    drop = format_number((table["coordination"] - table["coordination_modified"]).mean(), 2)
    both = format_number(table["coordination"].corr(table["coordination_modified"]), 2)
    english = (
        f"{int(moved.sum())} of {len(table)} counties change their grade with the version of C; D is {drop} lower on "
        f"average in the modified one (correlation {both}). A grade is a statement about a formula first."
    )
    chinese = (
        f"{len(table)}个县中有{int(moved.sum())}个的等级因C值公式而变；修正式D值平均低{drop}（相关系数{both}）。"
        "等级首先取决于公式。"
    )
    return label(language, english, chinese, joint="\n")


def change_text(changes: Sequence[tuple[Change, Change]], language: str = "en") -> str:
    """How many counties rose, on levels and against the province, and who is left out."""
    check_language(language)
    lines = []
    for levels, gaps in changes:
        parts = [_change_counts(one.table) for one in (levels, gaps)]
        (up, down, open_), (near, far, unclear) = parts
        english = (
            f"{TYPES[levels.kind][0].capitalize()}, {len(levels.table)} counties: by their own past {up} rose, {down} "
            f"fell, {open_} undecided (90% interval on both sides of zero); against the province {near} came nearer, "
            f"{far} fell back, {unclear} undecided."
        )
        chinese = (
            f"{TYPES[levels.kind][1]}，{len(levels.table)}个县：与自身过去相比，{up}个上升，{down}个下降，{open_}个不定"
            f"（90%区间跨零）；与全省相比，{near}个接近，{far}个拉大，{unclear}个不定。"
        )
        if levels.left_out:
            english += f" Left out, no GDP of 2011: {_listed(levels.left_out, 'en')}."
            chinese += f"因缺2011年GDP未列：{_listed(levels.left_out, 'zh')}。"
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def _change_counts(table: pd.DataFrame) -> tuple[int, int, int]:
    up, down = int((table["low"] > 0).sum()), int((table["high"] < 0).sum())
    return up, down, len(table) - up - down


def group_text(evaluations: Sequence[Evaluation], language: str = "en") -> str:
    """In which group each type stands lowest on average, on the scale of all 26."""
    check_language(language)
    lines = []
    for each in evaluations:
        means = each.groups.mean().sort_values(kind="stable")
        (low, high), (least, most) = (means.index[0], means.index[-1]), (means.iloc[0], means.iloc[-1])
        english = (
            f"{TYPES[each.kind][0].capitalize()}: lowest average score in the group “{SHORT[low][0]}” "
            f"({format_number(least)} of 100), highest in “{SHORT[high][0]}” ({format_number(most)})."
        )
        chinese = (
            f"{TYPES[each.kind][1]}：平均得分最低的组是“{SHORT[low][1]}”（{format_number(least)}分，满分100），"
            f"最高的组是“{SHORT[high][1]}”（{format_number(most)}分）。"
        )
        lines.append(label(language, english, chinese, joint="\n"))
    return "\n".join(lines)


def evaluation_quantities(
    evaluations: Sequence[Evaluation], changes: Sequence[tuple[Change, Change]]
) -> list[Quantity]:
    """Scores, ranks and their range, shares of variance, and changes.

    Ranges are over decisions (scalings, weights, methods), not over samples: none of these is an estimate.
    """
    rows: list[Quantity] = []
    for each in evaluations:
        count, spec_id = f"{each.spread.scores[..., 0].size} rankings", each.spec.spec_id
        middle = f"middle {each.spec.level:.0%} of {count}"
        models = {"reference": "reference", "median": f"median of {count}", "low": middle, "high": middle}
        rows += [
            Quantity(
                each.kind,
                f"evaluation {what}",
                models[model],
                f"county {code}{side}",
                row[column],
                len(each.ranks),
                spec_id,
            )
            for code, row in each.ranks.iterrows()
            for what, model, column, side in RANK_ROWS
        ]
        rows += [
            Quantity(each.kind, "share of rank variance", count, str(name), share, len(each.ranks), spec_id)
            for name, share in variance_shares(each.spread).items()
        ]
    for change in (change for pair in changes for change in pair):
        against = "gaps to the province" if change.against_province else "levels"
        middle = f"middle {change.spec.level:.0%} of all rankings"
        rows += [
            Quantity(
                change.kind,
                f"change of score, {against}",
                model or middle,
                f"county {code}{side}",
                row[column],
                len(change.table),
                change.spec.spec_id,
            )
            for code, row in change.table.iterrows()
            for model, column, side in CHANGE_ROWS
        ]
    return rows


RANK_ROWS = (
    ("score", "reference", "score", ""),
    ("rank", "reference", "rank", ""),
    ("rank", "median", "median", ""),
    ("rank", "low", "low", ", from"),
    ("rank", "high", "high", ", to"),
)
"""What is stored of each county: quantity, model, column, and which end of a range it is."""

CHANGE_ROWS = (("reference", "change", ""), ("", "low", ", from"), ("", "high", ", to"))


def _listed(codes: Sequence[str], language: str) -> str:
    if not codes:
        return label(language, "none", "无")
    return ("、" if language == "zh" else ", ").join(county_name(code, language) for code in codes)
