"""Names of the parts of a gap, and how a part is written in a sentence."""

from shanhai.claims.digits import show
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart
from shanhai.studies.gap.account import GapAnswer
from shanhai.studies.gap.registered import ADMINISTRATION, DEVELOPMENT, NATURE

GROUP_NAMES = {
    "terrain": ("terrain", "地形"),
    "border": ("the provincial border", "省界"),
    "distance": ("distance to the provincial capital", "距省会距离"),
    "district status": ("district status", "市辖区建制"),
    "schooling": ("schooling", "受教育程度"),
    "age structure": ("age structure", "年龄结构"),
    "sector": ("the primary sector's share", "第一产业比重"),
    FIXED_EFFECTS: ("differences between provinces", "省份差异"),
    REMAINDER: ("not explained", "未解释部分"),
}
"""Names of the parts."""

BLOCK_NAMES = {
    NATURE: ("given by nature and maps", "由自然与地图给定"),
    ADMINISTRATION: ("granted by the state", "由行政建制给定"),
    DEVELOPMENT: ("themselves outcomes of development", "自身即发展结果"),
}
"""Names of the blocks."""

ORDERED = "blocks in order"
"""Rule under which nature and maps enter first."""


def amount(answer: GapAnswer, part: GapPart, position: int) -> str:
    """A part with its interval, in percent of the gap or, where the gap is small, in log points."""
    if not answer.in_percent:
        return f"{points(part)}{(' log points', '对数点')[position]}"
    value, *ends = (100 * number / answer.shares.gap for number in (part.contribution, part.low, part.high))
    low, high = sorted(ends)
    return f"{show(value, 0)}{(' %', '%')[position]} [{show(low, 0)}, {show(high, 0)}]"


def points(part: GapPart) -> str:
    """A part in log points with its interval."""
    return f"{show(part.contribution, 3)} [{show(part.low, 3)}, {show(part.high, 3)}]"
