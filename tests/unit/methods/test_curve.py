"""Sums of a curve are arithmetic, shares of what moves it add up, and the joint test keeps its size under the null."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from simulated_counties import Effects, simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.curve import (
    Choice,
    Grid,
    Moderator,
    Option,
    Variations,
    estimate_variations,
    joint_null_test,
    joint_test_from_draws,
    permute_within,
    summarise_curve,
    summarise_options,
    what_moves,
)
from shanhai.methods.curve.joint import cluster_influences
from shanhai.methods.spec import CovarianceSpec, SampleSpec, Variable

BORDERS = ["on_border", "near"]


def choice(key: str, role: str, **options: object) -> Choice:
    made = tuple(Option(name, name, f"because of {name}", value) for name, value in options.items())
    return Choice(key, key, role, made)  # type: ignore[arg-type]


def grid() -> Grid:
    return Grid(
        (
            choice("outcome", "outcome", gdp=Variable("gdp_per_capita", "log"), noisy=Variable("noisy")),
            choice("border", "treatment", touches=Variable("on_border"), near=Variable("near")),
            choice(
                "terrain",
                "moderator",
                none=None,
                held=Moderator(Variable("ruggedness", "standardised")),
                product=Moderator(Variable("ruggedness", "standardised"), interacts=True),
            ),
            choice("district", "controls", no=(), yes=(Variable("is_district"),)),
            choice("sample", "sample", all=SampleSpec("all", "全部")),
            choice("effects", "fixed_effects", province=("province_code",)),
            choice("covariance", "covariance", cluster=CovarianceSpec("cluster", ("prefecture_code",), "CR1S")),
        ),
        main=tuple(
            {
                "outcome": "gdp",
                "border": "touches",
                "terrain": "product",
                "district": "yes",
                "sample": "all",
                "effects": "province",
                "covariance": "cluster",
            }.items()
        ),
    )


def counties(seed: int, effects: Effects | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = simulate_counties(rng, effects, n=400, side=4)
    return frame.assign(
        near=frame["distance_to_border_km"] < 60, noisy=np.log(frame["gdp_per_capita"]) + rng.normal(0, 0.2, 400)
    )


def without_effects(seed: int) -> pd.DataFrame:
    """Counties where neither border nor terrain does anything and errors are shared in a prefecture, not beyond."""
    frame, rng = counties(seed), np.random.default_rng(seed)
    shocks = rng.normal(size=frame["prefecture_code"].nunique())[pd.factorize(frame["prefecture_code"])[0]]
    log_gdp = 10 + 0.3 * shocks + rng.normal(0, 0.3, len(frame))
    return frame.assign(gdp_per_capita=np.exp(log_gdp), noisy=log_gdp + rng.normal(0, 0.2, len(frame)))


def by_hand() -> Variations:
    """The grid above with estimates set so that every answer can be counted on fingers."""
    source = grid()
    codes = pd.DataFrame(source.codes, columns=[decision.key for decision in source.choices])
    estimate = -2.0 - 1.0 * codes["outcome"] + 3.0 * codes["district"] + 0.0 * codes["terrain"]
    columns = {
        decision.key: pd.Categorical.from_codes(codes[decision.key], categories=pd.Index(decision.keys))
        for decision in source.choices
    }
    table = pd.DataFrame(columns).assign(
        estimate=estimate,
        t=estimate,
        p=np.where(estimate < -1.5, 0.01, 0.5),
        low=estimate - 1.5,
        high=estimate + 1.5,
        problem="",
        is_main=np.arange(source.size) == source.main_index,
    )
    return Variations(source, table, 0)


def test_summary_counts_by_hand() -> None:
    summary = summarise_curve(by_hand())  # a quarter each: -2 and -3 (significant), 1 and 0 (not); the main one is 1
    assert summary.specifications == 24
    assert (summary.median, summary.smallest, summary.largest) == (-1.0, -3.0, 1.0)
    assert (summary.share_negative, summary.share_negative_significant) == (0.5, 0.5)
    assert summary.share_positive_significant == 0.0
    assert (summary.main, summary.main_rank) == (1.0, 0.75)
    assert (summary.share_of_main_sign, summary.share_of_main_sign_significant) == (0.25, 0.0)
    assert summary.share_holding_main == 0.5


def test_a_curve_without_the_main_specification_says_so() -> None:
    part = grid().only({"district": ("no",)})
    assert part.main_index is None
    summary = summarise_curve(estimate_variations(part, counties(1)))
    assert summary.main is None
    assert summary.share_of_main_sign is None
    assert summary.specifications == 12


def test_options_are_summed_up_one_by_one() -> None:
    table = summarise_options(by_hand()).set_index(["choice", "option"])
    assert table.loc[("district", "no"), "median"] == -2.5
    assert table.loc[("district", "yes"), "median"] == 0.5
    assert table.loc[("district", "no"), "share_significant"] == 1.0
    assert table.loc[("terrain", "held"), "count"] == 8
    assert table.index[table["main"]].tolist() == list(grid().main)


def test_shares_of_additive_choices_are_those_of_the_analysis_of_variance() -> None:
    table = what_moves(by_hand()).set_index("choice")
    district, outcome = 1.5**2, 0.5**2  # between-option variances of a balanced grid
    assert table.loc["district", "share_of_estimates"] == pytest.approx(district / (district + outcome))
    assert table.loc["outcome", "share_of_estimates"] == pytest.approx(outcome / (district + outcome))
    assert table.loc[["border", "terrain", "together"], "share_of_estimates"].abs().max() < 1e-12
    assert table["share_of_estimates"].sum() == pytest.approx(1.0)
    assert table.loc["district", "spread"] == 3.0
    assert table.index[0] == "district"


def test_shares_add_up_when_choices_work_together_and_some_combinations_are_missing() -> None:
    variations = estimate_variations(grid(), counties(2))
    kept = Variations(variations.source, variations.table.iloc[3:], 0)
    table = what_moves(kept)
    assert table["share_of_estimates"].sum() == pytest.approx(1.0)
    assert table["share_of_t"].sum() == pytest.approx(1.0)
    assert table["share_of_estimates"].min() > -1e-12
    assert table["choice"].iloc[-1] == "together"


def test_estimates_that_do_not_vary_are_refused() -> None:
    variations = by_hand()
    still = Variations(variations.source, variations.table.assign(estimate=1.0), 0)
    with pytest.raises(SpecificationError, match="nothing moves them"):
        what_moves(still)
    with pytest.raises(SpecificationError, match="has an estimate"):
        summarise_curve(Variations(variations.source, variations.table.assign(problem="no"), 0))
    listed = estimate_variations([grid().spec(0)], counties(1))
    with pytest.raises(SpecificationError, match="given as a list"):
        what_moves(listed)


def test_what_clusters_add_is_what_a_regression_with_dummies_gives() -> None:
    frame, source = counties(3), grid()
    made = cluster_influences(source, frame, "prefecture_code")
    index = source.main_index
    assert index is not None
    dummies = pd.get_dummies(frame["province_code"], dtype=float).to_numpy()
    z = (frame["ruggedness"] - frame["ruggedness"].mean()) / frame["ruggedness"].std()
    others = np.column_stack([z, frame["on_border"] * z, frame["is_district"].astype(float), dummies])
    outcome, treatment = np.log(frame["gdp_per_capita"]).to_numpy(), frame["on_border"].to_numpy(dtype=float)

    def freed(values: np.ndarray) -> np.ndarray:
        return values - others @ np.linalg.lstsq(others, values, rcond=None)[0]

    score = freed(treatment) * freed(outcome) / (freed(treatment) @ freed(treatment))
    expected = pd.Series(score).groupby(frame["prefecture_code"].to_numpy()).sum().to_numpy()
    place = made.regression[index]
    np.testing.assert_allclose(made.sums[:, place], expected, atol=1e-12)
    np.testing.assert_allclose(made.sums.sum(axis=0), made.estimate, atol=1e-12)  # all signs plus: the data


def test_joint_test_holds_its_size_under_the_null_and_finds_an_effect() -> None:
    source = grid()
    p = np.array(
        [
            joint_null_test(source, without_effects(1000 + i), np.random.default_rng(i), draws=199).table["p"]
            for i in range(120)
        ]
    )
    rejected = (p <= 0.10).mean(axis=0)
    # three standard deviations of a share of 10 % in 120 simulations are 8 points; the clusters are 64
    assert (rejected < 0.18).all()
    assert (rejected > 0.02).all()
    found = joint_null_test(source, counties(5, Effects(border=-0.5)), np.random.default_rng(1), draws=199).table
    assert found["p"].max() < 0.02


def test_joint_test_follows_its_seed_and_counts_its_draws() -> None:
    frame = counties(6)
    first, again, other = (joint_null_test(grid(), frame, np.random.default_rng(s), draws=99) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first.table, again.table)
    assert not first.table.equals(other.table)
    assert (first.table["p"] * 100).round(9).isin(range(1, 101)).all()
    assert (first.draws, first.clusters, first.regressions) == (99, 64, 24)


def test_joint_test_from_drawn_borders() -> None:
    frame, rng = counties(7, Effects(border=-0.5, border_x_terrain=0.0)), np.random.default_rng(4)

    def drawn() -> Iterator[Variations]:
        for _ in range(99):
            yield estimate_variations(grid(), permute_within(frame, BORDERS, "province_code", rng))

    test = joint_test_from_draws(estimate_variations(grid(), frame), drawn())
    assert test.draws == 99
    assert test.table["p"].tolist() == [0.01, 0.01, 0.01]
    assert test.table["null_median"].abs().max() < 0.3


def test_permutation_moves_columns_together_within_groups() -> None:
    frame = counties(8)
    moved = permute_within(frame, BORDERS, "province_code", np.random.default_rng(3))
    keys = ["province_code", *BORDERS]
    pd.testing.assert_series_equal(moved[keys].value_counts().sort_index(), frame[keys].value_counts().sort_index())
    assert (moved["on_border"] != frame["on_border"]).any()
    pd.testing.assert_frame_equal(moved.drop(columns=BORDERS), frame.drop(columns=BORDERS))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 50}, "99 or more"),
        ({"by": "county"}, "no column 'county'"),
        ({"by": "one"}, "1 clusters by 'one'"),
        ({"by": "holes"}, "have no cluster"),
    ],
)
def test_joint_test_refuses_what_it_cannot_do(change: dict[str, object], message: str) -> None:
    frame = counties(1).assign(one="a", holes="a")
    frame.loc[3, "holes"] = None
    with pytest.raises(SpecificationError, match=message):
        joint_null_test(grid(), frame, np.random.default_rng(1), **change)  # type: ignore[arg-type]


def test_draws_of_another_grid_are_refused() -> None:
    frame = counties(1)
    whole, part = estimate_variations(grid(), frame), estimate_variations(grid().only({"border": ("near",)}), frame)
    with pytest.raises(SpecificationError, match="the same ones"):
        joint_test_from_draws(whole, [part] * 99)
    with pytest.raises(SpecificationError, match="99 or more"):
        joint_test_from_draws(whole, [whole] * 5)
    with pytest.raises(SpecificationError, match="no column 'far'"):
        permute_within(frame, ["far"], "province_code", np.random.default_rng(1))
