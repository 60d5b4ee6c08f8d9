"""The border of 1997 as a design: which prefectures, years, prices, donors and weights.

Chongqing left Sichuan in 1997, so a provincial border appeared where none had been. Fixed on 2026-11-22, before an
effect was computed: :data:`FIRST_DESIGN`, GDP at current prices and its mean gap from 1997 to 2015. On 2026-11-28 the
main column became :data:`MAIN`, by argument: growth at constant prices, because current prices carry revisions that
differ by province; windows of five years, because a mean over a path that falls and rises answers no question;
placebos counted by province, because neighbours of one province share its shocks. **The results of both, and of every
other design here, had been seen by then**; all are a declared robustness table.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import require
from shanhai.methods.spec.identity import digest
from shanhai.methods.synthetic import SyntheticSpec, sdid_ridge
from shanhai.methods.synthetic.fit import MINIMUM_PRE

_Ridge = Literal["sdid", "small", "equal"]
_Prices = Literal["constant", "filled", "current", "current_same"]

CHONGQING, SICHUAN = "500000", "510000"
"""Province codes; in the prefecture economy the first is also the code of the whole municipality."""

UNIONS: Mapping[str, tuple[str, ...]] = {"511000": ("511000", "512000"), "511100": ("511100", "511400")}
"""Neijiang with Ziyang and Leshan with Meishan, which were divided in 1998 and 1997; each pair is one unit here."""

_SMALL_RIDGE = 0.01
"""Penalty that only chooses among weights that fit equally well."""

_EQUAL_RIDGE = 1e4
"""Penalty beside which the misfit counts for nothing: equal weights, plain difference-in-differences."""

_WINDOW = 5
"""Years of a window, from 1997 on: the first five years of the municipality, and so forth."""

_FOUNDED = 1997

WEST: tuple[str, ...] = ("15", "45", "52", "53", "54", "61", "62", "63", "64", "65")
"""The other ten provinces of the Western Development programme of 2000, by the first two digits of their codes."""


@dataclass(frozen=True)
class BorderDesign:
    """One synthetic-control design for the new border."""

    first: int = 1993
    """First year. All of Sichuan has no figures before 1993."""
    last: int = 2015
    """Last year that effects are averaged over. In May 2016 Jianyang moved from Ziyang to Chengdu, and Anhui has no
    figures for 2017 and 2018."""
    treated_from: int = 1997
    """Chongqing became a municipality on 14 March 1997."""
    intercept: bool = True
    """Growth paths, not levels, are matched: Chongqing is larger than any donor but Shanghai and Beijing."""
    ridge: _Ridge = "sdid"
    """``sdid``: the penalty of Arkhangelsky et al. (2021), which spreads the weights; with four years before the
    border and more donors than that, weights without one are not unique. ``small``: nearly none. ``equal``: no weights
    are fitted, plain difference-in-differences."""
    neighbours_as_donors: bool = False
    """Whether prefectures of other provinces that touch Chongqing may be donors. They border the new municipality
    and may feel it, so that by default they may not. No prefecture of Sichuan ever is: all of it lost Chongqing."""
    western_donors: bool = False
    """Only prefectures of the ten other western provinces may carry weight: they share the programme of 2000."""
    prices: _Prices = "constant"
    """``constant``: growth as published, units without a cell of it left out. ``filled``: a missing cell is growth at
    current prices less the median rise of prices in that year. ``current``: GDP as published. ``current_same``:
    the same, for the units of ``constant`` only, which parts the effect of prices from that of donors."""
    group: int = 5
    """Prefectures of a placebo group: a prefecture with its nearest neighbours in its province."""

    def __post_init__(self) -> None:
        require(self.ridge, _Ridge, "the ridge of a border design", "'sdid' is the pre-specified one.")
        require(self.prices, _Prices, "prices of a border design", "'constant' is the main column.")
        if self.treated_from - self.first < MINIMUM_PRE:
            raise MissingDataError(
                f"{max(self.treated_from - self.first, 0)} years from {self.first} to before {self.treated_from}; "
                f"at least {MINIMUM_PRE} are needed to match a path. Begin in {self.treated_from - MINIMUM_PRE} or "
                "earlier."
            )
        if self.last < self.treated_from:
            raise SpecificationError(
                f"effects end in {self.last}, before the border of {self.treated_from}; allowed: a last year at or "
                f"after it. Take {self.treated_from} or later."
            )
        if self.group < 1:
            raise SpecificationError(f"placebo groups of {self.group}; allowed: 1 or more. The border has five units.")

    @property
    def synthetic(self) -> SyntheticSpec:
        """The synthetic control of each unit."""
        sdid = sdid_ridge(self.last - self.treated_from + 1)
        ridge = {"sdid": sdid, "small": _SMALL_RIDGE, "equal": _EQUAL_RIDGE}[self.ridge]
        return SyntheticSpec("log_gdp", self.treated_from, self.intercept, ridge, self.last)

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """First and last year of each window: five years each from 1997, the last one up to :attr:`last`.

        A design that ends before 1997, the placebo in time, has one window: all its years after the border on paper.
        """
        if self.last < _FOUNDED:
            return ((self.treated_from, self.last),)
        starts = range(_FOUNDED, self.last + 1, _WINDOW)
        return tuple((start, min(start + _WINDOW - 1, self.last)) for start in starts)

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content; fields that came later count where they differ from
        what there was before them, so that designs keep their ids."""
        fields = asdict(self)
        if self.prices == "current":
            del fields["prices"]
        if not self.western_donors:
            del fields["western_donors"]
        return digest({"class": type(self).__name__, **fields})


MAIN = BorderDesign()
"""The main column (2026-11-28): growth at constant prices."""

FIRST_DESIGN = BorderDesign(prices="current")
"""The design of 2026-11-22, fixed before a result: current prices."""

VARIANTS: Mapping[str, BorderDesign] = {
    "main": MAIN,
    "did": BorderDesign(ridge="equal"),
    "west": BorderDesign(western_donors=True),
    "pre_1994": BorderDesign(first=1994),
    "from_1996": BorderDesign(treated_from=1996),
    "free_weights": BorderDesign(ridge="small"),
    "filled": BorderDesign(prices="filled"),
    "current_same": BorderDesign(prices="current_same"),
    "current": FIRST_DESIGN,
    "current_did": BorderDesign(prices="current", ridge="equal"),
    "current_west": BorderDesign(prices="current", western_donors=True),
    "current_pre_1994": BorderDesign(prices="current", first=1994),
    "current_from_1996": BorderDesign(prices="current", treated_from=1996),
    "current_to_2020": BorderDesign(prices="current", last=2020),
    "current_neighbours": BorderDesign(prices="current", neighbours_as_donors=True),
    "current_free_weights": BorderDesign(prices="current", ridge="small"),
    "current_levels": BorderDesign(prices="current", intercept=False, ridge="small"),
}
"""The main column and the declared robustness table: difference-in-differences, since weights are near equal; western
donors; more donors from 1994; handed over in 1996; weights hardly penalised; growth with filled cells; current prices
for the same donors; and, at current prices, the first design with these variants, the years of Dong & Cui (2023),
neighbours of Chongqing as donors, and levels matched as in the classic synthetic control. Levels at constant prices
depend on the base year and have no such variant."""

BACKDATED = BorderDesign(last=1996, treated_from=1995)
"""The placebo in time: a border on paper in 1995, judged by 1995 and 1996, with two years matched, the least."""
