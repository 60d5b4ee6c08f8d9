"""The spatial lag model by maximum likelihood at 2,850 places, beside spreg's sparse LU.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``. Places, neighbours
and outcome are simulated; the time is that of the fit with its standard errors, from the same weights. ``growth()``
gives seconds and memory for more and more places, to be plotted.
"""

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import spsolve
from spreg.ml_lag import BaseML_Lag

sys.path.insert(0, str(Path(__file__).parent))
import bare

from shanhai.methods.spatial import SpatialData, SpatialWeights, fit_lag, nearest_weights, spatial_arrays

PLACES = 2850
REGRESSORS = 10
RHO = 0.5
REPEATS = 3
AGREE = 1e-6
"""Relative; spreg brackets rho to 1e-7."""

WORK = f"ML spatial lag, {PLACES:,} places, {REGRESSORS} regressors, standard errors"

SIZES = (1_000, 2_850, 10_000, 30_000, 100_000)


def simulated(places: int, seed: int = 2022) -> tuple[SpatialData, SpatialWeights]:
    """Places at random over 20 by 18 degrees, six nearest neighbours, ten regressors, rho of a half."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "code": [f"{i:06d}" for i in range(places)],
            "longitude": 100 + 20 * rng.random(places),
            "latitude": 22 + 18 * rng.random(places),
        }
    )
    weights = nearest_weights(frame, 6, symmetric=True)
    regressors = rng.normal(size=(places, REGRESSORS))
    mean = regressors @ np.linspace(-1, 1, REGRESSORS) + rng.normal(size=places)
    outcome = spsolve(sparse.csc_array(sparse.eye_array(places) - RHO * weights.matrix), mean)
    names = [f"x{i}" for i in range(REGRESSORS)]
    return spatial_arrays(outcome, regressors, names, weights, weights.codes), weights


def timed(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Median seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    data, _ = simulated(PLACES)
    return {WORK: lambda: fit_lag(data)}


def measure() -> list[dict[str, object]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}; a ratio is the peer's time over ours."""
    data, weights = simulated(PLACES)
    theirs_weights = weights.graph.to_W()
    outcome = data.outcome[:, None]
    ours_s, ours = timed(lambda: fit_lag(data))
    peer_s, peer = timed(lambda: BaseML_Lag(outcome, data.matrix, theirs_weights, method="LU"))
    same = np.allclose(peer.betas[:, 0], [*ours.params, ours.spatial], rtol=AGREE, atol=AGREE)
    same_errors = np.allclose(np.sqrt(np.diag(peer.vm)), ours.se, rtol=AGREE)
    bare_s, (rho, se) = timed(lambda: bare.lag(data.outcome, data.matrix, data.weights))
    return [
        {
            "work": WORK,
            "ours_s": ours_s,
            "peer": "bare numpy kernel, dense traces",
            "peer_s": bare_s,
            "ratio": bare_s / ours_s,
            "target": 0.5,
            "agree": bool(abs(rho - ours.spatial) < AGREE and np.allclose(se, ours.se, rtol=AGREE)),
        },
        {
            "work": WORK,
            "ours_s": ours_s,
            "peer": "spreg LU",
            "peer_s": peer_s,
            "ratio": peer_s / ours_s,
            "target": 1.0,
            "agree": bool(same and same_errors),
        },
    ]


def growth(sizes: tuple[int, ...] = SIZES) -> list[dict[str, float]]:
    """Seconds of the fit and the largest memory that numpy and scipy asked for through Python, for each size."""
    rows = []
    for places in sizes:
        data, _ = simulated(places)
        seconds, _ = timed(lambda data=data: fit_lag(data), repeats=1)  # type: ignore[misc]
        tracemalloc.start()
        fit_lag(data)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        rows.append({"places": places, "seconds": seconds, "peak_mb": peak})
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
