"""Writes quakes_wild_types.json: wild cluster bootstraps 11, 13, 31 and 33 of `quakes`, null imposed or not.

By wildboottest 0.3.2, as quakes_wild.py: depth on mag and stations, 13 clusters, all 8192 combinations of Rademacher
weights. Its CRV3 has the factor (G-1)/G, so that t-ratios are larger by the root of G/(G-1) than those of CR3.
Run with: pip install wildboottest==0.3.2 "numpy<2.4"; python quakes_wild_types.py
"""

import json
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from wildboottest.wildboottest import WildboottestCL

here = Path(__file__).parent
quakes = pd.read_csv(here / "quakes.csv")
clusters = (quakes["long"] // 2).astype(int).to_numpy()
design = np.column_stack([np.ones(len(quakes)), quakes["mag"], quakes["stations"]]).astype(float)
results = []
for digits, imposed, (coefficient, null) in product(("11", "13", "31", "33"), (True, False), ((1, -100.0), (2, 0.0))):
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
    boot.get_scores(bootstrap_type=digits, impose_null=imposed, adj=False, cluster_adj=False)
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
            "bootstrap": f"{'WCR' if imposed else 'WCU'}{digits}",
            "coefficient": coefficient - 1,
            "null": null,
            "t": float(np.ravel(boot.t_stat)[0]),
            "p": float(boot.pvalue),
            "quantiles": np.quantile(ratios, [0.1, 0.5, 0.9, 0.95]).tolist(),
        }
    )
output = {
    "made_by": f"wildboottest {version('wildboottest')}",
    "clusters": len(np.unique(clusters)),
    "results": results,
}
(here / "quakes_wild_types.json").write_text(json.dumps(output, indent=1) + "\n", encoding="utf-8")
