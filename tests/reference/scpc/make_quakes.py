"""SCPC of R's quakes by another program, scpc-python 0.1.2 (PyPI; a translation of Mueller and Watson's): quakes.json.

One earthquake a degree is taken: the program looks at correlations down to a length of 8 km only (c of 5,000), this
library down to none, and so their p-values differ where many places are closer than that.

Run: python tests/reference/scpc/make_quakes.py  (needs scpc-python and statsmodels)
"""

import json
from pathlib import Path

import pandas as pd
import statsmodels.formula.api as smf
from scpc import scpc

HERE = Path(__file__).parent
FORMULAS = {"one": "depth ~ mag", "two": "depth ~ mag + stations", "three": "mag ~ stations + depth + lat"}


def main() -> None:
    quakes = pd.read_csv(HERE.parent / "data" / "quakes.csv")
    quakes = quakes.assign(long=(quakes["long"] + 180) % 360 - 180)  # the program takes -180 to 180 only
    quakes = quakes[~quakes[["long", "lat"]].floordiv(1).duplicated()]
    made = {}
    for name, formula in FORMULAS.items():
        model = smf.ols(formula, data=quakes).fit()
        for avc in (0.03, 0.1):
            for uncond in (False, True):
                found = scpc(model, data=quakes, lon="long", lat="lat", avc=avc, uncond=uncond)
                columns = ["estimate", "se", "t", "p", "low", "high"]
                table = pd.DataFrame(found.scpcstats, columns=columns, index=found.coef_names).iloc[1:]
                key = f"{name}, {avc}, {'unconditional' if uncond else 'proportional'}"
                made[key] = {"q": int(found.q), "rows": table.to_dict(orient="index")}
    (HERE / "quakes.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
