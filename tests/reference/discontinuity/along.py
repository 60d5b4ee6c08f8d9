"""Make along.csv and along.json: jumps at points of a line that rd2d 1.0.0 (Python, GPL-3) computes on made-up places.

Run with a Python that has rd2d: ``python along.py``. The line is y = 0 of a plane of 6 by 3; the jump at (x, 0) is
0.5 + 0.2 x.
"""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import pandas as pd
from rd2d import rd2d_distance

HERE = Path(__file__).parent
POINTS = (-1.5, -0.5, 0.5, 1.5)

CASES = {
    "HC0": {"vce": "hc0"},
    "HC3": {"vce": "hc3"},
    "uniform": {"vce": "hc0", "kernel": "uni"},
    "quadratic": {"vce": "hc0", "p": 2, "q": 3},
}


def main() -> None:
    rng = np.random.default_rng(7)
    places = pd.DataFrame({"x": rng.uniform(-3, 3, 400), "y": rng.uniform(-1.5, 1.5, 400)})
    jump = (places["y"] >= 0) * (0.5 + 0.2 * places["x"])
    places["outcome"] = np.sin(places["x"]) + 0.4 * places["y"] + jump + rng.normal(0, 0.3, 400)
    places = places.round(4)
    places.to_csv(HERE / "along.csv", index=False, lineterminator="\n")
    away = np.hypot(places["x"].to_numpy()[:, None] - np.array(POINTS), places["y"].to_numpy()[:, None])
    signed = np.where(places["y"].to_numpy()[:, None] >= 0, away, -away)
    out = {"rd2d": importlib.metadata.version("rd2d"), "points": POINTS, "bandwidth": 1.2, "cases": {}}
    for name, options in CASES.items():
        found = rd2d_distance(places["outcome"], signed, h=1.2, fitmethod="separate", bwcheck=1, **options)
        table = found["main"]
        out["cases"][name] = {
            "estimate": table["estimate.q"].tolist(),
            "se": table["std.err.q"].tolist(),
            "covariance": np.asarray(found["params_cov"]["main"]).tolist(),
        }
    (HERE / "along.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
