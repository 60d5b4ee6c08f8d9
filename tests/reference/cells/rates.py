"""How often tests at the level of cells reject at 5 %, on worlds whose truth is known.

    python tests/reference/cells/rates.py                into rates.csv beside it; a seed a draw, so it repeats
    python tests/reference/cells/rates.py WORLD DRAWS    one world, printed

Fixed before the first draw: the worlds, the tests, and the rule. **Rule.** In a world without valley and jump a test
should reject in 3 to 8 % of the draws (5 % with twice the Monte Carlo error of some 1.5 points; below 3 only costs
power). A test that rejects in more than 8 % in any of these worlds gets other errors in all of them, the first of
these that keeps it within: CR2 with Satterthwaite's degrees of freedom, CV3, the wild bootstrap by segment with Webb's
weights. Eight draws of one world of this kind had been seen before, none of these numbers.

The slopes are linear in light once it stands over the mean of its segment, so all draws of a world are estimated at
once, by arithmetic of this file; the test `tests/reference/test_cells.py` holds it against the library from the
raster on. The jump chooses its bandwidth anew in each draw and is the library's own.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student
from worlds import NOTHING, WORLDS, draw, expected, laid

from shanhai.studies.robustness import cells

HERE = Path(__file__).parent
DRAWS = 400
JUMPS = 200
"""Draws of which the jump is estimated, which takes most of the time."""

Sums = dict[str, np.ndarray]


def slopes(light: np.ndarray, sample: pd.DataFrame, term: np.ndarray, reach_km: float) -> Sums:
    """Slope on a term within the sides of segments, errors by segment (CR1), of many draws at once.

    ``light`` has one row a strip and one column a draw.
    """
    near = sample["distance_km"].to_numpy() < reach_km
    side, segment = (pd.factorize(sample.loc[near, name])[0] for name in ("side", "segment"))
    size = np.bincount(side)

    def within(values: np.ndarray) -> np.ndarray:
        sums = np.zeros((len(size), values.shape[1]))
        np.add.at(sums, side, values)
        return values - (sums / size[:, None])[side]

    x, y = within(term[near, None].astype(float)), within(light[near])
    estimate = (x * y).sum(axis=0) / (x**2).sum()
    clusters = segment.max() + 1
    scores = np.zeros((clusters, y.shape[1]))
    np.add.at(scores, segment, x * (y - x * estimate))
    se = np.sqrt((scores**2).sum(axis=0) * clusters / (clusters - 1)) / (x**2).sum()
    return {"estimate": estimate, "se": se, "df": np.full(len(se), clusters - 1.0)}


def drawn(name: str, start: int, stop: int) -> np.ndarray:
    """Relative light of the strips, one column a draw."""
    world, number = WORLDS[name], list(WORLDS).index(name)
    on = laid(world.ground)
    columns = (on.relative(draw(world, np.random.default_rng([number, each]))) for each in range(start, stop))
    return np.column_stack(list(columns))


def estimates(name: str, start: int, stop: int, jumps: int) -> pd.DataFrame:
    """Estimates of some draws of a world: test, draw, estimate, se, df; the jump for draws below ``jumps``."""
    on, light = laid(WORLDS[name].ground), drawn(name, start, stop)
    distance = on.sample["distance_km"].to_numpy()
    parts = {
        "gradient": slopes(light, on.sample, np.log(distance), 100.0),
        "last_20km": slopes(light, on.sample, distance < 20, 40.0),
    }
    numbers = np.arange(start, stop)
    tables = [pd.DataFrame({"test": test, "draw": numbers, **part}) for test, part in parts.items()]
    rows = []
    for each in numbers[numbers < jumps]:
        found = cells._jump(on.sample.assign(relative_light=light[:, each - start]), on.least_km)
        own = found.robust.estimate("right_side")
        rows.append({"test": "jump", "draw": each, "estimate": own.value, "se": own.se, "df": own.df})
    table = pd.concat([*tables, pd.DataFrame(rows)], ignore_index=True)
    return table.assign(world=name, segments=on.sample["segment"].nunique())


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a world and test: rejections of zero at 5 %, mean of the estimate, and intervals that hold the truth."""
    table = table.assign(p=2 * student.sf(np.abs(table["estimate"] / table["se"]), table["df"]))
    rows = []
    for (name, test), part in table.groupby(["world", "test"], sort=False):
        world = WORLDS[str(name)]
        truth = expected(world, laid(world.ground).donut_km) if world.truth != NOTHING else {"gradient": 0.0}
        true = truth.get(str(test), np.nan if world.truth != NOTHING else 0.0)
        off = np.abs(part["estimate"] - true) / part["se"]
        rows.append(
            {
                "world": name,
                "test": test,
                "segments": part["segments"].iloc[0],
                "draws": len(part),
                "rejected": 100 * (part["p"] < 0.05).mean(),
                "truth": true,
                "mean": part["estimate"].mean(),
                "mean_error": part["estimate"].std() / np.sqrt(len(part)),
                "covered": 100 * (off <= student.ppf(0.975, part["df"])).mean() if np.isfinite(true) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def all_of(name: str) -> pd.DataFrame:
    """Summary of all draws of a world."""
    return summary(estimates(name, 0, DRAWS, JUMPS))


def main(arguments: list[str]) -> None:
    """Write the rates, or print those of one world."""
    if arguments:
        name, count = arguments[0], int(arguments[1])
        print(summary(estimates(name, 0, count, count)).to_string(index=False))
        return
    with ProcessPoolExecutor(2) as pool:
        parts = []
        for part in pool.map(all_of, WORLDS):
            print(part.to_string(index=False), flush=True)
            parts.append(part)
    pd.concat(parts).to_csv(HERE / "rates.csv", index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
