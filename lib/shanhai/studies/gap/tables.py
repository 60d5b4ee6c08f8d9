"""Tables, figures and estimates of gaps taken apart."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart
from shanhai.methods.records import EstimateRecord, Quantity, estimates_of
from shanhai.methods.spec import RegressionSpec
from shanhai.render.numbers import format_interval, format_number, is_missing
from shanhai.render.style import label
from shanhai.render.tables import TableSpec
from shanhai.studies.gap.account import SMALL_GAP, GapAnswer
from shanhai.studies.gap.charts import Step, waterfall_plot
from shanhai.studies.gap.names import BLOCK_NAMES, GROUP_NAMES
from shanhai.studies.gap.worth import NOTHING

AXIS = ("log points of GDP per head 2021, place minus reference", "2021年人均GDP对数差（本地减参照）")

END_BLOCKS = {FIXED_EFFECTS: ("between provinces", "省份之间"), REMAINDER: ("not explained", "未解释")}
"""Blocks of the parts that are no group."""

BLOCKS = (*BLOCK_NAMES.values(), *END_BLOCKS.values())
"""All blocks of a figure, in order."""

SHORT_NAMES = GROUP_NAMES | {
    "border": ("border", "省界"),
    "distance": ("distance", "距离"),
    "district status": ("district", "市辖区"),
    "age structure": ("age", "年龄"),
    "schooling": ("schooling", "教育"),
    "sector": ("sector", "产业"),
    FIXED_EFFECTS: ("provinces", "省份"),
    REMAINDER: ("unexplained", "未解释"),
}
"""Names of the parts in heads of columns."""

RULE_NAMES = {
    "alone": ("alone", "单独"),
    "blocks in order": ("nature first", "自然优先"),
    "Owen": ("by block (Owen)", "按类（欧文）"),
    "Shapley": ("all orders", "所有次序"),
    "last": ("others fixed", "其他固定"),
}
"""Rules of sharing."""

TRAIT_NAMES: Mapping[str, tuple[str, str, int]] = {
    "ruggedness": ("ruggedness, m", "地形崎岖度（米）", 0),
    "on_border": ("residents in border counties, share", "省界县常住人口占比", 2),
    "distance_to_capital_km": ("to the provincial capital, km", "距省会（千米）", 0),
    "is_district": ("residents in districts, share", "市辖区常住人口占比", 2),
    "mean_schooling_2020": ("schooling, years", "平均受教育年限（年）", 2),
    "share_60_plus_2020": ("aged 60 and over, %", "60岁及以上人口（%）", 1),
    "primary_share_2021": ("primary sector in GDP, %", "第一产业占GDP（%）", 1),
}
"""Printed name and decimals of each trait."""


def shares_table(answer: GapAnswer, language: str = "en") -> TableSpec:
    """Parts of the gap by block, with intervals and as shares of the gap."""
    shares = answer.shares
    rows: list[list[str]] = []
    rules = []
    for block, members in shares.design.blocks.items():
        rules.append(len(rows))
        if len(members) > 1:
            rows.append(_share_row(answer, shares.part(block), label(language, *BLOCK_NAMES[block])))
        inside = [shares.part(shares.design.names[number]) for number in members]
        mark = "· " if len(members) > 1 else ""
        rows += [_share_row(answer, part, mark + label(language, *GROUP_NAMES[part.name])) for part in inside]
    rules.append(len(rows))
    ends = [part for part in shares.parts if part.name in END_BLOCKS and abs(part.contribution) > NOTHING]
    rows += [_share_row(answer, part, label(language, *GROUP_NAMES[part.name])) for part in ends]
    rules.append(len(rows))
    rows.append(
        [label(language, "gap", "差距合计"), format_number(shares.gap, 3), "", "100" if answer.in_percent else "–"]
    )
    heads = {
        "part": label(language, "goes with", "对应于"),
        "points": label(language, "log points", "对数点"),
        "interval": label(language, "95 % interval", "95%区间"),
        "share": label(language, "% of gap", "占差距%"),
    }
    return TableSpec(
        pd.DataFrame(rows, columns=list(heads)),
        label(language, *_title(answer)),
        _share_notes(answer, language),
        headers=heads,
        rules_before=frozenset(rules[1:]),
        estimates=_share_estimates(answer),
    )


def trait_table_spec(answer: GapAnswer, traits: pd.DataFrame, language: str = "en") -> TableSpec:
    """Means of what the groups consist of, in place and reference."""
    rows = [
        [
            label(language, *TRAIT_NAMES[row["column"]][:2]),
            *(format_number(row[name], TRAIT_NAMES[row["column"]][2]) for name in ("place", "reference", "difference")),
        ]
        for _, row in traits.iterrows()
    ]
    heads = {
        "trait": label(language, "mean over residents", "常住人口平均"),
        "place": label(language, answer.place.name_en, answer.place.name_zh),
        "reference": label(language, answer.reference.name_en, answer.reference.name_zh),
        "difference": label(language, "difference", "差异"),
    }
    return TableSpec(pd.DataFrame(rows, columns=list(heads)), headers=heads)


def orders_table(answer: GapAnswer, language: str = "en") -> TableSpec:
    """Each group's part under every rule of sharing."""
    rules = answer.shares.rules
    rows = [
        [
            label(language, *GROUP_NAMES[name]),
            *(format_number(rules[rule][number].contribution, 3) for rule in RULE_NAMES),
        ]
        for number, name in enumerate(answer.shares.design.names)
    ]
    sums = [sum(part.contribution for part in rules[rule]) for rule in RULE_NAMES]
    adds_up = [rule not in ("alone", "last") for rule in RULE_NAMES]
    total = [
        format_number(value, 3) if fits else f"({format_number(value, 3)})"
        for value, fits in zip(sums, adds_up, strict=True)
    ]
    rows.append([label(language, "sum", "合计"), *total])
    heads = {"part": "", **{rule: label(language, *names) for rule, names in RULE_NAMES.items()}}
    note = label(
        language,
        "Log points. A sum in brackets is not what all groups explain together, as groups overlap.",
        "单位为对数点。各组有重叠，括号内的合计不等于各组共同解释的部分。",
        joint="\n",
    )
    return TableSpec(
        pd.DataFrame(rows, columns=list(heads)),
        notes=(note,),
        headers=heads,
        rules_before=frozenset({len(rows) - 1}),
        estimates=_gap_estimates(answer, [(rule, part) for rule in RULE_NAMES for part in rules[rule]]),
    )


def variants_table(answer: GapAnswer, variants: pd.DataFrame, language: str = "en") -> TableSpec:
    """Shapley shares under other designs; a group that a design lacks is left empty."""
    names = [name for name in GROUP_NAMES if name in variants.columns and (variants[name].abs() > NOTHING).any()]
    frame = pd.DataFrame(
        {
            "design": [
                label(language, *map(str, names)) for names in zip(variants["label"], variants["label_zh"], strict=True)
            ],
            **{name: [format_number(value, 3) for value in variants[name]] for name in (*names, "gap")},
            "n": variants["n"],
        }
    )
    heads = {
        "design": label(language, "design", "设定"),
        **{name: label(language, *SHORT_NAMES[name]) for name in names},
        "gap": label(language, "gap", "差距"),
        "n": label(language, "counties", "县数"),
    }
    model = f"gap {answer.place.code} against {answer.reference.code}"
    numbers = tuple(
        Quantity(
            answer.shares.design.regression.sample.name, "part of a gap in log GDP per head",
            f"{model}, Shapley, {row['label']}", name, float(row[name]), int(row["n"]), str(row["spec_id"]),
        )
        for row in variants.to_dict("records")
        for name in (*names, "gap")
        if not is_missing(row[name])
    )  # fmt: skip
    return TableSpec(frame, headers=heads, estimates=numbers)


def country_table(answer: GapAnswer, parts: Sequence[GapPart], language: str = "en") -> TableSpec:
    """Shares of the groups in the variance between all counties, under the design of an answer."""
    rows = [
        [
            label(language, *GROUP_NAMES[part.name]),
            format_number(100 * part.contribution, 1),
            format_interval(100 * part.low, 100 * part.high, 1),
        ]
        for part in parts
    ]
    heads = {
        "part": label(language, "goes with", "对应于"),
        "share": label(language, "% of variance", "占方差%"),
        "interval": label(language, "95 % interval", "95%区间"),
    }
    shares, spec = answer.shares, answer.shares.design.regression
    estimates = [
        EstimateRecord(
            spec.sample.name, spec.outcome.name, "shares of the variance", part.name, 100 * part.contribution, shares.n,
            "", "percent of the variance", 100 * part.se, 100 * part.low, 100 * part.high, clusters=shares.clusters,
            design_id=shares.design.spec_id, method=drawn_by(spec.covariance.by[0], shares.draws),
        )
        for part in parts
    ]  # fmt: skip
    return TableSpec(pd.DataFrame(rows, columns=list(heads)), headers=heads, estimates=tuple(estimates))


def gap_waterfall(answer: GapAnswer, language: str = "en") -> Figure:
    """Shapley shares from the reference down (or up) to the place."""
    blocks = {group.name: BLOCK_NAMES[group.block] for group in answer.shares.design.groups} | END_BLOCKS
    steps = [
        Step(
            label(language, *GROUP_NAMES[part.name]),
            label(language, *blocks[part.name]),
            part.contribution,
            part.low,
            part.high,
        )
        for part in answer.shares.parts
        if abs(part.contribution) > NOTHING
    ]
    ends = (
        label(language, answer.reference.name_en, answer.reference.name_zh),
        label(language, answer.place.name_en, answer.place.name_zh),
    )
    return waterfall_plot(
        steps,
        ends,
        blocks=[label(language, *block) for block in BLOCKS],
        axis=label(language, *AXIS),
        in_percent=answer.in_percent,
        language=language,
    )


def _share_estimates(answer: GapAnswer) -> tuple[EstimateRecord, ...]:
    """Shapley's parts, by group and by block, and what no group explains."""
    shares = answer.shares
    blocks = [shares.part(block) for block, members in shares.design.blocks.items() if len(members) > 1]
    return _gap_estimates(answer, [("Shapley", part) for part in (*shares.parts, *blocks)])


def _gap_estimates(answer: GapAnswer, parts: Sequence[tuple[str, GapPart]]) -> tuple[EstimateRecord, ...]:
    """Parts of the gap, each under a rule of sharing."""
    shares = answer.shares
    pair = f"{answer.place.code} against {answer.reference.code}"
    return part_estimates(
        [(f"gap {pair}, {rule}", part) for rule, part in parts],
        shares.design.regression,
        n=shares.n,
        method=drawn_by(shares.design.regression.covariance.by[0], shares.draws),
        clusters=shares.clusters,
        design_id=shares.design.spec_id,
    )


def part_estimates(
    parts: Sequence[tuple[str, GapPart]], spec: RegressionSpec, **given: object
) -> tuple[EstimateRecord, ...]:
    """Parts of a gap, each with its model, as estimates; parts without any difference have no error and are left out.

    Parameters
    ----------
    parts : pairs of model and part
    spec : RegressionSpec
        For sample and outcome.
    **given : further fields of an estimate
    """
    table = pd.DataFrame([{"model": model, **vars(part)} for model, part in parts])
    table = table[table["se"].gt(0)].rename(columns={"name": "term", "contribution": "estimate"})
    return estimates_of(table, sample=spec.sample.name, outcome=spec.outcome.name, estimand="part of a gap", **given)


def drawn_by(unit: str, draws: int) -> str:
    """Name of the bootstrap."""
    return f"bootstrap({unit}, exponential weights, {draws})"


def _share_row(answer: GapAnswer, part: GapPart, name: str) -> list[str]:
    share = format_number(100 * part.contribution / answer.shares.gap, 0) if answer.in_percent else "–"
    return [name, format_number(part.contribution, 3), format_interval(part.low, part.high), share]


def _title(answer: GapAnswer) -> tuple[str, str]:
    return (
        f"Gap in log GDP per head 2021: {answer.place.name_en} against {answer.reference.name_en}",
        f"2021年人均GDP对数差：{answer.place.name_zh}与{answer.reference.name_zh}",
    )


def _share_notes(answer: GapAnswer, language: str) -> tuple[str, ...]:
    shares = answer.shares
    n, clusters, draws = (format_number(number) for number in (shares.n, shares.clusters, shares.draws))
    notes = [
        label(
            language,
            f"Shapley shares. Regression on {n} counties with province effects, weighted by residents. Intervals: "
            f"{draws} draws of {clusters} prefectures; the places' own figures stay as they are.",
            f"沙普利份额。回归含{n}个县级单位和省份效应，按常住人口加权。区间：对{clusters}个地市抽样{draws}次，"
            "两地自身数据不变。",
            joint="\n",
        )
    ]
    if not answer.in_percent:
        least = format_number(SMALL_GAP, 1)
        notes.append(
            label(language, f"No percent: the gap is below {least} log points.", f"差距不足{least}对数点，不列百分比。")
        )
    return tuple(notes)
