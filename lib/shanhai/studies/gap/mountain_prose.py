"""Paragraphs on the 26 mountain counties against the other counties of Zhejiang, composed from the numbers."""

from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import ZHEJIANG
from shanhai.methods.decomposition import OaxacaResult
from shanhai.methods.decomposition.gap import GapPart
from shanhai.studies.gap.names import GROUP_NAMES, points
from shanhai.studies.gap.prose import by_size, joined, unsure
from shanhai.studies.gap.worth import percent_of


def mountain_paragraph(result: OaxacaResult, language: str = "en", reference: str = "pooled with indicator") -> str:
    """What the 26 have less or more of than the other counties of the province, and what that does not explain.

    Parameters
    ----------
    result : OaxacaResult
        From ``explain_mountain_counties``.
    language : str
    reference : str
        Reference coefficients.
    """
    gap, (explained, rest) = result.gap, result.twofold[reference]
    groups = sorted(result.explained[reference], key=by_size)
    clear = [part for part in groups if not part.low <= 0 <= part.high]
    low = gap.contribution < 0
    size, reach = show(abs(percent_of(gap.contribution)), 0), points(gap)
    told = [
        (", ", "、")[position].join(f"{GROUP_NAMES[part.name][position]} {_of(part, gap, position)}" for part in clear)
        for position in (0, 1)
    ]
    sentences = (
        (
            f"GDP per head of the {result.n_first} mountain counties lies {size} % {'below' if low else 'above'} that "
            f"of the {result.n_second} other counties of Zhejiang with figures ({reach} log points).",
            f"山区{result.n_first}县人均GDP比浙江其他有数据的{result.n_second}个县级单位{'低' if low else '高'}{size}%"
            f"（{reach}对数点）。",
        ),
        (
            f"What they have less or more of goes with {_of(explained, gap, 0)}; the rest is {_of(rest, gap, 0)}"
            f"{unsure(rest, 0)}.",
            f"特征差异对应{_of(explained, gap, 1)}；其余{_of(rest, gap, 1)}{unsure(rest, 1)}。",
        ),
        (
            f"Groups that can be told from none: {told[0]}." if clear else "No group can be told from none.",
            f"可与零区分的组：{told[1]}。" if clear else "没有任何一组可与零区分。",
        ),
        (
            "The counties were put on the list because they were poor, so the rest is no effect of being on it.",
            "这些县正因较穷才列入名单，故其余部分并非列入名单的效应。",
        ),
        (
            "Means of logs, weighted by residents; the 26 together against the whole province, by totals: notebook 09.",
            "此处为人口加权的对数均值；26县合计与全省之比（按总量）见笔记本09。",
        ),
    )
    return joined(sentences, language)


def overlap_sentence(evidence: Evidence, language: str = "en") -> str:
    """How many other counties of Zhejiang are as rugged as the median of the 26."""
    rows = evidence.frame[evidence.frame["province_code"] == ZHEJIANG].dropna(
        subset=["ruggedness", "gdp_per_capita_2021"]
    )
    listed = rows["is_mountain_26"].astype(bool)
    median = rows.loc[listed, "ruggedness"].median()
    alike, others = int((rows.loc[~listed, "ruggedness"] >= median).sum()), int((~listed).sum())
    few = 4 * alike < others
    return joined(
        (
            (
                f"As rugged as the median of the 26: {alike} of the {others} other counties. What terrain goes with "
                f"leans on {'few' if few else 'some'} of them and on the straight line of the regression.",
                f"地形崎岖度不低于26县中位数的其他县级单位：{others}个中有{alike}个。地形的份额依赖"
                f"{'少数' if few else '部分'}县和回归的直线假定。",
            ),
        ),
        language,
    )


def _of(part: GapPart, gap: GapPart, position: int) -> str:
    """A part in log points with its interval, and in percent of the gap."""
    share = show(100 * part.contribution / gap.contribution, 0)
    return f"{points(part)} ({share} %)" if position == 0 else f"{points(part)}（{share}%）"
