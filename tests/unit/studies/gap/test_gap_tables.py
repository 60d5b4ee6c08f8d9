"""Tables and figures of gaps: parts in their blocks, sums, languages, and what cannot be drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import ReportError
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition import OaxacaDesign, Rule, SharesDesign, TermGroup, oaxaca_blinder, share_gap
from shanhai.methods.decomposition.gap import REMAINDER
from shanhai.methods.estimate import Estimate
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.render._shown import missing_cells
from shanhai.render.numbers import format_number
from shanhai.studies.gap import charts, tables
from shanhai.studies.gap.analysis import GapAnswer, _GapArea
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, Residual

LEFT = Residual(-0.10, 22.4, 331, "prefecture")


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    frame = simulate_counties(np.random.default_rng(4), n=600)
    return frame.assign(member=frame["ruggedness"] > frame["ruggedness"].median())


def design(fixed: tuple[str, ...]) -> SharesDesign:
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (Variable("ruggedness"), Variable("on_border"), Variable("is_district")),
        SampleSpec("all", "全部"),
        CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
        fixed_effects=fixed,
        weights="population",
    )
    groups = (
        TermGroup("terrain", ("ruggedness",), "nature and maps"),
        TermGroup("border", ("on_border",), "nature and maps"),
        TermGroup("district status", ("is_district",), "administration"),
    )
    return SharesDesign(spec, groups, "population")


@pytest.fixture(scope="module")
def answer(counties: pd.DataFrame) -> GapAnswer:
    sides = [
        _GapArea(code, f"P{code}", f"省{code}", frozenset(counties.loc[counties[column] == code, "code"]))
        for column, code in (("prefecture_code", "200400"), ("province_code", "310000"))
    ]
    shares = share_gap(
        design(("province_code",)), counties, sides[0].counties, sides[1].counties, draws=30,
        generator=np.random.default_rng(1),
    )  # fmt: skip
    return GapAnswer(sides[0], sides[1], shares, Vintage())


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_table_of_shares_holds_every_part_and_the_sum(answer: GapAnswer, language: str) -> None:
    spec = tables.shares_table(answer, NoOwnSlopes(None, 0), LEFT, language)
    points = [float(value) for value in spec.frame["national"]]
    assert len(points) == 7  # a block of two with its sum, one alone, provinces, remainder, gap
    assert points[0] == pytest.approx(points[1] + points[2], abs=0.0011)
    assert sum(points[1:-1]) == pytest.approx(points[-1], abs=0.003)
    assert spec.rules_before == {3, 4, 6}


def test_table_of_orders_marks_sums_that_need_not_fit(answer: GapAnswer) -> None:
    last = tables.orders_table(answer).frame.iloc[-1]
    assert last["alone"].startswith("(")
    assert last["last"].startswith("(")
    assert last["Shapley"] == last["Owen"] == last["blocks in order"]


def test_a_small_gap_has_no_percent(answer: GapAnswer) -> None:
    small = replace(answer, shares=replace(answer.shares, gap=0.05))
    spec = tables.shares_table(small, NoOwnSlopes(None, 0), LEFT)
    assert "national_share" not in spec.frame
    assert "below 0.1 log points" in spec.notes[-1]


def test_every_part_with_an_error_is_an_estimate_of_its_own(answer: GapAnswer, counties: pd.DataFrame) -> None:
    result = oaxaca_blinder(OaxacaDesign(design(()), "member"), counties, draws=20, generator=np.random.default_rng(2))
    shown = (
        tables.shares_table(answer, NoOwnSlopes(None, 0), LEFT),
        tables.orders_table(answer),
        tables.oaxaca_table({"row": result, "cluster": result}),
    )
    assert all(table.estimates and not missing_cells(table.frame, table.estimates) for table in shown)
    assert {row.term for row in shown[0].estimates} > {group.name for group in answer.shares.design.groups}
    shapley = {row.term: row for row in shown[0].estimates}
    part = answer.shares.parts[0]
    assert (shapley[part.name].se, shapley[part.name].low) == (part.se, part.low)
    assert {row.id for row in shown[0].estimates} & {row.id for row in shown[1].estimates}  # one number, one name


def test_oaxaca_table_shows_both_ways_of_drawing(counties: pd.DataFrame) -> None:
    shares = OaxacaDesign(design(()), "member")
    results = {
        key: oaxaca_blinder(shares, counties, by_row=key == "row", draws=20, generator=np.random.default_rng(2))
        for key in ("row", "cluster")
    }
    frame = tables.oaxaca_table(results).frame
    assert len(frame) == 15  # six references in two parts, three parts of the threefold
    assert (frame["counties"] != frame["prefectures"]).all()
    first = frame["points"].astype(float).to_numpy()[:2].sum()
    assert first == pytest.approx(results["row"].gap.contribution, abs=0.0011)


def test_waterfall_walks_from_reference_to_place(answer: GapAnswer) -> None:
    axes = (figure := charts.gap_waterfall(answer)).axes[0]
    parts = [part.contribution for part in answer.shares.parts]
    ends = np.cumsum([0.0, *parts])
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
    assert bars == [pytest.approx(bar) for bar in (*zip(ends[:-1], parts, strict=True), (0.0, answer.shares.gap))]
    names = ["P310000", "terrain", "the provincial border", "district status", "differences between provinces"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [*names, "unexplained", "P200400"]
    assert {format_number(part, 3) for part in parts} | {"100"} <= {text.get_text() for text in axes.texts}
    blocks = [
        "natural and locational conditions",
        "administrative status",
        "differences between provinces",
        "unexplained",
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == blocks


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_text_stays_inside_the_figure(answer: GapAnswer, language: str) -> None:
    figure = charts.gap_waterfall(answer, language)
    renderer = figure.canvas.get_renderer()
    box = figure.bbox
    texts = [*figure.axes[0].get_yticklabels(), *figure.axes[0].texts, *figure.legends[0].get_texts()]
    for text in texts:
        extent = text.get_window_extent(renderer)
        assert extent.x0 >= box.x0 - 1
        assert extent.x1 <= box.x1 + 1


def test_groups_of_unknown_blocks_are_refused(answer: GapAnswer) -> None:
    shares = answer.shares
    odd = replace(shares.design, groups=(*shares.design.groups[:2], replace(shares.design.groups[2], block="D")))
    with pytest.raises(ReportError, match=r"\['D'\] cannot be told apart"):
        charts.gap_waterfall(replace(answer, shares=replace(shares, design=odd)))


def test_own_slopes_add_columns_and_the_union_of_both_intervals(answer: GapAnswer) -> None:
    """The account with own slopes is the national one with the unexplained part moved to terrain."""
    moved = {"terrain": 0.05, REMAINDER: -0.05}
    parts, block, shapley = (
        tuple(replace(part, contribution=part.contribution + moved.get(part.name, 0), low=-9.0) for part in group)
        for group in (answer.shares.parts, answer.shares.blocks[Rule.SHAPLEY], answer.shares.rules[Rule.SHAPLEY])
    )
    inside = replace(
        answer.shares, parts=parts, blocks={Rule.SHAPLEY: block}, rules={Rule.SHAPLEY: shapley}, clusters=11
    )
    slope = Estimate(-0.1, 0.05, 10.0, "cluster(prefecture_code) CR1S")
    own = OwnSlopes(load_places().province("330000"), answer.shares, inside, (slope, slope, slope))
    spec = tables.shares_table(answer, own, LEFT)
    alone = tables.shares_table(answer, NoOwnSlopes(None, 0), LEFT)
    assert list(alone.frame) == list(spec.frame)[:4]
    assert (spec.frame["national"] == alone.frame["national"]).all()
    terrain = answer.shares.part("terrain")
    row = spec.frame[spec.frame["part"].eq("· terrain")].iloc[0]
    assert row["own"] == format_number(terrain.contribution + 0.05, 3)
    assert row["either"] == f"[-9.000, {format_number(terrain.high, 3)}]"
    assert spec.frame["own"].iloc[-1] == spec.frame["national"].iloc[-1]
    assert not missing_cells(spec.frame, spec.estimates)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_forms_of_terrain_print_parts_and_shares_of_the_gaps(answer: GapAnswer, language: str) -> None:
    """Terrain 0.1 of a gap of 0.4 is 25 %, of the gap of the 26, 0.5, it is 20 %."""
    side = {"terrain": -0.1, "remainder": -0.2, "n": 90, "spec_id": "a"}
    row = {"key": "linear", "gap": -0.4, "mountain_gap": -0.5, **side, **{f"mountain_{k}": v for k, v in side.items()}}
    [cells] = tables.terrain_forms_table(answer, pd.DataFrame([row]), language).cells()
    assert [cell for cell in cells if cell in ("25", "50", "20", "40")] == ["25", "50", "20", "40"]
