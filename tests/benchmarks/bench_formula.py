"""Regressions by formula beside the same ones by specification, bare kernels from the frame, and other programs.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``; pyfixest and
linearmodels run in the interpreter that the environment variable SHANHAI_PEERS names, without it their rows say so.
Counties and the panel are simulated. A call of some milliseconds is repeated often, and the shortest time counts.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "simulators"))
import bare
from simulated_counties import simulate_counties

from shanhai.methods import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable, fit
from shanhai.run.benchmark import KEYS

COUNTIES = 2850
REPEATS = 30
EXACT = 1e-9
LIBRARY = Path(__file__).resolve().parents[2] / "lib"
FORMULA = "log_gdp ~ on_border * ruggedness + is_district | province_code"
WORK = f"one regression, {COUNTIES:,} counties, province fixed effects, cluster errors"
SPEC = RegressionSpec(
    Variable("log_gdp"),
    (Variable("on_border"), Variable("ruggedness"), Interaction(Variable("on_border"), Variable("ruggedness"))),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    controls=(Variable("is_district"),),
    fixed_effects=("province_code",),
)


def counties() -> pd.DataFrame:
    """Simulated counties in 36 provinces and 144 prefectures."""
    frame = simulate_counties(np.random.default_rng(2022), n=COUNTIES, side=6)
    numbers = {name: frame[name].astype(float) for name in ("on_border", "is_district")}
    return frame.assign(log_gdp=np.log(frame["gdp_per_capita"]), **numbers)


PERIODS = 10
PANEL_FORMULA = "y ~ x + z | county + year"
PANEL_WORK = f"one regression, {COUNTIES:,} counties in {PERIODS} years, effects of county and year, cluster errors"
PANEL_SPEC = RegressionSpec(
    Variable("y"),
    (Variable("x"), Variable("z")),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("county",), "CR1S"),
    fixed_effects=("county", "year"),
)


def panel() -> pd.DataFrame:
    """Simulated counties in ten years, one row in twenty absent."""
    rng = np.random.default_rng(2023)
    county, year = np.repeat(np.arange(COUNTIES), PERIODS), np.tile(np.arange(PERIODS), COUNTIES)
    frame = pd.DataFrame({"county": county, "year": 2011 + year})
    frame["x"] = rng.normal(size=COUNTIES)[county] + rng.normal(size=len(frame))
    frame["z"] = rng.normal(size=PERIODS)[year] + rng.normal(size=len(frame))
    frame["y"] = 0.5 * frame["x"] + rng.normal(size=COUNTIES)[county] + rng.normal(size=len(frame))
    frame["county"] = [f"c{each:04d}" for each in county]
    return frame[rng.uniform(size=len(frame)) >= 0.05].reset_index(drop=True)


def shortest(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Shortest seconds of some runs after one that is not counted, and the last result."""
    function()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def with_formula(frame: pd.DataFrame) -> Any:
    """By formula."""
    return fit(FORMULA, frame, vcov="cluster:prefecture_code CR1S")


def panel_with_formula(frame: pd.DataFrame) -> Any:
    """The panel by formula."""
    return fit(PANEL_FORMULA, frame, vcov="cluster:county CR1S")


def with_bare(frame: pd.DataFrame) -> tuple[float, float]:
    """By a bare kernel, from the frame."""
    border, rugged, district = (frame[name].to_numpy() for name in ("on_border", "ruggedness", "is_district"))
    matrix = np.column_stack([border, rugged, border * rugged, district])
    effects, clusters = (pd.factorize(frame[name])[0] for name in ("province_code", "prefecture_code"))
    return bare.regression(frame["log_gdp"].to_numpy(), matrix, effects, clusters)


def panel_with_bare(frame: pd.DataFrame) -> tuple[float, float]:
    """The panel by a bare kernel, from the frame."""
    units, periods = (pd.factorize(frame[name])[0] for name in ("county", "year"))
    return bare.panel_regression(frame["y"].to_numpy(), frame[["x", "z"]].to_numpy(), units, periods)


def with_statsmodels(frame: pd.DataFrame) -> tuple[float, float]:
    """By statsmodels' formula with dummies."""
    model = smf.ols("log_gdp ~ on_border * ruggedness + is_district + C(province_code)", frame)
    result = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["prefecture_code"])[0]})
    return float(result.params["on_border"]), float(result.bse["on_border"])


def with_pyfixest(frame: pd.DataFrame) -> tuple[float, float]:
    """By pyfixest; all absorbed effects are counted, as in CR1S."""
    import pyfixest

    count_all = pyfixest.ssc(k_fixef="full", G_df="min")
    result = pyfixest.feols(FORMULA, data=frame, vcov={"CRV1": "prefecture_code"}, ssc=count_all)
    return float(result.coef()["on_border"]), float(result.se()["on_border"])


def panel_with_pyfixest(frame: pd.DataFrame) -> tuple[float, float]:
    """The panel by pyfixest; all absorbed effects are counted, as in CR1S."""
    import pyfixest

    count_all = pyfixest.ssc(k_fixef="full", G_df="min")
    result = pyfixest.feols(PANEL_FORMULA, data=frame, vcov={"CRV1": "county"}, ssc=count_all)
    return float(result.coef()["x"]), float(result.se()["x"])


def with_linearmodels(frame: pd.DataFrame) -> tuple[float, float]:
    """By linearmodels' absorbing regression, whose small-sample factor is another."""
    from linearmodels.iv.absorbing import AbsorbingLS

    columns = frame[["on_border", "ruggedness", "is_district"]].assign(product=frame["on_border"] * frame["ruggedness"])
    effects = frame[["province_code"]].astype("category")
    clusters = pd.DataFrame({"prefecture": pd.factorize(frame["prefecture_code"])[0]}, index=frame.index)
    result = AbsorbingLS(frame["log_gdp"], columns, absorb=effects).fit(cov_type="clustered", clusters=clusters)
    return float(result.params["on_border"]), float(result.std_errors["on_border"])


def panel_with_linearmodels(frame: pd.DataFrame) -> tuple[float, float]:
    """The panel by linearmodels, whose small-sample factor is another."""
    from linearmodels import PanelOLS

    rows = frame.set_index(["county", "year"])
    model = PanelOLS(rows["y"], rows[["x", "z"]], entity_effects=True, time_effects=True)
    result = model.fit(cov_type="clustered", cluster_entity=True, count_effects=True)
    return float(result.params["x"]), float(result.std_errors["x"])


@dataclass(frozen=True)
class _Work:
    """One regression in all the ways in which it is timed; the first term is compared."""

    name: str
    frame: Callable[[], pd.DataFrame]
    first: str
    by_formula: Callable[[pd.DataFrame], Any]
    spec: RegressionSpec
    here: dict[str, Callable[[pd.DataFrame], tuple[float, float]]]
    """Beside it in this interpreter: a bare kernel, of whose time ours takes at most twice, and others."""
    elsewhere: dict[str, Callable[[pd.DataFrame], tuple[float, float]]]
    """Beside it in the interpreter of the peers."""


BARE = "bare numpy kernel"
WORKS = {
    "counties": _Work(
        WORK,
        counties,
        "on_border",
        with_formula,
        SPEC,
        {BARE: with_bare, "statsmodels": with_statsmodels},
        {"pyfixest": with_pyfixest, "linearmodels": with_linearmodels},
    ),
    "panel": _Work(
        PANEL_WORK,
        panel,
        "x",
        panel_with_formula,
        PANEL_SPEC,
        {BARE: panel_with_bare},
        {"pyfixest": panel_with_pyfixest, "linearmodels": panel_with_linearmodels},
    ),
}


def elsewhere(work: str, name: str) -> dict[str, Any] | None:
    """Seconds and numbers of a program in the interpreter of the peers; none where that is not named."""
    interpreter = os.environ.get("SHANHAI_PEERS")
    if not interpreter:
        return None
    done = subprocess.run(
        [interpreter, __file__, work, name],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    found: dict[str, Callable[[], Any]] = {}
    for work in WORKS.values():
        frame = work.frame()
        found[f"{work.name}, by formula"] = partial(work.by_formula, frame)
        found[f"{work.name}, by specification"] = partial(fit, work.spec, frame)
    return found


def row(work: str, ours_s: float, peer: str, peer_s: float | None, target: float, agree: bool | None) -> dict[str, Any]:
    """One row of the table of benchmarks; a ratio is the peer's time over ours."""
    ratio = None if peer_s is None else peer_s / ours_s
    return dict(zip(KEYS, (work, ours_s, peer, peer_s, ratio, target, agree), strict=True))


def measure() -> list[dict[str, Any]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}."""
    return [row for key in WORKS for row in _rows(key)]


def _rows(key: str) -> list[dict[str, Any]]:
    work = WORKS[key]
    frame = work.frame()
    ours_s, ours = shortest(partial(work.by_formula, frame))
    place = ours.names.index(work.first)
    numbers = float(ours.params[place]), float(ours.se[place])
    spec_s, spec = shortest(partial(fit, work.spec, frame))
    same = bool(np.allclose(spec.se, ours.se, rtol=EXACT))
    rows = [row(work.name, ours_s, "the same by specification", spec_s, 0.5, same)]
    for name, function in work.here.items():
        seconds, found = shortest(partial(function, frame))
        target = 0.5 if name == BARE else 1.0
        rows.append(row(work.name, ours_s, name, seconds, target, bool(np.allclose(found, numbers, rtol=1e-6))))
    for name in work.elsewhere:
        measured = elsewhere(key, name)
        if measured is None:
            rows.append(row(work.name, ours_s, f"{name}: SHANHAI_PEERS not set", None, 1.0, None))
            continue
        digits = EXACT if name == "pyfixest" else 0.02  # linearmodels counts coefficients otherwise
        agree = bool(np.allclose(measured["numbers"], numbers, rtol=digits))
        rows.append(row(work.name, ours_s, name, measured["seconds"], 1.0, agree))
    return rows


def measure_here(work: str, name: str) -> dict[str, Any]:
    """What the interpreter of the peers measures."""
    frame = WORKS[work].frame()
    seconds, numbers = shortest(partial(WORKS[work].elsewhere[name], frame))
    return {"seconds": seconds, "numbers": numbers}


if __name__ == "__main__":
    print(json.dumps(measure_here(*sys.argv[1:]) if sys.argv[1:] else measure()))
