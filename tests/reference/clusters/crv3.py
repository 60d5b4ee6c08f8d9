"""Writes crv3.json: the CRV3 of pyfixest 0.60.0 for `quakes` (../data/quakes.csv), as clusters.R has the data.

Without the small-sample factors of K and G that pyfixest adds on request. Run in this folder with:
pip install pyfixest==0.60.0; python crv3.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyfixest

here = Path(__file__).parent
quakes = pd.read_csv(here.parent / "data" / "quakes.csv")
quakes["cluster"], quakes["band"] = quakes["long"] // 2, quakes["lat"] // 5
results = {}
for name, formula in (("plain", "depth ~ mag + stations"), ("bands", "depth ~ mag + stations + C(band)")):
    for adjusted in (True, False):
        fitted = pyfixest.feols(
            formula, quakes, vcov={"CRV3": "cluster"}, ssc=pyfixest.ssc(k_adj=False, G_adj=adjusted)
        )
        results[f"{name}, G_adj={adjusted}"] = {term: float(fitted.se()[term]) for term in ("mag", "stations")}
text = json.dumps({"made_by": f"pyfixest {version('pyfixest')}", "se": results}, indent=1)
(here / "crv3.json").write_text(text + "\n", encoding="utf-8")
