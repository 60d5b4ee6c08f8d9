"""Tables of what an evaluation of the 26 declares: indicators, what is lacking, weights; and the names of its parts."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd

from shanhai.data.load import load_places
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.studies.ranking.evaluate import Evaluation
from shanhai.studies.ranking.indicators import GROUPS, INDICATORS, MISSING, UNUSED, Indicator
from shanhai.studies.ranking.values import mountain_codes

Names = Mapping[str, tuple[str, str]]

TYPES: Names = {"leapfrog": ("leapfrog", "跨越发展类"), "ecological": ("ecological", "生态发展类")}

CHOICES: Names = {
    "weights": ("weights", "赋权"),
    "method": ("method", "方法"),
    "normalisation": ("scaling", "无量纲化"),
    "interactions": ("interplay of these three", "三者交互"),
    "draws": ("weights drawn around a scheme", "围绕方案的随机权重"),
}

LEVELS: Names = {
    "declared": ("declared", "按类型设定"),
    "user": ("your own", "用户设定"),
    "equal": ("equal groups", "各组等权"),
    "entropy": ("entropy", "熵权"),
    "components": ("principal components", "主成分"),
    "mean": ("weighted mean", "加权平均"),
    "topsis": ("TOPSIS", "TOPSIS"),
    "coordination": ("coordination D", "耦合协调度D"),
    "range": ("range", "极差"),
    "deviation": ("z-score", "标准差"),
    "rank": ("rank", "秩次"),
}

SHORT: Names = {
    "regions": ("regions", "地区"),
    "town_country": ("town, country", "城乡"),
    "income": ("income", "收入"),
    "growth": ("growth", "增长"),
    "people": ("people", "人口"),
    "space": ("space", "空间"),
}
"""Short names of the groups, for narrow heads."""

DIRECTIONS = {1: "+", -1: "−"}


def county_name(code: str, language: str) -> str:
    """Name of one of the 26 on one line."""
    return label(language, *_names()[code])


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, str]]:
    """English and Chinese names of the 26, read once."""
    places = load_places()
    found = [places.county(code) for code in mountain_codes()]
    return {place.code: (place.name_en, place.name_zh) for place in found}


def indicators_table(language: str = "en") -> TableSpec:
    """Every indicator as declared: group, direction, formula, whom it judges, whether repeated, its weakness."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "group": [label(language, *GROUPS[one.group]) for one in INDICATORS],
            "indicator": [label(language, *one.names) for one in INDICATORS],
            "direction": [DIRECTIONS[one.direction] for one in INDICATORS],
            "unit": [label(language, *one.unit) for one in INDICATORS],
            "formula": [label(language, *one.formula) for one in INDICATORS],
            "types": [_judged(one, language) for one in INDICATORS],
            "repeated": [label(language, *(("yes", "是") if one.repeated else ("no", "否"))) for one in INDICATORS],
            "caveat": [label(language, *one.caveat) for one in INDICATORS],
            "data": [one.data for one in INDICATORS],
        }
    )
    heads: Names = {
        "group": ("group", "组"),
        "indicator": ("indicator", "指标"),
        "direction": ("better", "方向"),
        "unit": ("unit", "单位"),
        "formula": ("formula", "计算"),
        "types": ("judges", "适用类型"),
        "repeated": ("2010/11 too", "2010/11年亦有"),
        "caveat": ("mind that", "注意"),
        "data": ("tables", "数据表"),
    }
    return three_line(frame, ("Indicators that the data give", "现有数据可得的指标"), (), 2, heads, language)


def _judged(one: Indicator, language: str) -> str:
    return label(language, "both", "两类") if len(one.types) > 1 else label(language, *TYPES[one.types[0]])


def gaps_table(language: str = "en") -> TableSpec:
    """What the plan's goals would need and the tables lack, then what they hold and the evaluation leaves out."""
    check_language(language)
    lacking, unused = label(language, "lacking", "缺失"), label(language, "left out", "未采用")
    rows = [
        (lacking, label(language, *GROUPS[group]), label(language, *what), label(language, *source))
        for group, what, source in MISSING
    ]
    rows += [(unused, "", label(language, *what), label(language, *why)) for what, why in UNUSED]
    heads: Names = {
        "status": ("status", "状态"),
        "group": ("group", "组"),
        "what": ("indicator", "指标"),
        "where": ("source that would have it, or why it is left out", "可能的来源，或未采用的原因"),
    }
    frame = pd.DataFrame(rows, columns=list(heads))
    caption = ("What cannot be judged with these data", "现有数据无法评价的内容")
    return three_line(frame, caption, (), 2, heads, language, {len(MISSING)})


def weights_table(evaluations: Sequence[Evaluation], language: str = "en") -> TableSpec:
    """Weights of indicators in percent, by type and scheme."""
    check_language(language)
    keys = [one.key for one in INDICATORS if any(one.key in each.weights.index for each in evaluations)]
    names = {one.key: label(language, *one.names) for one in INDICATORS}
    groups = {one.key: label(language, *GROUPS[one.group]) for one in INDICATORS}
    frame = pd.DataFrame({"group": [groups[key] for key in keys], "indicator": [names[key] for key in keys]})
    heads: dict[str, tuple[str, str]] = {"group": ("group", "组"), "indicator": ("indicator", "指标")}
    for each in evaluations:
        for scheme in each.weights.columns:
            column = f"{each.kind}_{scheme}"
            frame[column] = (each.weights[scheme].reindex(keys) * 100).to_numpy()
            (type_en, type_zh), (scheme_en, scheme_zh) = TYPES[each.kind], LEVELS[scheme]
            heads[column] = (f"{type_en}: {scheme_en}", f"{type_zh}：{scheme_zh}")
    starts = {place for place in range(1, len(keys)) if groups[keys[place]] != groups[keys[place - 1]]}
    caption = ("Weights of indicators, percent", "指标权重（%）")
    return three_line(frame, caption, (), 1, heads, language, starts)


def three_line(
    frame: pd.DataFrame,
    caption: tuple[str, str],
    notes: tuple[str, ...],
    digits: int | Mapping[str, int],
    heads: Names,
    language: str,
    rules: set[int] | frozenset[int] = frozenset(),
) -> TableSpec:
    """A three-line table in one language, with rules above the rows named."""
    printed = {column: label(language, *names) for column, names in heads.items()}
    return TableSpec(frame, label(language, *caption), notes, digits, printed, frozenset(rules))
