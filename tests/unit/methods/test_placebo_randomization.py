"""Randomization inference: every draw equals a regression estimated anew, counts by hand, size and power."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from simulated_counties import Effects, simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.placebo import drawn_design, permutation_test, permutations, randomization_test
from shanhai.methods.placebo.randomization import compare
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

EVERYTHING = SampleSpec("all", "全部")
BY_PREFECTURE = CovarianceSpec("cluster", ("prefecture_code",), "CR1S")
RUGGED = Variable("ruggedness", "standardised")
DUAL = RegressionSpec(
    Variable("gdp_per_capita", "log"),
    (Variable("on_border"), RUGGED, Interaction(Variable("on_border"), RUGGED)),
    EVERYTHING,
    BY_PREFECTURE,
    controls=(Variable("is_district"),),
    fixed_effects=("province_code",),
)
PLAIN = replace(DUAL, terms=(Variable("on_border"),))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    counties = simulate_counties(np.random.default_rng(3), n=400, side=4)
    counties.loc[::37, "gdp_per_capita"] = np.nan  # rows that drop out must not shift the draws
    counties["on_border"] = counties["on_border"].astype("boolean")
    counties.loc[5, "on_border"] = pd.NA
    counties["ecology"] = np.arange(400) % 3
    return counties


@pytest.fixture(scope="module")
def draws(frame: pd.DataFrame) -> np.ndarray:
    return np.random.default_rng(4).uniform(size=(30, len(frame))) < 0.3


@pytest.mark.parametrize(
    "covariance",
    [
        CovarianceSpec("iid"),
        CovarianceSpec("HC1"),
        CovarianceSpec("cluster", ("prefecture_code",), "CR0"),
        CovarianceSpec("cluster", ("prefecture_code",), "CR1"),
        BY_PREFECTURE,
        CovarianceSpec("cluster", ("prefecture_code",), "fixest"),
        CovarianceSpec("cluster", ("province_code", "ecology"), "CR1"),
    ],
    ids=lambda covariance: covariance.label,
)
@pytest.mark.parametrize("weights", [None, "population"])
@pytest.mark.parametrize("effects", [(), ("province_code",), ("province_code", "ecology")], ids=len)
@pytest.mark.parametrize("term", ["on_border", "on_border:z_ruggedness"])
def test_each_draw_equals_a_regression_estimated_anew(frame, draws, covariance, weights, effects, term) -> None:
    terms = DUAL.terms if covariance.by != ("province_code", "ecology") else DUAL.terms[::2]
    spec = replace(DUAL, terms=terms, covariance=covariance, weights=weights, fixed_effects=effects)
    if covariance.by == ("province_code", "ecology"):  # three levels of one column: two coefficients at most
        spec = replace(spec, controls=(), covariance=replace(covariance, by=("province_code", "prefecture_code")))
    test = randomization_test(spec, frame, draws[:4], "on_border", term)
    for number in range(4):
        column = pd.array(draws[number], dtype="boolean")
        column[frame["on_border"].isna().to_numpy()] = pd.NA
        anew = fit(spec, frame.assign(on_border=column))
        place = anew.position(term)
        assert test.estimates[number] == pytest.approx(anew.params[place], abs=1e-10)
        assert test.t_ratios[number] == pytest.approx(anew.t[place], abs=1e-10)
    real = fit(spec, frame)
    assert test.t == real.t[real.position(term)]


def test_p_counts_ties_and_the_data_among_the_draws(frame) -> None:
    """Two draws are the data, one their mirror image (t of the other sign), one is small: (1 + 3) / (1 + 4)."""
    rng = np.random.default_rng(1)
    real = frame["on_border"].fillna(False).to_numpy(dtype=bool)
    weak = rng.uniform(size=len(frame)) < 0.5
    test = randomization_test(PLAIN, frame, np.array([real, real, ~real, weak]), "on_border")
    assert (test.larger, test.ties, test.undefined, test.draws) == (0, 3, 0, 4)
    assert test.p == pytest.approx(4 / 5)
    assert test.position == pytest.approx(0.0)
    np.testing.assert_allclose(test.t_ratios[:3], [test.t, test.t, -test.t], rtol=1e-10)


def test_draw_that_tells_nothing_is_counted_apart(frame, draws) -> None:
    province = (frame["province_code"] == "100000").to_numpy()
    odd = np.array([np.ones(len(frame), dtype=bool), province, frame["is_district"].to_numpy(), draws[0]])
    test = randomization_test(PLAIN, frame, odd, "on_border")
    assert (test.draws, test.undefined) == (1, 3)
    np.testing.assert_array_equal(np.isnan(test.estimates), [True, True, True, False])
    with pytest.raises(SpecificationError, match="no draw leaves"):
        randomization_test(PLAIN, frame, odd[:3], "on_border")


def test_permutations_keep_the_count_of_each_stratum() -> None:
    values = np.array([1.0, 0, 0, 1, 1, 0, 5])
    strata = np.array([0, 1, 0, 1, 1, 0, 2])
    drawn = permutations(values, strata, 200, np.random.default_rng(1))
    for group in range(3):
        wanted = np.sort(values[strata == group])
        np.testing.assert_array_equal(np.sort(drawn[:, strata == group], axis=1), np.tile(wanted, (200, 1)))
    assert drawn[:, 0].mean() == pytest.approx(1 / 3, abs=0.12)
    assert (drawn[:, 6] == 5).all()


def test_seed_decides_everything(frame) -> None:
    first, second, other = (
        permutation_test(PLAIN, frame, "on_border", 50, np.random.default_rng(seed), "province_code").t_ratios
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def villages() -> pd.DataFrame:
    """Persons of eight villages in two districts; four villages have the programme, two a district."""
    rng = np.random.default_rng(8)
    village = rng.permutation(np.repeat(np.arange(8), [3, 5, 4, 6, 2, 5, 7, 4]))
    persons = pd.DataFrame({"village": [f"v{number}" for number in village], "district": village // 4})
    persons["programme"] = np.isin(village, (0, 3, 4, 6)).astype(float)
    return persons.assign(y=rng.normal(size=36) + rng.normal(size=8)[village] + persons["programme"])


@pytest.mark.parametrize(("within", "possible"), [(None, 70), ("district", 36)])
def test_whole_units_exchange_their_treatment(within: str | None, possible: int) -> None:
    """Every draw is one of the assignments that could have been, each by statsmodels, and p its share among them."""
    persons = villages()
    result = fit("y ~ programme", persons, vcov="cluster:village")
    test = result.randomize("programme", seed=4, draws=2999, units="village", within=within)
    names = sorted(set(persons["village"]))
    every = []
    for chosen in itertools.combinations(names, 4):
        given = persons["village"].isin(chosen).astype(float)
        if within is None or given.groupby(persons["village"]).first().iloc[:4].sum() == 2:
            every.append(sm.OLS(persons["y"], sm.add_constant(given)).fit().params.iloc[1])
    assert len(every) == possible
    drawn = np.unique(np.round(test.estimates, 9))
    np.testing.assert_allclose(drawn, np.unique(np.round(every, 9)), atol=2e-9)
    exact = np.mean(np.abs(every) >= abs(test.estimate) - 1e-9)
    assert test.p_of_estimate == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 2999))
    rows = result.randomize("programme", seed=4, draws=99)
    assert len(np.unique(np.round(rows.estimates, 9))) > possible  # persons taken for units, which they were not


def test_a_treatment_or_stratum_that_varies_within_units_is_refused() -> None:
    persons = villages()
    result = fit("y ~ programme", persons.assign(sex=np.arange(36) % 2), vcov="HC1")
    with pytest.raises(SpecificationError, match=r"the stratum varies within 'village', as in v\d; allowed: one value"):
        result.randomize("programme", seed=1, units="village", within="sex")
    with pytest.raises(SpecificationError, match="the treatment varies within 'district', as in 0;"):
        result.randomize("programme", seed=1, units="district")


def test_blocks_change_nothing(frame, draws, monkeypatch) -> None:
    whole = randomization_test(DUAL, frame, draws, "on_border").t_ratios
    monkeypatch.setattr("shanhai.methods.placebo.randomization._BLOCK", 3 * len(frame))
    np.testing.assert_allclose(randomization_test(DUAL, frame, draws, "on_border").t_ratios, whole, rtol=1e-12)


@pytest.mark.slow
def test_an_effect_is_found_and_its_absence_is_not() -> None:
    """A treatment assigned by lot: with an effect p is as small as the draws allow, without one p is uniform."""
    rng = np.random.default_rng(11)
    counties = simulate_counties(rng, Effects(border=0, border_x_terrain=0), n=300, side=3)
    null = []
    for _ in range(80):
        lot = rng.uniform(size=300) < 0.3
        null.append(permutation_test(PLAIN, counties.assign(on_border=lot), "on_border", 99, rng).p)
    assert stats.kstest(null, "uniform").pvalue > 0.01
    assert np.mean(np.array(null) <= 0.05) < 0.14
    treated = counties.assign(on_border=lot, gdp_per_capita=counties["gdp_per_capita"] * np.exp(-0.3 * lot))
    test = permutation_test(PLAIN, treated, "on_border", 499, rng, "province_code")
    assert test.p == pytest.approx(1 / 500)
    assert test.estimate == pytest.approx(-0.3, abs=0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"covariance": CovarianceSpec("HC3")}, "covariance 'HC3'"),
        ({"covariance": CovarianceSpec("cluster", ("prefecture_code",), "CR2")}, "CR2"),
        ({"terms": (RUGGED,)}, "no term"),
        ({"terms": (Variable("on_border", "centred"),)}, "transformed"),
        ({"terms": (Variable("on_border"), Bands("on_border", (0, 1)))}, "as bands"),
        (
            {"terms": (Variable("on_border"), Interaction(Variable("on_border"), Variable("on_border")))},
            "multiplied by itself",
        ),
        ({"weights": "on_border"}, "is also the outcome, a fixed effect"),
    ],
)
def test_treatments_that_cannot_be_drawn_are_refused(frame, draws, change, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        randomization_test(replace(DUAL, **change), frame, draws, "on_border")


def test_bad_draws_are_refused(frame, draws) -> None:
    with pytest.raises(SpecificationError, match="the frame 400 rows"):
        randomization_test(DUAL, frame, draws[:, 1:], "on_border")
    with pytest.raises(SpecificationError, match="has no value for a row"):
        randomization_test(DUAL, frame, np.full((2, 400), np.nan), "on_border")
    with pytest.raises(SpecificationError, match="does not depend on the drawn column"):
        randomization_test(DUAL, frame, draws, "on_border", "is_district")
    with pytest.raises(SpecificationError, match="no column 'country'"):
        permutation_test(DUAL, frame, "on_border", 9, np.random.default_rng(1), strata="country")
    with pytest.raises(SpecificationError, match="0 draws"):
        permutations(np.ones(3), None, 0, np.random.default_rng(1))


def test_summary_row_says_where_the_estimate_stands(frame, draws) -> None:
    design = drawn_design(PLAIN, frame, "on_border")
    t = float(design.result.t[0])
    ratios = np.array([t - 1, t + 0.5, -t, np.nan])
    row = compare(design, np.array([0.1, 0.2, 0.3, np.nan]), ratios, "on_border").to_frame().iloc[0]
    assert (row["draws"], row["undefined"]) == (3, 1)
    assert row["position"] == pytest.approx(100 / 3)
    assert row["low"] == pytest.approx(0.1 + 0.05 * 0.1)
