"""Coverage of every interval the library reports, on simulated counties with the truth known.

    python tests/reference/coverage/coverage.py            all of it, into coverage.csv and first_draws.csv beside it
    python tests/reference/coverage/coverage.py --first FOLDER [GROUP ...]     the first draws only, into FOLDER

`coverage.csv`: one row an interval and kind of errors. `first_draws.csv`: the first draws one by one, which the test
`tests/reference/test_coverage.py` makes again.
"""

import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from intervals import GROUPS, seen_in
from world import ERRORS

HERE = Path(__file__).parent
FIRST = 2
"""Draws kept one by one."""


COLUMNS = ("group", "interval", "errors", "draw", "covered", "half", "error")
Row = tuple[str, str, str, int, float, float, float]


def rows_of(group: str, kind: str, draws: int) -> list[Row]:
    """One row an interval and draw."""
    return [
        (group, seen.interval, kind, number, seen.covered, seen.half, seen.error)
        for number in range(draws)
        for seen in seen_in(group, kind, number)
    ]


def draws_of(groups: Iterable[str], most: int | None, workers: int) -> pd.DataFrame:
    """All draws of some groups: every draw has a seed of its own, so the order of work changes nothing."""
    tasks = [(group, kind, min(most or GROUPS[group][1], GROUPS[group][1])) for group in groups for kind in ERRORS]
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(rows_of, *zip(*tasks, strict=True)))
    return pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)


def summary(draws: pd.DataFrame) -> pd.DataFrame:
    """Percent covered with its Monte Carlo error, median half width, bias and spread of the estimate."""
    rows = []
    for (group, interval, kind), part in draws.groupby(["group", "interval", "errors"], sort=False):
        covered = part["covered"].to_numpy()
        rows.append(
            {
                "group": group,
                "interval": interval,
                "errors": kind,
                "draws": len(part),
                "coverage": 100 * covered.mean(),
                "monte_carlo_error": 100 * covered.std(ddof=1) / np.sqrt(len(part)),
                "half_width": part["half"].median(),
                "bias": part["error"].mean(),
                "spread": part["error"].std(ddof=1),
            }
        )
    return pd.DataFrame(rows)


def main(arguments: list[str]) -> None:
    first = bool(arguments) and arguments[0] == "--first"
    folder = Path(arguments[1]) if first else HERE
    draws = draws_of(arguments[2:] or GROUPS, FIRST, 1) if first else draws_of(GROUPS, None, 2)
    early = draws[draws["draw"] < FIRST]
    early.to_csv(folder / "first_draws.csv", index=False, float_format="%.6g", lineterminator="\n")
    if not first:
        summary(draws).to_csv(HERE / "coverage.csv", index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
