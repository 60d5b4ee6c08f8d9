"""Randomization inference with fixed effects and cluster t-ratios beside pyfixest's ritest, and the drawing of maps.

Not collected by the ordinary test run. ``measure()`` gives the rows of ``shanhai benchmark --json``; pyfixest runs in
the interpreter that the environment variable SHANHAI_PEERS names, without it that row says so. Counties are simulated.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "simulators"))
import bare
from simulated_counties import simulate_counties

from shanhai.methods.placebo import RandomizationTest, drawn_design, permutation_test, permutations
from shanhai.methods.placebo._partition import Partitions, draw_partitions, unit_graph
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import BORDER_COLUMNS

COUNTIES = 2850
DRAWS = 9999
PEER_DRAWS = 40
"""Draws that ritest is timed on; its time per draw does not depend on their number and is scaled to all."""

LIBRARY = Path(__file__).resolve().parents[2] / "lib"
MAPS = 64
REPEATS = 3
EXACT = 1e-10

SPEC = RegressionSpec(
    Variable("log_gdp"),
    (Variable("on_border"),),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    controls=(Variable("ruggedness"), Variable("is_district")),
    fixed_effects=("province_code",),
)
FORMULA = "log_gdp ~ on_border + ruggedness + is_district | province_code"


def counties() -> pd.DataFrame:
    """Simulated counties in 36 provinces and 144 prefectures."""
    frame = simulate_counties(np.random.default_rng(2022), n=COUNTIES, side=6)
    return frame.assign(
        log_gdp=np.log(frame["gdp_per_capita"]),
        on_border=frame["on_border"].astype(float),
        is_district=frame["is_district"].astype(float),
    )


def timed(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    """Median seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def ours(frame: pd.DataFrame) -> RandomizationTest:
    """Permutation of the treatment over all counties, as ritest does it."""
    return permutation_test(SPEC, frame, "on_border", DRAWS, np.random.default_rng(1))


def with_ritest(frame: pd.DataFrame, draws: int) -> np.ndarray:
    """t-ratios of permuted treatments; ritest has cluster t-ratios in its slow algorithm only."""
    import pyfixest

    count_all = pyfixest.ssc(k_fixef="full", G_df="min")
    model = pyfixest.feols(FORMULA, data=frame, vcov={"CRV1": "prefecture_code"}, ssc=count_all)
    model.ritest(
        resampvar="on_border",
        reps=draws,
        type="randomization-t",
        rng=np.random.default_rng(2),
        choose_algorithm="slow",
        store_ritest_statistics=True,
    )
    return np.asarray(model._ritest_statistics)


def draws_agree(frame: pd.DataFrame, test: RandomizationTest) -> bool:
    """Whether t-ratios of our draws are those of pyfixest's regressions on the same draws."""
    import pyfixest

    count_all = pyfixest.ssc(k_fixef="full", G_df="min")
    design = drawn_design(SPEC, frame, "on_border")
    drawn = permutations(design.observed, None, DRAWS, np.random.default_rng(1))
    for number in (0, DRAWS // 2, DRAWS - 1):
        data = frame.assign(on_border=drawn[number])
        anew = pyfixest.feols(FORMULA, data=data, vcov={"CRV1": "prefecture_code"}, ssc=count_all)
        if abs(float(anew.tstat()["on_border"]) - test.t_ratios[number]) > EXACT:
            return False
    return True


def country(frame: pd.DataFrame) -> Partitions:
    """Maps drawn for the simulated counties, linked to their neighbours."""
    corners = Delaunay(frame[["x_km", "y_km"]].to_numpy()).simplices
    pairs = np.unique(np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0)
    codes = frame["code"].to_numpy()
    edges = pd.DataFrame({"code_a": codes[pairs[:, 0]], "code_b": codes[pairs[:, 1]]})
    return draw_partitions(unit_graph(frame, edges, BORDER_COLUMNS), MAPS, np.random.default_rng(1))


def sizes_kept(maps: Partitions) -> bool:
    """Whether every province has its number of counties in every map."""
    wanted = np.bincount(maps.graph.regions)
    return all(np.array_equal(np.bincount(labels, minlength=len(wanted)), wanted) for labels in maps.labels)


def ritest_elsewhere() -> dict[str, Any] | None:
    """Seconds of ritest and whether its t-ratios are ours, from the interpreter of the peers; None without one."""
    interpreter = os.environ.get("SHANHAI_PEERS")
    if not interpreter:
        return None
    done = subprocess.run(
        [interpreter, __file__, "--ritest"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(LIBRARY)},
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def ritest_here() -> dict[str, Any]:
    """What the interpreter of the peers measures."""
    frame = counties()
    with_ritest(frame, 2)  # compile and import before the clock starts
    seconds, _ = timed(lambda: with_ritest(frame, PEER_DRAWS))
    return {"seconds": seconds, "agree": draws_agree(frame, ours(frame))}


def with_bare(frame: pd.DataFrame) -> np.ndarray:
    """t-ratios of the same permutations from a bare kernel, drawn there too; without small-sample factor."""
    labels = frame["province_code"], frame["prefecture_code"]
    effects, clusters = (np.unique(label, return_inverse=True)[1] for label in labels)
    treated = np.broadcast_to(frame["on_border"].to_numpy(), (DRAWS, len(frame)))
    drawn = np.random.default_rng(1).permuted(treated, axis=1).T
    fixed = frame[["ruggedness", "is_district"]].to_numpy()
    return bare.permuted(frame["log_gdp"].to_numpy(), fixed, effects, clusters, drawn)


def works() -> dict[str, Callable[[], Any]]:
    """Works of this file, ours alone."""
    frame = counties()
    return {
        f"{DRAWS:,} randomization draws, {COUNTIES:,} counties": lambda: ours(frame),
        f"{MAPS} contiguous re-partitions, {COUNTIES:,} counties": lambda: country(frame),
    }


def measure() -> list[dict[str, object]]:
    """Rows of {work, ours_s, peer, peer_s, ratio, target, agree}; a ratio is the peer's time over ours."""
    frame = counties()
    ours_s, test = timed(lambda: ours(frame))
    work = f"{DRAWS:,} randomization draws, {COUNTIES:,} counties, province fixed effects, cluster t"
    loop_s, loop = timed(lambda: _loop(frame))
    rows: list[dict[str, object]] = [
        {
            "work": work,
            "ours_s": ours_s,
            "peer": f"our own fit, draw by draw ({PEER_DRAWS} draws, scaled)",
            "peer_s": loop_s / PEER_DRAWS * DRAWS,
            "ratio": loop_s / PEER_DRAWS * DRAWS / ours_s,
            "target": None,
            "agree": bool(np.abs(loop - test.t_ratios[:PEER_DRAWS]).max() < EXACT),
        }
    ]
    ritest = "pyfixest ritest, slow algorithm"
    measured = ritest_elsewhere()
    whole = measured["seconds"] / PEER_DRAWS * DRAWS if measured else None
    rows.insert(
        0,
        {
            "work": work,
            "ours_s": ours_s,
            "peer": f"{ritest} ({PEER_DRAWS} draws, scaled)" if measured else f"{ritest}: SHANHAI_PEERS not set",
            "peer_s": whole,
            "ratio": whole / ours_s if whole else None,
            "target": 50.0,
            "agree": measured["agree"] if measured else None,
        },
    )
    bare_s, bare_t = timed(lambda: with_bare(frame))
    factors = bare_t / test.t_ratios
    rows.append(
        {
            "work": work,
            "ours_s": ours_s,
            "peer": "bare numpy kernel",
            "peer_s": bare_s,
            "ratio": bare_s / ours_s,
            "target": 0.5,
            "agree": bool(np.ptp(factors) < EXACT),
        }
    )
    maps_s, maps = timed(lambda: country(frame), repeats=1)
    rows.append(
        {
            "work": f"{MAPS} contiguous re-partitions, {COUNTIES:,} counties, 36 provinces, tuning included",
            "ours_s": maps_s,
            "peer": None,
            "peer_s": None,
            "ratio": None,
            "target": None,
            "agree": sizes_kept(maps),
        }
    )
    return rows


def _loop(frame: pd.DataFrame) -> np.ndarray:
    """t-ratios of the first permutations, each from a regression of its own."""
    design = drawn_design(SPEC, frame, "on_border")
    drawn = permutations(design.observed, None, DRAWS, np.random.default_rng(1))[:PEER_DRAWS]
    return np.array([fit(SPEC, frame.assign(on_border=border)).t[0] for border in drawn])


if __name__ == "__main__":
    print(json.dumps(ritest_here() if "--ritest" in sys.argv else measure()))
