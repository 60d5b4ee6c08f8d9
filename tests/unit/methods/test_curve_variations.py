"""Thousands of specifications at once give the numbers of fit, and the grid says what it holds and leaves out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import Effects, simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.curve import Choice, Exclusion, Grid, Moderator, Option, Variations, estimate_variations
from shanhai.methods.curve._engine import fit_alone
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, RegressionSpec, SampleSpec, Variable, ssc
from shanhai.studies.border.design import main_spec
from shanhai.studies.robustness.analysis import add_choice_columns
from shanhai.studies.robustness.design import border_grid

EXACT = 1e-10
"""Relative difference to fit that the engine promises."""

ALL = SampleSpec("all", "全部")


def counties(seed: int = 5, n: int = 500, effects: Effects | None = None) -> pd.DataFrame:
    """Simulated counties with coordinates, a second treatment, holes in several columns and two constants."""
    rng = np.random.default_rng(seed)
    frame = simulate_counties(rng, effects, n=n, side=3)
    frame = frame.assign(
        longitude=100 + frame["x_km"] / 95,
        latitude=25 + frame["y_km"] / 111,
        near=(frame["distance_to_border_km"] < 70).astype("boolean"),
        slope=frame["ruggedness"] * rng.uniform(0.5, 1.5, size=n),
        lights=frame["gdp_per_capita"] * np.exp(rng.normal(0, 0.3, size=n)) - 2000,
        age=rng.normal(20, 5, size=n),
        kind=rng.choice(["city", "county", "banner"], size=n),
    )
    frame.loc[::17, "age"] = np.nan
    frame.loc[::23, "near"] = pd.NA
    frame.loc[5::29, "gdp_per_capita"] = np.nan
    return frame.assign(twice=2 * frame["age"])


def option(key: str, value: object) -> Option:
    return Option(key, key, f"because of {key}", value)


def choice(key: str, role: str, **options: object) -> Choice:
    return Choice(key, key, role, tuple(option(name, value) for name, value in options.items()))


COVARIANCES = {
    "iid": CovarianceSpec("iid"),
    "hc1": CovarianceSpec("HC1"),
    "hc2": CovarianceSpec("HC2"),
    "hc3": CovarianceSpec("HC3"),
    "cr0": CovarianceSpec("cluster", ("prefecture_code",), "CR0"),
    "cr1s": CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    "two_way": CovarianceSpec("cluster", ("prefecture_code", "kind_and_district"), "CR1"),
    "bartlett": CovarianceSpec.conley("bartlett", 150.0),
    "uniform": CovarianceSpec.conley("uniform", 60.0),
}


def grid(**changed: Choice) -> Grid:
    choices = {
        "outcome": choice(
            "outcome", "outcome", gdp=Variable("gdp_per_capita", "log"), lights=Variable("lights", "log")
        ),
        "border": choice("border", "treatment", touches=Variable("on_border"), near=Variable("near")),
        "terrain": choice(
            "terrain",
            "moderator",
            none=None,
            held=Moderator(Variable("slope", "standardised")),
            product=Moderator(Variable("ruggedness", "standardised"), interacts=True),
        ),
        "district": choice("district", "controls", no=(), yes=(Variable("is_district"),)),
        "more": choice("more", "controls", no=(), age=(Variable("age"), Variable("population", "log"))),
        "sample": choice(
            "sample", "sample", all=ALL, rural=SampleSpec("r", "乡", filters=(Filter("is_district", "==", False),))
        ),
        "weights": choice("weights", "weights", none=None, people="population"),
        "effects": choice(
            "effects", "fixed_effects", none=(), province=("province_code",), both=("province_code", "kind")
        ),
        "covariance": choice("covariance", "covariance", **COVARIANCES),
    }
    rules = (Exclusion((("sample", ("rural",)), ("district", ("yes",))), "the dummy does not vary"),)
    return Grid(tuple((choices | changed).values()), () if "sample" in changed else rules)


def frame_with_second_cluster(seed: int = 5) -> pd.DataFrame:
    frame = counties(seed)
    return frame.assign(kind_and_district=frame["kind"] + frame["province_code"].str[:2])


@pytest.fixture(scope="module")
def estimated() -> tuple[Grid, pd.DataFrame, Variations]:
    source, frame = grid(), frame_with_second_cluster()
    return source, frame, estimate_variations(source, frame)


def assert_as_alone(variations: Variations, frame: pd.DataFrame, chosen: np.ndarray) -> None:
    for index in chosen:
        row, alone = variations.table.iloc[int(index)], fit_alone(variations.spec(int(index)), frame)
        assert row["problem"] == alone.problem
        if alone.problem:
            continue
        assert (row["n"], row["df"], row["clusters"]) == (alone.n, alone.df, alone.clusters)
        np.testing.assert_allclose([row["estimate"], row["se"]], [alone.estimate, alone.se], rtol=EXACT)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_every_covariance_agrees_with_fit(covariance: str, estimated: tuple[Grid, pd.DataFrame, Variations]) -> None:
    _, frame, variations = estimated
    own = np.flatnonzero(variations.table["covariance"].eq(covariance))
    assert_as_alone(variations, frame, np.random.default_rng(8).choice(own, size=25, replace=False))


def test_nothing_of_this_grid_needs_the_way_out(estimated: tuple[Grid, pd.DataFrame, Variations]) -> None:
    source, _, variations = estimated
    assert variations.alone == 0
    assert len(variations.table) == source.size == 2 * 2 * 3 * 3 * 2 * 2 * 3 * 9
    assert variations.problems.empty


def test_conventions_that_need_whole_clusters_go_through_fit() -> None:
    frame = frame_with_second_cluster()
    hard = choice(
        "covariance",
        "covariance",
        cr2=CovarianceSpec("cluster", ("prefecture_code",), "CR2"),
        cv3=CovarianceSpec("cluster", ("prefecture_code",), "CV3"),
        repaired=CovarianceSpec.conley("uniform", 60.0, repair=True),
    )
    part = {"outcome": ("gdp",), "terrain": ("held",), "effects": ("province",), "weights": ("none",)}
    variations = estimate_variations(grid(covariance=hard).only(part), frame)
    assert variations.alone == len(variations.table) > 0
    assert_as_alone(variations, frame, np.arange(len(variations.table))[::5])


def test_factors_of_programs_need_no_way_out() -> None:
    """What programs count of the fixed effects differs, but is one number a group: none is estimated by itself."""
    frame = frame_with_second_cluster()
    programs = choice(
        "covariance",
        "covariance",
        fixest=CovarianceSpec("cluster", ("prefecture_code",), "fixest"),
        nested=CovarianceSpec("cluster", ("province_code",), "fixest"),
        reghdfe=CovarianceSpec("cluster", ("province_code",), "reghdfe"),
        xtreg=CovarianceSpec("cluster", ("prefecture_code",), "xtreg"),
        two_way=CovarianceSpec("cluster", ("prefecture_code", "kind_and_district"), "pyfixest"),
        named=CovarianceSpec("cluster", ("prefecture_code",), ssc(k_fixef="none", g_adj=False)),
    )
    part = {"outcome": ("gdp",), "terrain": ("held",), "weights": ("none",), "more": ("age",)}
    variations = estimate_variations(grid(covariance=programs).only(part), frame)
    sound = variations.table["problem"].eq("")
    assert variations.alone == int((~sound).sum()) < len(variations.table) / 4
    assert_as_alone(variations, frame, np.flatnonzero(sound))


def test_list_and_grid_give_the_same(estimated: tuple[Grid, pd.DataFrame, Variations]) -> None:
    source, frame, variations = estimated
    chosen = np.random.default_rng(2).choice(source.size, size=40, replace=False)
    listed = estimate_variations([source.spec(int(index)) for index in chosen], frame)
    names = ["estimate", "se", "p", "low", "high", "n", "df"]
    np.testing.assert_allclose(listed.table[names], variations.table.iloc[chosen][names], rtol=EXACT)


def test_collinear_controls_go_through_fit_and_are_dropped_there() -> None:
    frame = frame_with_second_cluster()
    near_copy = frame.assign(near_copy=frame["age"] + 1e-7 * frame["population"] / frame["population"].max())
    doubled = choice(
        "more",
        "controls",
        twice=(Variable("age"), Variable("twice")),
        near=(Variable("age"), Variable("near_copy")),
        shared=(Variable("prefecture_code_number"),),
    )
    frame = near_copy.assign(prefecture_code_number=frame["province_code"].astype(int))
    variations = estimate_variations(
        grid(more=doubled).only(
            {"outcome": ("gdp",), "terrain": ("held",), "covariance": ("iid", "cr1s", "bartlett"), "effects": ("both",)}
        ),
        frame,
    )
    assert variations.alone > 0
    assert_as_alone(variations, frame, np.random.default_rng(3).choice(len(variations.table), 40, replace=False))


def test_specifications_that_fit_refuses_keep_its_reason() -> None:
    frame = frame_with_second_cluster()
    still = choice("border", "treatment", still=Variable("still"), touches=Variable("on_border"))
    few = choice(
        "covariance", "covariance", few=CovarianceSpec("cluster", ("third",), "CR1S"), hc1=CovarianceSpec("HC1")
    )
    frame = frame.assign(still=frame["province_code"].astype(int), third=(frame["x_km"] > 300).astype(int))
    variations = estimate_variations(
        grid(border=still, covariance=few).only({"effects": ("province",), "terrain": ("held",)}), frame
    )
    table = variations.table
    assert table["problem"].ne("").eq(table["border"].eq("still") | table["covariance"].eq("few")).all()
    assert table.loc[table["border"].eq("still") & table["covariance"].eq("hc1"), "problem"].str.contains("vary").all()
    assert (
        table.loc[table["covariance"].eq("few") & table["border"].eq("touches"), "problem"]
        .str.contains("2 clusters")
        .all()
    )
    assert variations.problems["count"].sum() == table["problem"].ne("").sum()
    assert_as_alone(variations, frame, np.random.default_rng(3).choice(len(table), 20, replace=False))


def test_sample_without_rows_is_a_problem_not_a_crash() -> None:
    nobody = choice("sample", "sample", none=SampleSpec("n", "无", filters=(Filter("age", ">", 1e6),)), all=ALL)
    source = grid(sample=nobody).only({"covariance": ("hc1",), "effects": ("province",), "border": ("touches",)})
    table = estimate_variations(source, frame_with_second_cluster()).table
    assert table.loc[table["sample"].eq("none"), "problem"].str.contains("leaves no row").all()
    assert table.loc[table["sample"].eq("all"), "problem"].eq("").all()


@pytest.mark.parametrize("change", ["rows", "names"])
def test_order_of_rows_and_names_of_levels_change_nothing(
    change: str, estimated: tuple[Grid, pd.DataFrame, Variations]
) -> None:
    source, frame, _ = estimated
    part = source.only({"outcome": ("gdp",), "more": ("age",), "border": ("near",)})
    if change == "rows":
        other = frame.sample(frac=1.0, random_state=np.random.default_rng(4))
    else:
        other = frame.assign(province_code=frame["province_code"].map(lambda code: str(99 - int(code[:2])) + "0000"))
    theirs, ours = estimate_variations(part, other).table, estimate_variations(part, frame).table
    np.testing.assert_allclose(theirs[["estimate", "se", "p"]], ours[["estimate", "se", "p"]], rtol=1e-9)


def test_known_effect_is_recovered_and_intervals_cover_it() -> None:
    truth, held, estimates = -0.15, [], []
    source = grid().only(
        {
            "outcome": ("gdp",),
            "border": ("touches",),
            "terrain": ("product",),
            "district": ("yes",),
            "sample": ("all",),
            "effects": ("province",),
            "covariance": ("cr1s", "bartlett"),
        }
    )
    for seed in range(40):
        table = estimate_variations(source, frame_with_second_cluster(100 + seed)).table
        held.append(((table["low"] < truth) & (truth < table["high"])).to_numpy())
        estimates.append(table["estimate"].to_numpy())
    assert abs(np.mean(estimates) - truth) < 0.02
    assert 0.85 < np.mean(held) <= 1.0


def test_excluded_combinations_are_counted_with_their_reason() -> None:
    source = grid()
    excluded = source.excluded()
    whole = int(np.prod([len(decision.options) for decision in source.choices]))
    assert excluded["reason"].tolist() == ["the dummy does not vary"]
    assert whole - excluded["count"].sum() == source.size
    table = source.options()
    assert table.groupby("choice")["count"].sum().eq(source.size).all()
    assert table["reason"].str.startswith("because of").all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: grid().only({"colour": ("red",)}), "no choice 'colour'; allowed: outcome, border"),
        (lambda: grid().only({"border": ("far",)}), "no option 'far'; allowed: touches, near"),
        (lambda: grid().only({"border": ()}), "one or more options"),
        (lambda: grid().spec(10**9), "allowed: 0 to"),
        (lambda: replace(grid(), choices=grid().choices[1:]), r"lack \['outcome'\]"),
        (lambda: replace(grid(), main=(("border", "near"),)), "one option of each"),
        (lambda: replace(grid(), exclusions=(Exclusion((("sample", ("mars",)),), "far"),)), "no option 'mars'"),
        (
            lambda: replace(grid(), exclusions=(Exclusion((("sample", ("all", "rural")),), "all"),)).codes,
            "leave none of",
        ),
        (lambda: choice("x", "colour", a=()), "a role of outcome"),
        (lambda: estimate_variations([], counties()), "one or more"),
        (lambda: estimate_variations(grid(), counties().drop(columns="slope")), "no column 'slope'"),
        (
            lambda: estimate_variations(grid(more=choice("more", "controls", b=(Bands("age", (0, 9)),))), counties()),
            "adds bands",
        ),
        (
            lambda: estimate_variations(grid(more=choice("more", "controls", d=(Variable("lights"),))), counties()),
            "outcome and regressor at once",
        ),
        (
            lambda: estimate_variations(
                grid(more=choice("more", "controls", d=(Variable("is_district"),))), counties()
            ),
            "terms named twice",
        ),
    ],
)
def test_wrong_input_is_refused_with_the_next_step(make: object, message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        make()  # type: ignore[operator]


def test_bands_of_a_list_are_refused() -> None:
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"), (Bands("distance_to_border_km", (0, 20)),), ALL, CovarianceSpec("HC1")
    )
    with pytest.raises(SpecificationError, match="the treatment first; no bands"):
        estimate_variations([spec], counties())


def test_choice_columns_follow_the_distances_and_keep_what_is_missing() -> None:
    frame = pd.DataFrame(
        {"gap_to_border_km": [0.0, 10.0, 10.1, np.nan], "distance_to_border_km": [5.0, 25.0, 50.1, np.nan]}
    )
    added = add_choice_columns(frame)
    assert added["edge_within_10km"].tolist() == [True, True, False, pd.NA]
    assert added["centre_within_25km"].tolist() == [True, True, False, pd.NA]
    assert added["centre_within_50km"].tolist() == [True, True, False, pd.NA]
    with pytest.raises(SpecificationError, match="no column 'gap_to_border_km'"):
        add_choice_columns(frame.drop(columns="gap_to_border_km"))


def test_border_grid_holds_the_registered_main_specification_and_tens_of_thousands_more() -> None:
    source = border_grid()
    assert source.main_index is not None
    assert source.spec(source.main_index).spec_id == main_spec().spec_id
    assert source.size > 20_000
    options = source.options()
    assert options["reason"].str.len().min() > 8
    assert options.groupby("choice")["main"].sum().eq(1).all()
    assert options["count"].min() > 0
