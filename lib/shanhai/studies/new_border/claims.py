"""Findings of the literature on borders that appear and on pairs of prefectures (notebook 07)."""

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.studies.new_border.analysis import side_effects, study_border
from shanhai.studies.new_border.design import MAIN
from shanhai.studies.new_border.nine_prefectures import MAIN as MAIN_PAIRS
from shanhai.studies.new_border.nine_prefectures import (
    VARIANTS,
    PairDesign,
    border_contrast,
    border_effects,
    effect_change,
)

_SIDES = {"L03a": "sichuan", "L03b": "chongqing"}
"""Side of the border of 1997 that each part is about."""

_LEAST_CLEAR = frozenset({"330000-360000", "340000-360000"})
"""Borders along which the paper finds integration least clear: Jiangxi with Zhejiang and with Anhui."""

_OTHER_BORDERS = frozenset({"330000-340000", "330000-350000", "350000-360000"})
"""The other provincial borders among the nine; Fujian and Anhui have none in common."""

_PAIRS_DATA = ("prefecture_economy", "census_2010", "census_2020", "shapefiles")


@check("L03a", "L03b", rule=rules.signed(-1), data=("prefecture_economy", "shapefiles"))
def _new_border(claim: Claim, evidence: Evidence) -> Measured:
    """Mean gap of log GDP after 1997 on one side of the new border, by the pre-specified synthetic control."""
    rows = evidence.kept("new border", lambda: side_effects(study_border(MAIN))).set_index("side")
    row = rows.loc[_SIDES[claim.id]]
    contrast, chance = (float(rows.loc["contrast", column]) for column in ("estimate", "p"))
    return Measured(
        "synthetic_control",
        {name: float(row[name]) for name in ("estimate", "low", "high")},
        f"mean gap of log GDP at current prices, {MAIN.treated_from} to {MAIN.last}, observed less synthetic; paths "
        f"matched on {MAIN.first} to {MAIN.treated_from - 1}; donors of other provinces with whole series; interval "
        "from placebos",
        note="Sichuan has no figures before 1993, so that four years are matched. Gaps below "
        f"{show(float(row['detectable']), 2)} cannot be told from placebos. Sichuan's border less its "
        f"interior: {show(contrast, 3)} (p {show(chance, 2)}).",
        p=float(row["p"]),
    )


@check("L04a", rule=rules.signed(+1), data=_PAIRS_DATA)
def _border_in_growth(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """How gaps of GDP per head change across a provincial border, 2010-2020: above zero the border keeps them open."""
    rows = evidence.kept("nine prefectures", border_effects).set_index("design")
    return tuple(
        _of_pairs(
            str(name),
            rows.loc[name],
            f"percentage points a year by which a gap in {_quantity(design)} between two of the nine prefectures "
            "changes across a provincial border, against one inside a province (negative: it closes faster); design "
            f"'{name}', {design.start} to {design.end}; gap at the start held fixed",
        )
        for name, design in VARIANTS.items()
    )


@check("L04b", rule=rules.signed(-1), data=_PAIRS_DATA)
def _border_less_over_time(_: Claim, __: Evidence) -> Measured:
    """The effect of a provincial border in 2015-2020 less that in 2010-2015: below zero it weakens."""
    return _of_pairs(
        "halves",
        effect_change(VARIANTS["first_half"], VARIANTS["second_half"]),
        "percentage points a year: effect of a provincial border on a gap in the second half of the decade less that "
        "in the first, GDP per census resident, gap at the start and distance held fixed",
    )


@check("L04c", rule=rules.signed(+1), data=_PAIRS_DATA)
def _least_clear_borders(_: Claim, __: Evidence) -> Measured:
    """How much more two borders keep gaps open than the other three do: above zero integration is least there."""
    return _of_pairs(
        "main",
        border_contrast(MAIN_PAIRS, _LEAST_CLEAR, _OTHER_BORDERS),
        "percentage points a year: mean effect of the Jiangxi-Zhejiang and Anhui-Jiangxi borders on a gap less that of "
        "the other three borders, 2010 to 2020, GDP per census resident, gap of 2010 and distance held fixed",
    )


def _quantity(design: PairDesign) -> str:
    return "GDP per census resident" if design.per_head else "GDP"


def _of_pairs(key: str, effect: pd.Series | dict[str, float], basis: str) -> Measured:
    """An effect on the pairs of the nine, with interval and p from all ways to deal the nine to provinces."""
    return Measured(
        key,
        {name: float(effect[name]) for name in ("estimate", "low", "high")},
        f"{basis}; interval and p from all ways to deal the nine to provinces (notebook 07)",
        note="The paper's equation is not at hand.",
        p=float(effect["p"]),
    )
