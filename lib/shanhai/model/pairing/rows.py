"""Comparisons of pairs as rows for ``publish_estimates``."""

import pandas as pd

from shanhai.model.pairing.registered import PairingSpec

NULL_NAMES = {"province": "any county outside the 26", "list": "partners dealt anew", "as_rich": "counties as rich"}


def test_rows(tests: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Means over the named pairs with their permutation p-values, and what pairs at random would give.

    Parameters
    ----------
    tests : of :func:`shanhai.model.pairing.pairs.tests_frame`.
    draws, seed : of the draws, named in ``vcov`` because the p-value follows from them.
    """
    rows = []
    for row in tests.to_dict("records"):
        design = PairingSpec(row["outcome"], row["null"])
        vcov = f"permutation (exact, {row['draws']})" if row["exact"] else f"permutation ({draws}, seed {seed})"
        common = {
            "sample": "named pairs, Zhejiang",
            "outcome": row["outcome"],
            "model": f"against {NULL_NAMES[row['null']]}",
            "se": float("nan"),
            "n": row["pairs"],
            "vcov": vcov,
            "spec_id": design.spec_id,
        }
        rows.append(common | {"term": "named pairs", "estimate": row["observed"], "p": row["p"]})
        rows.append(common | {"term": "drawn pairs", "estimate": row["expected"], "p": float("nan")})
    return pd.DataFrame(rows)
