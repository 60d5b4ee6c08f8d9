"""Ten thousand specifications at once, beside loops over statsmodels and pyfixest on a part of them, scaled up.

Not collected by the ordinary test run. ``measure()`` gives rows of ``shanhai benchmark --json``. pyfixest runs in the
interpreter that the environment variable SHANHAI_PEERS names; without it that row says so. Counties are simulated.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "simulators"))
import bare
from simulated_counties import simulate_counties

from shanhai.methods.curve import Choice, Grid, Moderator, Option, Variations, estimate_variations
from shanhai.methods.curve._engine import fit_alone
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

LIBRARY = Path(__file__).parents[2] / "lib"
PEER_SECONDS = 600
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
        options = tuple(Option(f"{key}{i}", key, "benchmark", value) for i, value in enumerate(values))
        return Choice(key, key, role, options)

    terrain = [Variable(f"terrain{i}", "standardised") for i in range(4)]
    controls = [f"control{i}" for i in range(5)] + ["is_district"]
    return Grid(
        (
            choice("outcome", "outcome", [Variable(f"y{i}") for i in range(5)]),
            choice("border", "treatment", [Variable(f"border{i}") for i in range(4)]),
            choice("terrain", "moderator", [Moderator(term, product) for term in terrain for product in (False, True)]),
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


def for_bare(
    source: Grid, frame: pd.DataFrame
) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What a bare kernel takes: regressions as numbers of columns by size, columns, effects, clusters; their order."""
    names: dict[str, int] = {}
    made: list[np.ndarray] = []

    def number(name: str, values: np.ndarray) -> int:
        if name not in names:
            names[name] = len(made)
            made.append(values)
        return names[name]

    listed, sizes = [], []
    for index in range(source.size):
        spec = source.spec(index)
        right = [number(name, values) for name, values in columns(spec, frame).items()]
        left = number(spec.outcome.name, frame[spec.outcome.column].to_numpy())
        listed.append((right, left))
        sizes.append(len(right))
    order = np.argsort(sizes, kind="stable")
    lists = []
    for size in np.unique(sizes):
        same = [listed[index] for index in order if sizes[index] == size]
        lists.append((np.array([right for right, _ in same]), np.array([left for _, left in same])))
    labels = frame["province_code"], frame["prefecture_code"]
    effects, clusters = (np.unique(label, return_inverse=True)[1] for label in labels)
    return lists, np.column_stack(made), effects, clusters, order


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


def sample_of(source: Grid) -> np.ndarray:
    """The specifications that loops are timed on."""
    return np.random.default_rng(1).choice(source.size, PEER_SPECS, replace=False)


def time_loop(loop: Callable[..., list[tuple[float, float]]]) -> tuple[float, list[tuple[float, float]]]:
    """Median seconds of a loop over the sample, and its estimates."""
    frame, source = counties(), grid(BY_PREFECTURE)
    specs = [source.spec(int(index)) for index in sample_of(source)]
    loop(specs[:1], frame)  # compile and import before the clock starts
    return timed(lambda: loop(specs, frame))


def time_pyfixest() -> tuple[float, list[tuple[float, float]]] | None:
    """The loop over pyfixest in the interpreter of the peers; none where that is not named."""
    interpreter = os.environ.get("SHANHAI_PEERS")
    if not interpreter:
        return None
    command = [interpreter, __file__, "--pyfixest"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=PEER_SECONDS,
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
    )
    seconds, theirs = json.loads(done.stdout.splitlines()[-1])
    return seconds, theirs


def row(work: str, ours_s: float, peer: str, peer_s: float | None, target: float, agree: bool | None) -> dict[str, Any]:
    """One row of the table of benchmarks; a ratio is the peer's time over ours."""
    ratio = None if peer_s is None else peer_s / ours_s
    return {
        "work": work,
        "ours_s": ours_s,
        "peer": peer,
        "peer_s": peer_s,
        "ratio": ratio,
        "target": target,
        "agree": agree,
    }


def bare_agrees(ours: Variations, found: list[tuple[np.ndarray, np.ndarray]], order: np.ndarray) -> bool:
    """Whether a bare kernel has our estimates, and our errors but for a factor that depends on the size alone."""
    own = ours.table.iloc[order]
    same = np.allclose(np.concatenate([estimate for estimate, _ in found]), own["estimate"], rtol=1e-7)
    factors = own["se"].to_numpy() / np.concatenate([se for _, se in found])
    ends = np.cumsum([0, *(len(se) for _, se in found)])
    spread = [np.ptp(factors[first:last]) for first, last in pairwise(ends)]
    return bool(same and max(spread) < 1e-7)


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    frame = counties()
    grids = {"cluster errors": grid(BY_PREFECTURE), "Conley 200 km": grid(CONLEY)}
    name = "10,240 specifications, province fixed effects"
    return {
        f"{name}, {errors}": lambda source=source: estimate_variations(source, frame)  # type: ignore[misc]
        for errors, source in grids.items()
    }


def measure() -> list[dict[str, Any]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}."""
    frame, by_cluster, by_distance = counties(), grid(BY_PREFECTURE), grid(CONLEY)
    chosen, scale = sample_of(by_cluster), by_cluster.size / PEER_SPECS
    work = f"{by_cluster.size:,} specifications, province fixed effects"
    ours_s, ours = timed(lambda: estimate_variations(by_cluster, frame))
    lists, *rest, order = for_bare(by_cluster, frame)
    kernel_s, bare_found = timed(lambda: bare.specifications(*rest, lists))
    agree = bare_agrees(ours, bare_found, order)
    rows = [row(f"{work}, cluster errors", ours_s, "bare numpy kernel", kernel_s, 0.5, agree)]
    loops = (("statsmodels", time_loop(with_statsmodels), 500.0), ("pyfixest", time_pyfixest(), 1000.0))
    for name, measured, target in loops:
        peer = f"{name} loop ({PEER_SPECS} specifications, scaled)"
        if measured is None:
            rows.append(row(f"{work}, cluster errors", ours_s, f"{peer}: SHANHAI_PEERS not set", None, target, None))
            continue
        agree = largest_difference(ours, chosen, measured[1]) < EXACT
        rows.append(row(f"{work}, cluster errors", ours_s, peer, measured[0] * scale, target, agree))
    conley_s, conley = timed(lambda: estimate_variations(by_distance, frame))
    alone = [fit_alone(by_distance.spec(int(index)), frame) for index in chosen]
    agree = largest_difference(conley, chosen, [(fitted.estimate, fitted.se) for fitted in alone]) < EXACT
    rows.append(row(f"{work}, Conley 200 km", conley_s, "our own cluster errors", ours_s, 1.0 / 6.0, agree))
    return rows


if __name__ == "__main__":
    print(json.dumps(time_loop(with_pyfixest) if "--pyfixest" in sys.argv else measure()))
