"""Specifications refuse what makes no econometric sense, and identify themselves by content."""

from dataclasses import FrozenInstanceError, replace

import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable

BORDER = Variable("on_border")
SPEC = RegressionSpec(
    outcome=Variable("gdp_per_capita_2021", "log"),
    terms=(BORDER, Bands("gap_to_border_km", (0, 20, 40))),
    controls=(Variable("is_district"), Variable("mean_schooling_2020", is_outcome=True)),
    fixed_effects=("province_code",),
    sample=SampleSpec("Zhejiang", "浙江", (Filter("province_code", "in", ("330000",)),)),
    covariance=CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    model="test",
)


def test_names_of_coefficients_follow_the_order_of_terms_and_controls() -> None:
    assert SPEC.names == (
        "on_border",
        "gap_to_border_km[0,20)",
        "gap_to_border_km[20,40)",
        "is_district",
        "mean_schooling_2020",
    )
    assert SPEC.terms[1].reference == "gap_to_border_km[40,)"
    assert Interaction(BORDER, Variable("ruggedness", "standardised")).name == "on_border:z_ruggedness"


def test_controls_that_are_outcomes_are_named() -> None:
    assert SPEC.outcome_controls == ("mean_schooling_2020",)


def test_covariance_labels_say_clusters_and_factor() -> None:
    assert SPEC.covariance.label == "cluster(prefecture_code) CR1S"
    assert CovarianceSpec("HC3").label == "HC3"


def test_spec_id_is_stable() -> None:
    """A stored digest: a change means that every published spec_id changes."""
    assert SPEC.spec_id == "2b018c3e3e60"


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": Variable("gdp_per_capita_2021")},
        {"terms": (BORDER,)},
        {"controls": ()},
        {"fixed_effects": ()},
        {"weights": "population_2020"},
        {"covariance": CovarianceSpec("HC3")},
        {"covariance": CovarianceSpec("cluster", ("prefecture_code",), "CR1")},
        {"sample": SampleSpec("Zhejiang", "浙江", (Filter("province_code", "==", "330000"),))},
    ],
    ids=str,
)
def test_spec_id_follows_from_the_content(change: dict) -> None:
    assert replace(SPEC, **change).spec_id != SPEC.spec_id


def test_names_of_model_and_sample_do_not_change_spec_id() -> None:
    renamed = replace(SPEC, model="another", sample=SampleSpec("Zhejiang Province", "浙江省", SPEC.sample.filters))
    assert renamed.spec_id == SPEC.spec_id


def test_whole_numbers_and_floats_give_one_spec_id() -> None:
    floats = replace(SPEC, terms=(BORDER, Bands("gap_to_border_km", (0.0, 20.0, 40.0))))
    assert floats.spec_id == SPEC.spec_id


def test_a_specification_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SPEC.model = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CovarianceSpec("HC4"), "'HC4'; allowed: iid, HC1, HC2, HC3, cluster"),
        (lambda: CovarianceSpec("cluster", ("a",)), "None; allowed: CR0, CR1, CR1S"),
        (lambda: CovarianceSpec("cluster", (), "CR1"), "one or two different columns"),
        (lambda: CovarianceSpec("cluster", ("a", "a"), "CR1"), "one or two different columns"),
        (lambda: CovarianceSpec("cluster", ("a", "b", "c"), "CR1"), "one or two different columns"),
        (lambda: CovarianceSpec("HC1", ("a",)), "takes neither clusters"),
        (lambda: CovarianceSpec("iid", (), "CR1"), "takes neither clusters"),
        (lambda: Variable(" "), "' '; allowed: the name of one column"),
        (lambda: Variable(("a", "b")), "('a', 'b'); allowed: the name of one column"),
        (lambda: Variable("a", "square"), "allowed: level, log, centred, standardised"),
        (lambda: Filter("a", "in", "330000"), "a tuple with 'in'"),
        (lambda: Filter("a", "==", ("330000",)), "a tuple with 'in'"),
        (lambda: Filter("a", "like", "x"), "allowed: ==, !=, <, <=, >, >=, in"),
        (lambda: SampleSpec("", "浙江"), "no name"),
        (lambda: Bands("gap", (0,)), "two or more rising numbers"),
        (lambda: Bands("gap", (0, 20, 20)), "two or more rising numbers"),
        (lambda: replace(SPEC, terms=()), "no terms"),
        (lambda: replace(SPEC, terms=(BORDER, BORDER)), "terms named twice: on_border"),
        (lambda: replace(SPEC, terms=(Variable("gdp_per_capita_2021"),)), "outcome and regressor at once"),
        (lambda: replace(SPEC, fixed_effects=("",)), "a fixed effect or the weight is ''"),
        (lambda: replace(SPEC, weights=1), "a fixed effect or the weight is 1"),
    ],
)
def test_mistakes_are_refused_with_value_and_allowed_set(make, said: str) -> None:
    with pytest.raises(SpecificationError) as refusal:
        make()
    assert said in str(refusal.value)
