"""Make nile.json: the jump of the Nile at Aswan in 1899 that rdrobust 2.1.1 (Python, GPL-3) finds.

Run with a Python that has rdrobust and statsmodels: ``python nile.py``. The flow of a hundred years is the data set
``nile`` of statsmodels (in the public domain).
"""

import importlib.metadata
import json
from pathlib import Path

import rdrobust
from statsmodels.datasets import nile

CASES = {"default": {}, "widths": {"h": 15.0, "b": 25.0}}


def main() -> None:
    data = nile.load_pandas().data
    out = {"rdrobust": importlib.metadata.version("rdrobust"), "cases": {}}
    for name, options in CASES.items():
        found = rdrobust.rdrobust(data["volume"], data["year"], c=1898.5, **options)
        coef, se, ci = (getattr(found, part).to_numpy() for part in ("coef", "se", "ci"))
        out["cases"][name] = {
            "conventional": coef[0, 0],
            "corrected": coef[1, 0],
            "se_conventional": se[0, 0],
            "se_robust": se[2, 0],
            "robust": [float(end) for end in ci[2]],
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
