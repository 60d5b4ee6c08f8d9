"""Findings of the literature on borders that appear and on pairs of prefectures (notebook 07)."""

from math import exp

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.studies.new_border.analysis import compare_designs, side_effects, study_border
from shanhai.studies.new_border.design import MAIN, VARIANTS
from shanhai.studies.new_border.nine_prefectures import (
    border_contrast,
    border_effects,
    effect_change,
)
from shanhai.studies.new_border.pair_design import VARIANTS as PAIR_VARIANTS
from shanhai.studies.new_border.pair_design import PairDesign

_SIDES = {"L03a": "sichuan", "L03b": "chongqing"}
"""Side of the border of 1997 that each part is about."""

_PAIRS_DATA = ("prefecture_economy", "census_2010", "census_2020", "shapefiles")


_HALVES = {
    "halves": ("first_half", "second_half"),
    "halves_filled": ("to_2015", "filled_late"),
    "halves_current": ("current_early", "current_late"),
}
"""Pairs of designs whose difference says whether the effect weakens: the halves of the years with published growth, of
the decade with missing growth filled, and of the decade at current prices."""

_CONTRASTS = ("main", "filled", "current")
"""Designs under which two borders are set against the other three."""


@check("L03a", "L03b", rule=rules.signed(), data=("prefecture_economy", "shapefiles"))
def _new_border(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Mean gap of log GDP on one side of the new border, by window, and under the first design."""
    rows = evidence.kept("new border", _new_border_rows)
    side = _SIDES[claim.id]
    return tuple(_of_side(row) for _, row in rows[rows["side"].eq(side)].iterrows())


def _new_border_rows() -> pd.DataFrame:
    """Windows and all years of the main column, and all years of each other design."""
    main = side_effects(study_border(MAIN)).assign(design="main")
    others = compare_designs({name: design for name, design in VARIANTS.items() if name != "main"})
    return pd.concat([main, others[others["whole"]]], ignore_index=True)


def _of_side(row: pd.Series) -> Measured:
    window = f"{row['start']}_{row['end']}"
    key = f"years_{window}" if row["design"] == "main" else str(row["design"])
    return Measured(
        key,
        {name: float(row[name]) for name in ("estimate", "low", "high")},
        f"mean gap of log GDP, {row['start']} to {row['end']}, observed less synthetic, design '{row['design']}'; main "
        f"column: constant prices, paths matched on {MAIN.first} to {MAIN.treated_from - 1}; donors of other provinces "
        "with whole series; interval from placebos, one vote per province (notebook 07)",
        note="Sichuan has no figures before 1993, so that four years are matched. A loss below "
        f"{show(1 - exp(-float(row['detectable'])), 2)} of GDP would have gone unseen more than one time in five. Main "
        "columns were fixed on grounds of design when all results had been seen.",
        p=float(row["p"]),
    )


@check("L04a", rule=rules.signed(), data=_PAIRS_DATA)
def _border_in_growth(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """How gaps of GDP per head change across a provincial border: above zero the border keeps them open."""
    rows = evidence.kept("nine prefectures", border_effects).set_index("design")
    return tuple(
        _of_pairs(
            str(name),
            rows.loc[name],
            f"percentage points a year by which a gap in {_quantity(design)} between two of the nine prefectures "
            "changes across a provincial border, against one inside a province (negative: it closes faster); design "
            f"'{name}', {_says(design)}",
        )
        for name, design in PAIR_VARIANTS.items()
    )


@check("L04b", rule=rules.signed(), data=_PAIRS_DATA)
def _border_less_over_time(_: Claim, __: Evidence) -> tuple[Measured, ...]:
    """The effect of a provincial border in later years less that in earlier ones: below zero it weakens."""
    return tuple(
        _of_pairs(
            key,
            effect_change(PAIR_VARIANTS[early], PAIR_VARIANTS[late]),
            f"percentage points a year: effect of a provincial border on a gap, {_says(PAIR_VARIANTS[late])}, less "
            f"that, {_says(PAIR_VARIANTS[early])}",
        )
        for key, (early, late) in _HALVES.items()
    )


@check("L04c", rule=rules.signed(), data=_PAIRS_DATA)
def _least_clear_borders(_: Claim, __: Evidence) -> tuple[Measured, ...]:
    """How much more two borders keep gaps open than the other three do: above zero integration is least there."""
    return tuple(
        _of_pairs(
            name,
            border_contrast(PAIR_VARIANTS[name]),
            "percentage points a year: mean effect of the Jiangxi-Zhejiang and Anhui-Jiangxi borders on a gap less "
            f"that of the other three borders, {_says(PAIR_VARIANTS[name])}",
        )
        for name in _CONTRASTS
    )


def _says(design: PairDesign) -> str:
    """Years, prices and what is held fixed."""
    prices = {"constant": "constant prices", "filled": "constant prices, missing growth filled"}
    held = "gap at the start and distance" if design.distance else "gap at the start"
    return f"{design.start} to {design.end}, {prices.get(design.prices, 'current prices')}, {held} held fixed"


def _quantity(design: PairDesign) -> str:
    return "GDP per census resident" if design.per_head else "GDP"


def _of_pairs(key: str, effect: pd.Series | dict[str, float], basis: str) -> Measured:
    """An effect on the pairs of the nine, with interval and p from all assignments of the nine to provinces."""
    return Measured(
        key,
        {name: float(effect[name]) for name in ("estimate", "low", "high")},
        f"{basis}; interval and p from all assignments of the nine to provinces (notebook 07)",
        note="The paper's equation is not at hand. An effect below "
        f"{show(float(effect['detectable']), 1)} points a year would have gone unseen more than one time in five. Main "
        "columns were fixed on grounds of design when all results had been seen.",
        p=float(effect["p"]),
    )
