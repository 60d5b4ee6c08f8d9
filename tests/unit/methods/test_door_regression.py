"""A regression that reports: its verbs are those estimators, on its own rows, and it prints in a screen."""

import copy
import pickle
import sys
import warnings
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.core import shown
from shanhai.core.errors import SpecificationError
from shanhai.core.shown import speak
from shanhai.methods import CovarianceSpec, Regression, combine, fit, joint_test, scpc, wild_bootstrap
from shanhai.methods.adjustment import robustness
from shanhai.methods.curve import summarise_options, what_moves


def places(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    data = pd.DataFrame({name: rng.normal(size=n) for name in ("x", "z")})
    data["treated"] = rng.integers(0, 2, n)
    data["sector"] = rng.choice(["farm", "mine", "shop"], n)
    data["region"] = [f"r{row % 12}" for row in range(n)]
    data["lon"], data["lat"] = rng.uniform(5, 9, n), rng.uniform(45, 49, n)
    data["y"] = 1 + 0.5 * data["treated"] - 0.3 * data["z"] ** 2 + (data["sector"] == "mine") + rng.normal(size=n)
    data.loc[[3, 50], "z"] = np.nan
    return data


def fitted(vcov: str = "cluster:region") -> Regression:
    result = fit("y ~ treated + poly(z, 2) + sector | region", places(), vcov=vcov, coords=("lon", "lat"))
    assert isinstance(result, Regression)
    return result


def test_tidy_glance_and_confint_hold_the_numbers_of_the_result() -> None:
    result = fitted()
    table = result.tidy(0.9)
    assert list(table) == ["term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high", "df"]
    assert table["estimate"].tolist() == list(result.params)
    assert (table["conf.high"] - table["estimate"]).to_numpy() == pytest.approx(1.795885 * result.se, rel=1e-6)  # t(11)
    assert result.confint().loc["treated"].tolist() == pytest.approx(list(result.ci[0]))
    row = result.glance().iloc[0]
    assert (row["nobs"], row["dropped"], row["clusters"], row["df.residual"]) == (118, 2, 12, 118 - 5 - 12)


def test_a_summary_is_a_screen_that_names_outcome_rows_errors_and_notes() -> None:
    said = str(fitted().summary())
    lines = said.splitlines()
    assert lines[0] == "y ~ treated + poly(z, 2) + sector | region"
    assert lines[1] == "Least squares, outcome y; 118 observations (2 left out); fixed effects of region."
    assert lines[2] == "Standard errors: clustered by region (12 clusters), small-sample factor of fixest."
    assert "Note: 2 rows dropped: z missing." in lines
    assert len(lines) < 25 and max(map(len, lines)) < 130


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "rows less than 100 km apart, with weights falling to zero (Bartlett)."),
        ({"time": "x"}, "rows less than 100 km apart in the same x, with"),
        ({"time": "x", "lags": 2, "unit": "region"}, "apart in the same x, and of one region up to 2 apart in x, with"),
        ({"time": "x", "lags": 2, "cross_periods": True}, "100 km apart and up to 2 apart in x, with"),
        (
            {"distance": "local", "radius_km": 6376.0, "factor": "fixest", "repair": True},
            "; distances on a flat map (local), radius of the Earth 6,376 km, small-sample factor fixest, "
            "negative eigenvalues set to zero.",
        ),
    ],
)
def test_a_summary_says_which_rows_share_shocks(how: dict[str, object], said: str) -> None:
    data = places().assign(x=np.arange(120) % 5)
    conley = CovarianceSpec.conley("bartlett", 100.0, ("lon", "lat"), **how)  # type: ignore[arg-type]
    line = str(fit("y ~ z", data, vcov=conley).summary()).splitlines()[2]
    assert line.startswith("Standard errors: Conley, rows less than 100 km apart") and said in line


def test_results_show_their_numbers_where_the_methods_alone_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_said", lambda value: None)  # as without render
    result = fitted()
    test = result.wild("treated", seed=1, draws=99)
    assert f"p={test.p:.6g}" in repr(test) and f"draws={test.test.draws}" in repr(test)
    strength = result.sensitivity("treated")
    assert f"{strength.robustness.value:.6f}" in repr(strength)
    curve = result.curve("treated")
    assert repr(curve).count("\n") == 1 + len(curve.table)
    several = fit("y ~ csw(x, z)", places(), vcov="HC1")
    assert "y ~ x + z" in repr(several) and f"{several[0].params[1]:.6f}" in repr(several)


def test_columns_of_places_are_asked_for_by_name() -> None:
    result = fit("y ~ x", places(), vcov="HC1")
    for call in (
        lambda: fit("y ~ x", places(), vcov="conley:100km"),
        lambda: result.vcov("conley:100km"),
        lambda: result.scpc("x"),
    ):
        with pytest.raises(SpecificationError, match=r"no column 'longitude', 'latitude' of places.*coords=\('lon'"):
            call()


def test_a_term_that_the_formula_makes_is_not_drawn() -> None:
    data = places().assign(size=lambda rows: np.exp(rows["x"]))
    with pytest.raises(SpecificationError, match=r"'log\(size\)' is made by the formula"):
        fit("y ~ log(size)", data, vcov="HC1").randomize("log(size)", seed=1)
    with pytest.raises(SpecificationError, match="no coefficient 'size'"):
        fit("y ~ log(size)", data, vcov="HC1").randomize("size", seed=1)


def test_a_regression_shows_itself_in_both_languages_whatever_its_errors() -> None:
    speak("zh")
    try:
        for vcov in ("cluster:region", "HC1", "conley:100km", "cluster:region reghdfe"):
            assert "标准误" in repr(fitted(vcov)) and "poly(z, 2)[1]" in fitted(vcov)._repr_html_()
        assert "未指明标准误，因此采用HC1" in repr(fit("y ~ x", places()))
    finally:
        speak("en")
    assert "clustered by region (fixest)" in repr(fitted())


def test_names_of_columns_cannot_put_markup_into_a_page() -> None:
    data = places().rename(columns={"x": "<script>alert(1)</script>"})
    result = fit("y ~ `<script>alert(1)</script>`", data)
    assert "<script>" not in result.summary()._repr_html_()
    assert "&lt;script&gt;" in result.summary()._repr_html_()


def test_errors_that_nobody_named_are_said() -> None:
    unnamed = fit("y ~ x", places())
    assert unnamed.error == "HC1" and unnamed.notes[0].startswith("no errors were named, so these are HC1")
    assert "no errors were named" not in " ".join(fit("y ~ x", places(), vcov="HC1").notes)


@pytest.mark.parametrize("vcov", ["iid", "HC3", "cluster:region CR2", "conley:100km"])
def test_other_errors_are_those_of_a_fit_under_them(vcov: str) -> None:
    other, anew = fitted().vcov(vcov), fitted(vcov)
    assert other.spec == anew.spec
    np.testing.assert_allclose(other.covariance, anew.covariance, rtol=1e-12)
    assert other.degrees.tolist() == anew.degrees.tolist()
    assert other.notes == anew.notes


def test_other_errors_of_a_frame_that_was_written_to_are_refused() -> None:
    data = places()[["x", "z", "y", "lon"]].dropna()
    values = data.to_numpy().copy()
    result = fit("y ~ x + z", pd.DataFrame(values, columns=data.columns, copy=False), vcov="HC1")
    assert result.vcov("HC3").params is result.params
    values[:, 3] = 0.0  # of no part in the regression
    result.vcov("HC3")
    values[:, 2] = values[::-1, 2].copy()
    with pytest.raises(SpecificationError, match="the frame has other values than when it was fitted"):
        result.vcov("HC3")


def test_errors_that_some_rows_lack_are_refused() -> None:
    data = places()
    data.loc[7, "region"] = None
    with pytest.raises(SpecificationError, match="1 of 120 rows of the regression cannot be used under cluster"):
        fit("y ~ x", data, vcov="HC1").vcov("cluster:region")


def test_predictions_on_new_rows_are_those_of_the_regression() -> None:
    data, result = places(), fitted()
    np.testing.assert_allclose(result.predict() + result.residuals, data["y"].iloc[result.rows])
    some = data.iloc[[80, 20, 3]].assign(y=np.nan)
    new = result.predict(some)
    assert list(new.index) == [80, 20, 3] and np.isnan(new.loc[3])
    np.testing.assert_allclose(new.loc[[80, 20]], result.predict().loc[[80, 20]], rtol=1e-10)
    assert np.isnan(result.predict(some.assign(region="nowhere"))).all()
    with pytest.raises(
        SpecificationError, match="'sector' holds bank, which the regression has not seen; allowed: farm"
    ):
        result.predict(some.assign(sector="bank"))


@pytest.mark.parametrize("formula", ["y ~ x + i(sector)", "y ~ i(sector, x)", "y ~ x + i(sector, ref='mine') | region"])
def test_events_that_the_regression_has_not_seen_are_not_taken_for_the_one_left_out(formula: str) -> None:
    data = places()
    result = fit(formula, data, vcov="HC1")
    some = data.assign(sector="mine").iloc[[20]]
    assert np.isfinite(result.predict(some)).all()
    with pytest.raises(SpecificationError, match="levels bank that the regression has not seen; it has: farm, mine"):
        result.predict(some.assign(sector="bank"))


def test_threads_do_not_let_unseen_categories_through() -> None:
    result = fit("y ~ x + C(sector)", places(), vcov="HC1")
    some, found = places().assign(sector="bank"), []

    def predict() -> None:
        for _ in range(40):
            with suppress(SpecificationError):
                found.append(result.predict(some))

    before, interval = list(warnings.filters), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [Thread(target=predict) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert not found and list(warnings.filters) == before


def test_two_way_and_crossed_effects_predict_their_rows() -> None:
    result = fit("log(lat) ~ scale(x) * log(lon) | region + sector^treated", places(), vcov="iid")
    np.testing.assert_allclose(result.predict(places()).iloc[result.rows], result.predict(), rtol=1e-9)


def test_verbs_are_thin_calls_of_the_estimators() -> None:
    result = fitted()
    clusters = replace(result.spec, covariance=CovarianceSpec("cluster", ("region",), "fixest"))
    bootstrap = wild_bootstrap(clusters, result.frame, "treated", draws=199, seed=4)
    assert result.vcov("HC1").wild("treated", by="region", draws=199, seed=4) == replace(bootstrap, spec=clusters)
    place = replace(result.spec, covariance=CovarianceSpec.conley("bartlett", 1.0, ("lon", "lat")))
    assert result.scpc("treated", rho=0.05).p == scpc(place, result.frame, "treated", rho=0.05).p
    found = result.sensitivity("treated", ["poly(z, 2)[1]"])
    assert found.robustness == robustness(result, result.frame, "treated")
    assert list(found.bounds["multiple"]) == [1.0, 2.0, 3.0]
    assert found.to_frame()["delta"].notna().all()
    draws = result.vcov("HC1").randomize("treated", seed=3, draws=99, within="region")
    assert draws.draws + draws.undefined == 99 and draws.estimate == result.params[0]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"seed": None}, "seed is None; allowed: a whole number"),
        ({"seed": -1}, "seed is -1; allowed: a whole number of 0 or more"),
        ({"seed": 1, "draws": 1.5}, "draws is 1.5; allowed: a whole number of 1 or more"),
        ({"seed": 1, "by": ["region"]}, r"by is \['region'\]; allowed: the name of one column"),
        ({"seed": 1, "level": 95}, "level 95; allowed: between 0 and 1"),
    ],
)
def test_a_bootstrap_that_could_not_be_repeated_is_refused(how: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        fitted().wild("treated", **how)


def test_a_bootstrap_without_clusters_says_how_to_name_them() -> None:
    with pytest.raises(SpecificationError, match=r"wild\('treated', by='firm', seed=1\)"):
        fitted("HC1").wild("treated", seed=1)


def test_a_curve_is_every_combination_and_its_main_row_is_the_regression() -> None:
    result = fitted()
    north = places()["lat"] > 47
    curve = result.curve("treated", samples={"north": north}, vcov=["cluster:region", "HC1"])
    assert len(curve.table) == 2 * 2 * 2**2  # errors, samples, poly(z, 2) and sector in or out
    main = curve.table[curve.table["is_main"]]
    assert len(main) == 1 and main["estimate"].iloc[0] == pytest.approx(result.params[0], rel=1e-10)
    part = curve.table[(curve.table["sample"] == "north") & (curve.table["controls"] == "sector")]
    alone = fit("y ~ treated + sector | region", places().iloc[result.rows][north.iloc[result.rows]], vcov="HC1")
    assert part["estimate"].tolist() == pytest.approx([alone.params[0]] * 2, rel=1e-9)
    with pytest.raises(SpecificationError, match="Name terms as the formula writes them"):
        result.curve("poly(z, 2)")


def test_a_name_alone_is_one_and_not_its_letters() -> None:
    data = places().assign(capital=lambda rows: rows["lat"] * rows["x"])
    result = fit("y ~ treated + capital + x | region", data, vcov="cluster:region")
    alone = result.curve("treated", "capital", vcov="HC1").table
    assert alone["estimate"].tolist() == result.curve("treated", ["capital"], vcov=["HC1"]).table["estimate"].tolist()
    assert len(alone) == 2
    for benchmarks in ("capital", {"capital": "capital"}):
        assert result.sensitivity("treated", benchmarks).bounds.equals(
            result.sensitivity("treated", ["capital"]).bounds
        )
    test = joint_test(result, "capital")
    assert test.names == ("capital",) and test.p == pytest.approx(result.p[1])
    for nothing in (lambda: joint_test(result, ()), lambda: combine(result, {})):
        with pytest.raises(SpecificationError, match="no coefficient is named; allowed: treated, capital, x"):
            nothing()


def test_choices_of_a_curve_can_be_summed_up_and_weighed() -> None:
    north = places()["lat"] > 47
    curve = fitted().curve("treated", samples={"north": north}, vcov=["cluster:region", "HC1"])
    moves = what_moves(curve).set_index("choice")
    assert set(moves.index) == {"controls", "sample", "vcov", "together"}
    assert moves["share_of_estimates"].sum() == pytest.approx(1.0)
    assert moves.loc["vcov", "share_of_estimates"] == pytest.approx(0.0, abs=1e-12)  # errors move no estimate
    options = summarise_options(curve).set_index(["choice", "option"])
    part = curve.table.loc[curve.table["sample"] == "north", "estimate"]
    assert options.loc[("sample", "north"), ["count", "median"]].tolist() == [len(part), part.median()]
    assert options.loc["controls"].index[options.loc["controls"]["main"]].tolist() == ["poly(z, 2), sector"]
    assert options.loc[("controls", ""), "label"] == "none"
    assert "translation" not in (*moves, *options)  # nobody gave one


def test_borders_may_have_columns_of_any_name() -> None:
    side = 8
    units = pd.DataFrame({"id": [f"u{place:03d}" for place in range(side * side)]})
    units["state"] = [f"s{(place // side) // 4}{(place % side) // 4}" for place in range(side * side)]
    links = [(a, a + step) for a in range(side * side) for step in (1, side)
             if (step == side and a + side < side * side) or (step == 1 and (a + 1) % side)]  # fmt: skip
    edges = pd.DataFrame([(units["id"][a], units["id"][b]) for a, b in links], columns=["from", "to"])
    crossing = [(a, b) for a, b in links if units["state"][a] != units["state"][b]]
    units["edge"] = [int(any(place in pair for pair in crossing)) for place in range(side * side)]
    units["y"] = np.random.default_rng(2).normal(size=side * side)
    result = fit("y ~ edge | state", units, vcov="HC1")
    own = {"unit": "id", "region": "state", "border": "edge", "pair": ("from", "to")}
    placebo = result.placebo_borders(edges, seed=1, draws=19, rounds=(20, 5), **own)
    assert placebo.test.estimate == pytest.approx(result.params[0])
    assert placebo.n == side * side
    neutral = {"id": "unit", "state": "region", "edge": "border"}
    plain = fit("y ~ border | region", units.rename(columns=neutral), vcov="HC1")
    again = plain.placebo_borders(edges.set_axis(["unit_a", "unit_b"], axis=1), seed=1, draws=19, rounds=(20, 5))
    np.testing.assert_array_equal(again.test.estimates, placebo.test.estimates)
    with pytest.raises(SpecificationError, match="no column 'unit', 'region', 'border' in the frame"):
        result.placebo_borders(edges, seed=1)
    with pytest.raises(SpecificationError, match="no column 'unit_a', 'unit_b' in the table of edges"):
        result.placebo_borders(edges, seed=1, unit="id", region="state", border="edge")


def test_a_sample_of_a_curve_in_another_order_than_the_frame_is_refused() -> None:
    """By position each mark would stand beside another row."""
    result, north = fitted(), places()["lat"] > 47
    with pytest.raises(SpecificationError, match="sample 'north' and the frame are indexed differently"):
        result.curve("treated", samples={"north": north.sample(frac=1.0, random_state=1)})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda result: result.wild("treated", seed=1, reps=99, B=9),
            "no argument 'reps', 'B'.*: draws, weights, boots",
        ),
        (lambda result: result.scpc("treated", avc=0.03), "no argument 'avc'.*: rho, level, errors"),
        (lambda result: result.placebo_borders(None, seed=1, maps=9), "no argument 'maps'.*: term, terrain, rounds"),
    ],
)
def test_an_argument_that_an_estimator_does_not_have_is_refused_with_those_it_has(call: Any, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        call(fitted())


def test_several_regressions_take_other_errors_together() -> None:
    fits = fit("y + x ~ sw(treated, z) | region", places(), vcov="cluster:region")
    others = fits.vcov("cluster:region", ssc="areg")
    assert others.names == fits.names
    for name in fits.names:
        assert others[name].se == pytest.approx(fit(name, places(), vcov="cluster:region areg").se)
        assert others[name].se != pytest.approx(fits[name].se)


def test_a_verb_of_one_regression_is_not_looked_for_in_several_in_vain() -> None:
    fits = fit("y ~ sw(treated, z) | region", places(), vcov="cluster:region")
    with pytest.raises(
        AttributeError, match=r"no attribute 'wild'; a single regression has. Take one, as in fits\[0\]"
    ):
        fits.wild("treated", seed=1)
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'$"):
        _ = fits.nothing
    assert copy.deepcopy(fits).names == pickle.loads(pickle.dumps(fits)).names == fits.names


def test_places_are_a_pair_of_names_in_any_sequence() -> None:
    data = places()
    pair = fit("y ~ treated", data, vcov="conley:100km", coords=("lon", "lat"))
    assert fit("y ~ treated", data, vcov="conley:100km", coords=["lon", "lat"]).se.tolist() == pair.se.tolist()
    assert pair.scpc("treated", coords=["lon", "lat"]).p == pair.scpc("treated").p
    for wrong in ("lon", ("lon",), ("lon", "lon"), ("lon", 2), None):
        with pytest.raises(SpecificationError, match=r"coords are .*; allowed: the names of two different columns"):
            fit("y ~ treated", data, vcov="HC1", coords=wrong)
    with pytest.raises(SpecificationError, match="coords are 'lon'"):
        pair.scpc("treated", coords="lon")
    with pytest.raises(SpecificationError, match="sample is 3; allowed: what the rows are called"):
        fit("y ~ treated", data, vcov="HC1", sample=3)
