"""How time and memory of Conley's covariance grow from 2,850 to 100,000 places; draws ``lib/docs/growth.png``.

Run it by ``python tests/benchmarks/growth.py``. Places lie over the same area whatever their number, so that pairs
within the cutoff, and with them the work, grow with the square; memory must not. The peak is what numpy asks for
through Python during the call.
"""

import json
import sys
import time
import tracemalloc
from pathlib import Path

import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parent))
from bench_inference import CUTOFF_KM, RADIUS_KM, places, solved

from shanhai.methods import conley_covariance
from shanhai.render.style import theme

SIZES = (2_850, 10_000, 28_500, 50_000, 100_000)
FIGURE = Path(__file__).resolve().parents[2] / "lib" / "docs" / "growth.png"


def measure_growth() -> list[dict[str, float | str]]:
    """Rows of {kernel, places, pairs, seconds, peak_mb}, one for each kernel and size."""
    rows: list[dict[str, float | str]] = []
    for size in SIZES:
        data = places(size)
        scores, bread = solved(data)
        for kernel in ("uniform", "bartlett"):
            options = {"kernel": kernel, "cutoff_km": CUTOFF_KM, "radius_km": RADIUS_KM}
            start = time.perf_counter()
            result = conley_covariance(scores, bread, data["longitude"], data["latitude"], **options)
            seconds = time.perf_counter() - start
            tracemalloc.start()
            conley_covariance(scores, bread, data["longitude"], data["latitude"], **options)
            peak = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            rows.append(
                {"kernel": kernel, "places": size, "pairs": int(result.pairs), "seconds": seconds, "peak_mb": peak}
            )
    return rows


def draw(rows: list[dict[str, float | str]], target: Path) -> None:
    """Seconds and memory over the number of places, on logarithmic axes, beside a dense n x n matrix."""
    with theme():
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
        for kernel in ("uniform", "bartlett"):
            own = [row for row in rows if row["kernel"] == kernel]
            sizes = [row["places"] for row in own]
            left.plot(sizes, [row["seconds"] for row in own], marker="o", label=kernel)
            right.plot(sizes, [row["peak_mb"] for row in own], marker="o", label=kernel)
        right.plot(SIZES, [size**2 * 8 / 1e6 for size in SIZES], linestyle="--", color="0.5", label="one n × n matrix")
        for axes, name in ((left, "seconds"), (right, "peak memory, MB")):
            axes.set(xscale="log", yscale="log", xlabel="places", ylabel=name)
            axes.legend()
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    measured = measure_growth()
    draw(measured, FIGURE)
    print(json.dumps(measured, indent=1))
