"""Conley's covariance and the wild cluster bootstrap beside dense arithmetic and other packages, on simulated places.

Not collected by the ordinary test run; ``measure()`` gives rows of ``shanhai benchmark``. Peers run in the interpreter
that the environment variable SHANHAI_PEERS names, fed by a temporary file; a peer that is not there gives a row that
says so.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
import bare

from shanhai.methods import (
    CovarianceSpec,
    RegressionSpec,
    SampleSpec,
    Variable,
    cluster_forms,
    conley_covariance,
    scpc,
    wild_test,
)

PEERS = Path(__file__).parent / "peers" / "inference.py"
CUTOFF_KM = 200.0
RADIUS_KM = 6371.01
REPEATS = 5
BLOCK = 2850
"""Rows of the dense computation of 28,500 places that are timed and compared; its time is scaled to all."""

PEER_SECONDS = 240
TARGETS = {2850: 20.0, 28500: 100.0}
BARE = "bare numpy kernel"
AT_MOST_TWICE = 0.5
"""Target beside a bare kernel: ours takes at most twice its time."""

OWN_RADIUS = 1e-3
"""Relative difference that another radius of the Earth (6371 to 6378 km) may make at the cutoff."""


def places(n: int) -> dict[str, Any]:
    """Points over an area like China's, an intercept and nine regressors, an outcome and 31 clusters of strips."""
    rng = np.random.default_rng(n)
    regressors = np.column_stack([np.ones(n), rng.normal(size=(n, 9))])
    longitude, latitude = rng.uniform(98, 122, n), rng.uniform(21, 46, n)
    clusters = np.floor((longitude - 98) / 24 * 31).astype(int)
    shock = rng.normal(size=31)[clusters]
    return {
        "longitude": longitude,
        "latitude": latitude,
        "regressors": regressors,
        "outcome": regressors @ rng.normal(size=10) + rng.normal(size=n) + 0.3 * shock,
        "clusters": clusters,
    }


def solved(data: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and bread of least squares."""
    bread = np.linalg.inv(data["regressors"].T @ data["regressors"])
    residuals = data["outcome"] - data["regressors"] @ (bread @ (data["regressors"].T @ data["outcome"]))
    return data["regressors"] * residuals[:, None], bread


def timed(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Median seconds and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def dense_rows(data: dict[str, Any], scores: np.ndarray, kernel: str, rows: slice) -> np.ndarray:
    """``W s`` for some rows with every column at once, as packages do that hold the n x n matrix."""
    east, north = np.radians(data["longitude"]), np.radians(data["latitude"])
    half = np.sin((north[rows, None] - north) / 2) ** 2
    half += np.cos(north[rows, None]) * np.cos(north) * np.sin((east[rows, None] - east) / 2) ** 2
    distance = 2 * RADIUS_KM * np.arcsin(np.sqrt(half))
    weights = distance <= CUTOFF_KM if kernel == "uniform" else np.maximum(1 - distance / CUTOFF_KM, 0)
    return np.asarray(weights.astype(float) @ scores)


def peer(work: str, data: dict[str, Any]) -> dict[str, Any] | str:
    """Seconds and numbers of a peer, or the reason for which there are none."""
    interpreter = os.environ.get("SHANHAI_PEERS")
    if not interpreter:
        return "no interpreter of peers: name one by --peers or SHANHAI_PEERS"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays.npz"
        np.savez(path, **data)
        command = [interpreter, str(PEERS), work, str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PEER_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"not done after {PEER_SECONDS} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with status {done.returncode}, as without memory"])[-1]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def row(work: str, name: str, ours: float, theirs: float | None, target: float | None, agree: Any) -> dict[str, Any]:
    """One row of the benchmark."""
    ratio = None if theirs is None else theirs / ours
    return {
        "work": work,
        "ours_s": ours,
        "peer": name,
        "peer_s": theirs,
        "ratio": ratio,
        "target": target,
        "agree": agree,
    }


def conley_work(n: int, kernel: str) -> tuple[str, Callable[[], Any]]:
    """Name and call of Conley's covariance."""
    data = places(n)
    scores, bread = solved(data)
    options = {"kernel": kernel, "cutoff_km": CUTOFF_KM, "radius_km": RADIUS_KM}
    name = f"conley {kernel}, {n:,} places, 10 regressors, {CUTOFF_KM:g} km"
    return name, lambda: conley_covariance(scores, bread, data["longitude"], data["latitude"], **options)


def conley_rows(n: int, kernel: str) -> list[dict[str, Any]]:
    """Conley's covariance of n places under one kernel, beside a bare kernel, dense rows, statspai and diff-diff."""
    data = places(n)
    scores, bread = solved(data)
    work, ours_once = conley_work(n, kernel)
    ours, result = timed(ours_once)

    def bare_once() -> np.ndarray:
        points = bare.on_sphere(data["longitude"], data["latitude"])
        return bare.conley(scores, bread, points, kernel, CUTOFF_KM / RADIUS_KM)

    kernel_s, se = timed(bare_once)
    blocks = [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]
    dense, part = timed(lambda: dense_rows(data, scores, kernel, blocks[0]), REPEATS if n == BLOCK else 1)
    agree, name = None, f"dense matrix, {BLOCK:,} of {n:,} rows scaled up"
    if n == BLOCK:
        matrix, name = bread @ (scores.T @ part) @ bread, "dense matrix"
        agree = bool(np.allclose(np.sqrt(np.diag(matrix)), result.se, rtol=1e-9))
    rows = [row(work, BARE, ours, kernel_s, AT_MOST_TWICE, bool(np.allclose(se, result.se, rtol=1e-9)))]
    rows.append(row(work, name, ours, dense * n / BLOCK, TARGETS[n], agree))
    for package in ("statspai", "diff-diff"):
        theirs = peer(package, data | {"kernel": kernel, "repeats": 3 if n == BLOCK else 1})
        if isinstance(theirs, str):
            rows.append(row(work, f"{package} ({theirs})", ours, None, 1.0, None))
            continue
        agree = bool(np.allclose(theirs["numbers"], result.se, rtol=OWN_RADIUS))
        rows.append(row(work, package, ours, theirs["seconds"], 1.0, agree))
    return rows


def wild_data() -> dict[str, Any]:
    """Places with a regressor that tells little, so that p is neither zero nor one."""
    data = places(2850)
    return data | {"outcome": data["outcome"] + 1.13 * data["regressors"][:, 1]}


def wild_work() -> tuple[str, Callable[[], Any]]:
    """Name and call of the wild cluster bootstrap: 9,999 draws, 31 clusters."""
    data = wild_data()

    def once() -> Any:
        forms = cluster_forms(data["outcome"], data["regressors"][:, 1:], data["clusters"], 0)
        return wild_test(forms, draws=9999, generator=np.random.default_rng(1))

    return "wild cluster bootstrap, 9,999 draws, 31 clusters, 2,850 rows", once


def wild_rows() -> list[dict[str, Any]]:
    """9,999 draws of the wild cluster bootstrap with 31 clusters."""
    data = wild_data()
    work, ours_once = wild_work()
    ours, result = timed(ours_once)
    arrays = data["outcome"], data["regressors"][:, 1:], data["clusters"]
    kernel_s, p_value = timed(lambda: bare.wild(*arrays, draws=9999, seed=1))
    first = row(work, BARE, ours, kernel_s, AT_MOST_TWICE, abs(p_value - result.p) < 1e-9)
    theirs = peer("pyfixest", data | {"repeats": 3})
    if isinstance(theirs, str):
        return [first, row(work, f"pyfixest ({theirs})", ours, None, 10.0, None)]
    t, p = theirs["numbers"]
    close = 4 * np.sqrt(2 * max(result.p * (1 - result.p), 1e-4) / 9999)  # both p-values are of 9,999 random draws
    factor = np.sqrt(31 / 30 * 2849 / 2840)
    agree = abs(p - result.p) < close and min(abs(t / result.t - 1), abs(t * factor / result.t - 1)) < 1e-6
    return [first, row(work, "pyfixest wildboottest", ours, theirs["seconds"], 10.0, bool(agree))]


def scpc_work() -> tuple[str, Callable[[], Any]]:
    """Name and call of SCPC on as many rows as there are counties."""
    data = places(2850)
    table = {"x": data["regressors"][:, 1], "y": data["outcome"]}
    frame = pd.DataFrame({"longitude": data["longitude"], "latitude": data["latitude"]} | table)
    spec = RegressionSpec(
        Variable("y"), (Variable("x"),), SampleSpec("all", "全部"), CovarianceSpec.conley("bartlett", CUTOFF_KM)
    )
    return "SCPC, 2,850 places, one regressor, rho 0.03", lambda: scpc(spec, frame, "x")


def scpc_rows() -> list[dict[str, Any]]:
    """SCPC beside dense matrices."""
    data = places(2850)
    work, ours_once = scpc_work()
    ours, result = timed(ours_once, 3)
    points = bare.on_sphere(data["longitude"], data["latitude"])
    kernel_s, numbers = timed(lambda: bare.scpc(data["outcome"], data["regressors"][:, 1], points), 1)
    agree = bool(np.allclose(numbers, (result.se, result.p), rtol=1e-3))  # decay rates are found to 1e-4
    return [row(work, f"{BARE}, dense", ours, kernel_s, AT_MOST_TWICE, agree)]


CONLEY = [(n, kernel) for n in (2850, 28500) for kernel in ("uniform", "bartlett")]


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    return dict([*(conley_work(n, kernel) for n, kernel in CONLEY), wild_work(), scpc_work()])


def measure() -> list[dict[str, Any]]:
    """Rows of this file."""
    rows = [line for n, kernel in CONLEY for line in conley_rows(n, kernel)]
    return rows + wild_rows() + scpc_rows()


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
