"""The border of 1997 as a design: which prefectures, years, donors and weights, fixed before any result.

Chongqing left Sichuan in 1997, so a provincial border appeared where none had been. Fixed on 2026-11-22, before an
effect was computed: :data:`MAIN`. What was looked at before: which series exist, leap, or lack years.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import require
from shanhai.methods.spec.identity import content_id
from shanhai.methods.synthetic import SyntheticSpec, sdid_ridge
from shanhai.methods.synthetic.fit import MINIMUM_PRE

_Ridge = Literal["sdid", "small"]

CHONGQING, SICHUAN = "500000", "510000"
"""Province codes; in the prefecture economy the first is also the code of the whole municipality."""

UNIONS: Mapping[str, tuple[str, ...]] = {"511000": ("511000", "512000"), "511100": ("511100", "511400")}
"""Neijiang with Ziyang and Leshan with Meishan, which were divided in 1998 and 1997; each pair is one unit here."""

_SMALL_RIDGE = 0.01
"""Penalty that only chooses among weights that fit equally well."""


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
    border and over a hundred donors, weights without one are not unique. ``small``: nearly none."""
    neighbours_as_donors: bool = False
    """Whether prefectures of other provinces that touch Chongqing may be donors. They border the new municipality
    and may feel it, so that by default they may not. No prefecture of Sichuan ever is: all of it lost Chongqing."""
    group: int = 5
    """Prefectures of a placebo group: a prefecture with its nearest neighbours in its province."""

    def __post_init__(self) -> None:
        require(self.ridge, _Ridge, "the ridge of a border design", "'sdid' is the pre-specified one.")
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
        ridge = sdid_ridge(self.last - self.treated_from + 1) if self.ridge == "sdid" else _SMALL_RIDGE
        return SyntheticSpec("log_gdp", self.treated_from, self.intercept, ridge, self.last)

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)


MAIN = BorderDesign()
"""The pre-specified design (2026-11-22)."""

VARIANTS: Mapping[str, BorderDesign] = {
    "main": MAIN,
    "pre_1994": BorderDesign(first=1994),
    "from_1996": BorderDesign(treated_from=1996),
    "to_2007": BorderDesign(last=2007),
    "to_2020": BorderDesign(last=2020),
    "neighbours": BorderDesign(neighbours_as_donors=True),
    "free_weights": BorderDesign(ridge="small"),
    "levels": BorderDesign(intercept=False, ridge="small"),
    "backdated": BorderDesign(last=1996, treated_from=1995),
}
"""The pre-specified design and what varies: more donors, handed over in 1996, before the earthquake of 2008, the years
of Dong & Cui (2023), neighbours of Chongqing as donors, weights hardly penalised, levels matched as in the classic
synthetic control, and the placebo in time: a border on paper in 1995, judged by 1995 and 1996, with two years matched,
the least."""
