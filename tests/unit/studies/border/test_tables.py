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
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, SampleSpec, Variable
from shanhai.render._table_files import to_text
from shanhai.studies.border.analysis import estimates_frame
from shanhai.studies.border.charts import coefficients_figure, valley_figure
from shanhai.studies.border.design import border_spec
from shanhai.studies.border.tables import columns_table, family_table, valley_table
from shanhai.studies.border.words import (
    dual_sentence,
    family_sentence,
    main_sentences,
    step_sentence,
    width_sentence,
    year_sentences,
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
    assert "Few clusters (16 (prefecture))" in text
    assert "Standard errors in brackets: cluster(prefecture_code) CR1S." in text
    assert f"1 SD of ruggedness in each column: {counties['ruggedness'].std():.1f} m." in text


def test_columns_by_covariance_share_the_estimates(main: FitResult, counties: pd.DataFrame) -> None:
    robust = fit(replace(main.spec, covariance=CovarianceSpec("HC3")), counties)
    table = columns_table([main, robust], "vcov", "zh", "errors")
    assert list(table.frame.columns) == ["term", "cluster(prefecture_code) CR1S", "HC3"]
    assert table.frame.iloc[0, 1].rstrip("*") == table.frame.iloc[0, 2].rstrip("*")
    assert table.frame.iloc[1, 1] != table.frame.iloc[1, 2]
    assert table.caption == "标准误"


def test_columns_that_look_alike_are_refused(main: FitResult) -> None:
    with pytest.raises(ReportError, match="that tells all apart"):
        columns_table([main, main], "sample")


def test_sentences_give_percent_of_the_exact_estimates(main: FitResult) -> None:
    text = main_sentences(main)
    assert f"{100 * np.expm1(main.params[0]):+.1f}% [{100 * np.expm1(main.ci[0, 0]):+.1f}%" in text
    both = main.params[0] + main.params[2]
    assert f"{100 * np.expm1(both):+.1f}%" in text
    assert "China, log GDP per head 2021 (yuan), 600 counties, 16 clusters by prefecture." in text
    assert "全国，2021年人均GDP（元，对数），600个县级单元，16个地级聚类。" in main_sentences(main, "zh")


def test_the_dual_attribute_is_open_while_its_interval_covers_zero(main: FitResult) -> None:
    place = main.position("on_border:z_ruggedness")
    for shift, said in ((0.0, "not shown"), (-1.0, "border counties lie lower"), (1.0, "lie less low")):
        params = main.params.copy()
        params[place] = shift
        text = dual_sentence(replace(main, params=params))
        assert said in text and f"{100 * np.expm1(params[0]):+.1f}% [" in text
    assert "未得到证实" in dual_sentence(
        replace(main, params=main.params * [1, 1, 0, *[1] * (len(main.params) - 3)]), "zh"
    )


def test_sentences_of_a_level_are_in_its_unit(counties: pd.DataFrame) -> None:
    result = fit(border_spec(outcome="schooling"), counties)
    assert f"by {result.params[0]:+.2f} [" in main_sentences(result)


def test_sentences_are_about_the_main_terms_only(counties: pd.DataFrame) -> None:
    with pytest.raises(ReportError, match="Sentences are about the terms"):
        main_sentences(fit(border_spec("terrain"), counties))


def test_figures_draw_one_series_a_regression(counties: pd.DataFrame, main: FitResult) -> None:
    weighted = fit(replace(main.spec, sample=SampleSpec("Half", "半")), counties.iloc[::2])
    figure = coefficients_figure([main, weighted], ("on_border", "on_border:z_ruggedness"), "sample")
    drawn = {line.get_label(): line.get_xdata() for line in figure.axes[0].lines}
    np.testing.assert_allclose(drawn["China"], main.params[[0, 2]])
    np.testing.assert_allclose(drawn["Half"], weighted.params[[0, 2]])


def test_step_sentence_compares_the_two_nearest_bands(counties: pd.DataFrame, main: FitResult) -> None:
    spec = replace(border_spec("centre_bands"), terms=(Bands("distance_to_border_km", (0, 50, 100)),))
    result = fit(spec, counties)
    share = 100 * np.expm1(result.params[0] - result.params[1])
    text = step_sentence(result)
    assert text.startswith(
        f"China: centre 0–50 km from the border against centre 50–100 km from the border: {share:+.1f}%"
    )
    with pytest.raises(ReportError, match="no two estimated bands"):
        step_sentence(main)


def test_valleys_of_samples_stand_in_one_table_and_figure(counties: pd.DataFrame) -> None:
    spec = replace(border_spec("centre_bands"), terms=(Bands("distance_to_border_km", (0, 50, 100)),))
    counties = counties.assign(is_first=np.arange(len(counties)) < 400)
    whole = fit(spec, counties)
    half = fit(replace(spec, sample=SampleSpec("Half", "半", filters=(Filter("is_first", "==", True),))), counties)
    table = valleys([whole, half], counties)
    assert table["sample"].tolist() == ["China"] * 3 + ["Half"] * 3
    text = to_text(valley_table(table))
    assert "centre           ≥ 100" in text
    assert f"{whole.params[0]:.3f}" in text
    assert table.groupby("sample")["n"].sum().to_dict() == {"China": 600, "Half": 400}
    labels = [line.get_label() for line in valley_figure([whole, half], table, "zh").axes[0].lines]
    assert {"全国", "半"} <= set(labels)


def test_family_is_printed_with_both_p_values(main: FitResult) -> None:
    rows = estimates_frame([main]).iloc[[0, 2]].assign(sample_zh="全国", p_holm=[0.5, 0.0001], family_size=2)
    text = to_text(family_table(rows))
    assert "0.500" in text
    assert "<0.001" in text
    assert "One family of 2 tests" in text


def test_family_sentence_counts_raw_and_adjusted() -> None:
    family = pd.DataFrame({"term": ["on_border"] * 3, "p": [0.001, 0.04, 0.2], "p_holm": [0.003, 0.08, 0.2]})
    assert family_sentence(family) == "on a provincial border: 2 of 3 tests with p < 0.05, 1 after Holm."
    assert family_sentence(family, language="zh") == "省际边界县：3个检验中2个p < 0.05，Holm校正后1个。"


def test_width_of_counties_is_that_of_a_square_of_median_area() -> None:
    frame = pd.DataFrame({"area_km2": [100.0, 1600.0, 90000.0]})
    assert width_sentence(frame) == "Half of all counties are larger than a square of 40 km."


def test_a_year_that_was_not_pre_specified_is_said() -> None:
    assert year_sentences(Vintage()) == ()
    (text,) = year_sentences(Vintage(gdp=2023, lights=2022))
    assert text.startswith("GDP is that of 2023 over the residents of 2020. The design was pre-specified for 2021")
    (text,) = year_sentences(Vintage(gdp=2023, lights=2022), "zh")
    assert text.startswith("GDP为2023年数据，除以2020年普查常住人口。")
