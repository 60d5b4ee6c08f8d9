"""Make senate.csv and senate.json: jumps that rdrobust 2.1.1 (Python, GPL-3) computes on its Senate data.

Run with a Python that has rdrobust: ``python senate.py``. Margin of the Democratic party in a Senate election and its
share of the vote in the next one for the same seat, 1914-2010 (Cattaneo, Frandsen & Titiunik 2015, Journal of Causal
Inference 3). Only the public election figures are kept.
"""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import pandas as pd
import rdrobust

HERE = Path(__file__).parent

COVS = ["class", "termshouse", "termssenate"]
"""Covariates of the example in Calonico, Cattaneo, Farrell & Titiunik (2017, Stata Journal 17)."""

CASES = {
    "default": {},
    "uniform": {"kernel": "uni"},
    "epanechnikov": {"kernel": "epa"},
    "HC0": {"vce": "hc0"},
    "HC1": {"vce": "hc1"},
    "HC2": {"vce": "hc2"},
    "HC3": {"vce": "hc3"},
    "quadratic": {"p": 2},
    "cutoff": {"c": 5.0},
    "widths": {"h": 15.0, "b": 25.0},
    "one width": {"h": 20.0},
    "widths HC0": {"h": 15.0, "b": 25.0, "vce": "hc0"},
    "neighbours": {"h": 15.0, "b": 25.0, "nnmatch": 5},
    "clusters": {"h": 15.0, "b": 25.0, "vce": "cr1", "cluster": "side"},
    "clusters chosen": {"vce": "cr1", "cluster": "side"},
    "donut": {"h": 15.0, "b": 25.0, "donut": 0.5},
    "two widths": {"h": [12.0, 18.0], "b": [20.0, 30.0]},
    "two chosen": {"bwselect": "msetwo"},
    "covariates": {"h": 15.0, "b": 25.0, "covs": COVS},
    "covariates HC2": {"h": 15.0, "b": 25.0, "vce": "hc2", "covs": COVS},
    "covariates clusters": {"h": 15.0, "b": 25.0, "vce": "cr1", "cluster": "side", "covs": COVS[1:]},
    "covariates chosen": {"covs": COVS},
    "covariates two chosen": {"covs": COVS[1:], "bwselect": "msetwo"},
}


def main() -> None:
    data = pd.read_csv(Path(rdrobust.__file__).parent / "data" / "rdrobust_RDsenate.csv")[
        ["state", "margin", "vote", *COVS]
    ]
    data.to_csv(HERE / "senate.csv", index=False, lineterminator="\n")
    out = {"rdrobust": importlib.metadata.version("rdrobust"), "cases": {}}
    for name, options in CASES.items():
        options = dict(options)
        used = data[data["margin"].abs() >= options.pop("donut", 0.0)]
        if options.get("cluster"):  # states cut at the cut-off: rdrobust adds the variances of the sides
            labels = used["state"] + np.where(used["margin"] >= 0, "+", "-")
            options["cluster"] = pd.Series(pd.factorize(labels)[0], index=used.index)
        if "covs" in options:
            options["covs"] = used[options["covs"]]
        found = rdrobust.rdrobust(used["vote"], used["margin"], **options)
        coef, se = found.coef.to_numpy().ravel(), found.se.to_numpy().ravel()
        out["cases"][name] = {
            "conventional": coef[0],
            "corrected": coef[1],
            "se_conventional": se[0],
            "se_robust": se[2],
            "main": [float(v) for v in found.bws.to_numpy()[0]],
            "bias": [float(v) for v in found.bws.to_numpy()[1]],
            "n": [int(v) for v in found.N],
            "n_inside": [int(v) for v in found.N_h],
        }
    (HERE / "senate.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
