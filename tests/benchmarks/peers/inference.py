"""Times one peer on arrays from a file; run by the interpreter that has it: ``python inference.py WORK FILE``.

Prints JSON: seconds (median of the runs asked for) and the numbers to compare. Needs nothing of Shanhai.
"""

import json
import sys
import time
from statistics import median

import numpy as np
import pandas as pd


def timed(function, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def statspai_conley(a):
    import statspai

    k = a["regressors"].shape[1]
    frame = pd.DataFrame(a["regressors"][:, 1:], columns=[f"x{i}" for i in range(1, k)]).assign(
        y=a["outcome"], lon=a["longitude"], lat=a["latitude"]
    )
    fitted = statspai.regress("y ~ " + " + ".join(f"x{i}" for i in range(1, k)), data=frame)

    def once():
        return statspai.conley(fitted, data=frame, lat="lat", lon="lon", dist_cutoff=200, kernel=str(a["kernel"]))

    seconds, result = timed(once, int(a["repeats"]))
    return seconds, np.asarray(result.std_errors, dtype=float)


def diff_diff_conley(a):
    from diff_diff.conley import _compute_conley_vcov

    x, places = a["regressors"], np.column_stack([a["latitude"], a["longitude"]])
    gram = x.T @ x
    residuals = a["outcome"] - x @ np.linalg.solve(gram, x.T @ a["outcome"])

    def once():
        return _compute_conley_vcov(x, residuals, places, 200.0, "haversine", str(a["kernel"]), gram)

    seconds, matrix = timed(once, int(a["repeats"]))
    return seconds, np.sqrt(np.diag(matrix))


def pyfixest_wild(a):
    import pyfixest

    k = a["regressors"].shape[1]
    frame = pd.DataFrame(a["regressors"][:, 1:], columns=[f"x{i}" for i in range(1, k)]).assign(
        y=a["outcome"], cluster=a["clusters"]
    )
    formula = "y ~ " + " + ".join(f"x{i}" for i in range(1, k))
    fitted = pyfixest.feols(formula, frame, vcov={"CRV1": "cluster"})

    def once():
        return fitted.wildboottest(reps=9999, cluster="cluster", param="x1", seed=1)

    once()  # compiled on the first call, which is not counted
    seconds, result = timed(once, int(a["repeats"]))
    return seconds, [float(result["t value"]), float(result["Pr(>|t|)"])]


if __name__ == "__main__":
    works = {"statspai": statspai_conley, "diff-diff": diff_diff_conley, "pyfixest": pyfixest_wild}
    seconds, numbers = works[sys.argv[1]](np.load(sys.argv[2]))
    print(json.dumps({"seconds": seconds, "numbers": [float(number) for number in numbers]}))
