"""Paragraphs on the gap between two places, composed from the numbers, in English, Chinese or both."""

import pandas as pd

from shanhai.claims.digits import show
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart
from shanhai.studies.gap.account import GapAnswer
from shanhai.studies.gap.names import GROUP_NAMES, ORDERED, amount
from shanhai.studies.gap.registered import DEVELOPMENT, NATURE
from shanhai.studies.gap.worth import NOTHING, gap_in_words
from shanhai.studies.place.prose import in_language

OPENINGS = {
    NATURE: ("What nature and maps give", "由自然与地图给定的因素"),
    DEVELOPMENT: ("What is itself an outcome of development", "自身即为发展结果的因素"),
}
"""How a block begins its sentence."""

NOTICEABLE = 0.05
"""Share of the gap from which a part is worth a sentence of its own."""

Sentence = tuple[str, str]


def gap_paragraph(answer: GapAnswer, language: str = "en") -> str:
    """What goes with the gap, in plain words that follow the numbers."""
    sentences = (
        _opening(answer),
        _coverage(answer),
        _block(answer, NATURE),
        _block(answer, DEVELOPMENT),
        _ends(answer),
        _order(answer),
        *(_stand(answer, part) for part in unexpected(answer)),
        _narrowing(answer),
        (
            "Square brackets are 95 % intervals. Parts add up to the gap; they say what goes together, not what causes "
            "it.",
            "方括号为95%区间。各部分之和等于差距；这里说明的是伴随关系，而非因果。",
        ),
    )
    return joined(sentences, language)


def designs_paragraph(answer: GapAnswer, designs: pd.DataFrame, language: str = "en") -> str:
    """How far the parts move with the design: nature and maps, distance, sector, and what is not explained.

    Parameters
    ----------
    answer : GapAnswer
    designs : DataFrame
        From ``variant_table``.
    language : str
    """
    table = designs.set_index("key")
    blocks = answer.shares.design.blocks
    members = [answer.shares.design.names[number] for number in blocks[NATURE]]
    nature, rest = table[members].sum(axis=1), table[REMAINDER]

    def size(values: pd.Series, key: str) -> tuple[str, str]:
        if not answer.in_percent:
            return f"{show(values[key], 3)} log points", f"{show(values[key], 3)}对数点"
        share = show(100 * values[key] / table.loc[key, "gap"], 0)
        return f"{share} %", f"{share}%"

    def ends(values: pd.Series) -> tuple[tuple[str, str], tuple[str, str]]:
        scaled = (values / table["gap"] if answer.in_percent else values).map(lambda value: float(f"{value:.6f}"))
        return size(values, str(scaled.idxmin())), size(values, str(scaled.idxmax()))

    (least, most), (low, high) = ends(nature), ends(rest)
    farming = [size(table["sector"], key) for key in ("main", "jobs")]
    reach = [size(table["distance"], key) for key in ("main", "potential")]
    sentences = (
        (
            f"Over these designs nature and maps go with {least[0]} to {most[0]}, and {low[0]} to {high[0]} are not "
            "explained.",
            f"在各设定下，自然与地图对应{least[1]}至{most[1]}；未解释部分为{low[1]}至{high[1]}。",
        ),
        (
            f"The sector's part is {farming[0][0]} by its share in GDP and {farming[1][0]} by jobs: as GDP is the "
            "denominator of the first, some of the difference is arithmetic.",
            f"产业的份额按GDP比重计为{farming[0][1]}，按就业计为{farming[1][1]}：前者以GDP为分母，差异中有一部分只是算术关系。",
        ),
        (
            f"Distance goes with {reach[0][0]} as km to the provincial capital and with {reach[1][0]} as market "
            "potential.",
            f"距离按距省会千米数计对应{reach[0][1]}，按市场潜力计对应{reach[1][1]}。",
        ),
    )
    return joined(sentences, language)


def unexpected(answer: GapAnswer) -> tuple[GapPart, ...]:
    """Groups whose share has another sign than their part alone, and is large enough to puzzle a reader.

    What a group adds is its coefficient times the difference that the groups before it do not lead one to expect. A
    place with less schooling than its reference may have more than places with its other traits have.
    """
    alone = {part.name: part.contribution for part in answer.shares.rules["alone"]}
    return tuple(
        part
        for part in answer.shares.rules["Shapley"]
        if part.contribution * alone[part.name] < 0
        and abs(part.contribution) >= NOTICEABLE * abs(answer.shares.gap)
        and not part.low <= 0 <= part.high
    )


def by_size(part: GapPart) -> tuple[float, str]:
    """Sort key, largest first; to six decimals, so that machines agree, and then by name."""
    return float(f"{-abs(part.contribution):.6f}"), part.name


def joined(sentences: tuple[Sentence, ...], language: str) -> str:
    """Sentences as a paragraph."""
    return in_language(
        language,
        lambda: " ".join(english for english, _ in sentences if english),
        lambda: "".join(chinese for _, chinese in sentences),
    )


def _opening(answer: GapAnswer) -> Sentence:
    size, measured = gap_in_words(answer.shares.gap, answer.shares.aggregate_gap)
    return (
        f"GDP per head of {answer.place.name_en} lies {size[0]} that of {answer.reference.name_en} (2021; "
        f"{measured[0]}).",
        f"{answer.place.name_zh}人均GDP比{answer.reference.name_zh}{size[1]}（2021年；{measured[1]}）。",
    )


def _coverage(answer: GapAnswer) -> Sentence:
    """Said only where counties are missing."""
    shares = answer.shares
    covered = [show(value, 0) for value in (shares.covered_place, shares.covered_reference)]
    if covered == ["100", "100"]:
        return "", ""
    return (
        f"The counties with all figures hold {covered[0]} % of its residents and {covered[1]} % of the reference's.",
        f"指标齐全的县级单位占本地常住人口的{covered[0]}%、参照常住人口的{covered[1]}%。",
    )


def _block(answer: GapAnswer, block: str) -> Sentence:
    """A block and its groups, the largest part first."""
    whole, design = answer.shares.part(block), answer.shares.design
    members = sorted((answer.shares.part(design.names[number]) for number in design.blocks[block]), key=by_size)
    english = "; ".join(f"{GROUP_NAMES[one.name][0]} {amount(answer, one, 0)}" for one in members)
    chinese = "；".join(f"{GROUP_NAMES[one.name][1]}{amount(answer, one, 1)}" for one in members)
    of_gap = (" of the gap", "差距的") if answer.in_percent else ("", "")
    opening = OPENINGS[block]
    return (
        f"{opening[0]} goes with {amount(answer, whole, 0)}{of_gap[0]}{unsure(whole, 0)}: {english}.",
        f"{opening[1]}对应{of_gap[1]}{amount(answer, whole, 1)}{unsure(whole, 1)}：{chinese}。",
    )


def _ends(answer: GapAnswer) -> Sentence:
    """District status, differences between provinces where there are any, and what is left."""
    shares = answer.shares
    parts = [shares.part(name) for name in ("district status", FIXED_EFFECTS, REMAINDER)]
    shown = [part for part in parts if abs(part.contribution) > NOTHING]
    english = "; ".join(f"{GROUP_NAMES[part.name][0]} {amount(answer, part, 0)}" for part in shown)
    chinese = "；".join(f"{GROUP_NAMES[part.name][1]}{amount(answer, part, 1)}" for part in shown)
    return f"{english[:1].upper()}{english[1:]}.", f"{chinese}。"


def _order(answer: GapAnswer) -> Sentence:
    first = answer.shares.part(NATURE, ORDERED)
    return (
        "These are Shapley shares, averages over all orders in which groups enter the model. If nature and maps enter "
        "first, so that outcomes which may run through them take nothing from them, they go with "
        f"{amount(answer, first, 0)}{unsure(first, 0)}.",
        "以上为沙普利份额，即对各组进入模型的所有次序取平均。若自然与地图先进入，使可能由其引起的结果变量不分走其份额，"
        f"则对应{amount(answer, first, 1)}{unsure(first, 1)}。",
    )


def _stand(answer: GapAnswer, part: GapPart) -> Sentence:
    better = part.contribution > 0
    return (
        f"Alone, {GROUP_NAMES[part.name][0]} would go the other way: {answer.place.name_en} stands "
        f"{'better' if better else 'worse'} there than its other traits lead one to expect.",
        f"单独来看，{GROUP_NAMES[part.name][1]}的方向相反：就其他特征而言，{answer.place.name_zh}在这方面比预期更"
        f"{'好' if better else '差'}。",
    )


def _narrowing(answer: GapAnswer) -> Sentence:
    """Said only where a printed share is negative."""
    if answer.in_percent and any(part.contribution / answer.shares.gap <= -0.005 for part in answer.shares.parts):
        return "Negative shares belong to what makes the gap narrower.", "份额为负者使差距缩小。"
    return "", ""


def unsure(part: GapPart, position: int) -> str:
    """Words for an interval that covers zero."""
    return (", which cannot be told from none", "（与零无法区分）")[position] if part.low <= 0 <= part.high else ""
