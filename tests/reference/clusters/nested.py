"""Writes nested.json: CRV1 of pyfixest 0.60.0 for `quakes` (../data/quakes.csv) with fixed effects nested in clusters.

pyfixest counts K as fixest does: `nonnested` leaves effects that lie inside a cluster out, `full` counts them all.
Run in this folder with: pip install pyfixest==0.60.0; python nested.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyfixest

MODELS = {
    "one nested": ("depth ~ mag + stations | cluster", "cluster"),
    "finer effects": ("depth ~ mag + stations | cell", "cluster"),
    "nested and not": ("depth ~ mag + stations | cell + band", "cluster"),
    "not nested": ("depth ~ mag + stations | band", "cluster"),
    "two clusters": ("depth ~ mag + stations | cell + magnitude", "cell + decile"),
}

EXACT = {"fixef_tol": 1e-13, "fixef_maxiter": 1_000_000}

here = Path(__file__).parent
quakes = pd.read_csv(here.parent / "data" / "quakes.csv")
quakes["cluster"], quakes["band"] = (quakes["long"] // 2).astype(int), (quakes["lat"] // 5).astype(int)
quakes["cell"] = (quakes["long"] // 0.5).astype(int)
quakes["magnitude"], quakes["decile"] = (quakes["stations"] // 40).astype(int), (quakes["depth"] // 20).astype(int)
results = {}
for name, (formula, clusters) in MODELS.items():
    for counted in ("nonnested", "full"):
        fitted = pyfixest.feols(formula, quakes, vcov={"CRV1": clusters}, ssc=pyfixest.ssc(k_fixef=counted), **EXACT)
        results[f"{name}, {counted}"] = {term: float(fitted.se()[term]) for term in ("mag", "stations")}
text = json.dumps({"made_by": f"pyfixest {version('pyfixest')}", "se": results}, indent=1)
(here / "nested.json").write_text(text + "\n", encoding="utf-8")
