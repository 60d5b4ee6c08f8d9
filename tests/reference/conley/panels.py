"""Writes panels.json: errors of a panel made of `quakes` (../data/quakes.csv) by pyfixest and linearmodels.

Places are those of the first 200 rows, seen in five years: row r is year 2000 + r // 200 at place r % 200. Depth on mag
and stations within places. Driscoll & Kraay (1998) and Newey & West (1987) with two lags and Bartlett's weights.
pyfixest's numbers have its small-sample factor off (``k_adj`` and ``G_adj`` False); linearmodels divides by n less the
places, which ``extra`` gives.
Run in this folder with: pip install pyfixest==0.60.0 linearmodels==7.1; python panels.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest
from linearmodels.panel import PanelOLS

here = Path(__file__).parent
quakes = pd.read_csv(here.parent / "data" / "quakes.csv")
row = np.arange(len(quakes))
panel = quakes[["depth", "mag", "stations"]].astype(float).assign(place=row % 200, year=2000 + row // 200)
plain = pyfixest.ssc(k_adj=False, G_adj=False)
se = {}
for name in ("DK", "NW"):
    fitted = pyfixest.feols(
        "depth ~ mag + stations | place",
        panel,
        vcov=name,
        vcov_kwargs={"time_id": "year", "panel_id": "place", "lag": 2},
        ssc=plain,
    )
    se[f"pyfixest {name}"] = {term: float(fitted.se()[term]) for term in ("mag", "stations")}
indexed = panel.set_index(["place", "year"])
fitted = PanelOLS(indexed["depth"], indexed[["mag", "stations"]], entity_effects=True).fit(
    cov_type="kernel", kernel="bartlett", bandwidth=2, debiased=False
)
se["linearmodels DK"] = {term: float(fitted.std_errors[term]) for term in ("mag", "stations")}
made_by = ", ".join(f"{name} {version(name)}" for name in ("pyfixest", "linearmodels"))
text = json.dumps({"made_by": made_by, "se": se}, indent=1)
(here / "panels.json").write_text(text + "\n", encoding="utf-8")
