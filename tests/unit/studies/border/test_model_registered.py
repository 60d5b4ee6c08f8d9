"""The registered regressions are what the project said before it saw results; all of them run on counties."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.families import adjust_family
from shanhai.methods.simulated import simulate_counties
from shanhai.methods.spec import Bands, Variable
from shanhai.studies.border.registered import (
    COVARIANCES,
    FAMILY_TERMS,
    GAP_GROUPS,
    MODELS,
    OUTCOMES,
    STEPS,
    estimates_frame,
    fit_registered,
    main_spec,
    registered_estimates,
    registered_spec,
)
from shanhai.studies.border.samples import SAMPLES


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """Simulated counties with the columns of the analysis frame and codes of real provinces."""
    rng = np.random.default_rng(23)
    frame = simulate_counties(rng, n=1500, side=5)
    real = [*dict.fromkeys(code for spec in SAMPLES.values() for code in spec.provinces)]
    names = dict(zip(sorted(frame["province_code"].unique()), real, strict=False))
    frame["province_code"] = frame["province_code"].map(lambda code: names.get(code, code))
    frame["prefecture_code"] = frame["province_code"] + rng.integers(10, 25, size=1500).astype(str)
    people = frame.pop("population")
    frame["gdp_per_capita_2021"] = frame.pop("gdp_per_capita")
    return frame.assign(
        population_2020=people,
        lights_per_head_2021=frame["gdp_per_capita_2021"] * np.exp(0.2 * rng.normal(size=1500)),
        lights_per_km2_2021=frame["gdp_per_capita_2021"] * np.exp(0.5 * rng.normal(size=1500)),
        mean_schooling_2020=9 + rng.normal(size=1500),
        share_60_plus_2020=20 + rng.normal(size=1500),
        urban_share_2020=60 + rng.normal(size=1500),
        area_km2=np.exp(7 + 0.5 * rng.normal(size=1500)),
        distance_to_capital_km=rng.uniform(5, 300, size=1500),
        gap_to_border_km=np.maximum(frame["distance_to_border_km"] - 40, 0),
        gdp_is_doubtful=rng.uniform(size=1500) < 0.1,
        is_mountainous=frame["ruggedness"] > frame["ruggedness"].quantile(2 / 3),
    )


def test_main_specification_is_the_registered_one() -> None:
    spec = main_spec()
    assert spec.outcome == Variable("gdp_per_capita_2021", "log")
    assert spec.names == ("on_border", "z_ruggedness", "on_border:z_ruggedness", "is_district")
    assert spec.fixed_effects == ("province_code",)
    assert spec.weights is None
    assert spec.sample.name == "China"
    assert spec.covariance.label == "cluster(prefecture_code) CR1S"
    assert spec.spec_id == "5eabae2bb596"  # a change of the main specification must be said in the changelog


def test_only_the_last_step_holds_outcomes_fixed_and_says_so() -> None:
    named = {step: registered_spec(step).outcome_controls for step in STEPS}
    assert named.pop("outcomes") == ("mean_schooling_2020", "share_60_plus_2020", "urban_share_2020")
    assert set(named.values()) == {()}


def test_an_outcome_is_never_its_own_control() -> None:
    assert "mean_schooling_2020" not in registered_spec("outcomes", outcome="schooling").names
    assert "share_60_plus_2020" not in registered_spec("outcomes", outcome="ageing").names


def test_groups_of_the_gap_cover_the_main_model() -> None:
    assert [name for names in GAP_GROUPS.values() for name in names] == list(main_spec().names)
    assert set(FAMILY_TERMS) < set(main_spec().names)


def test_all_specifications_differ() -> None:
    specs = [registered_spec(model, key, outcome) for model in MODELS for key in SAMPLES for outcome in OUTCOMES]
    assert len({spec.spec_id for spec in specs}) == len(specs)


@pytest.mark.parametrize(("keys", "said"), [({"model": "x"}, "no model 'x'"), ({"outcome": "x"}, "no outcome 'x'")])
def test_unknown_keys_are_refused(keys: dict[str, str], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        registered_spec(**keys)


def test_every_registered_regression_of_china_runs_with_every_covariance(counties: pd.DataFrame) -> None:
    results = fit_registered(counties, samples=("china",))
    assert len(results) == len(OUTCOMES) * len(MODELS) * len(COVARIANCES["china"])
    table = estimates_frame(results)
    assert table.columns.tolist() == [
        *("sample", "outcome", "model", "term", "estimate", "se", "p", "n", "vcov", "spec_id"),
        *("low", "high", "df", "clusters"),
    ]
    assert np.isfinite(table[["estimate", "se", "p", "low", "high"]].to_numpy()).all()
    assert not table.duplicated(["spec_id", "outcome", "term"]).any()
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()


def test_rows_for_verdicts_hold_the_main_model_and_the_distances(counties: pd.DataFrame) -> None:
    rows = pd.DataFrame(registered_estimates(counties))
    assert set(rows["model"]) == {MODELS[key].label for key in ("main", "distance", "centre_bands", "edge_bands")}
    assert set(rows["sample"]) == {spec.name for spec in SAMPLES.values()}
    assert set(rows["vcov"]) == {"cluster(prefecture_code) CR1S"}


def test_bands_of_a_registered_model_start_at_the_border() -> None:
    for key in ("centre_bands", "edge_bands"):
        (bands,) = (term for term in MODELS[key].terms if isinstance(term, Bands))
        assert bands.edges[0] == 0
        assert bands.edges[-1] == 100


def test_holm_by_hand() -> None:
    table = adjust_family(pd.DataFrame({"p": [0.01, 0.04, 0.03]}))
    # smallest times 3; next 0.03 times 2 = 0.06; largest 0.04 times 1, held up to 0.06
    np.testing.assert_allclose(table["p_holm"], [0.03, 0.06, 0.06])
    assert table["family_size"].tolist() == [3, 3, 3]


def test_an_empty_family_is_refused() -> None:
    with pytest.raises(SpecificationError, match="a family of 0 tests"):
        adjust_family(pd.DataFrame({"p": []}))
