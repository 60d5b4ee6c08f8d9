"""Comparisons of pairs as rows for ``publish_estimates``."""

from dataclasses import dataclass

import pandas as pd

from shanhai.model.pairing.registered import PairingSpec
from shanhai.spec.identity import content_id


@dataclass(frozen=True)
class PeopleSpec:
    """How people who live elsewhere are counted."""

    difference: str = "registered less residents"
    residents: str = "census"


PEOPLE_ID = content_id(PeopleSpec())
"""Id of the count of people who live elsewhere."""

NULL_NAMES = {"province": "any county outside the 26", "list": "partners dealt anew", "as_rich": "counties as rich"}


def pair_rows(tests: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
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


def people_rows(years: pd.DataFrame, carried: tuple[float, int, int], expected: float) -> pd.DataFrame:
    """Registered less resident population of each year, and what chance would bring to the partner; no errors."""
    last = float(years.loc[years["source"].eq("mixed"), "residents"].iloc[0])
    found = [(str(row["source"]), f"residents of {row['year']}", row["difference"]) for row in years.to_dict("records")]
    found.append(("register carried on", "residents of 2020", carried[0] - last))
    found.append(("spread of all migrants", "expected in the partner", expected))
    common = {
        "sample": "Bazhong",
        "outcome": "registered_less_residents",
        "se": float("nan"),
        "p": float("nan"),
        "n": 1,
        "vcov": "none",
        "spec_id": PEOPLE_ID,
    }
    return pd.DataFrame([common | {"model": model, "term": term, "estimate": value} for model, term, value in found])
