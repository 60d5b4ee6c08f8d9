"""Two-stage least squares with clustered errors by linearmodels; writes two_stage.json beside this file."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS

rng = np.random.default_rng(20221122)
n, groups = 400, 25
group = rng.integers(0, groups, n)
shared = rng.normal(size=groups)[group]
truth = rng.normal(size=n) + 0.5 * shared
terrain = rng.normal(size=n)
first = truth + 0.6 * rng.normal(size=n)
reading = truth + 0.6 * rng.normal(size=n)
growth = -2.0 * truth + 0.4 * terrain + shared + rng.normal(size=n)
frame = pd.DataFrame({"first": first, "reading": reading, "terrain": terrain, "growth": growth})
exogenous = frame[["terrain"]].assign(constant=1.0)
fitted = IV2SLS(frame["growth"], exogenous, frame[["first"]], frame[["reading"]]).fit(
    cov_type="clustered", clusters=pd.Series(group), debiased=True
)
numbers = {"estimate": float(fitted.params["first"]), "se": float(fitted.std_errors["first"]), "n": n, "groups": groups}
(Path(__file__).parent / "two_stage.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
