"""Tables and sentences of regressions hold the numbers of the results, and say what a referee asks first."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import ReportError
from shanhai.data.vintage import Vintage
from shanhai.methods.regression.bands import valleys
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Bands, Filter, SampleSpec, Variable
from shanhai.render._table_files import to_text
from shanhai.studies.border.analysis import estimates_frame
from shanhai.studies.border.charts import coefficients_figure, valley_figure
from shanhai.studies.border.design import border_spec
from shanhai.studies.border.mediation import Mediation, mediate_samples
from shanhai.studies.border.tables import columns_table, family_table, valley_table
from shanhai.studies.border.words import (
    border_answer,
    county_width,
    dual_sentences,
    family_sentences,
    step_sentences,
    stored_sentence,
    year_note,
)


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    frame = simulate_counties(np.random.default_rng(29), n=600, side=2)
    return frame.rename(columns={"gdp_per_capita": "gdp_per_capita_2021"}).assign(
        mean_schooling_2020=9 + np.random.default_rng(30).normal(size=600),
        area_km2=1000.0 + frame["x_km"],
        distance_to_capital_km=frame["y_km"] + 1,
    )


@pytest.fixture(scope="module")
def account(counties: pd.DataFrame) -> Mediation:
    """What terrain and distance account for; distance is noise, and elevation rises with ruggedness."""
    noise = np.random.default_rng(31).normal(size=len(counties))
    frame = counties.assign(elevation_mean_m=counties["ruggedness"] + 50 * noise, population_2010=1000.0)
    frame = frame.assign(longitude=frame["x_km"] / 111, latitude=frame["y_km"] / 111)
    (mediation,) = mediate_samples(frame, ["china"])
    return mediation


@pytest.fixture(scope="module")
def main(counties: pd.DataFrame) -> FitResult:
    return fit(border_spec(), counties)


def test_columns_show_estimates_errors_and_what_they_stand_on(main: FitResult, counties: pd.DataFrame) -> None:
    last = fit(
        replace(border_spec(), controls=(Variable("mean_schooling_2020", is_outcome=True),), model="x"), counties
    )
    text = to_text(columns_table([main, last], "model"))
    assert f"{main.params[0]:.3f}" in text
    assert f"({main.se[0]:.3f})" in text
    assert "mean schooling (years)†" in text
    assert "† Itself an outcome of borders or terrain" in text
    assert "Few clusters (16 prefectures)" in text
    assert "wild cluster bootstrap" in text  # HC3 takes rows for independent, which clusters say they are not
    assert "In brackets: standard errors, clustered by prefecture (CR1S)." in text
    assert f"One standard deviation (SD) of ruggedness is {counties['ruggedness'].std():.1f} m." in text
    assert "Stars mark two-sided p-values" in text
    (means,) = (line.split() for line in text.splitlines() if line.startswith("mean of the outcome"))
    assert means[-2:] == [f"{np.log(counties['gdp_per_capita_2021']).mean():.2f}"] * 2


def test_the_mean_of_a_weighted_regression_is_weighted(counties: pd.DataFrame) -> None:
    weighted = fit(replace(border_spec(), weights="area_km2"), counties)
    mean = np.average(np.log(counties["gdp_per_capita_2021"]), weights=counties["area_km2"])
    assert weighted.outcome_mean == pytest.approx(mean, rel=1e-12)


def test_columns_in_chinese_name_errors_in_words(main: FitResult) -> None:
    table = columns_table([main], "sample", "zh", "samples")
    assert table.caption == "主设定：分样本估计结果"
    assert "括号内为标准误，聚类到地级市层面（CR1S）。" in table.notes
    assert table.notes[-1].startswith("星号")


def test_columns_that_look_alike_are_refused(main: FitResult) -> None:
    with pytest.raises(ReportError, match="that tells all apart"):
        columns_table([main, main], "sample")


def with_change(main: FitResult, value: float) -> FitResult:
    params = main.params.copy()
    params[main.position("on_border:z_ruggedness")] = value
    return replace(main, params=params)


def test_the_answer_gives_percent_of_the_exact_estimates(main: FitResult, account: Mediation) -> None:
    text = border_answer(main, account)
    ends = [f"{100 * np.expm1(end):+.1f}%" for end in main.ci[0]]
    side = "lower" if main.params[0] < 0 else "higher"
    assert f"GDP per head was {abs(100 * np.expm1(main.params[0])):.1f}% {side} in counties on a" in text
    assert text.startswith("In China in 2021, ")
    assert f"(95% CI [{ends[0]}, {ends[1]}], clustered by prefecture" in text
    assert f"associated with {100 * np.expm1(main.params[1]):+.1f}% [" in text
    assert f"of the {account.upstream.whole.value:.3f} log points" in text
    assert "weighs the evidence on borders" in text and "not effects; 0 counties without figures" in text
    assert border_answer(main, account, "zh").startswith("2021年全国省际边界县的人均GDP比")


def test_the_answer_says_whether_border_and_terrain_depend_on_each_other(main: FitResult, account: Mediation) -> None:
    assert "does not vary significantly with ruggedness" in border_answer(with_change(main, 0.0), account)
    assert "difference varies significantly with ruggedness" in border_answer(with_change(main, -1.0), account)
    assert "不随崎岖度显著变化" in border_answer(with_change(main, 0.0), account, "zh")


def test_the_answer_says_where_the_difference_is_not_significant(main: FitResult, account: Mediation) -> None:
    zero = replace(main, params=main.params * [0, *[1] * (len(main.params) - 1)])
    assert "clustered by prefecture, not significant)" in border_answer(zero, account)
    assert ", not significant)" not in border_answer(replace(main, covariance=main.covariance / 1e6), account)


def test_the_answer_on_a_level_is_in_its_unit_and_leaves_the_account_of_gdp_out(
    counties: pd.DataFrame, account: Mediation
) -> None:
    result = fit(border_spec(outcome="schooling"), counties)
    text = border_answer(result, account)
    assert f"mean schooling was {abs(result.params[0]):.2f} years " in text and "account for" not in text


def test_the_answer_is_about_the_main_terms_only(counties: pd.DataFrame, account: Mediation) -> None:
    with pytest.raises(ReportError, match="The answer is about the terms"):
        border_answer(fit(border_spec("terrain"), counties), account)


def test_the_border_difference_stands_at_average_and_at_rugged_terrain(main: FitResult) -> None:
    text = dual_sentences([main])
    assert text.startswith(f"- China: {100 * np.expm1(main.params[0]):+.1f}% [")
    assert f"{100 * np.expm1(main.params[0] + main.params[2]):+.1f}% [" in text
    assert dual_sentences([main], "both").count("\n\n- 全国：") == 1


def test_figures_draw_one_series_a_regression(counties: pd.DataFrame, main: FitResult) -> None:
    weighted = fit(replace(main.spec, sample=SampleSpec("Half", "半")), counties.iloc[::2])
    figure = coefficients_figure([main, weighted], ("on_border", "on_border:z_ruggedness"), "sample")
    drawn = {line.get_label(): line.get_xdata() for line in figure.axes[0].lines}
    np.testing.assert_allclose(drawn["China"], main.params[[0, 2]])
    np.testing.assert_allclose(drawn["Half"], weighted.params[[0, 2]])


def test_step_sentences_compare_the_two_nearest_bands(counties: pd.DataFrame, main: FitResult) -> None:
    spec = replace(border_spec("centre_bands"), terms=(Bands("distance_to_border_km", (0, 50, 100)),))
    result = fit(spec, counties)
    share = 100 * np.expm1(result.params[0] - result.params[1])
    text = step_sentences([result])
    assert text.startswith(
        f"- China: centre 0–50 km from the border less centre 50–100 km from the border: {share:+.1f}%"
    )
    with pytest.raises(ReportError, match="no two estimated bands"):
        step_sentences([main])


def test_valleys_of_samples_stand_in_one_table_and_figure(counties: pd.DataFrame) -> None:
    spec = replace(border_spec("centre_bands"), terms=(Bands("distance_to_border_km", (0, 50, 100)),))
    counties = counties.assign(is_first=np.arange(len(counties)) < 400)
    whole = fit(spec, counties)
    half = fit(replace(spec, sample=SampleSpec("Half", "半", filters=(Filter("is_first", "==", True),))), counties)
    table = valleys([whole, half], counties)
    assert table["sample"].tolist() == ["China"] * 3 + ["Half"] * 3
    text = to_text(valley_table(table))
    assert "centre       ≥ 100" in text
    assert f"{whole.params[0]:.3f}" in text
    assert table.groupby("sample")["n"].sum().to_dict() == {"China": 600, "Half": 400}
    labels = [line.get_label() for line in valley_figure([whole, half], table, "zh").axes[0].lines]
    assert {"全国", "半"} <= set(labels)


def test_family_is_printed_with_both_p_values(main: FitResult) -> None:
    rows = estimates_frame([main]).iloc[[0, 2]].assign(sample_translation="全国", p_holm=[0.5, 0.0001], family_size=2)
    text = to_text(family_table(rows))
    assert "0.500" in text
    assert "<0.001" in text
    assert "One family of 2 tests" in text


def test_family_sentences_count_raw_and_adjusted() -> None:
    family = pd.DataFrame({"term": ["on_border"] * 3, "p": [0.001, 0.04, 0.2], "p_holm": [0.003, 0.08, 0.2]})
    text = family_sentences(family)
    assert text.endswith(": 2 of 3 tests have p < 0.05, 1 after Holm's adjustment.")
    assert family_sentences(family, language="zh").endswith("：3个检验中2个p < 0.05，Holm校正后1个。")


def test_width_of_counties_is_that_of_a_square_of_median_area() -> None:
    assert county_width(pd.DataFrame({"area_km2": [100.0, 1600.0, 90000.0]})) == "40"


def test_a_year_that_was_not_pre_specified_is_said() -> None:
    assert year_note(Vintage()) == ("", "")
    english, chinese = year_note(Vintage(gdp=2023, lights=2022))
    assert english.startswith("GDP is that of 2023 over the residents of 2020. The design was pre-specified for 2021")
    assert chinese.startswith("GDP为2023年数据，除以2020年普查常住人口。")
    later = stored_sentence(1200, 3, Vintage(gdp=2023, lights=2022))
    assert later.startswith("All 1,200 pre-specified regressions with 3 estimates") and "2023" in later
