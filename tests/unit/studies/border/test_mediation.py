"""Channels by hand on three counties, and the account on simulated ones against plain regressions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.studies.border.design import BY_PROVINCE, CHANNELS, CHINA, MEDIATED, MEDIATED_LATER, UPSTREAM
from shanhai.studies.border.mediation import Mediation, _add_channels, _mediate
from shanhai.studies.border.tables import mediation_table
from shanhai.studies.border.words import mediation_sentence

_DRAWN = "bootstrap of clusters (50)"

DEGREE = np.pi / 180 * 6371.01
"""Kilometres of a degree of the equator."""


def test_access_counts_all_other_counties_by_their_distance() -> None:
    frame = pd.DataFrame(
        {
            "population_2010": [100.0, 900.0, 90.0, np.nan],
            # the third is so large that two thirds of its radius, 200 km, exceed the way to its neighbour
            "area_km2": [10.0, 100.0, np.pi * 300**2, 10.0],
            "longitude": [0.0, 1.0, 2.0, 2.5],
            "latitude": 0.0,
        }
    )
    added = _add_channels(frame)
    np.testing.assert_allclose(added["density_2010"].iloc[:3], [10.0, 9.0, 90.0 / (np.pi * 300**2)])
    expected = [900 / DEGREE + 90 / (2 * DEGREE), 100 / DEGREE + 90 / DEGREE, 100 / (2 * DEGREE) + 900 / 200]
    np.testing.assert_allclose(added["market_access_2010"].iloc[:3], expected, rtol=1e-9)
    assert added["market_access_2010"].isna().tolist() == [False, False, False, True]


def counties() -> pd.DataFrame:
    """Simulated counties with every column of the account."""
    rng = np.random.default_rng(3)
    frame = simulate_counties(rng, n=1500)
    size = len(frame)
    far = np.exp(rng.normal(4.5, 0.5, size) + 0.5 * frame["on_border"])
    gdp = frame["gdp_per_capita"] * far**-0.1
    return frame.assign(
        gdp_per_capita_2021=gdp,
        elevation_mean_m=rng.normal(500, 100, size),
        distance_to_capital_km=far,
        density_2010=np.exp(rng.normal(5, 1, size)) / far,
        market_access_2010=np.exp(rng.normal(8, 0.3, size)),
    )


@pytest.fixture(scope="module")
def account() -> Mediation:
    return _mediate(counties(), draws=50)


def test_what_is_left_and_what_is_accounted_for_are_plain_regressions(account: Mediation) -> None:
    def border(*controls: str) -> float:
        kept = tuple(
            term
            for term in MEDIATED_LATER.controls
            if isinstance(term, Variable) and term.name in ("is_district", *controls)
        )
        spec = RegressionSpec(
            MEDIATED.outcome, MEDIATED.terms, CHINA, controls=kept, fixed_effects=("province_code",),
            covariance=BY_PROVINCE,
        )  # fmt: skip
        return fit(spec, counties()).estimate("on_border").value

    first = [name for key in UPSTREAM for name in CHANNELS[key]]
    every = [name for names in CHANNELS.values() for name in names]
    assert account.cut_off.part.value == pytest.approx(border() - border(*first), rel=1e-9)
    assert account.channels.left.value == pytest.approx(border(*every), rel=1e-9)
    assert account.channels.whole.value == pytest.approx(account.upstream.whole.value, rel=1e-12)
    # density falls with distance: what distance does through it is its own in the first account only
    assert account.check_later.whole.value == pytest.approx(border(), rel=1e-9)


def test_the_simulated_parts_are_found(account: Mediation) -> None:
    """Border counties are half a log point farther, at -0.1 each: -0.05; and terrain rises to the border."""
    distance = account.upstream.through(("distance",)).part
    assert distance.value == pytest.approx(-0.05, abs=2.5 * distance.se) and distance.se < 0.02
    assert account.terrain.part.value < 0 and account.has_shares


def test_table_and_sentence_print_the_account(account: Mediation) -> None:
    table = mediation_table([account])
    assert table.frame.iloc[0, 0] == "border difference at equal district status"
    assert table.frame.iloc[0, 1].startswith(f"{account.upstream.whole.value:.3f}")
    assert len(table.estimates) == len(account.estimates())
    drawn = [record for record in table.estimates if record.method.startswith("sequential g")]
    assert len(drawn) == 3 and all(record.df is None for record in drawn)
    sentence = mediation_sentence(account)
    assert sentence.startswith("China: at equal district status the border difference is ")
    assert f"{account.cut_off.part.value:.3f}" in sentence and f"{100 * account.cut_off.share.value:.1f}%" in sentence
    assert mediation_sentence(account, "zh").startswith("全国：控制市辖区后，边界县与非边界县之差为")


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        (Estimate(0.02, 0.01, error=_DRAWN), "of the opposite sign"),
        (Estimate(-0.02, 0.05, error=_DRAWN), "does not differ significantly from zero"),
    ],
)
def test_no_share_stands_where_sequential_g_does_not_bear_the_account_out(
    account: Mediation, checked: Estimate, words: str
) -> None:
    failing = replace(account, check_upstream=replace(account.check_upstream, through=checked))
    assert "main" in failing.failed_checks and not failing.has_shares
    assert words in mediation_sentence(failing) and words in " ".join(mediation_table([failing]).notes)
    assert "main" not in account.failed_checks


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(SpecificationError, match="no sample 'x'"):
        _mediate(counties(), "x")
