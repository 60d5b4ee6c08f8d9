"""Tables, text and charts of the ranking, in three languages."""

import re
from dataclasses import replace

import numpy as np
import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.data.vintage import Vintage
from shanhai.render._table_files import to_text
from shanhai.run.values import check_values
from shanhai.studies.ranking import tables
from shanhai.studies.ranking import words as say
from shanhai.studies.ranking.analysis import (
    Change,
    Ranking,
    compare_dates,
    rank_counties,
    ranking_quantities,
    spread_by_concentration,
)
from shanhai.studies.ranking.charts import change_plot, group_plot, rank_plot
from shanhai.studies.ranking.design import BOTH
from shanhai.studies.ranking.values import position_values

LANGUAGES = ("en", "zh", "both")


@pytest.fixture(scope="module")
def rankings() -> list[Ranking]:
    values = position_values()
    return [rank_counties(kind, draws=20, values=values) for kind in BOTH]


@pytest.fixture(scope="module")
def changes() -> list[tuple[Change, Change]]:
    return [(compare_dates(kind, draws=20), compare_dates(kind, draws=20, against_province=True)) for kind in BOTH]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_print_in_every_language(rankings, changes, language: str) -> None:
    specs = [
        tables.indicators_table(language=language),
        tables.gaps_table(language),
        tables.weights_table(rankings, language),
        tables.ranks_table(rankings, language),
        tables.coordination_table(rankings, language),
        tables.variance_table(rankings, language),
        tables.single_table(rankings, language),
        tables.concentration_table([spread_by_concentration(kind, draws=5) for kind in BOTH], language),
        tables.change_table(changes, language),
    ]
    for spec in specs:
        assert not re.search(r"\b(nan|None)\b", to_text(spec))
        if language == "zh":
            heads = " ".join(spec.heads())
            assert not set("abcdefghijklmnopqrstuvwxyz") & set(heads.replace("Cangnan", "")), heads
            shown = [value for row in spec.cells() for value in row]
            assert not re.search(r"[a-z]_[a-z]|\d ?– ?\d|\byes\b", " ".join(shown)), shown


def test_ranks_table_holds_each_of_the_26_with_an_interval(rankings) -> None:
    frame = tables.ranks_table(rankings).frame
    assert len(frame) == 26
    assert frame["range"].str.fullmatch(r"\d+ – \d+").all()
    assert frame.loc[0, "rank"] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_counts_what_the_table_holds(rankings, changes, language: str) -> None:
    text = say.ranks_text(rankings, language)
    sure = [say.county_name(code, language) for each in rankings for code in each.ranks.index[each.ranks.top > 0.95]]
    assert all(name.split()[0] in text for name in sure)
    for said in (say.answer, say.data_text, say.coordination_text, say.group_text):
        assert said(rankings, language)
    assert say.change_text(changes, language)


def test_how_far_apart_two_counties_must_lie_by_hand(rankings) -> None:
    """Four counties, twenty rankings: all agree but on the last two, whom half of the rankings exchange.

    Of the three pairs two or more places apart all keep their order; of all six, five do: 83 percent.
    """
    each = rankings[1]
    codes = each.ranks.index[:4]
    scores = np.tile([0.9, 0.7, 0.5, 0.4], (20, 1))
    scores[::2, 2:] = [0.4, 0.5]
    spread = replace(each.spread, scores=scores[None, None, None], places=codes)
    ranks = each.ranks.loc[codes].assign(rank=[1, 2, 3, 4], score=[0.9, 0.7, 0.5, 0.4])
    places, points = replace(each, spread=spread, ranks=ranks).apart
    assert (places, points) == (1, pytest.approx(0.1))
    scores[::2] = [0.9, 0.4, 0.5, 0.7]  # three of the six pairs are exchanged, one of them two places apart
    places, points = replace(each, spread=replace(spread, scores=scores[None, None, None]), ranks=ranks).apart
    assert (places, points) == (3, pytest.approx(0.4))
    scores[::2] = [0.4, 0.5, 0.7, 0.9]
    assert replace(each, spread=replace(spread, scores=scores[None, None, None]), ranks=ranks).apart[0] == np.inf


def test_ranks_are_said_with_places_and_points_of_hundred_that_keep_an_order(rankings) -> None:
    each = rankings[0]
    said = f"Leapfrog counties: from {each.apart[0]:.0f} of 15 places or {100 * each.apart[1]:.1f} of 100 points apart"
    assert say.ranks_text(rankings).startswith(said)


def test_answer_counts_pairs_that_keep_their_order_and_is_short(rankings) -> None:
    text = say.answer(rankings)
    kept = [int((each.pairs >= 0.95).sum()) for each in rankings]
    assert f"{kept[0]} of 105 pairs of leapfrog and {kept[1]} of 55 pairs of ecological mountain counties" in text
    assert len(text.split()) <= 110


def test_reach_of_a_change_is_half_of_its_interval(changes) -> None:
    levels, gaps = changes[0]
    wide = replace(gaps, table=gaps.table.assign(low=-1.0, high=2.0))
    assert wide.reach == 1.5
    assert "and 1.50 for gaps to the province" in say.change_text([(levels, wide)])


def test_text_of_change_follows_the_numbers(changes) -> None:
    levels, gaps = changes[1]
    fallen = replace(gaps, table=gaps.table.assign(low=-2.0, high=-1.0))
    risen = replace(gaps, table=gaps.table.assign(low=1.0, high=2.0))
    assert "relative to the province 0 came nearer, 11 fell back and 0 are undecided" in say.change_text(
        [(levels, fallen)]
    )
    assert "relative to the province 11 came nearer, 0 fell back and 0 are undecided" in say.change_text(
        [(levels, risen)]
    )


def test_answer_follows_the_variance_of_ranks(rankings) -> None:
    each = rankings[0]
    quiet = replace(each.spread, scores=each.spread.scores.mean(axis=3, keepdims=True).repeat(2, axis=3))
    text = say.answer([replace(each, spread=quiet)])
    assert "weights drawn around a scheme account for 0% of the variance" in text


def test_ranks_and_changes_are_quantities_each_under_its_own_name(rankings, changes) -> None:
    rows = ranking_quantities(rankings, changes)
    assert len({row.id for row in rows}) == len(rows)
    first = rankings[0].ranks.iloc[0]
    mine = [row for row in rows if row.term.startswith(f"county {first.name}") and row.quantity == "composite rank"]
    assert [row.value for row in mine] == [first["rank"], first["median"], first["low"], first["high"]]
    assert mine[2].model == mine[3].model == f"middle 90% of {rankings[0].spread.scores[..., 0].size} rankings"


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_show_every_county(rankings, changes, language: str) -> None:
    for figure, count in (
        (rank_plot(rankings, language=language), 26),
        (group_plot(rankings, language=language), 26),
        (change_plot(changes, language=language), 23),
    ):
        names = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
        shown = {name for name in names if any(sign.isalpha() for sign in name)}
        assert len(shown) == count


def test_group_chart_prints_the_score_of_each_cell(rankings) -> None:
    figure = group_plot(rankings)
    for axes, each in zip(figure.axes, rankings, strict=False):
        scores = each.groups.loc[each.ranks.sort_values(["rank", "median"]).index].to_numpy()
        assert np.asarray(axes.images[0].get_array()) == pytest.approx(scores)
        printed = [int(text.get_text()) for text in axes.texts]
        assert printed == pytest.approx(scores.ravel(), abs=0.5 + 1e-9)


def test_change_chart_draws_levels_and_gaps(changes) -> None:
    levels, gaps = changes[0]
    order = gaps.table.sort_values("change", ascending=False, kind="stable").index
    drawn = {line.get_label(): line.get_xdata() for line in change_plot(changes).figure.axes[0].lines}
    assert drawn["compared with its own past"] == pytest.approx(levels.table.loc[order, "change"].to_numpy())
    assert drawn["gap to the province"] == pytest.approx(gaps.table.loc[order, "change"].to_numpy())


def test_rank_chart_draws_the_interval_of_the_table(rankings) -> None:
    figure = rank_plot(rankings[:1])
    drawn = figure.axes[0].collections[1].get_segments()
    ordered = rankings[0].ranks.sort_values(["median", "rank"], kind="stable")
    assert [(float(low), float(high)) for (low, _), (high, _) in drawn] == [
        (float(low), float(high)) for low, high in ordered[["low", "high"]].to_numpy()
    ]


def test_nothing_to_draw_is_refused() -> None:
    for chart in (rank_plot, group_plot, change_plot):
        with pytest.raises(ReportError, match="nothing to draw"):
            chart([])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"weights": ["incomes=2"]}, "incomes, which are unknown"),
        ({"weights": ["income=-2"]}, "allowed: a finite number of 0 or more"),
        ({"concentration": 0.0}, "allowed: from 1"),
    ],
)
def test_parameters_are_refused_before_a_kernel_starts(given, said: str) -> None:
    from shanhai.core.errors import ShanhaiError

    with pytest.raises(ShanhaiError, match=said):
        check_values(given)


def test_a_year_that_was_not_fixed_beforehand_is_said(rankings) -> None:
    assert "预先设定" not in say.data_text(rankings, "zh")
    later = [replace(each, vintage=Vintage(2023)) for each in rankings]
    assert say.data_text(later, "zh").endswith("并非预先设定的结果。")


def test_unknown_language_is_refused(rankings) -> None:
    with pytest.raises(ParameterError, match="language 'fr'"):
        say.answer(rankings, "fr")
