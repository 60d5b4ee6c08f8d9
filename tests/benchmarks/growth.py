"""How time and memory grow to a million points: Conley's covariance, curves of specifications, SCPC.

Run it by ``python tests/benchmarks/growth.py [conley] [curves] [scpc]``; Conley's part draws ``lib/docs/growth.png``.
Places lie over the same area whatever their number, so that pairs within the cutoff, and with them the work, grow with
the square; memory must not. A million places take 50 km, which keeps the pairs of 250,000 places at 200 km. Curves
repeat simulated counties with noise of their own. The peak is what numpy asks for through Python during the call.
"""

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
import bench_curve
from bench_inference import CUTOFF_KM, RADIUS_KM, places, solved

from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, conley_covariance, scpc
from shanhai.methods.curve import estimate_variations
from shanhai.render.style import theme

SIZES = (2_850, 10_000, 28_500, 50_000, 100_000)
MANY, MANY_KM = 1_000_000, 50.0
CURVES = (2_850, 30_000, 100_000, 300_000, 1_000_000)
SCPC = (1_000, 2_850, 5_000, 10_000, 20_000)
FIGURE = Path(__file__).resolve().parents[2] / "lib" / "docs" / "growth.png"


def measured(call: Callable[[], Any], *, is_long: bool = False) -> tuple[float, float, Any]:
    """Seconds, peak of memory in MB, and the result; a long call is done once, with the clock of a traced call."""
    seconds = 0.0
    if not is_long:
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
    tracemalloc.start()
    start = time.perf_counter()
    result = call()
    seconds = seconds or time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, peak, result


def measure_growth() -> list[dict[str, float | str]]:
    """Rows of {kernel, places, cutoff_km, pairs, seconds, peak_mb} of Conley's covariance."""
    rows: list[dict[str, float | str]] = []
    for size, cutoff_km in (*((size, CUTOFF_KM) for size in SIZES), (MANY, MANY_KM)):
        data = places(size)
        scores, bread = solved(data)
        for kernel in ("uniform", "bartlett"):
            options = {"kernel": kernel, "cutoff_km": cutoff_km, "radius_km": RADIUS_KM}
            seconds, peak, result = measured(
                lambda: conley_covariance(scores, bread, data["longitude"], data["latitude"], **options),  # noqa: B023
                is_long=size == MANY,
            )
            row = {"kernel": kernel, "places": size, "cutoff_km": cutoff_km, "pairs": int(result.pairs)}
            rows.append(row | {"seconds": seconds, "peak_mb": peak})
    return rows


def measure_curves() -> list[dict[str, float | str]]:
    """Rows of {specifications, rows, seconds, peak_mb} of a curve with cluster errors."""
    few, found = bench_curve.counties(), []
    source = bench_curve.grid(bench_curve.BY_PREFECTURE)
    for size in CURVES:
        frame = repeated(few, size)
        seconds, peak, _ = measured(lambda: estimate_variations(source, frame))  # noqa: B023
        found.append({"specifications": source.size, "rows": size, "seconds": seconds, "peak_mb": peak})
    return found


def repeated(few: pd.DataFrame, size: int) -> pd.DataFrame:
    """Counties drawn again and again, with noise of their own in what varies."""
    if size == len(few):
        return few
    rng = np.random.default_rng(size)
    many = few.iloc[rng.integers(0, len(few), size)].reset_index(drop=True)
    varying = [name for name in few if name[-1].isdigit() and name[:-1] in ("y", "control", "terrain")]
    return many.assign(**{name: many[name] + rng.normal(0, 0.1, size) for name in varying})


def measure_scpc() -> list[dict[str, float | str]]:
    """Rows of {places, seconds, peak_mb} of SCPC."""
    terms, errors = (Variable("x"),), CovarianceSpec.conley("bartlett", CUTOFF_KM)
    spec = RegressionSpec(Variable("y"), terms, SampleSpec("all", "全部"), errors)
    found: list[dict[str, float | str]] = []
    for size in SCPC:
        data = places(size)
        frame = pd.DataFrame({name: data[name] for name in ("longitude", "latitude")})
        frame = frame.assign(x=data["regressors"][:, 1], y=data["outcome"])
        seconds, peak, _ = measured(lambda: scpc(spec, frame, "x"), is_long=size > 5_000)  # noqa: B023
        found.append({"places": size, "seconds": seconds, "peak_mb": peak})
    return found


def draw(rows: list[dict[str, float | str]], target: Path) -> None:
    """Seconds and memory over the number of places, on logarithmic axes, beside a dense n x n matrix."""
    with theme():
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
        for kernel in ("uniform", "bartlett"):
            own = [row for row in rows if row["kernel"] == kernel and row["cutoff_km"] == CUTOFF_KM]
            sizes = [row["places"] for row in own]
            left.plot(sizes, [row["seconds"] for row in own], marker="o", label=kernel)
            right.plot(sizes, [row["peak_mb"] for row in own], marker="o", label=kernel)
        right.plot(SIZES, [size**2 * 8 / 1e6 for size in SIZES], linestyle="--", color="0.5", label="one n × n matrix")
        for axes, name in ((left, "seconds"), (right, "peak memory, MB")):
            axes.set(xscale="log", yscale="log", xlabel="places", ylabel=name)
            axes.legend()
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    asked = sys.argv[1:] or ["conley", "curves", "scpc"]
    parts = {"conley": measure_growth, "curves": measure_curves, "scpc": measure_scpc}
    shown = {name: parts[name]() for name in asked}
    if "conley" in shown:
        draw(shown["conley"], FIGURE)
    print(json.dumps(shown, indent=1))
