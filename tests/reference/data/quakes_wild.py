"""Writes quakes_wild.json: wild cluster bootstraps of `quakes` by wildboottest 0.3.2 (the Python port of boottest).

Depth on mag and stations, clusters of 2 degrees of longitude, null imposed, Rademacher weights. With 13 clusters and
9999 draws wildboottest enumerates all 8192 combinations, so nothing is random. Its p-value counts draws that are larger
without a tolerance, so ties may fall on either side. Run with: pip install wildboottest==0.3.2; python quakes_wild.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from wildboottest.wildboottest import WildboottestCL

here = Path(__file__).parent
quakes = pd.read_csv(here / "quakes.csv")
clusters = (quakes["long"] // 2).astype(int).to_numpy()
design = np.column_stack([np.ones(len(quakes)), quakes["mag"], quakes["stations"]]).astype(float)
results = []
for coefficient, null in ((1, 0.0), (1, -100.0), (2, 0.0), (2, 2.0)):
    selection = np.zeros(3)
    selection[coefficient] = 1
    boot = WildboottestCL(
        X=design,
        Y=quakes["depth"].to_numpy(dtype=float) - null * design[:, coefficient],
        cluster=clusters,
        R=selection,
        B=9999,
        seed=1,
    )
    boot.get_scores(bootstrap_type="11", impose_null=True, adj=False, cluster_adj=False)
    boot.get_weights(weights_type="rademacher")
    boot.get_numer()
    boot.get_denom()
    boot.get_tboot()
    boot.get_vcov()
    boot.get_tstat()
    boot.get_pvalue(pval_type="two-tailed")
    ratios = np.sort(np.abs(np.asarray(boot.t_boot, dtype=float).ravel()))
    results.append(
        {
            "coefficient": coefficient - 1,
            "null": null,
            "t": float(np.ravel(boot.t_stat)[0]),
            "p": float(boot.pvalue),
            "draws": len(ratios),
            "quantiles": np.quantile(ratios, [0.1, 0.5, 0.9, 0.95]).tolist(),
        }
    )
output = {
    "made_by": f"wildboottest {version('wildboottest')}",
    "clusters": len(np.unique(clusters)),
    "results": results,
}
(here / "quakes_wild.json").write_text(json.dumps(output, indent=1) + "\n", encoding="utf-8")
