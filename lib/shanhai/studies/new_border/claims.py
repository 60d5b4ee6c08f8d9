"""Findings of the literature on borders that appear and on pairs of prefectures (notebook 07)."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.studies.new_border.analysis import side_effects, study_border
from shanhai.studies.new_border.design import MAIN
from shanhai.studies.new_border.nine_prefectures import border_effects


@check("L03", rule=rules.all_signed(-1), data=("prefecture_economy", "shapefiles"))
def new_border(_: Claim, evidence: Evidence) -> Measured:
    """Mean gap of log GDP after 1997 on both sides of the new border, by the pre-specified synthetic control."""
    rows = evidence.kept("new border", lambda: side_effects(study_border(MAIN))).set_index("side")
    value: dict[str, float] = {}
    for side, name in (("sichuan", "Sichuan's side"), ("chongqing", "Chongqing")):
        ends = {f"{name}, {end}": float(rows.loc[side, end]) for end in ("low", "high")}
        value |= {name: float(rows.loc[side, "estimate"]), **ends}
    contrast, chance = (float(rows.loc["contrast", column]) for column in ("estimate", "p"))
    return Measured(
        "synthetic_control",
        value,
        f"mean gap of log GDP at current prices, {MAIN.treated_from} to {MAIN.last}, observed less synthetic; paths "
        f"matched on {MAIN.first} to {MAIN.treated_from - 1}; donors of other provinces with whole series; intervals "
        "from placebos",
        note="Sichuan has no figures before 1993, so that four years are matched. On its side gaps below "
        f"{show(float(rows.loc['sichuan', 'detectable']), 2)} cannot be told from placebos. Its border less its "
        f"interior: {show(contrast, 3)} (p {show(chance, 2)}).",
    )


@check("L04", rule=rules.signed(+1), data=("prefecture_economy", "census_2010", "census_2020", "shapefiles"))
def _border_in_growth(_: Claim, evidence: Evidence) -> Measured:
    """How gaps of GDP per head change across a provincial border, 2010-2020: above zero the border keeps them open."""
    rows = evidence.kept("nine prefectures", border_effects).set_index("design")
    effect, (first, second) = rows.loc["main"], rows.loc[["first_half", "second_half"], "estimate"]
    return Measured(
        "main",
        {name: float(effect[name]) for name in ("estimate", "low", "high")},
        "percentage points a year by which a gap between two of the nine prefectures changes across a provincial "
        "border, against one inside a province (negative: it closes faster); GDP per census resident 2010 and 2020, "
        "gap of 2010 and distance held fixed; interval and p from all ways to deal the nine to provinces (notebook 07)",
        note=f"Exact p {show(effect['p'], 2)}. First half {show(first, 2)}, second half {show(second, 2)}. The paper's "
        "equation is not at hand. Its abstract says that integration is least clear along the "
        "Jiangxi-Zhejiang and Anhui-Jiangxi borders.",
    )
