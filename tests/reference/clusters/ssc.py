"""Writes ssc.json: CRV1 of pyfixest 0.60.0 for `quakes` (../data/quakes.csv) under the arguments of its `ssc`.

Effects are nested in clusters, not nested, both, and (`apart`) two whose levels fall into groups that do not meet,
where the count of levels is not the rank.
Run in this folder with: pip install pyfixest==0.60.0; python ssc.py
"""

import json
from importlib.metadata import version
from itertools import product
from pathlib import Path

import pandas as pd
import pyfixest

MODELS = {
    "nested and not": ("depth ~ mag + stations | cell + band", "cluster"),
    "two clusters": ("depth ~ mag + stations | cell + magnitude", "cell + decile"),
    "apart": ("depth ~ mag + stations | cell + half", "decile"),
}
EXACT = pyfixest.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=1_000_000)

here = Path(__file__).parent
quakes = pd.read_csv(here.parent / "data" / "quakes.csv")
quakes["cluster"], quakes["band"] = (quakes["long"] // 2).astype(int), (quakes["lat"] // 5).astype(int)
quakes["cell"] = (quakes["long"] // 0.5).astype(int)
quakes["magnitude"], quakes["decile"] = (quakes["stations"] // 40).astype(int), (quakes["depth"] // 20).astype(int)
quakes["half"] = (quakes["cell"] > 360) * 3 + (quakes["lat"] // 10).astype(int) % 3
results = {}
for name, (formula, clusters) in MODELS.items():
    for counted, g_df, k_adj, g_adj in product(
        ("none", "nonnested", "full"), ("min", "conventional"), (True, False), (True, False)
    ):
        factor = pyfixest.ssc(k_adj=k_adj, k_fixef=counted, G_adj=g_adj, G_df=g_df)
        fitted = pyfixest.feols(formula, quakes, vcov={"CRV1": clusters}, ssc=factor, demeaner=EXACT)
        key = f"{name}, {counted}, {g_df}, {int(k_adj)}{int(g_adj)}"
        results[key] = {term: float(fitted.se()[term]) for term in ("mag", "stations")}
text = json.dumps({"made_by": f"pyfixest {version('pyfixest')}", "se": results}, indent=1)
(here / "ssc.json").write_text(text + "\n", encoding="utf-8")
