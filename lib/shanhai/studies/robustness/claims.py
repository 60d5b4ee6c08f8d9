"""Claims on provincial borders and mountains, decided by designs whose rules stand in code.

What had been seen when a rule was written stands with each claim; the verdicts of Q22 and Q23 were known with theirs.

Each claim is decided by one basis, named in the claims table: Q22 by the battery of evidence, Q23 by the account of
what the difference goes with, the others by one estimate. Other outcomes and samples are counted beside it and never
decide, and so are shares of the specification curve. To stay cheap these are taken over the outcome of the claim
with errors by prefecture, the covariance of the main specification; notebook 13 draws the curve over all outcomes.
Estimates are conditional differences between counties, not effects of drawing a border.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.core import sources
from shanhai.core.errors import ClaimError
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.curve import Grid, estimate_variations
from shanhai.methods.decomposition import CoefficientChange
from shanhai.methods.discontinuity.geographic import BorderSpec, Location
from shanhai.methods.estimate import SIGNIFICANCE, critical_value, equivalence_p
from shanhai.methods.spec import Interaction, RegressionSpec, Variable
from shanhai.studies.border.analysis import PAPER_LIGHTS, county_edges
from shanhai.studies.border.design import DISTRICT, LOG_DISTANCE, MODELS, SAMPLES, UPSTREAM, border_spec
from shanhai.studies.border.mediation import Mediation, mediate_samples
from shanhai.studies.robustness.analysis import add_choice_columns
from shanhai.studies.robustness.battery import Battery, border_batteries, draw_maps
from shanhai.studies.robustness.cells import GRID, own_cells
from shanhai.studies.robustness.design import MAIN_JUMP, border_grid
from shanhai.studies.robustness.discontinuity import counties_at_borders, robust_jump

_DATA = ("county_gdp", "census_2020", "county_lights", "county_terrain", "shapefiles")

JUMP_MARGIN = 0.25
"""Log points below which a jump counts as none: a fifth of the depth of the valley of lights. It was set with this
test, when the estimate was known; any margin below the bound that the finding reports gives the same verdict."""

_JUMP_OTHERS: tuple[tuple[str, Location], ...] = (
    ("lights_per_km2_2013", "coordinates"),
    ("gdp_per_capita_2021", "distance"),
    ("gdp_per_capita_2021", "coordinates"),
)
"""Outcomes and designs shown beside the jump that decides."""

_CELLS = "own_raster"
"""Basis of a claim from the cells of the user's own raster; there only if the settings name one."""

_LAST_BAND = "distance_to_border_km[0,20) - distance_to_border_km[20,40)"
"""Step between the two bands of distance that are nearest to the border."""

_BORDER, _DUAL, _DISTANCE = "on_border", "on_border:z_ruggedness", "log_distance_to_border_km"


@check("Q22", rule=rules.battery(), data=_DATA)
def _border_effect(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The battery of ``design.BATTERIES``, log GDP per head; beside it single estimates of the main model."""
    batteries = evidence.kept("batteries", lambda: _batteries(evidence))
    return (
        _battery(batteries["main"], "battery"),
        replace(_battery(batteries["total"], "battery_total"), same_quantity=False),
        *(
            replace(measured, same_quantity=False)
            for measured in _estimated(
                evidence,
                ("main", "gdp", _BORDER),
                "border counties less the others at mean ruggedness",
                _agreement(evidence, _border_curve("gdp"), -1),
            )
        ),
    )


def _batteries(evidence: Evidence) -> dict[str, Battery]:
    edges = county_edges()
    return border_batteries(evidence.analysis, edges, draw_maps(evidence.analysis, edges))


def _battery(battery: Battery, key: str) -> Measured:
    """A battery as a basis; its p-value is the largest of the necessary items, since all of them must reject."""
    necessary = battery.of_role("necessary")
    main = battery.row("province")
    says = [
        f"{row.key} {show(row.estimate, 3)} (p {show(row.p, 3)}, {row.reading})" for row in battery.rows if row.spec
    ]
    status = "held fixed" if battery.estimand == "main" else "left free"
    return Measured(
        key,
        {
            "necessary items that hold": len(battery.holding),
            "necessary items": len(necessary),
            # or all necessary items do: the rule of the battery in one number
            "battery speaks against": int(battery.verdict == "contradicted"),
            "estimate": main.estimate,
            "low": main.low,
            "high": main.high,
        },
        "battery of notebook 13 on log GDP per head of 2021, border counties less interior ones of the same province "
        f"at mean ruggedness, district status {status}, {main.n} counties; necessary: rejection at 5 % by province "
        "clusters and by SCPC, not typical among re-partitions and shifted maps, area and distance to the capital "
        "held fixed",
        note=f"Items: {'; '.join(says)}.",
        p=max(row.p for row in necessary),
    )


@check("Q23", rule=rules.each_signed(), data=_DATA)
def _terrain_behind_border(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """What of the border's difference goes with terrain, and with terrain and distance together, by sample.

    Beside it: the same with errors by prefecture, the same with district status left free (which decided before, by
    prefecture), and the product of border and terrain, whether a border weighs more in mountains.
    """
    mediations = evidence.kept("mediations", lambda: mediate_samples(evidence.analysis))
    product = _estimated(
        evidence,
        ("main", "gdp", _DUAL),
        "change of the border difference per standard deviation of ruggedness",
        _agreement(evidence, _dual_curve("gdp"), -1),
    )
    china = next(mediation for mediation in mediations if mediation.sample_key == "china")
    return (
        replace(_goes_with(china.upstream, china.sample_key), note=_account_note(china)),
        *(
            replace(_goes_with(account, "china"), key=f"with_china_{key}")
            for key, account in (("prefecture", china.by_prefecture), ("status_free", china.status_free))
        ),
        *(_goes_with(mediation.upstream, mediation.sample_key) for mediation in mediations if mediation is not china),
        *(replace(measured, key=f"product_{measured.key}", same_quantity=False) for measured in product),
    )


def _goes_with(account: CoefficientChange, sample_key: str) -> Measured:
    """Terrain, then terrain and distance, as parts of the border's difference in one sample."""
    terrain, both = account.through(("terrain",)).part, account.through(UPSTREAM).part
    value: dict[str, float] = {}
    for name, part in (("terrain", terrain), ("terrain and distance", both)):
        low, high = part.interval()
        value |= {f"accounted for by {name}": part.value, f"{name}, low": low, f"{name}, high": high}
    status = "held fixed" if DISTRICT in account.spec.controls else "left free"
    return Measured(
        f"with_{sample_key}",
        value,
        "parts of the difference in log GDP per head of 2021 between border and interior counties of the same "
        f"province, district status {status}, {SAMPLES[sample_key].name}, {account.n} counties: the parts "
        "accounted for by differences in ruggedness and mean elevation, and by these and the distance to the capital "
        f"(change of the coefficient, Gelbach 2016; no causal path); errors {account.spec.covariance.label}",
        p=max(terrain.p, both.p),
    )


def _account_note(mediation: Mediation) -> str:
    whole, checked = mediation.upstream.whole, mediation.check_upstream.through
    terrain, both = (show(100 * channel.share.value, 0) for channel in (mediation.terrain, mediation.cut_off))
    shares = f"terrain is {terrain} % of it, terrain and distance are {both} %"
    return (
        f"Whole difference {show(whole.value, 3)}: {shares if mediation.has_shares else 'no shares'}. By sequential g "
        f"terrain and distance are {show(checked.value, 3)} (s.e. {show(checked.se, 3)}). Parts of a difference, no "
        "causal path."
    )


@check("L01a", rule=rules.signed(), data=_DATA)
def _valley(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Gradient of lights per km2 with the distance to the border: a valley rises away from it."""
    counties = _with_2013(
        evidence,
        ("distance", "lights_per_km2", _DISTANCE),
        "change per log km of distance to the border, at mean ruggedness",
        f"{_agreement(evidence, _distance_curve('lights_per_km2'), +1)} The paper's grid cells (1992-2013) are finer "
        "than counties.",
    )
    return (*counties, *_of_cells(evidence, "gradient", "change per log km of distance to the border"))


@check("L01b", rule=rules.signed(), data=_DATA)
def _last_stretch(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Lights per km2 of counties whose centre lies within 20 km of the border, less those at 20 to 40 km."""
    listing = ", ".join(
        f"{row['term'].partition('[')[2].rstrip(')').replace(',', '-')} km {show(row['estimate'])}"
        for row in _rows(evidence, "centre_bands", "lights_per_km2", "china")
        if "[" in row["term"] and " - " not in row["term"]
    )
    counties = _with_2013(
        evidence,
        ("centre_bands", "lights_per_km2", _LAST_BAND),
        "centre within 20 km of the border less centre 20 to 40 km away",
        f"Against counties 100 km and farther, by distance of the centre: {listing}. The paper's grid cells "
        "(1992-2013) are finer than counties.",
    )
    return (*counties, *_of_cells(evidence, "last_20km", "within 20 km of the border less 20 to 40 km away"))


@check("L02", rule=rules.absent_within(JUMP_MARGIN), data=("county_lights", "county_gdp", "census_2020", "shapefiles"))
def _no_jump(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Jump of lights per km2 of 2013, the paper's last year, at the line between two provinces."""
    sample = evidence.kept("border sample", lambda: counties_at_borders(evidence.analysis))
    counties = tuple(
        _jump(sample, replace(MAIN_JUMP, outcome=outcome, location=location))
        for outcome, location in ((MAIN_JUMP.outcome, MAIN_JUMP.location), *_JUMP_OTHERS)
    )
    return (*counties, *_of_cells(evidence, "jump", "richer less poorer province at the line"))


def _of_cells(evidence: Evidence, quantity: str, says: str) -> tuple[Measured, ...]:
    """A quantity of the user's own raster, if the settings name one.

    It stands beside the counties and is not counted: whether the file holds lights or people, and of which year, only
    its owner knows. The jump is divided by the light at the line, so that the margin means what it does for counties;
    where the sides meet the line at no light it has no size in log points, and the basis is left out.
    """
    if not sources.is_replaced(GRID, "grid"):
        return ()
    cells = evidence.kept("cells", lambda: own_cells(evidence.analysis))
    row, is_jump = cells.row(quantity), quantity == "jump"
    if is_jump and cells.at_line <= 0:
        return ()
    unit = cells.at_line if is_jump else 1.0
    value = {name: row[name] / unit for name in ("estimate", "low", "high")}
    p = row["p"]
    if is_jump:
        se = row["se"] / unit
        value["equivalence bound"] = abs(value["estimate"]) + critical_value(row["df"], 0.9) * se
        p = equivalence_p(value["estimate"], se, row["df"], JUMP_MARGIN)
    return (
        Measured(
            _CELLS,
            value,
            f"cells of {cells.source}, a raster of the user's own: {says}, in shares of the mean of "
            f"{'light at the line' if is_jump else 'a segment of the border'}; {cells.segments} segments, strips of "
            f"cells {show(cells.cell_km, 1)} km wide, errors {row['vcov']}; 95 % interval",
            note=f"The verdict rests on counties. {cells.left_out} segments that the raster does not show on both "
            "sides are left out.",
            same_quantity=False,
            p=p,
            one_sided=is_jump,
        ),
    )


def _jump(sample: pd.DataFrame, spec: BorderSpec) -> Measured:
    """The robust jump of one outcome and design; its p-value is that of the two one-sided tests at the margin."""
    jump = robust_jump(sample, spec)
    bound = jump["equivalence_bound"]
    return Measured(
        f"{spec.outcome}_{spec.location}",
        {"estimate": jump["estimate"], "low": jump["low"], "high": jump["high"], "equivalence bound": bound},
        f"log {spec.outcome}, richer less poorer province at the line; local lines in the {spec.location} of county "
        f"centres within {show(jump['bandwidth_km'], 0)} km, effects of 100 km segments, robust interval, "
        f"{jump['vcov']}, {jump['n_left'] + jump['n_right']} counties",
        note=f"A jump of more than {show(bound)} log points is excluded at 5 %; to say that there is none the interval "
        f"must cover zero and that bound lie within {show(JUMP_MARGIN)}. The paper's grid cells are finer than "
        "counties.",
        p=equivalence_p(jump["estimate"], jump["se"], jump["df"], JUMP_MARGIN),
        one_sided=True,
    )


def _estimated(evidence: Evidence, decides: tuple[str, str, str], quantity: str, note: str) -> tuple[Measured, ...]:
    """An estimate (model, outcome, term) on China, then the other samples and outcomes of the same model."""
    model, outcome, term = decides
    found = [
        _measured(_row(evidence, model, measure, sample, term), f"{measure}_{sample}", quantity, model, sample)
        for measure in ("gdp", "lights_per_head", "lights_per_km2")
        for sample in SAMPLES
    ]
    return tuple(replace(measured, note=note) if measured.key == f"{outcome}_china" else measured for measured in found)


def _with_2013(evidence: Evidence, decides: tuple[str, str, str], quantity: str, note: str) -> tuple[Measured, ...]:
    """The same model on the light of 2013, last year of the paper; then all of :func:`_estimated`.

    GDP and light per resident are other quantities than light on the ground, and are not counted.
    """
    model, outcome, term = decides
    row = _row(evidence, model, outcome, "china", term, PAPER_LIGHTS)
    others = _estimated(evidence, decides, quantity, note)
    return (
        replace(_measured(row, f"{outcome}_2013_china", quantity, model, "china"), note=note),
        *(replace(measured, same_quantity=measured.key.startswith(outcome)) for measured in others),
    )


def _measured(row: Mapping[str, Any], key: str, quantity: str, model: str, sample: str) -> Measured:
    return Measured(
        key,
        {name: row[name] for name in ("estimate", "low", "high")},
        f"{row['outcome']}: {quantity}; pre-specified model '{MODELS[model].label}' on {SAMPLES[sample].name}, "
        f"province fixed effects, district dummy, {row['n']} counties, errors {row['vcov']}; 95 % interval",
        p=row["p"],
    )


def _row(
    evidence: Evidence, model: str, outcome: str, sample: str, term: str, vintage: Vintage = PRE_SPECIFIED
) -> Mapping[str, Any]:
    rows = [row for row in _rows(evidence, model, outcome, sample, vintage) if row["term"] == term]
    if len(rows) != 1:
        raise ClaimError(
            f"The pre-specified estimates have {len(rows)} rows of {term} in {model}, {outcome}, {sample}."
        )
    return rows[0]


def _rows(
    evidence: Evidence, model: str, outcome: str, sample: str, vintage: Vintage = PRE_SPECIFIED
) -> list[Mapping[str, Any]]:
    """Estimates of a pre-specified regression by its keys."""
    spec_id = border_spec(model, sample, outcome, vintage=vintage).spec_id
    return [row for row in evidence.estimates if row["spec_id"] == spec_id]


def _border_curve(outcome: str) -> Grid:
    """The border coefficient: all specifications of an outcome (key of the curve's choice), errors by prefecture."""
    return border_grid().only({"outcome": (outcome,), "covariance": ("prefecture",)})


def _touching(outcome: str) -> list[RegressionSpec]:
    """Those of ``_border_curve`` for counties that touch a border."""
    grid = _border_curve(outcome).only({"border": ("touches",)})
    return [grid.spec(index) for index in range(grid.size)]


def _dual_curve(outcome: str) -> tuple[RegressionSpec, ...]:
    """The product of border and terrain: all specifications of an outcome that hold it, the product first."""
    return tuple(
        replace(spec, terms=(spec.terms[-1], *spec.terms[:-1]))
        for spec in _touching(outcome)
        if isinstance(spec.terms[-1], Interaction)
    )


def _distance_curve(outcome: str) -> tuple[RegressionSpec, ...]:
    """The gradient of distance: its logarithm, in place of the border, in all specifications of an outcome."""
    return tuple(
        replace(
            spec,
            terms=(
                LOG_DISTANCE,
                *(
                    Interaction(LOG_DISTANCE, term.right) if isinstance(term, Interaction) else term
                    for term in spec.terms[1:]
                    if isinstance(term, Interaction | Variable)
                ),
            ),
        )
        for spec in _touching(outcome)
    )


def _agreement(evidence: Evidence, source: Grid | Sequence[RegressionSpec], sign: int) -> str:
    """Sentence on the specifications whose first term, which the claim is about, has the claimed sign."""
    return _agreement_text(estimate_variations(source, add_choice_columns(evidence.analysis)).estimated, sign)


def _agreement_text(table: pd.DataFrame, sign: int) -> str:
    """How many estimates have the claimed sign (+1 or -1), and how many of them p below 0.05.

    ``table`` holds the columns ``estimate`` and ``p``.
    """
    agrees, significant = sign * table["estimate"] > 0, table["p"] < SIGNIFICANCE
    shares = [show(100 * float(part.mean()), 0) for part in (agrees, agrees & significant, ~agrees & significant)]
    return (
        f"Of {len(table):,} defensible specifications of this outcome (errors by prefecture) {shares[0]} % have the "
        f"claimed sign, {shares[1]} % with p < 0.05; {shares[2]} % have the other sign with p < 0.05."
    )
