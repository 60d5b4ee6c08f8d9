"""Places that can be explained, and sentences that follow the numbers."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, ParameterError, ShanhaiError, UnknownPlaceError
from shanhai.core.notebooks import sentences
from shanhai.core.paths import NOTEBOOKS
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition import GapShares, OaxacaResult, Rule
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapPart
from shanhai.methods.estimate import Estimate
from shanhai.run.parameters import read_parameters
from shanhai.studies.gap.analysis import (
    GapAnswer,
    GapData,
    _gap_areas,
    _GapArea,
    check_gap,
    check_gap_year,
    explain_places,
    gap_data,
    rugged_counties,
)
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, Residual
from shanhai.studies.gap.design import NATURE, NATURE_FIRST, gap_design, mountain_design
from shanhai.studies.gap.words import (
    designs_paragraph,
    forms_paragraph,
    gap_answer,
    mountain_paragraph,
    parts_paragraph,
    slopes_paragraph,
)

NOW = Vintage()
DESIGN = gap_design(NOW)
HERE, THERE = _GapArea("1", "Hill", "山", frozenset({"1"})), _GapArea("2", "Shore", "海", frozenset({"2"}))
VALUES = {
    "terrain": -0.10, "border": -0.02, "distance": -0.08, "district status": 0.01, "schooling": -0.06,
    "age structure": 0.03, "sector": -0.08,
}  # fmt: skip


def part(name: str, value: float, reach: float = 0.012) -> GapPart:
    return GapPart(name, value, reach / 2, value - reach, value + reach)


def answer(values: dict[str, float] | None = None, *, between: float = 0.0, rest: float = -0.10) -> GapAnswer:
    """An account of a gap with given shares, the same under every rule."""
    values = values or VALUES
    parts = tuple(part(name, values[name]) for name in DESIGN.names)
    ends = (part(FIXED_EFFECTS, between), part(REMAINDER, rest))
    blocks = tuple(
        part(block, sum(parts[number].contribution for number in members)) for block, members in DESIGN.blocks.items()
    )
    gap = sum(share.contribution for share in (*parts, *ends))
    shares = GapShares(
        design=DESIGN, gap=gap, parts=(*parts, *ends),
        rules=dict.fromkeys(Rule, parts),
        blocks={Rule.SHAPLEY: blocks, NATURE_FIRST: blocks}, aggregate_gap=gap - 0.1, n_place=1, n_reference=1,
        covered_place=100.0, covered_reference=100.0, n=100, clusters=20, draws=99,
    )  # fmt: skip
    return GapAnswer(HERE, THERE, shares, NOW)


LEFT = Residual(-0.10, 22.4, 331, "prefecture")


ALONE = NoOwnSlopes(None, 0)


def designs(given: GapAnswer, *natures: float) -> pd.DataFrame:
    """Designs under which terrain has these parts, and border and distance none; the first is the main one."""
    rows = [
        {"key": str(number), "terrain": value, "border": 0.0, "distance": 0.0} for number, value in enumerate(natures)
    ]
    return pd.DataFrame(rows).assign(gap=given.shares.gap)


def answered(given: GapAnswer, beside: OwnSlopes | NoOwnSlopes = ALONE, language: str = "en") -> str:
    return gap_answer(given, beside, designs(given, -0.20, -0.10, -0.30), language)


def gap_paragraph(given: GapAnswer, language: str = "en") -> str:
    """All that the notebook says on a gap."""
    return f"{answered(given, language=language)}\n{parts_paragraph(given, LEFT, language)}"


def own(given: GapAnswer, *, terrain: float = -0.30, difference: float = -0.3) -> OwnSlopes:
    """The account again, with terrain taking what is not explained, and slopes of 10 degrees of freedom."""
    other = answer({**VALUES, "terrain": terrain}, rest=-0.10 - (terrain - VALUES["terrain"]))
    slopes = (Estimate(-0.06, 0.02, 300.0), Estimate(-0.38, 0.1, 10.0), Estimate(difference, 0.1, 10.0))
    return OwnSlopes(load_places().province("330000"), given.shares, other.shares, slopes)


def test_both_sets_of_slopes_stand_side_by_side_and_the_interval_holds_for_either() -> None:
    given = answer()
    said = answered(given, own(given))
    # -0.20 and -0.40 of -0.40; each reach 0.012 of 0.40 is 3 %
    assert (
        "(geometric means of counties, weighted by residents, not totals); with national slopes terrain, the "
        "provincial border and distance to the provincial capital account for 50%" in said
    )
    assert "50% [47, 53] of the gap, and 25% [22, 28] is unexplained; with the slopes of Zhejiang alone" in said
    (first, *_) = sentences(said)  # printed alone on first pages and slides
    assert "they account for 100% [97, 103] of the gap, and -25% [-28, -22] is unexplained (Shapley" in first
    assert "some of the opposite sign, make each sum 100%" in first
    assert "union of both intervals is [47, 103]%." in said
    assert "Across 3 designs the share ranges from 25% to 75%" in said and "both results were known" in said
    assert "both results" not in answered(given)
    assert "贡献率为50% [47, 53]，未解释部分占25% [22, 28]；只用浙江自身斜率时，三者的贡献率为100%" in answered(
        given, own(given), "zh"
    )
    part = own(given).either(NATURE)
    assert (part.contribution, part.low, part.high) == pytest.approx((-0.20, -0.412, -0.188))


@pytest.mark.parametrize(("difference", "said"), [(-0.3, "neither column alone"), (-0.1, "is not significant")])
def test_whether_slopes_differ_is_said_by_their_own_degrees_of_freedom(difference: float, said: str) -> None:
    text = slopes_paragraph(own(answer(), difference=difference))
    assert said in text
    assert "10 degrees of freedom" in text


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (NoOwnSlopes(None, 0), "lie in different provinces"),
        (NoOwnSlopes(load_places().province("350000"), 9), "Fujian cannot"),
    ],
)
def test_why_there_are_no_own_slopes_is_said(reason: NoOwnSlopes, said: str) -> None:
    assert said in answered(answer(), reason)


@pytest.mark.parametrize(
    ("percentile", "kind"),
    [(22.4, "within the usual range"), (8.0, "unusual"), (97.0, "unusual"), (1.2, "extreme"), (99.0, "extreme")],
)
def test_how_usual_the_rest_is_follows_from_its_percentile(percentile: float, kind: str) -> None:
    said = parts_paragraph(answer(), replace(LEFT, percentile=percentile))
    assert f"which is {kind}: " in said and said.endswith("% of 331 prefectures have a lower unexplained part.")
    assert "GDP per head of Hill is 10% below" in said  # exp(-0.10) - 1


def test_forms_are_told_by_their_ends() -> None:
    rows = [("linear", -0.2, -0.5), ("log", -0.1, -0.25), ("slope", -0.3, -0.1)]
    table = pd.DataFrame(rows, columns=["key", "mountain_terrain", "terrain"]).assign(mountain_gap=-0.5, gap=-0.5)
    said = forms_paragraph(answer(), table)
    assert "terrain accounts for 40% if ruggedness enters in metres and for 20% if in logs" in said
    assert "ranges from 20% (log of ruggedness" in said and "60% (mean slope)" in said
    assert "In the gap of Hill the range is 20% to 100%." in said


def test_paragraph_says_what_the_numbers_say() -> None:
    text = gap_paragraph(answer())
    assert "GDP per head of Hill was 33% below that of Shore" in text  # exp(-0.40) - 1
    assert "; by totals 39% below" in text
    assert "account for 50% [47, 53] of the gap: terrain 25% [22, 28]; distance" in text
    assert "unexplained 25% [22, 28]" in text
    assert "differences between provinces" not in text
    assert "counties with all figures" not in text
    assert "Negative shares narrow the gap." in text


def test_a_year_that_was_not_fixed_beforehand_is_said() -> None:
    later = replace(answer(), vintage=Vintage(2023))
    assert parts_paragraph(later, LEFT).endswith("are not the pre-specified ones.")
    assert parts_paragraph(later, LEFT, "zh").endswith("并非预先设定的结果。")
    assert "pre-specified" not in gap_paragraph(answer())


def test_signs_turn_the_sentence() -> None:
    turned = answer({name: -value for name, value in VALUES.items()}, rest=0.10)
    text = gap_paragraph(turned)
    assert "GDP per head of Hill was 49% above that of Shore" in text
    assert "terrain 25% [22, 28]" in text
    assert "人均GDP比海高49%" in gap_paragraph(turned, "zh")
    assert "人均GDP比海低33%" in gap_paragraph(answer(), "zh")


def test_a_part_around_zero_is_said_to_be_none() -> None:
    flat = {**VALUES, "terrain": 0.10, "border": 0.0, "distance": -0.10}
    text = gap_paragraph(answer(flat))
    assert "account for 0% [-6, 6] of the gap, which does not differ significantly from zero: " in text
    assert "0% [-6, 6] of the gap, which does not differ significantly from zero, and" in text


def test_small_gaps_are_told_in_log_points() -> None:
    small = answer(rest=0.25)
    assert not small.in_percent
    text = gap_paragraph(small)
    assert "terrain -0.100 [-0.112, -0.088] log points" in text
    assert "Negative shares" not in text
    assert "地形-0.100 [-0.112, -0.088]个对数点" in gap_paragraph(small, "zh")


def test_provinces_and_coverage_are_told_where_there_is_something_to_tell() -> None:
    other = answer(between=-0.2)
    assert "differences between provinces 33% [31, 35]" in gap_paragraph(other)
    partly = replace(other, shares=replace(other.shares, covered_place=81.6))
    assert "hold 82% of the place's residents and 100% of the reference's" in gap_paragraph(partly)


def test_a_share_against_its_own_difference_is_explained() -> None:
    plain = answer()
    assert not plain.unexpected()
    alone = tuple(
        part(share.name, -share.contribution if share.name == "sector" else share.contribution)
        for share in plain.shares.parts
    )
    odd = replace(plain, shares=replace(plain.shares, rules={**plain.shares.rules, Rule.ALONE: alone}))
    assert [share.name for share in odd.unexpected()] == ["sector"]
    assert "Taken alone, the primary sector's share has the opposite sign: Hill is worse placed" in gap_paragraph(odd)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_is_english_over_chinese(language: str) -> None:
    given = answer()
    assert answered(given, language=language) in answered(given, language="both").split("\n")


def test_mountain_paragraph_names_what_can_be_told_from_none() -> None:
    groups = tuple(part(name, -0.1 if name == "terrain" else 0.001) for name in DESIGN.names)
    result = OaxacaResult(
        mountain_design(NOW), part("gap", -0.2), (),
        {"pooled with indicator": (part("explained", -0.1), part("unexplained", -0.1))},
        {"pooled with indicator": groups}, 26, 58, "row", 84, 99,
    )  # fmt: skip
    text, chinese = (mountain_paragraph(result, (1, 58), language) for language in ("en", "zh"))
    assert "is 18% below that of the 58 other counties" in text
    assert "Groups that differ significantly from zero: terrain -0.100 [-0.112, -0.088] (50%)." in text
    assert "Of the 58 other counties, the number as rugged as the median of the 26 is 1," in text and "few" in text
    assert "some counties" in mountain_paragraph(result, (30, 58))
    assert "山区26县人均GDP比浙江其他有数据的58个县级行政区低18%" in chinese
    assert "显著异于零的组：地形 -0.100 [-0.112, -0.088]（50%）。" in chinese


def test_designs_are_told_by_their_ends_and_where_they_disagree() -> None:
    given = answer()
    rows = {
        "main": (-0.10, -0.08, -0.08, -0.10),
        "jobs": (-0.10, -0.08, 0.02, -0.20),
        "potential": (-0.10, 0.00, -0.08, -0.18),
    }
    columns = ["terrain", "distance", "sector", REMAINDER]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("key").reset_index()
    text = designs_paragraph(given, table.assign(border=0.0, gap=-0.40))
    assert "Over these designs 25% to 50% is unexplained" in text
    assert "The primary sector accounts for 20% by its share in GDP and for -5% by jobs" in text
    assert "Distance accounts for 20% in km to the provincial capital and for 0% as market potential" in text
    said = gap_answer(given, ALONE, table.assign(border=0.0, gap=-0.40))
    assert "Across 3 designs their share ranges from 25% to 45%" in said


def test_overlap_counts_counties_that_could_be_compared() -> None:
    rows = pd.DataFrame(
        {
            "province_code": "330000",
            "is_mountain_26": [True, True, True, False, False, False, False, False],
            "ruggedness": [300.0, 400.0, 500.0, 400.0, 399.0, 10.0, 20.0, None],
            "gdp_per_capita_2021": [1.0] * 8,
        }
    )
    assert rugged_counties(GapData(rows, NOW)) == (1, 4)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return build_county_frame()


def test_places_are_their_counties(frame: pd.DataFrame) -> None:
    here, there = _gap_areas("330800", "330000", frame, NOW)
    assert (len(here.counties), len(there.counties)) == (6, 90)
    assert (here.name_zh, there.name_en) == ("衢州", "Zhejiang")
    county, country = _gap_areas("330824", "000000", frame, NOW)
    assert county.counties == {"330824"}
    assert country.counties == set(frame["code"])
    both, _ = _gap_areas("441900", "440000", frame, NOW)  # Dongguan is prefecture and county at once
    assert both.counties == {"441900"}


@pytest.mark.parametrize(
    ("place", "reference", "error", "message"),
    [
        ("999999", "330000", UnknownPlaceError, "999999"),
        ("330800", "990000", UnknownPlaceError, "990000"),
        ("330000", "000000", ParameterError, "a province or the country"),
        ("000000", "330000", ParameterError, "a province or the country"),
        ("Quzhou", "330000", UnknownPlaceError, "names 2 places"),
        ("330800", "吉林", UnknownPlaceError, "names 2 places"),
        ("浙江", "000000", ParameterError, "a province or the country"),
        ("330800", "330800", ParameterError, "the same counties"),
        ("110100", "110000", ParameterError, "the same counties"),
        ("419000", "410000", UnknownPlaceError, "administers directly"),
        ("330102", "330000", MissingDataError, "gdp_per_capita_2021 of 1"),
        ("330800", "330383", MissingDataError, "on_border of 1"),
    ],
)
def test_places_that_cannot_be_compared_are_refused(
    frame: pd.DataFrame, place: str, reference: str, error: type[ShanhaiError], message: str
) -> None:
    with pytest.raises(error, match=message):
        _gap_areas(place, reference, frame, NOW)


def test_names_and_numbers_give_the_gap_of_the_codes(frame: pd.DataFrame) -> None:
    for place, reference in (("衢州", "浙江"), ("衢州市", "Zhejiang"), (330800, 330000), ("浙江衢州", "330000 ")):
        assert _gap_areas(place, reference, frame, NOW) == _gap_areas("330800", "330000", frame, NOW)
    assert _gap_areas("开化", "China", frame, NOW) == _gap_areas("330824", "000000", frame, NOW)


def test_the_check_of_a_run_knows_the_defaults_of_the_notebook() -> None:
    defaults = read_parameters(NOTEBOOKS / "08-explain-gap.ipynb")
    check_gap()
    for name, message in (("reference", "330800"), ("place", "330000")):
        other = {"reference": "place", "place": "reference"}[name]
        with pytest.raises(ParameterError, match=message):
            check_gap(**{name: defaults[other].default})


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ParameterError, match="draws is 98; allowed: a whole number from 99"):
        explain_places("330800", "330000", GapData(pd.DataFrame(), NOW), draws=98)


def test_a_later_year_moves_outcome_sector_and_words(later_year: int) -> None:
    data = gap_data()
    share = 100 * data.frame[f"primary_gdp_{later_year}"] / data.frame[f"gdp_{later_year}"]
    pd.testing.assert_series_equal(data.frame[f"primary_share_{later_year}"], share, check_names=False)
    design = gap_design(data.vintage)
    assert design.regression.outcome.column == f"gdp_per_capita_{later_year}"
    assert design.spec_id != DESIGN.spec_id
    given = answer()
    assert f"In {later_year} GDP per head of" in answered(replace(given, vintage=data.vintage))
    assert gap_data("2021").vintage.gdp == 2021


def test_a_year_without_the_primary_sector_is_refused_with_those_that_have_it(
    later_year_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.read_csv(later_year_settings.with_name("county_gdp.csv"), dtype={"code": str})
    table["primary_gdp_10k_yuan"] = table["primary_gdp_10k_yuan"].mask(table["year"].eq(2023))
    table.to_csv(tmp_path / "county_gdp.csv", index=False)
    settings = tmp_path / "settings.toml"
    settings.write_text('[replace]\ncounty_gdp = "county_gdp.csv"\n', encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
    with pytest.raises(ParameterError, match=r"gdp_year 2023: .* primary sector, .* of 0 .* allowed: 2021\. Choose"):
        check_gap_year("newest")
    check_gap_year("2021")
