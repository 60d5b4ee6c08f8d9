"""Tables, sentences and estimates of the Barro regressions in the zone of nine prefectures."""

from collections.abc import Iterable, Mapping

import pandas as pd

from shanhai.data.load import load_places
from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.new_border.tables import province_name
from shanhai.studies.new_border.zone_counties import COUNTY_VARIANTS
from shanhai.studies.new_border.zone_prefectures import (
    MAIN,
    VARIANTS,
    ZONE,
    ZoneDesign,
    border_effects,
    zone_effect,
    zone_pairs,
)

LEVEL = 0.05

DESIGN_NAMES: dict[str, tuple[str, str]] = {
    "main": ("registered", "注册设定"),
    "first_half": ("first half", "前半期"),
    "second_half": ("second half", "后半期"),
    "adjacent": ("adjacent pairs only", "仅相邻对"),
    "no_distance": ("distance not held fixed", "不控制距离"),
    "gdp": ("GDP instead of GDP per head", "以GDP代人均"),
}

AS_ASKED = ("years as asked", "所设年份")
"""Name of the first design where its years are not the registered ones."""

COUNTY_NAMES: dict[str, tuple[str, str]] = {
    "lights": ("night light per km²", "每平方千米夜间灯光"),
    "gdp": ("GDP per census resident", "普查常住人口人均GDP"),
}

AREAS: dict[bool, tuple[str, str]] = {True: ("zone", "九市区"), False: ("China", "全国")}

CHANGE_LABEL = ("change of the gap, percentage points a year", "差距年变化（百分点）")
WITHIN = ("same province", "同省")


def zone_text(language: str = "en") -> str:
    """The nine prefectures by province."""
    places, parts = load_places(), []
    for province in sorted({code[:2] for code in ZONE}):
        members = [places.prefecture(code) for code in ZONE if code[:2] == province]
        parts.append(
            label(
                language,
                f"{province_name(province, 'en')}: {', '.join(one.short_en for one in members)}",
                f"{province_name(province, 'zh')}：{'、'.join(one.short_zh for one in members)}",
                joint=" / ",
            )
        )
    return "; ".join(parts) if language == "en" else "；".join(parts)


def border_name(border: str, language: str = "en") -> str:
    """Name of the border of two provinces, as Zhejiang-Jiangxi; of an empty text, the same province."""
    if not border:
        return label(language, *WITHIN)
    one, other = border.split("-")
    english = "–".join(province_name(code, "en") for code in (one, other))
    return label(language, english, "–".join(province_name(code, "zh") for code in (one, other)))


def zone_table(designs: Mapping[str, ZoneDesign], language: str = "en") -> TableSpec:
    """Effect of a provincial border between two of the nine, design by design."""
    check_language(language)
    rows = []
    for name, design in designs.items():
        found = zone_effect(design)
        asked = name == "main" and design != MAIN
        rows.append(
            {
                "design": label(language, *(AS_ASKED if asked else DESIGN_NAMES[name])),
                "period": f"{design.start}–{design.end}",
                "estimate": found["estimate"],
                "interval": format_interval(found["low"], found["high"], 2),
                "p": format_p_value(found["p"]),
                "p_contiguous": format_p_value(found["p_contiguous"]),
                "slope": found["slope"],
                "pairs": int(found["pairs"]),
                "across": int(found["across"]),
            }
        )
    heads = {
        "design": ("design", "设定"),
        "period": ("period", "时期"),
        "estimate": ("border effect", "省界效应"),
        "interval": ("95% interval", "95%区间"),
        "p": ("exact p", "精确p值"),
        "p_contiguous": ("p, provinces in one piece", "p值（省份连片）"),
        "slope": ("slope of the gap", "差距斜率"),
        "pairs": ("pairs", "对数"),
        "across": ("across a border", "跨省"),
    }
    found = zone_effect(designs["main"])
    notes = (
        label(
            language,
            "Percentage points a year by which a gap across a provincial border changes, against a gap of the same "
            "size and distance inside a province. Positive: the border keeps gaps open. Negative: they close faster.",
            "跨省差距相对于同省内同等大小、同等距离差距的年变化（百分点）。正：省界使差距保持；负：差距缩小更快。",
        ),
        label(
            language,
            f"p by all {format_number(found['ways'])} ways to deal the nine to provinces of these sizes; in "
            f"{format_number(found['contiguous'])} of them every province is in one piece. Interval: the estimate less "
            "the middle 95% of these ways. Residents between the censuses of 2010 and 2020 at a "
            "constant rate of growth.",
            f"p值取自把九市分入同等规模省份的全部{format_number(found['ways'])}种方式，其中"
            f"{format_number(found['contiguous'])}种各省连片。区间为估计值减去全部置换分布的中间95%。"
            "两次普查之间人口按固定增速推算。",
        ),
    )
    caption = ("Does a provincial border keep gaps open? Nine prefectures", "省界使差距保持吗？九市")
    digits = {"estimate": 2, "slope": 2}
    return three_line(pd.DataFrame(rows), caption, notes, digits, heads, language, _zone_estimates(designs.values()))


def borders_table(periods: Mapping[str, ZoneDesign], language: str = "en") -> TableSpec:
    """Effect border by border, for the whole period and its halves."""
    check_language(language)
    parts = {name: border_effects(design).set_index("border") for name, design in periods.items()}
    first = next(iter(parts.values()))
    frame = pd.DataFrame(
        {"border": [border_name(key, language) for key in first.index], "pairs": first["pairs"].to_numpy()}
    )
    heads: dict[str, tuple[str, str]] = {"border": ("border", "省界"), "pairs": ("pairs", "对数")}
    for name, part in parts.items():
        design = periods[name]
        frame[name] = part["estimate"].reindex(first.index).to_numpy()
        frame[f"{name}_p"] = [format_p_value(value) for value in part["p"].reindex(first.index)]
        heads |= {name: (f"{design.start}–{design.end}",) * 2, f"{name}_p": ("p", "p值")}
    notes = (
        label(
            language,
            "Percentage points a year against pairs of one province, all borders in one regression; exact p. Fujian "
            "and Anhui have no common border: theirs is one pair of places apart.",
            "相对同省对的年变化（百分点），各省界同时进入回归；精确p值。福建与安徽不接壤，仅一对。",
        ),
        label(
            language,
            "Few pairs a border, and pairs share places: a single border is a description, not a test.",
            "每条省界对数很少且共用地市：单条省界只是描述，不是检验。",
        ),
    )
    digits = dict.fromkeys(parts, 2)
    estimates = tuple(
        row
        for name, part in parts.items()
        for row in _effect_estimates(periods[name], part, model="Barro on pairs, by border", term=part.index)
    )
    return three_line(frame, ("Border by border", "分省界结果"), notes, digits, heads, language, estimates)


def counties_table(effects: pd.DataFrame, language: str = "en") -> TableSpec:
    """Print ``county_effects``: the same on adjacent counties, beyond a prefectural boundary."""
    check_language(language)
    designs = [COUNTY_VARIANTS[name] for name in effects["design"]]
    frame = pd.DataFrame(
        {
            "area": [label(language, *AREAS[one.zone]) for one in designs],
            "measure": [label(language, *COUNTY_NAMES[one.measure]) for one in designs],
            "period": [f"{one.start}–{one.end}" for one in designs],
            "estimate": effects["estimate"],
            "se": effects["se"],
            "interval": [format_interval(low, high, 2) for low, high in effects[["low", "high"]].to_numpy()],
            "p": [format_p_value(value) for value in effects["p"]],
            "pairs": effects["pairs"],
            "across": effects["across"],
            "prefectures": effects["prefectures"],
        }
    )
    heads = {
        "area": ("area", "范围"),
        "measure": ("measure", "指标"),
        "period": ("period", "时期"),
        "estimate": ("border effect", "省界效应"),
        "se": ("standard error", "标准误"),
        "interval": ("95% interval", "95%区间"),
        "p": ("p", "p值"),
        "pairs": ("pairs", "对数"),
        "across": ("across a border", "跨省"),
        "prefectures": ("prefectures", "地市数"),
    }
    notes = (
        label(
            language,
            "Adjacent counties; what a provincial border adds to a prefectural boundary, gap and distance held fixed. "
            "China: dyadic errors by prefecture. Zone: exact p, as above.",
            "相邻县；在地级界之外省界的附加影响，控制初始差距与距离。全国：按地市的双元标准误；九市区：精确p值。",
        ),
        label(
            language,
            "Lights from one sensor (VIIRS-like, from 2013). Most districts of Zhejiang have no GDP before 2021.",
            "灯光为同一传感器（2013年起）。浙江多数市辖区2021年前无GDP。",
        ),
    )
    caption = ("Variant: adjacent counties", "变体：相邻县")
    digits = {"estimate": 2, "se": 2}
    return three_line(frame, caption, notes, digits, heads, language, _county_estimates(effects))


def barro_text(design: ZoneDesign, language: str = "en") -> str:
    """What the zone says beside Wang et al. (2024): the sign, whether it weakens, and what nine places can show."""
    whole, early, late = (zone_effect(one) for one in (design, VARIANTS["first_half"], VARIANTS["second_half"]))
    slower, clear = whole["estimate"] > 0, whole["p"] < LEVEL
    shrinks = abs(late["estimate"]) < abs(early["estimate"])
    number, first, second = (format_number(one["estimate"], 2, signed=True) for one in (whole, early, late))
    chance = format_p_value(whole["p"])
    english = (
        f"Across provincial borders gaps {'stay open longer' if slower else 'close faster'}: {number} points a year "
        f"(exact p {chance}). First half {first}, second half {second}: the size "
        f"{'shrinks' if shrinks else 'does not shrink'}.\n"
        "Wang et al. (2024) find a border effect that weakens, least so on the Jiangxi-Zhejiang and Anhui-Jiangxi "
        f"borders. The sign here is {'theirs' if slower else 'the opposite'}; nine prefectures "
        f"{'tell it' if clear else 'cannot tell it'} from zero."
    )
    chinese = (
        f"跨省差距{'更难缩小' if slower else '缩小更快'}：每年{number}个百分点（精确p值{chance}）。前半期{first}，"
        f"后半期{second}：幅度{'减小' if shrinks else '未减小'}。\n"
        f"汪彬等（2024）认为边界效应逐渐减弱，赣浙、皖赣边界最不明显。此处符号{'相同' if slower else '相反'}；"
        f"九个地市{'可以' if clear else '无法'}将其与零区分。"
    )
    return label(language, english, chinese, joint="\n")


def gap_label(design: ZoneDesign) -> tuple[str, str]:
    """English and Chinese label of the gap at the start."""
    return f"gap of {design.start}, log points (richer over poorer)", f"{design.start}年差距，对数点（高比低）"


def pair_groups(design: ZoneDesign, language: str = "en") -> dict[str, str]:
    """Groups of ``pair_plot``: pairs of one province first, then each border with three pairs or more."""
    pairs = zone_pairs(design)
    counts = pairs.loc[pairs["cross"].eq(1), "border"].value_counts()
    borders = sorted(str(name) for name in counts.index[counts >= 3])
    return {key: border_name(key, language) for key in ("", *borders)}


def _effect_estimates(
    design: ZoneDesign, effects: pd.DataFrame, model: str, **given: object
) -> tuple[EstimateRecord, ...]:
    """Effects on gaps between the nine prefectures, tested by all ways to deal them to provinces."""
    return estimates_of(
        effects,
        sample="nine prefectures",
        outcome="change_of_log_gap_of_" + ("gdp_per_resident" if design.per_head else "gdp"),
        model=f"{model}, {_design_text(design)}",
        n=int(zone_effect(design)["pairs"]),
        unit="pairs of prefectures",
        method="exact permutation",
        design_id=design.spec_id,
        **given,
    )


def _design_text(design: ZoneDesign) -> str:
    """Which design, its years, its pairs, and whether distance is held fixed."""
    known = [DESIGN_NAMES[name][0] for name, other in VARIANTS.items() if other == design]
    pairs = "adjacent pairs" if design.adjacent_only else "all pairs"
    held = "held fixed" if design.distance else "not held fixed"
    return f"{known[0] if known else AS_ASKED[0]}: {design.start}-{design.end}, {pairs}, distance {held}"


def _zone_estimates(designs: Iterable[ZoneDesign]) -> tuple[EstimateRecord, ...]:
    """The effect of each design once, with the middle of what the permutations give."""
    rows: list[EstimateRecord] = []
    for design in dict.fromkeys(designs):
        effect = zone_effect(design)
        table = pd.DataFrame([{name: effect[name] for name in ("estimate", "p")}])
        rows += _effect_estimates(
            design, table, model="Barro on pairs", term="other_province",
            low=effect["low"], high=effect["high"],
            p_other={"provinces in one piece": effect["p_contiguous"]},
        )  # fmt: skip
    return tuple(rows)


def _county_estimates(effects: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    designs = [COUNTY_VARIANTS[name] for name in effects["design"]]
    return estimates_of(
        effects,
        sample=["adjacent counties, " + ("nine prefectures" if one.zone else "China") for one in designs],
        outcome=[f"change_of_log_gap_of_{one.measure}_{one.start}_{one.end}" for one in designs],
        model="Barro on pairs",
        term="other_province",
        n=effects["pairs"],
        unit="pairs of adjacent counties",
        vcov=["" if one.zone else "dyadic(prefecture_code)" for one in designs],
        method=["exact permutation" if one.zone else "" for one in designs],
        clusters=[None if one.zone else count for one, count in zip(designs, effects["prefectures"], strict=True)],
    )
