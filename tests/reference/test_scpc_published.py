"""SCPC against scpc-python, a translation of Mueller and Watson's own program (scpc/make_quakes.py)."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods import scpc
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

STORED = json.loads((Path(__file__).parent / "scpc" / "quakes.json").read_text())
FORMULAS = {
    "one": ("depth", ("mag",)),
    "two": ("depth", ("mag", "stations")),
    "three": ("mag", ("stations", "depth", "lat")),
}
CONLEY = CovarianceSpec.conley("bartlett", 100, ("long", "lat"))


def spec(model: str) -> RegressionSpec:
    outcome, terms = FORMULAS[model]
    return RegressionSpec(Variable(outcome), tuple(map(Variable, terms)), SampleSpec("all", "全部"), CONLEY)


@pytest.fixture(scope="module")
def quakes() -> pd.DataFrame:
    every = pd.read_csv(Path(__file__).parent / "data" / "quakes.csv")
    return every[~every[["long", "lat"]].floordiv(1).duplicated()]


@pytest.mark.parametrize("held_rows", [5000, 0], ids=["held", "visited"])
@pytest.mark.parametrize("key", STORED)
def test_same_errors_and_p_values(quakes: pd.DataFrame, key: str, held_rows: int) -> None:
    """The program finds the decay rate to 0.001 and critical values to 0.001, which is what tolerances allow for."""
    model, rho, errors = key.split(", ")
    for term, row in STORED[key]["rows"].items():
        ours = scpc(spec(model), quakes, term, rho=float(rho), errors=errors, held_rows=held_rows)  # type: ignore[arg-type]
        assert ours.components == STORED[key]["q"]
        assert (ours.estimate, ours.se) == pytest.approx((row["estimate"], row["se"]), rel=1e-5)
        assert ours.p == pytest.approx(row["p"], rel=1e-4, abs=1e-9)
        assert (ours.high - ours.estimate) == pytest.approx(row["high"] - row["estimate"], rel=2e-3)


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    east, north, x, noise = rng.uniform(0, 10, 120), rng.uniform(0, 10, 120), *rng.normal(size=(2, 120))
    return pd.DataFrame({"long": east, "lat": north, "mag": x, "depth": 0.2 * x + noise})


def test_rows_at_one_place_give_nearly_the_p_of_distinct_places(places: pd.DataFrame) -> None:
    together, near = places.copy(), places.copy()
    together.loc[1, ["long", "lat"]] = near.loc[1, ["long", "lat"]] = places.loc[0, ["long", "lat"]].to_numpy()
    near.loc[1, "long"] += 1e-6
    ours, other = (scpc(spec("one"), frame, "mag") for frame in (together, near))
    assert ours.p == pytest.approx(other.p, rel=1e-6)
    assert ours.p == pytest.approx(scpc(spec("one"), places, "mag").p, rel=0.05)


def test_places_shared_by_many_rows(places: pd.DataFrame) -> None:
    halves = places.assign(long=places["long"].round() // 5, lat=places["lat"].round() // 5)
    with pytest.raises(SpecificationError, match="allowed: a rho above that"):
        scpc(spec("one"), halves, "mag")
    assert 0 < scpc(spec("one"), halves, "mag", rho=0.4).p < 1
    with pytest.raises(SpecificationError, match="all 120 rows are at one place"):
        scpc(spec("one"), places.assign(long=1.0, lat=2.0), "mag")


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    east, north, noise = rng.uniform(98, 122, 2000), rng.uniform(21, 46, 2000), rng.normal(size=(2, 2000))
    x, y = np.sin(east / 3) + noise[0], np.cos(north / 4) + noise[1]
    frame = pd.DataFrame({"long": east, "lat": north, "mag": x, "depth": 0.1 * x + y})
    frame.loc[1990:, ["long", "lat"]] = frame.loc[:9, ["long", "lat"]].to_numpy()  # some rows at one place
    return frame


def traced(frame: pd.DataFrame, held_rows: int, seed: int) -> tuple[list[float], int, float]:
    """Error, p and critical value, components, and the largest memory in MB."""
    tracemalloc.start()
    found = scpc(spec("one"), frame, "mag", held_rows=held_rows, seed=seed)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [found.se, found.p, found.critical], found.components, peak


def test_places_that_are_visited_give_what_the_matrix_gives_in_less_memory(many: pd.DataFrame) -> None:
    """Components are found to 1e-7 of the first eigenvalue, means to 1e-7: p has the same six digits."""
    held, count, matrix = traced(many, 5000, 0)
    for seed in (0, 1):
        visited, same, peak = traced(many, 100, seed)
        assert visited == pytest.approx(held, rel=1e-6)
        assert same == count
        assert peak < matrix / 3


def test_bad_input_is_refused(places: pd.DataFrame) -> None:
    with pytest.raises(SpecificationError, match="allowed: proportional, homoskedastic, unconditional"):
        scpc(spec("one"), places, "mag", errors="signed")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="seed is -1; allowed: a whole number"):
        scpc(spec("one"), places, "mag", seed=-1)
    with pytest.raises(SpecificationError, match="no residual is left"):
        scpc(spec("one"), places.assign(depth=2 * places["mag"] + 1), "mag")
    with pytest.raises(SpecificationError, match="5 to 200000 rows"):
        scpc(spec("one"), places.head(4), "mag")
