"""Comparisons of pairs as estimates, and counts of people as quantities."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from shanhai.methods.records import EstimateRecord, Quantity, estimates_of
from shanhai.methods.spec.identity import content_id
from shanhai.studies.pairing.registered import PairingSpec


@dataclass(frozen=True)
class PeopleSpec:
    """How people who live elsewhere are counted."""

    difference: str = "registered less residents"
    residents: str = "census"


PEOPLE_ID = content_id(PeopleSpec())
"""Id of the count of people who live elsewhere."""

NULL_NAMES = {"province": "any county outside the 26", "list": "partners dealt anew", "as_rich": "counties as rich"}


def pair_estimates(tests: pd.DataFrame, seed: int) -> tuple[EstimateRecord, ...]:
    """Means over the named pairs with their permutation p-values, beside what pairs at random would give.

    Parameters
    ----------
    tests : of :func:`shanhai.studies.pairing.pairs.tests_frame`.
    seed : of the draws, named with the errors because the p-value follows from it.
    """
    family = f"Holm, family of {len(tests)}"
    return tuple(
        EstimateRecord(
            "named pairs, Zhejiang", row["outcome"], f"against {NULL_NAMES[row['null']]}", "named pairs",
            row["observed"], row["pairs"],
            "", "mean", p=row["p"], p_other={family: row["p_holm"]}, null_mean=row["expected"], null_low=row["low"],
            null_high=row["high"], design_id=PairingSpec(row["outcome"], row["null"]).spec_id,
            unit="pairs of counties", method=f"permutation ({_draws(row, seed)})",
        )
        for row in tests.to_dict("records")
    )  # fmt: skip


def _draws(row: Mapping[Hashable, Any], seed: int) -> str:
    return f"exact, {row['draws']}" if row["exact"] else f"{row['draws']}, seed {seed}"


def city_estimates(ranks: pd.DataFrame, partners: str) -> tuple[EstimateRecord, ...]:
    """A pair of prefectures among the partners that either could have had, of ``city_ranks``."""
    return estimates_of(
        ranks,
        sample=partners,
        model="Jinhua and Bazhong among possible partners",
        term="this pair",
        estimate=ranks["value"],
        null_mean=ranks["median"],
        n=ranks["among"],
        estimand="difference of two places",
        unit="possible pairs of prefectures",
        method="rank among possible partners",
    )


def path_estimates(paths: pd.DataFrame, draws: int, seed: int) -> tuple[EstimateRecord, ...]:
    """Gap of light between partners by year, of ``gap_paths``, beside the middle of drawn partners."""
    return estimates_of(
        paths.drop(columns=["low", "high"]),
        sample="named pairs, Zhejiang",
        outcome="log gap of light, against the first three years of the sensor",
        model="against any county outside the 26",
        term=[f"year_{year}" for year in paths["year"]],
        estimate=paths["observed"],
        null_mean=paths["expected"],
        null_low=paths["low"],
        null_high=paths["high"],
        n=paths["pairs"],
        estimand="mean",
        unit="pairs of counties",
        method=f"permutation ({draws}, seed {seed}), each year by itself",
    )


def people_quantities(years: pd.DataFrame, carried: tuple[float, int, int], expected: float) -> list[Quantity]:
    """Registered less resident population of each year, and what chance would bring to the partner."""
    last = float(years.loc[years["source"].eq("mixed"), "residents"].iloc[0])
    counts = [
        (str(row["source"]), f"residents of {row['year']}", row["difference"]) for row in years.to_dict("records")
    ]
    counts.append(("register carried on", "residents of 2020", carried[0] - last))
    counts.append(("spread of all migrants", "expected in the partner", expected))
    return [
        Quantity("Bazhong", "registered less residents, people", model, term, value, 1, PEOPLE_ID, "prefectures")
        for model, term, value in counts
    ]
