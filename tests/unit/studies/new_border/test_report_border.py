"""Tables, sentences and charts of notebook 07: they follow the numbers, in every language, and refuse what is empty."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from shanhai.claims.claims import Claim, Measured
from shanhai.claims.rules import all_signed
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ReportError
from shanhai.render import table_files
from shanhai.render.shown import missing_cells
from shanhai.studies.new_border import tables as new_border
from shanhai.studies.new_border import text as new_border_text
from shanhai.studies.new_border import zone_prefectures as zone
from shanhai.studies.new_border import zone_tables as zone_report
from shanhai.studies.new_border.chart_growth import pair_plot
from shanhai.studies.new_border.charts import gap_plot, path_plot, role_plot
from shanhai.studies.new_border.checks import compare_designs, pre_years
from shanhai.studies.new_border.study import study_border

PLAIN = Claim("L03", "literature", "", "", "", "sign", "-", "", "", "", "", "")


def sides(estimate: float, p: float) -> pd.DataFrame:
    """Rows of ``side_effects`` with one estimate and p-value throughout."""
    row = {"units": 5, "estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1, "p": p, "placebos": 99}
    names = ("sichuan", "chongqing", "contrast")
    return pd.DataFrame([{"side": side, **row, "detectable": 0.2, "rmspe_pre": 0.01} for side in names])


@pytest.mark.parametrize(
    ("estimate", "p", "said"),
    [(-0.3, 0.01, "agrees: both sides fall behind"), (0.3, 0.01, "disagrees"), (-0.3, 0.4, "neither confirms")],
)
def test_agreement_follows_the_numbers(estimate: float, p: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_border_text, "side_effects", lambda _: sides(estimate, p))
    designs = sides(estimate, p).assign(design="main")
    text = new_border_text.agreement_text(study_border(), designs)
    assert said in text
    assert f"{3 if p < 0.05 else 0} have p below" in text
    assert ("behind" if estimate < 0 else "ahead") in text
    sentence = new_border_text.sides_text(study_border()).splitlines()[0]
    assert sentence.startswith(f"Sichuan's side: {'-25.9' if estimate < 0 else '+35.0'}% of GDP")


def test_course_names_the_lowest_year_and_the_last() -> None:
    study = study_border()
    gap = study.gaps("border").mean()
    text = new_border_text.course_text(study).splitlines()[0]
    assert f"in {gap.loc[1997:].idxmin()}" in text
    assert "2015" in text


def test_barro_sentence_follows_the_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    found = dict(zone.zone_effect())
    monkeypatch.setattr(zone_report, "zone_effect", lambda _: {**found, "estimate": 2.0, "p": 0.001})
    text = zone_report.barro_text(zone.MAIN)
    assert "stay open longer: +2.00" in text
    assert "The sign here is theirs; nine prefectures tell it from zero" in text
    monkeypatch.setattr(zone_report, "zone_effect", lambda _: {**found, "estimate": -2.0, "p": 0.5})
    assert "close faster" in zone_report.barro_text(zone.MAIN)
    assert "cannot tell it" in zone_report.barro_text(zone.MAIN)


def test_years_that_were_not_registered_are_not_called_so() -> None:
    table = zone_report.zone_table({**zone.VARIANTS, "main": zone.ZoneDesign(end=2021)})
    assert table.frame["design"].iloc[0] == "years as asked"
    assert zone_report.zone_table(zone.VARIANTS).frame["design"].iloc[0] == "registered"


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_tables_and_texts_speak_every_language(language: str) -> None:
    study, designs = study_border(), compare_designs()
    tables = [
        new_border.years_table(pre_years(), study, language),
        new_border.sides_table(study, language),
        new_border.units_table(study, language),
        new_border.designs_table(designs, language),
        zone_report.zone_table(zone.VARIANTS, language),
        zone_report.borders_table({"main": zone.MAIN}, language),
    ]
    texts = [table_files.to_text(table) for table in tables]
    texts += [new_border_text.units_text(study, language), zone_report.zone_text(language)]
    latin = [text for text in texts if not any("\u4e00" <= sign <= "\u9fff" for sign in text)]
    assert len(latin) == (len(texts) if language == "en" else 0)
    assert "1,993" not in "".join(texts)


def test_charts_draw_in_both_languages_and_name_dots_apart() -> None:
    study = study_border()
    gap_plot(
        new_border_text.gap_panels(study, "zh"), 1997, language="zh", outcome=new_border.GAP_LABEL
    ).draw_without_rendering()
    path_plot(
        new_border_text.unit_paths(study), 1997, outcome=new_border.path_label(study.design)
    ).draw_without_rendering()
    pair_plot(zone.zone_pairs(), zone_report.pair_groups(zone.MAIN)).draw_without_rendering()
    for language in ("en", "zh"):
        figure = role_plot(
            new_border_text.role_effects(study, language),
            language=language,
            named=new_border_text.sichuan_names(study, language),
        )
        figure.draw_without_rendering()
        names = [one for one in figure.axes[0].texts if isinstance(one, Annotation)]
        boxes = [one.get_window_extent() for one in names]
        assert len(boxes) == 19
        overlapping = [
            (names[one].get_text(), names[other].get_text())
            for one, other in combinations(range(19), 2)
            if boxes[one].shrunk(0.96, 0.7).overlaps(boxes[other].shrunk(0.96, 0.7))
        ]
        assert not overlapping


def test_charts_refuse_nothing_to_draw() -> None:
    with pytest.raises(ReportError, match="0 panels"):
        gap_plot({}, 1997)
    with pytest.raises(ReportError, match="no path"):
        path_plot({}, 1997)
    with pytest.raises(ReportError, match="none may be empty"):
        role_plot({"a": pd.Series(dtype=float)})
    with pytest.raises(ReportError, match="without pairs"):
        pair_plot(zone.zone_pairs(), {"110000-120000": "x"})


def test_paths_start_from_zero_in_the_last_year_before() -> None:
    for observed, synthetic in new_border_text.unit_paths(study_border()).values():
        assert observed.loc[1996] == pytest.approx(0.0)
        assert abs(synthetic.loc[1996]) < 0.1


def test_rows_of_estimates_are_whole_and_each_once() -> None:
    study = study_border()
    counties = pd.DataFrame(
        {"design": ["zone_lights", "china_lights"], "spec_id": ["a", "b"], "estimate": [1.0, 2.0], "se": [np.nan, 1.0],
         "p": [0.5, 0.6], "pairs": [10, 20], "low": [-1.0, 0.0], "high": [3.0, 4.0], "across": [4, 5],
         "prefectures": [9, 300]}
    )  # fmt: skip
    tables = (
        new_border.sides_table(study),
        new_border.units_table(study),
        new_border.designs_table(compare_designs()),
        zone_report.zone_table({**zone.VARIANTS, "main": zone.MAIN}),
        zone_report.borders_table({"main": zone.MAIN, "first_half": zone.VARIANTS["first_half"]}),
        zone_report.counties_table(counties),
    )
    for table in tables:
        assert table.estimates and not missing_cells(table.frame, table.estimates)
        assert len({row.id for row in table.estimates}) == len(table.estimates)
    assert {row.id for row in tables[0].estimates} <= {row.id for row in tables[2].estimates}
    assert [row.clusters for row in tables[-1].estimates] == [None, 300]


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ((-2, -3, -1, -4, -5, -3), Verdict.CONSISTENT),
        ((-2, -3, -1, -4, -5, 3), Verdict.UNTESTABLE),
        ((-2, -3, -1, 4, 3, 5), Verdict.CONTRADICTED),
    ],
)
def test_several_intervals_must_all_lie_on_the_claimed_side(numbers: tuple[float, ...], verdict: Verdict) -> None:
    value = {str(place): float(number) for place, number in enumerate(numbers)}
    assert all_signed(-1)(PLAIN, Measured(value, "")) == verdict
    mirrored = {name: -number for name, number in value.items()}
    swapped = dict(zip(value, [mirrored[str(place)] for place in (0, 2, 1, 3, 5, 4)], strict=True))
    assert all_signed(1)(PLAIN, Measured(swapped, "")) == verdict
