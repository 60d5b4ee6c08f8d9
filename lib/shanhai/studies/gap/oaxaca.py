"""Tables, figure and estimates of the 26 mountain counties against the other counties of Zhejiang."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from shanhai.methods.decomposition import OaxacaResult
from shanhai.methods.decomposition.gap import REMAINDER, GapPart
from shanhai.methods.records import EstimateRecord
from shanhai.render.numbers import format_interval, format_number
from shanhai.render.style import label
from shanhai.render.tables import TableSpec
from shanhai.studies.gap.charts import Step, waterfall_plot
from shanhai.studies.gap.names import BLOCK_NAMES, GROUP_NAMES
from shanhai.studies.gap.tables import BLOCKS, END_BLOCKS, drawn_by, part_estimates

REFERENCE_NAMES = {
    "pooled with indicator": ("all counties, with a dummy for the 26", "全部县，含26县虚拟变量"),
    "pooled": ("all counties, without it", "全部县，不含虚拟变量"),
    "second": ("the other counties", "其他县"),
    "first": ("the 26", "26县"),
    "equal": ("mean of both", "两组平均"),
    "share": ("mean of both by residents", "两组按人口加权"),
}
"""Reference coefficients of the twofold decomposition."""

TERM_NAMES = {
    "explained": ("explained by traits", "由特征解释"),
    "unexplained": ("not explained", "未解释"),
    "endowments": ("endowments", "特征差异"),
    "coefficients": ("coefficients", "系数差异"),
    "interaction": ("both together", "两者交互"),
}


def oaxaca_table(results: Mapping[str, OaxacaResult], language: str = "en") -> TableSpec:
    """Explained and unexplained part by reference coefficients, and the threefold parts.

    Parameters
    ----------
    results : mapping of ``row`` and ``cluster`` to a result
        The same decomposition, with counties and with prefectures drawn.
    language : str
    """
    row, cluster = results["row"], results["cluster"]
    rows = []
    for reference, names in REFERENCE_NAMES.items():
        pairs = zip(row.twofold[reference], cluster.twofold[reference], strict=True)
        rows += [_oaxaca_row(label(language, *names), *pair, row.gap, language) for pair in pairs]
    second = len(rows)
    three = label(language, "threefold, from the other counties", "三重分解（以其他县为基准）")
    rows += [
        _oaxaca_row(three, *pair, row.gap, language) for pair in zip(row.threefold, cluster.threefold, strict=True)
    ]
    heads = {
        "reference": label(language, "coefficients of", "参照系数"),
        "part": label(language, "part", "部分"),
        "points": label(language, "log points", "对数点"),
        "share": label(language, "% of gap", "占差距%"),
        "counties": label(language, "95 %, counties drawn", "95%区间（抽县）"),
        "prefectures": label(language, "95 %, prefectures drawn", "95%区间（抽地市）"),
    }
    return TableSpec(
        pd.DataFrame(rows, columns=list(heads)),
        headers=heads,
        rules_before=frozenset({2, second}),
        estimates=tuple(
            estimate
            for result in (row, cluster)
            for estimate in _mountain_estimates(
                result,
                [
                    *((reference, part) for reference, parts in result.twofold.items() for part in parts),
                    *(("threefold", part) for part in result.threefold),
                ],
            )
        ),
    )


def mountain_waterfall(result: OaxacaResult, language: str = "en", reference: str = "pooled with indicator") -> Figure:
    """The gap of the 26, explained part by group."""
    groups = {group.name: BLOCK_NAMES[group.block] for group in result.design.shares.groups}
    parts = [(part, GROUP_NAMES[part.name], groups[part.name]) for part in result.explained[reference]]
    rest = result.twofold[reference][1]
    parts.append((rest, GROUP_NAMES[REMAINDER], END_BLOCKS[REMAINDER]))
    steps = [
        Step(label(language, *name), label(language, *block), part.contribution, part.low, part.high)
        for part, name, block in parts
    ]
    ends = (label(language, "other counties of Zhejiang", "浙江其他县"), label(language, "the 26", "山区26县"))
    axis = ("log points of GDP per head 2021, the 26 minus the others", "2021年人均GDP对数差（26县减其他县）")
    blocks = [label(language, *block) for block in BLOCKS]
    return waterfall_plot(steps, ends, blocks=blocks, axis=label(language, *axis), language=language)


def group_estimates(result: OaxacaResult, reference: str = "pooled with indicator") -> tuple[EstimateRecord, ...]:
    """The explained part by group, as ``mountain_waterfall`` shows it."""
    return _mountain_estimates(result, [(reference, part) for part in result.explained[reference]])


def _mountain_estimates(result: OaxacaResult, parts: Sequence[tuple[str, GapPart]]) -> tuple[EstimateRecord, ...]:
    """Parts of the gap of the 26, each under a decomposition."""
    return part_estimates(
        [(f"26 against the rest, {name}", part) for name, part in parts],
        result.design.shares.regression,
        n=result.n_first + result.n_second,
        method=drawn_by(result.drawn, result.draws),
        design_id=result.design.shares.spec_id,
    )


def _oaxaca_row(reference: str, part: GapPart, other: GapPart, gap: GapPart, language: str) -> list[str]:
    return [
        reference,
        label(language, *TERM_NAMES[part.name]),
        format_number(part.contribution, 3),
        format_number(100 * part.contribution / gap.contribution, 0),
        format_interval(part.low, part.high),
        format_interval(other.low, other.high),
    ]
