"""The design of the border regressions is what the project said before it saw results, with its samples and labels."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.data.vintage import Vintage
from shanhai.methods.regression.design import sample_mask
from shanhai.methods.spec import Filter, SampleSpec, Variable
from shanhai.studies.border.design import (
    CHINA,
    FAMILY_TERMS,
    GAP_GROUPS,
    MODELS,
    OUTCOMES,
    SAMPLES,
    STEPS,
    ZHEJIANG,
    border_spec,
    main_spec,
    outcomes,
    sample,
)
from shanhai.studies.border.words import outcome_label, term_label

FRAME = pd.DataFrame(
    {
        "province_code": ["330000", "340000", "350000", "360000", "510000", "500000", "520000", "530000", "540000",
                          "610000", "620000", "630000"],
        "is_district": pd.array([True, False, None] + [False] * 9, dtype="boolean"),
        "area_km2": [10.0, np.nan] + [30.0] * 10,
    }
)  # fmt: skip


def test_samples_hold_their_provinces() -> None:
    held = {key: sample_mask(FRAME, spec).sum() for key, spec in SAMPLES.items()}
    assert held == {"zhejiang": 1, "four_provinces": 4, "sichuan_neighbours": 8, "china": 12}
    assert set(SAMPLES["four_provinces"].provinces) == {"330000", "340000", "350000", "360000"}
    assert len(set(SAMPLES["sichuan_neighbours"].provinces)) == 8
    assert ZHEJIANG.translation == "浙江"
    assert CHINA.provinces == ()


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (Filter("is_district", "==", False), 10),
        (Filter("is_district", "!=", False), 1),
        (Filter("area_km2", ">", 10), 10),
        (Filter("area_km2", "<=", 30), 11),
        (Filter("area_km2", "!=", 30.0), 1),
        (Filter("province_code", "in", ("330000", "340000")), 2),
    ],
    ids=str,
)
def test_missing_values_meet_no_condition(condition: Filter, rows: int) -> None:
    assert sample_mask(FRAME, SampleSpec("some", "一些", (condition,))).sum() == rows


def test_unknown_sample_is_refused_with_the_keys() -> None:
    with pytest.raises(SpecificationError, match="no sample 'Zhejiang'; allowed: zhejiang, four_provinces"):
        sample("Zhejiang")


def test_main_specification_is_the_pre_specified_one() -> None:
    spec = main_spec()
    assert spec.names == ("on_border", "z_ruggedness", "on_border:z_ruggedness", "is_district")
    assert spec.covariance.label == "cluster(prefecture_code) CR1S"
    assert spec.spec_id == "5eabae2bb596"  # a change of the main specification must be said in the changelog


def test_another_year_changes_the_outcome_alone() -> None:
    later = Vintage(gdp=2023, lights=2022)
    assert outcomes(later)["gdp"] == Variable("gdp_per_capita_2023", "log")
    assert outcomes(later)["lights_per_head"] == Variable("lights_per_head_2022", "log")
    assert outcomes(later)["ageing"] == OUTCOMES["ageing"] == Variable("share_60_plus_2020")
    assert main_spec(later).names == main_spec().names
    assert main_spec(later).spec_id != main_spec().spec_id


def test_only_the_last_step_holds_outcomes_fixed_and_says_so() -> None:
    named = {step: border_spec(step).outcome_controls for step in STEPS}
    assert named.pop("outcomes") == ("mean_schooling_2020", "share_60_plus_2020", "urban_share_2020")
    assert set(named.values()) == {()}


def test_an_outcome_is_never_its_own_control() -> None:
    assert "mean_schooling_2020" not in border_spec("outcomes", outcome="schooling").names
    assert "share_60_plus_2020" not in border_spec("outcomes", outcome="ageing").names


def test_groups_of_the_gap_cover_the_main_model() -> None:
    assert [name for names in GAP_GROUPS.values() for name in names] == list(main_spec().names)
    assert set(FAMILY_TERMS) < set(main_spec().names)


def test_all_specifications_differ() -> None:
    specs = [border_spec(model, key, outcome) for model in MODELS for key in SAMPLES for outcome in OUTCOMES]
    assert len({spec.spec_id for spec in specs}) == len(specs)


@pytest.mark.parametrize(("keys", "said"), [({"model": "x"}, "no model 'x'"), ({"outcome": "x"}, "no outcome 'x'")])
def test_unknown_keys_are_refused(keys: dict[str, str], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        border_spec(**keys)


def test_every_term_and_outcome_has_a_name_in_both_languages() -> None:
    names = {name for key in MODELS for name in border_spec(key).names}
    assert all(all(term_label(name)) for name in names)
    assert not [outcome for outcome in OUTCOMES.values() if outcome_label(outcome.name)[0] == outcome.name]
    assert outcome_label("log_lights_per_km2_2022")[1] == "2022年每平方千米夜间灯光（对数）"
    assert outcome_label("rain") == ("rain", "rain")
    assert term_label("gap_to_border_km[20,40)") == ("edge 20–40 km from the border", "县界至省界20～40千米")
    with pytest.raises(SpecificationError, match="no label for coefficient 'rainfall'"):
        term_label("rainfall")
