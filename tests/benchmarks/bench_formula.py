"""A regression by formula beside the same one by specification, a bare kernel from the frame, and other programs.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``; pyfixest and
linearmodels run in the interpreter that the environment variable SHANHAI_PEERS names, without it their rows say so.
Counties are simulated. A call of some milliseconds is repeated often, and the shortest time counts.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
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


def with_bare(frame: pd.DataFrame) -> tuple[float, float]:
    """By a bare kernel, from the frame."""
    border, rugged, district = (frame[name].to_numpy() for name in ("on_border", "ruggedness", "is_district"))
    matrix = np.column_stack([border, rugged, border * rugged, district])
    effects, clusters = (pd.factorize(frame[name])[0] for name in ("province_code", "prefecture_code"))
    return bare.regression(frame["log_gdp"].to_numpy(), matrix, effects, clusters)


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


def with_linearmodels(frame: pd.DataFrame) -> tuple[float, float]:
    """By linearmodels' absorbing regression, whose small-sample factor is another."""
    from linearmodels.iv.absorbing import AbsorbingLS

    columns = frame[["on_border", "ruggedness", "is_district"]].assign(product=frame["on_border"] * frame["ruggedness"])
    effects = frame[["province_code"]].astype("category")
    clusters = pd.DataFrame({"prefecture": pd.factorize(frame["prefecture_code"])[0]}, index=frame.index)
    result = AbsorbingLS(frame["log_gdp"], columns, absorb=effects).fit(cov_type="clustered", clusters=clusters)
    return float(result.params["on_border"]), float(result.std_errors["on_border"])


ELSEWHERE = {"pyfixest": with_pyfixest, "linearmodels": with_linearmodels}


def elsewhere(name: str) -> dict[str, Any] | None:
    """Seconds and numbers of a program in the interpreter of the peers; none where that is not named."""
    interpreter = os.environ.get("SHANHAI_PEERS")
    if not interpreter:
        return None
    done = subprocess.run(
        [interpreter, __file__, name],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    frame = counties()
    return {f"{WORK}, by formula": lambda: with_formula(frame), f"{WORK}, by specification": lambda: fit(SPEC, frame)}


def row(ours_s: float, peer: str, peer_s: float | None, target: float, agree: bool | None) -> dict[str, Any]:
    """One row of the table of benchmarks; a ratio is the peer's time over ours."""
    return {
        "work": WORK,
        "ours_s": ours_s,
        "peer": peer,
        "peer_s": peer_s,
        "ratio": None if peer_s is None else peer_s / ours_s,
        "target": target,
        "agree": agree,
    }


def measure() -> list[dict[str, Any]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}."""
    frame = counties()
    ours_s, ours = shortest(lambda: with_formula(frame))
    place = ours.names.index("on_border")
    estimate, se = float(ours.params[place]), float(ours.se[place])
    spec_s, spec = shortest(lambda: fit(SPEC, frame))
    same = bool(np.allclose(spec.se, ours.se, rtol=EXACT))
    rows = [row(ours_s, "the same by specification", spec_s, 0.5, same)]
    for name, function, factor in (("bare numpy kernel", with_bare, False), ("statsmodels", with_statsmodels, True)):
        seconds, found = shortest(lambda function=function: function(frame))  # type: ignore[misc]
        target = 1.0 if factor else 0.5
        rows.append(row(ours_s, name, seconds, target, bool(np.allclose(found, (estimate, se), rtol=1e-6))))
    for name in ELSEWHERE:
        measured = elsewhere(name)
        if measured is None:
            rows.append(row(ours_s, f"{name}: SHANHAI_PEERS not set", None, 1.0, None))
            continue
        digits = EXACT if name == "pyfixest" else 0.02  # linearmodels counts coefficients otherwise
        agree = bool(np.allclose(measured["numbers"], (estimate, se), rtol=digits))
        rows.append(row(ours_s, name, measured["seconds"], 1.0, agree))
    return rows


def measure_here(name: str) -> dict[str, Any]:
    """What the interpreter of the peers measures."""
    frame = counties()
    seconds, numbers = shortest(lambda: ELSEWHERE[name](frame))
    return {"seconds": seconds, "numbers": numbers}


if __name__ == "__main__":
    print(json.dumps(measure_here(sys.argv[1]) if sys.argv[1:] else measure()))
