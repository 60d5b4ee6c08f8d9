"""The border effect among drawn borders: found where it is, absent where it is not, and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import Delaunay

from shanhai.core.errors import BoundaryError, SpecificationError
from shanhai.methods.placebo.borders import compare_borders, placebo_border, placebo_borders
from shanhai.methods.placebo.maps import border_chance, draw_borders, shift_borders
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

FEW = (40, 4)
"""Rounds that six provinces need."""

SPEC = RegressionSpec(
    Variable("gdp_per_capita", "log"),
    (Variable("border"),),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    fixed_effects=("region",),
)


def country(effect: float, seed: int = 1, n: int = 250) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counties at random places, linked to their neighbours, in provinces that no straight line divides."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(size=(n, 2)) * 12
    centres = rng.uniform(size=(6, 2)) * 12
    province = ((place[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    corners = Delaunay(place).simplices
    pairs = np.unique(np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0)
    pairs = pairs[np.linalg.norm(place[pairs[:, 0]] - place[pairs[:, 1]], axis=1) < 2.2]
    codes = np.array([f"{number:04d}" for number in range(n)])
    divided = pairs[province[pairs[:, 0]] != province[pairs[:, 1]]]
    on_border = np.isin(np.arange(n), divided)
    quarter = 2 * (place[:, 0] % 4 > 2) + (place[:, 1] % 4 > 2)
    frame = pd.DataFrame(
        {
            "unit": codes,
            "region": [f"{10 + number}0000" for number in province],
            "prefecture_code": [f"{10 + p}{q}" for p, q in zip(province, quarter, strict=True)],
            "border": pd.array(on_border, dtype="boolean"),
            "ruggedness": rng.gamma(2.0, size=n),
            "longitude": place[:, 0] + 174,
            "latitude": place[:, 1],
            "gdp_per_capita": np.exp(rng.normal(scale=0.3, size=n) + 0.2 * province + effect * on_border),
        }
    )
    return frame, pd.DataFrame({"unit_a": codes[pairs[:, 0]], "unit_b": codes[pairs[:, 1]]})


@pytest.fixture(scope="module")
def affected() -> tuple[pd.DataFrame, pd.DataFrame]:
    return country(-0.3)


@pytest.fixture(scope="module")
def maps(affected):
    return draw_borders(*affected, draws=96, seed=3, rounds=FEW)


def test_a_real_border_effect_stands_out_of_the_draws(affected, maps) -> None:
    frame, _ = affected
    for effects in ("real", "drawn"):
        for held in (False, True):
            placebo = compare_borders(SPEC, frame, maps, effects=effects, hold_chance=held)
            assert placebo.test.p == pytest.approx(1 / 97)
            assert placebo.test.position == 0.0
            assert placebo.test.estimate == pytest.approx(-0.3, abs=0.15)
    shifted = shift_borders(*affected, draws=60, seed=1, distance_km=(150, 400))
    assert compare_borders(SPEC, frame, shifted).test.p == pytest.approx(1 / 61)


@pytest.mark.slow
def test_without_an_effect_the_border_is_one_of_many() -> None:
    """Six countries without effect: the p-values spread, they do not gather at zero."""
    values = [placebo_border(SPEC, *country(0.0, seed), draws=32, seed=1, rounds=FEW).test.p for seed in range(2, 8)]
    assert min(values) > 1 / 33
    assert 0.2 < np.mean(values) < 0.85


def test_draws_with_real_effects_equal_fits_on_the_drawn_border(affected, maps) -> None:
    frame, _ = affected
    dual = replace(SPEC, terms=(*SPEC.terms, Interaction(Variable("border"), Variable("ruggedness", "centred"))))
    placebo = compare_borders(dual, frame, maps, term="border:centred_ruggedness")
    for number in (0, 50):
        anew = fit(dual, frame.assign(border=maps.on_border[number]))
        assert placebo.test.t_ratios[number] == pytest.approx(anew.t[1], abs=1e-10)


@pytest.mark.parametrize("held", [False, True])
def test_draws_with_drawn_effects_equal_fits_on_the_drawn_map(affected, maps, held: bool) -> None:
    frame, _ = affected
    placebo = compare_borders(SPEC, frame, maps, effects="drawn", hold_chance=held)
    spec = SPEC
    if held:
        frame = frame.assign(chance=border_chance(frame, maps))
        spec = replace(SPEC, controls=(Variable("chance"),))
    for number in (0, 50):
        drawn = frame.assign(border=maps.on_border[number], region=maps.labels[number].astype(str))
        anew = fit(spec, drawn)
        assert placebo.test.estimates[number] == pytest.approx(anew.params[0], abs=1e-10)
        assert placebo.test.t_ratios[number] == pytest.approx(anew.t[0], abs=1e-10)


def test_chance_is_the_share_of_drawn_maps(affected, maps) -> None:
    frame, _ = affected
    shuffled = frame.sample(frac=1, random_state=1)
    chance = border_chance(shuffled, maps)
    assert chance.loc[7] == pytest.approx(100 * maps.on_border[:, 7].mean())
    assert chance.index.equals(shuffled.index)


def test_rows_that_drop_out_and_their_order_change_nothing(affected, maps) -> None:
    frame, edges = affected
    holes = frame.copy()
    holes.loc[::50, "gdp_per_capita"] = np.nan
    ordered = compare_borders(SPEC, holes, maps).test
    mixed = compare_borders(SPEC, holes.sample(frac=1, random_state=2), maps).test
    np.testing.assert_allclose(ordered.t_ratios, mixed.t_ratios, atol=1e-10)
    unplaced = pd.concat([frame, frame.iloc[:1].assign(unit="9999", border=pd.NA)], ignore_index=True)
    again = draw_borders(unplaced, edges, draws=4, seed=3, rounds=(2, 1))
    assert "9999" not in again.graph.codes


def test_table_has_a_row_for_every_choice(affected, maps) -> None:
    frame, _ = affected
    shifted = shift_borders(*affected, draws=12, seed=1, distance_km=(150, 400))
    table = placebo_borders({"plain": SPEC}, frame, {"re-partitions": maps, "shifted": shifted})
    assert list(table["maps"]) == ["re-partitions"] * 4 + ["shifted"] * 2
    assert list(table["effects"]) == ["real", "real", "drawn", "drawn", "real", "real"]
    assert table["chance_held"].tolist() == [False, True] * 3
    assert (table["estimate"][::2] == table["estimate"][0]).all()
    walks = pd.Series(np.abs(compare_borders(SPEC, frame, maps).test.t_ratios) >= abs(table["t"][0]))
    assert table["p_error"][0] == pytest.approx(walks.groupby(maps.walk).mean().std() / np.sqrt(32))


def test_one_call_is_the_two_steps(affected) -> None:
    together = placebo_border(SPEC, *affected, draws=6, seed=9, terrain="ruggedness", rounds=(6, 2))
    maps = draw_borders(*affected, draws=6, seed=9, terrain="ruggedness", rounds=(6, 2))
    two = compare_borders(SPEC, affected[0], maps)
    np.testing.assert_array_equal(together.test.t_ratios, two.test.t_ratios)
    assert np.isnan(together.p_error)  # six walks are too few for an error between them
    assert maps.cost.pull != 0


def test_what_does_not_belong_together_is_refused(affected, maps) -> None:
    frame, edges = affected
    with pytest.raises(SpecificationError, match="border is not what the edges say for 1 units"):
        draw_borders(frame.assign(border=frame["border"] ^ (frame["unit"] == "0003")), edges, 2)
    with pytest.raises(SpecificationError, match="no column 'unit'"):
        draw_borders(frame.drop(columns="unit"), edges, 2)
    with pytest.raises(SpecificationError, match="no column 'height'"):
        draw_borders(frame, edges, 2, terrain="height")
    with pytest.raises(SpecificationError, match="no column 'latitude'"):
        shift_borders(frame.drop(columns="latitude"), edges, 2)
    with pytest.raises(BoundaryError, match="edges that do not join two different units"):
        draw_borders(frame.iloc[:-1], edges, 2)
    with pytest.raises(SpecificationError, match="250 rows of the regression are no units"):
        compare_borders(SPEC, frame.assign(unit="x" + frame["unit"]), maps)
    with pytest.raises(SpecificationError, match="border is not that of the real map"):
        compare_borders(SPEC, frame.assign(border=frame["border"] ^ (frame["unit"] == "0003")), maps)
    with pytest.raises(SpecificationError, match="effects 'none'"):
        compare_borders(SPEC, frame, maps, effects="none")
    with pytest.raises(SpecificationError, match="allowed with drawn regions"):
        compare_borders(replace(SPEC, fixed_effects=("prefecture_code",)), frame, maps, effects="drawn")
