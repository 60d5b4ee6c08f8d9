"""Event study of a made-up panel by pyfixest: run in an environment with pyfixest; writes the two files beside it.

    python event_study.py

The panel is drawn once and stored, so that the numbers do not depend on a generator of random numbers.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf

HERE = Path(__file__).parent
YEARS = list(range(2011, 2019))
REFERENCE = 2014


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(20261122)
    units = pd.DataFrame({"code": [f"{i:03d}" for i in range(48)], "cluster": [f"C{i % 12:02d}" for i in range(48)]})
    units["treated"] = (np.arange(48) % 4 == 0).astype(int)
    units["level"] = rng.normal(0, 1, 48).round(4) - 0.5 * units["treated"]
    units["terrain"] = rng.normal(300, 80, 48).round(2)
    long = units.merge(pd.DataFrame({"year": YEARS}), how="cross")
    shock = dict(zip(sorted(set(zip(long["cluster"], long["year"], strict=True))), rng.normal(0, 0.1, 96), strict=True))
    long["value"] = (
        long["level"]
        + 0.05 * (long["year"] - 2011)
        + 0.2 * long["treated"] * (long["year"] >= 2015)
        + [shock[key] for key in zip(long["cluster"], long["year"], strict=True)]
        + rng.normal(0, 0.1, len(long))
    ).round(6)
    return long


long = panel()
long.to_csv(HERE / "event_study.csv", index=False, lineterminator="\n")
for year in YEARS:
    if year != REFERENCE:
        for name in ("treated", "level", "terrain"):
            long[f"{name}_{year}"] = long[name] * (long["year"] == year)
terms = [f"{name}_{year}" for name in ("treated", "level", "terrain") for year in YEARS if year != REFERENCE]
result = pf.feols(
    f"value ~ {' + '.join(terms)} | code + year", long, vcov={"CRV1": "cluster"}, ssc=pf.ssc(k_adj=False, G_adj=False)
)
shown = [term for term in terms if term.startswith("treated")]
stored = {
    "made_with": f"pyfixest {pf.__version__}, CRV1 without small-sample factors",
    "estimates": {term: float(result.coef()[term]) for term in shown},
    "se": {term: float(result.se()[term]) for term in shown},
}
(HERE / "event_study.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
print(json.dumps(stored, indent=1))
