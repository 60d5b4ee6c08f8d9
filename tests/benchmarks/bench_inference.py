"""Conley's covariance and the wild cluster bootstrap beside dense arithmetic and other packages, on simulated places.

Not collected by the ordinary test run; ``measure()`` gives rows of ``shanhai benchmark``. Peers run in the interpreter
that the environment variable SHANHAI_PEERS names, fed by a temporary file; a peer that is not there gives a row that
says so.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from shanhai.methods import cluster_forms, conley_covariance, wild_test

PEERS = Path(__file__).parent / "peers" / "inference.py"
CUTOFF_KM = 200.0
RADIUS_KM = 6371.01
REPEATS = 5
BLOCK = 2850
"""Rows of the dense computation of 28,500 places that are timed and compared; its time is scaled to all."""

PEER_SECONDS = 240
TARGETS = {2850: 20.0, 28500: 100.0}
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


def conley_rows(n: int, kernel: str) -> list[dict[str, Any]]:
    """Conley's covariance of n places under one kernel, beside dense rows, statspai and diff-diff."""
    data = places(n)
    scores, bread = solved(data)
    work = f"conley {kernel}, {n:,} places, 10 regressors, {CUTOFF_KM:g} km"

    def ours_once() -> Any:
        return conley_covariance(
            scores, bread, data["longitude"], data["latitude"], kernel=kernel, cutoff_km=CUTOFF_KM, radius_km=RADIUS_KM
        )

    ours, result = timed(ours_once)
    blocks = [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]
    dense, part = timed(lambda: dense_rows(data, scores, kernel, blocks[0]), REPEATS if n == BLOCK else 1)
    agree, name = None, f"dense matrix, {BLOCK:,} of {n:,} rows scaled up"
    if n == BLOCK:
        matrix, name = bread @ (scores.T @ part) @ bread, "dense matrix"
        agree = bool(np.allclose(np.sqrt(np.diag(matrix)), result.se, rtol=1e-9))
    rows = [row(work, name, ours, dense * n / BLOCK, TARGETS[n], agree)]
    for package in ("statspai", "diff-diff"):
        theirs = peer(package, data | {"kernel": kernel, "repeats": 3 if n == BLOCK else 1})
        if isinstance(theirs, str):
            rows.append(row(work, f"{package} ({theirs})", ours, None, 1.0, None))
            continue
        agree = bool(np.allclose(theirs["numbers"], result.se, rtol=OWN_RADIUS))
        rows.append(row(work, package, ours, theirs["seconds"], 1.0, agree))
    return rows


def wild_rows() -> list[dict[str, Any]]:
    """9,999 draws of the wild cluster bootstrap with 31 clusters."""
    data = places(2850)

    def ours_once() -> Any:
        forms = cluster_forms(data["outcome"], data["regressors"][:, 1:], data["clusters"], 0)
        return wild_test(forms, draws=9999, generator=np.random.default_rng(1))

    ours, result = timed(ours_once)
    work = "wild cluster bootstrap, 9,999 draws, 31 clusters, 2,850 rows"
    theirs = peer("pyfixest", data | {"repeats": 3})
    if isinstance(theirs, str):
        return [row(work, f"pyfixest ({theirs})", ours, None, 10.0, None)]
    t, p = theirs["numbers"]
    close = 4 * np.sqrt(2 * max(result.p * (1 - result.p), 1e-4) / 9999)  # both p-values are of 9,999 random draws
    factor = np.sqrt(31 / 30 * 2849 / 2840)
    agree = abs(p - result.p) < close and min(abs(t / result.t - 1), abs(t * factor / result.t - 1)) < 1e-6
    return [row(work, "pyfixest wildboottest", ours, theirs["seconds"], 10.0, bool(agree))]


def measure() -> list[dict[str, Any]]:
    """Rows of this file."""
    rows = [line for n in (2850, 28500) for kernel in ("uniform", "bartlett") for line in conley_rows(n, kernel)]
    return rows + wild_rows()


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
