"""Where a test of a claim stands, and the columns that it names."""

import inspect
from pathlib import Path

from shanhai.claims import rules
from shanhai.claims._tested import code_of, columns_of
from shanhai.claims.claims import Check, Claim, Measured
from shanhai.claims.engine import CHECKS
from shanhai.claims.evidence import Evidence
from shanhai.core.paths import ROOT

OLDER = ("age_85plus",)


def _share(_: Claim, evidence: Evidence) -> Measured:
    def inner(column: str) -> float:
        return float(evidence.table("census_2020")[column].sum())

    return Measured("x", inner("population") + inner(OLDER[0]), "age_60_64 of another table", same_basis="code" != "")


def test_columns_are_those_named_in_the_function_inside_it_and_in_its_constants() -> None:
    """Not the text of a basis, which names a column among other words, nor the key of the table."""
    tested = Check(_share, rules.within(0, 1), ("census_2020", "shapefiles"))
    assert columns_of(tested) == ("census_2020.population", "census_2020.age_85plus")


def test_helpers_of_the_claims_are_followed() -> None:
    """M02 has its quantity from helpers of its module; Q13a from a table of ages."""
    assert "census_2020.age_60_64" in columns_of(CHECKS["Q13a"])
    assert "county_gdp.primary_gdp_10k_yuan" in columns_of(CHECKS["M36d"])


def test_the_line_of_each_test_is_that_at_which_it_is_registered() -> None:
    for name, tested in CHECKS.items():
        file, _, line = code_of(tested).rpartition(":")
        assert (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1].startswith("@check("), name


def test_a_test_of_another_is_named_by_its_file() -> None:
    line = inspect.getsourcelines(_share)[1]
    assert code_of(Check(_share, rules.within(0, 1), ())) == f"{Path(__file__).name}:{line}"
