"""Make union_wages.json: details of an Oaxaca-Blinder account that the Python package oaxaca 1.0.3 (Apache 2.0) gives.

Run with a Python that has oaxaca and linearmodels: ``python union_wages.py``. Log wages of 542 young men in 1987, union
members and others (Vella & Verbeek 1998, as distributed with linearmodels), the three in farm work left out. Its
``gu_adjustment`` is the normalisation of Gardeazabal & Ugidos (2004).
"""

import importlib.metadata
import json
from pathlib import Path

from linearmodels.datasets import wage_panel
from oaxaca import Oaxaca

HERE = Path(__file__).parent


def main() -> None:
    men = wage_panel.load().query("year == 1987 and occupation != 8")
    men = men.assign(occupation=men["occupation"].astype(str), other=1 - men["union"].astype(int))
    fitted = Oaxaca().fit("lwage ~ educ + exper + C(occupation) + C(married)", men, "other")
    out = {"oaxaca": importlib.metadata.version("oaxaca"), "normalised": {}, "plain": {}}
    for name, adjusted in (("normalised", "unweighted"), ("plain", "none")):
        for reference, share in (("first", 1.0), ("second", 0.0), ("equal", 0.5)):
            found = fitted.two_fold({0: share, 1: 1.0 - share}, gu_adjustment=adjusted)
            out[name][reference] = {
                "gap": found.total_difference,
                "explained": found.explained_detailed.to_dict(),
                "unexplained": found.unexplained_detailed.to_dict(),
            }
        three = fitted.three_fold(gu_adjustment=adjusted)
        out[name]["threefold"] = {
            "coefficients": three.coefficient_detailed.to_dict(),
            "endowments": three.endowment_detailed.to_dict(),
        }
    (HERE / "union_wages.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
