"""The pairs of nine prefectures as a design: which years, prices and pairs, and what the main column is.

Fixed on 2026-11-22, before a result: :data:`FIRST_DESIGN`. The main column of 2026-11-28 was chosen by argument when
all results had been seen; see :mod:`shanhai.studies.new_border.nine_prefectures`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import require
from shanhai.methods.spec.identity import digest

_Prices = Literal["constant", "filled", "current"]

PREFECTURES: tuple[str, ...] = (
    "330700", "330800", "331100", "341000", "350700", "360200", "360600", "361000", "361100",
)  # fmt: skip
"""Jinhua, Quzhou, Lishui; Huangshan; Nanping; Jingdezhen, Yingtan, Fuzhou of Jiangxi (抚州), Shangrao."""

YINGTAN = "360600"
"""The smallest of the nine with a copper smelter: the price of one metal moves its GDP."""

_ZHEJIANG = tuple(code for code in PREFECTURES if code[:2] == "33")

LEAST_CLEAR = frozenset({"330000-360000", "340000-360000"})
"""Borders along which Wang et al. (2024) find integration least clear: Jiangxi with Zhejiang and with Anhui."""

OTHER_BORDERS = frozenset({"330000-340000", "330000-350000", "350000-360000"})
"""The other provincial borders among the nine; Fujian and Anhui have none in common."""


@dataclass(frozen=True)
class PairDesign:
    """One Barro regression on the pairs of the nine prefectures."""

    start: int = 2010
    end: int = 2016
    """2016 is the last year up to which growth is published for all nine."""
    per_head: bool = True
    """GDP per resident; otherwise GDP."""
    adjacent_only: bool = False
    """Only pairs of prefectures that share an edge."""
    distance: bool = True
    """Whether the logarithm of the distance between centres is held fixed."""
    prices: _Prices = "constant"
    """``constant``: published growth, refused where a cell is missing. ``filled``: the same, with missing cells on a
    straight line between the years beside them. ``current``: GDP as it was published, revisions and prices in it."""
    without: tuple[str, ...] = ()
    """Prefectures that are left out with all their pairs."""

    def __post_init__(self) -> None:
        require(self.prices, _Prices, "prices of a design of pairs", "'constant' is the main column.")
        if not self.start < self.end:
            raise SpecificationError(f"years {self.start} to {self.end}; allowed: the first before the second.")
        if set(self.without) - set(PREFECTURES):
            raise SpecificationError(
                f"{', '.join(sorted(set(self.without) - set(PREFECTURES)))} cannot be left out; allowed: "
                f"{', '.join(PREFECTURES)}. Name some of these."
            )

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content, under the name that the class had at first.

        Fields that came later count where they differ from what there was before them: designs keep their ids.
        """
        fields = asdict(self)
        if self.prices == "current":
            del fields["prices"]
        if not self.without:
            del fields["without"]
        return digest({"class": "ZoneDesign", **fields})


MAIN = PairDesign()
"""The main column (2026-11-28): constant prices, the years in which growth is published for all nine."""

FIRST_DESIGN = PairDesign(end=2020, prices="current")
"""The design of 2026-11-22, fixed before a result: current prices, to 2020."""

VARIANTS: Mapping[str, PairDesign] = {
    "main": MAIN,
    "to_2015": PairDesign(end=2015),
    "first_half": PairDesign(end=2013),
    "second_half": PairDesign(start=2013),
    "without_zhejiang": PairDesign(without=_ZHEJIANG),
    "without_yingtan": PairDesign(without=(YINGTAN,)),
    "adjacent": PairDesign(adjacent_only=True),
    "no_distance": PairDesign(distance=False),
    "gdp": PairDesign(per_head=False),
    "filled": PairDesign(end=2020, prices="filled"),
    "filled_late": PairDesign(start=2015, end=2020, prices="filled"),
    "filled_without_zhejiang": PairDesign(end=2020, prices="filled", without=_ZHEJIANG),
    "filled_without_yingtan": PairDesign(end=2020, prices="filled", without=(YINGTAN,)),
    "current_same_years": PairDesign(prices="current"),
    "current": FIRST_DESIGN,
    "current_early": PairDesign(end=2015, prices="current"),
    "current_late": PairDesign(start=2015, end=2020, prices="current"),
    "current_without_zhejiang": PairDesign(end=2020, prices="current", without=_ZHEJIANG),
    "current_without_yingtan": PairDesign(end=2020, prices="current", without=(YINGTAN,)),
    "current_adjacent": PairDesign(end=2020, prices="current", adjacent_only=True),
    "current_no_distance": PairDesign(end=2020, prices="current", distance=False),
    "current_gdp": PairDesign(end=2020, prices="current", per_head=False),
}
"""The main column and the declared robustness table, all of it seen before the main column was chosen. The two halves
of its years say whether the effect weakens."""
