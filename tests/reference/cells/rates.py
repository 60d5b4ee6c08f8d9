"""How often tests at the level of cells reject at 5 %, on worlds whose truth is known.

    python tests/reference/cells/rates.py                     all of it, into rates.csv and first_draws.csv beside it
    python tests/reference/cells/rates.py --first FOLDER WORLD ...   the first draws of some worlds only, into FOLDER

Fixed before the first draw: the worlds, their draws, the four tests, and the rule. **Rule.** In a world without
valley and jump a test should reject in 3 to 8 % of the draws (5 % with three times the Monte Carlo error of 1.1 points,
below 3 only costs power). A test that rejects in more than 8 % in any of these worlds gets other errors in all of
them, the first of these that keeps it within: CR2 with Satterthwaite's degrees of freedom, CV3, the wild bootstrap by
segment with Webb's weights. Eight draws of one world of this kind had been seen before: none of the numbers here.
"""

import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from worlds import NOTHING, WORLDS, evidence, expected, placed_once

HERE = Path(__file__).parent
FIRST = 2
"""Draws kept one by one."""

_PART = 50
"""Draws of a task."""

TESTS = ("gradient", "last_20km", "jump")


def rows_of(name: str, start: int, stop: int) -> list[dict[str, object]]:
    """Rows of some draws of a world: estimate, bounds and p of each quantity; p of the whole valley."""
    world, number, rows = WORLDS[name], list(WORLDS).index(name), []
    with placed_once():
        for draw in range(start, stop):
            found = evidence(world, np.random.default_rng([number, draw]))
            row: dict[str, object] = {"world": name, "draw": draw, "segments": found.segments}
            for test in TESTS:
                own = found.row(test)
                row |= {f"{test}_{what}": own[what] for what in ("estimate", "low", "high", "p")}
            share = found.row("share_20km")
            row |= {"valley_p": found.valley.test.p, "donut_km": found.donut_km}
            row |= {f"share_20km_{what}": share[what] for what in ("estimate", "low", "high")}
            rows.append(row)
    return rows


def draws_of(names: Iterable[str], most: int | None, workers: int) -> pd.DataFrame:
    """All draws of some worlds: every draw has a seed of its own, so the order of work changes nothing."""
    counts = {name: most or WORLDS[name].draws for name in names}
    tasks = [
        (name, start, min(start + _PART, count)) for name, count in counts.items() for start in range(0, count, _PART)
    ]
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(rows_of, *zip(*tasks, strict=True)))
    return pd.DataFrame([row for part in parts for row in part])


def summary(draws: pd.DataFrame) -> pd.DataFrame:
    """One row a world and quantity: rejections at 5 % in percent, mean and truth of the estimate, intervals that hold
    the truth in percent; the valley as a whole has the first alone."""
    rows = []
    for name, part in draws.groupby("world", sort=False):
        world = WORLDS[str(name)]
        truths = {"gradient": 0.0, "last_20km": 0.0, "jump": 0.0}
        if world.truth != NOTHING:
            truths = {"gradient": np.nan} | expected(world, part["donut_km"].iloc[0])
        for test in TESTS:
            truth = truths[test]
            held = (part[f"{test}_low"] <= truth) & (truth <= part[f"{test}_high"])
            rows.append(
                {
                    "world": name,
                    "test": test,
                    "segments": part["segments"].median(),
                    "draws": len(part),
                    "rejected": 100 * (part[f"{test}_p"] < 0.05).mean(),
                    "truth": truth,
                    "mean": part[f"{test}_estimate"].mean(),
                    "mean_error": part[f"{test}_estimate"].std() / np.sqrt(len(part)),
                    "covered": 100 * held.mean() if np.isfinite(truth) else np.nan,
                }
            )
        shared = {"world": name, "test": "valley", "segments": part["segments"].median(), "draws": len(part)}
        rows.append(shared | {"rejected": 100 * (part["valley_p"] < 0.05).mean()})
    return pd.DataFrame(rows)


def main(arguments: list[str]) -> None:
    """Write the draws asked for."""
    first = arguments[:1] == ["--first"]
    folder, names = (Path(arguments[1]), arguments[2:]) if first else (HERE, list(WORLDS))
    draws = draws_of(names, FIRST if first else None, workers=2)
    kept = draws[draws["draw"] < FIRST]
    kept.to_csv(folder / "first_draws.csv", index=False, float_format="%.6g", lineterminator="\n")
    if not first:
        table = summary(draws)
        table.to_csv(folder / "rates.csv", index=False, float_format="%.4g", lineterminator="\n")
        print(table.to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
