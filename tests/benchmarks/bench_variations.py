"""Ten thousand specifications at once, beside loops over statsmodels and pyfixest on a part of them, scaled up.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``; run it with an
interpreter that has pyfixest beside Shanhai, or that row is left out. Counties are simulated.
"""

import importlib.util
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from shanhai.model.simulated import simulate_counties
from shanhai.model.variations import Choice, Grid, Moderator, Option, Variations, estimate_variations
from shanhai.model.variations.alone import fit_alone
from shanhai.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

COUNTIES = 2850
PEER_SPECS = 12
"""Specifications that a loop is timed on; its time is scaled to all of them."""

REPEATS = 3
EXACT = 1e-10

BY_PREFECTURE = CovarianceSpec("cluster", ("prefecture_code",), "CR1S")
CONLEY = CovarianceSpec.conley("bartlett", 200.0)


def counties() -> pd.DataFrame:
    """Simulated counties with several outcomes, borders, terrain measures and controls."""
    rng = np.random.default_rng(2022)
    frame = simulate_counties(rng, n=COUNTIES, side=6)
    log_gdp, distance = np.log(frame["gdp_per_capita"]), frame["distance_to_border_km"]
    columns = {f"y{i}": log_gdp + rng.normal(0, 0.1 * (i + 1), COUNTIES) for i in range(5)}
    columns |= {f"border{i}": (distance < 25 + 15 * i).astype(float) for i in range(4)}
    columns |= {f"terrain{i}": frame["ruggedness"] * rng.uniform(0.5, 1.5, COUNTIES) for i in range(4)}
    columns |= {f"control{i}": rng.normal(0, 1, COUNTIES) + 0.3 * log_gdp for i in range(5)}
    return frame.assign(**columns, longitude=98 + frame["x_km"] / 92, latitude=22 + frame["y_km"] / 111)


def grid(covariance: CovarianceSpec) -> Grid:
    """5 outcomes x 4 borders x 8 forms of terrain x 64 sets of controls, province fixed effects: 10,240."""

    def choice(key: str, role: Any, values: list[Any]) -> Choice:
        options = tuple(Option(f"{key}{i}", key, key, "benchmark", value) for i, value in enumerate(values))
        return Choice(key, key, key, role, options)

    terrain = [Variable(f"terrain{i}", "standardised") for i in range(4)]
    controls = [f"control{i}" for i in range(5)] + ["is_district"]
    return Grid(
        (
            choice("outcome", "outcome", [Variable(f"y{i}") for i in range(5)]),
            choice("border", "treatment", [Variable(f"border{i}") for i in range(4)]),
            choice("terrain", "moderator", [Moderator(one, product) for one in terrain for product in (False, True)]),
            *(choice(name, "controls", [(), (Variable(name),)]) for name in controls),
            choice("sample", "sample", [SampleSpec("all", "全部")]),
            choice("effects", "fixed_effects", [("province_code",)]),
            choice("covariance", "covariance", [covariance]),
        )
    )


def timed(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Median seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def columns(spec: RegressionSpec, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Regressors of a specification by name, made by hand."""

    def values(variable: Variable) -> np.ndarray:
        raw = frame[variable.column].to_numpy(dtype=float)
        return (raw - raw.mean()) / raw.std(ddof=1) if variable.transform == "standardised" else raw

    terms = (*spec.terms, *spec.controls)
    return {
        term.name.replace(":", "_x_"): values(term.left) * values(term.right)
        if isinstance(term, Interaction)
        else values(term)  # type: ignore[arg-type]
        for term in terms
    }


def with_statsmodels(specs: list[RegressionSpec], frame: pd.DataFrame) -> list[tuple[float, float]]:
    """The loop that a user of statsmodels writes: dummies made once, then one OLS a specification."""
    dummies = pd.get_dummies(frame["province_code"], dtype=float).to_numpy()
    clusters = frame["prefecture_code"].astype("category").cat.codes.to_numpy()
    found = []
    for spec in specs:
        matrix = np.column_stack([*columns(spec, frame).values(), dummies])
        model = sm.OLS(frame[spec.outcome.column].to_numpy(), matrix)
        result = model.fit(cov_type="cluster", cov_kwds={"groups": clusters})
        found.append((float(result.params[0]), float(result.bse[0])))
    return found


def with_pyfixest(specs: list[RegressionSpec], frame: pd.DataFrame) -> list[tuple[float, float]]:
    """The loop that a user of pyfixest writes; all absorbed effects are counted, as in CR1S."""
    import pyfixest

    count_all = pyfixest.ssc(k_fixef="full", G_df="min")
    found = []
    for spec in specs:
        right = columns(spec, frame)
        data = frame[[spec.outcome.column, "province_code", "prefecture_code"]].assign(**right)
        formula = f"{spec.outcome.column} ~ {' + '.join(right)} | province_code"
        result = pyfixest.feols(formula, data=data, vcov={"CRV1": "prefecture_code"}, ssc=count_all)
        name = next(iter(right))
        found.append((float(result.coef()[name]), float(result.se()[name])))
    return found


def largest_difference(ours: Variations, chosen: np.ndarray, theirs: list[tuple[float, float]]) -> float:
    """Largest relative difference of estimate and standard error."""
    own = ours.table.iloc[chosen][["estimate", "se"]].to_numpy()
    return float(np.abs(own / np.array(theirs) - 1.0).max())


def measure() -> list[dict[str, object]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}; a ratio is the peer's time over ours."""
    frame, by_cluster, by_distance = counties(), grid(BY_PREFECTURE), grid(CONLEY)
    chosen = np.random.default_rng(1).choice(by_cluster.size, PEER_SPECS, replace=False)
    specs = [by_cluster.spec(int(index)) for index in chosen]
    work = f"{by_cluster.size:,} specifications, province fixed effects"
    ours_s, ours = timed(lambda: estimate_variations(by_cluster, frame))
    rows = []
    peers: list[tuple[str, Callable[..., list[tuple[float, float]]], float]] = [
        ("statsmodels", with_statsmodels, 500.0)
    ]
    if importlib.util.find_spec("pyfixest"):
        peers.append(("pyfixest", with_pyfixest, 1000.0))
    for name, loop, target in peers:
        loop(specs[:1], frame)  # compile and import before the clock starts
        seconds, theirs = timed(lambda loop=loop: loop(specs, frame))  # type: ignore[misc]
        whole = seconds / PEER_SPECS * by_cluster.size
        rows.append(
            {
                "work": f"{work}, cluster errors",
                "ours_s": ours_s,
                "peer": f"{name} loop ({PEER_SPECS} specifications, scaled)",
                "peer_s": whole,
                "ratio": whole / ours_s,
                "target": target,
                "agree": largest_difference(ours, chosen, theirs) < EXACT,
            }
        )
    conley_s, conley = timed(lambda: estimate_variations(by_distance, frame))
    alone = [fit_alone(by_distance.spec(int(index)), frame) for index in chosen]
    rows.append(
        {
            "work": f"{work}, Conley errors of 200 km",
            "ours_s": conley_s,
            "peer": "our own cluster errors",
            "peer_s": ours_s,
            "ratio": ours_s / conley_s,
            "target": 1.0 / 6.0,
            "agree": largest_difference(conley, chosen, [(one.estimate, one.se) for one in alone]) < EXACT,
        }
    )
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
