"""Dated decisions on designs and rules, as the history of the repository has them; a page of the docs prints them.

A decision is added here in the commit after the one that made it: what was fixed or changed, what had been seen by
then, and why. The designs themselves are in the modules that the page reads.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class _Decision:
    """One decision that results could have influenced."""

    time: str
    """Day and minute of the commit (UTC)."""
    commit: str
    """Its abbreviated name."""
    notebook: str
    """Notebooks and claims that it is about."""
    what: str
    seen: str
    """What had been computed by then that bears on it."""
    why: str = ""
    """Why something that stood was changed or added; empty for a first design."""


_OWN_UNSEEN = "nothing of this study"

DECISIONS: tuple[_Decision, ...] = (
    _Decision(
        "2026-11-22 02:21",
        "b1b5c0e",
        "03",
        "samples, outcomes, all models but `undoubted`, `total` and `total_geography`, covariances, bands, the family "
        "of tests of border and dual attribute",
        "no regression; the claims of the papers",
    ),
    _Decision("2026-11-22 02:37", "6fb1cb6", "03", "model `undoubted`", "no regression"),
    _Decision(
        "2026-11-22 02:50",
        "2674b44",
        "03",
        "nothing: the first run of notebook 03",
        "from here on the main estimate is known",
        "–",
    ),
    _Decision(
        "2026-11-22 03:04",
        "c61fb22",
        "03",
        "step at the border: counties that touch it against those whose edge lies within 20 km",
        "both valleys of notebook 03",
        "the bands were there; their difference answers whether the line itself matters",
    ),
    _Decision(
        "2026-11-22 03:23",
        "38560a1",
        "13",
        "choices of the specification curve; its main specification is that of notebook 03",
        "notebook 03, not the curve",
    ),
    _Decision(
        "2026-11-22 03:47",
        "0bb5ff5",
        "13",
        "jump at the border: main design, 20 km as near",
        "notebook 03 with its valleys, no jump",
    ),
    _Decision(
        "2026-11-22 03:47",
        "0bb5ff5",
        "13",
        "valley with the size of counties held fixed",
        "the valley without it: light turns up near the line",
        "only small counties have their centre near the line, and they are bright for other reasons",
    ),
    _Decision("2026-11-22 03:54", "22717a2", "13", "families of tests", "notebook 03 with its p-values"),
    _Decision(
        "2026-11-22 04:07",
        "53b11e6",
        "13, L02",
        "margin of 0.25 log points below which a jump counts as none",
        "the jump; any margin below the bound that the finding reports gives the same verdict",
    ),
    _Decision("2026-11-22 05:14", "5de6f1d", "07", "design of the border of 1997, current prices", _OWN_UNSEEN),
    _Decision(
        "2026-11-22 05:18",
        "e1e49f2",
        "08",
        "decomposition: the share over all orders of entry (Shapley) is main, nature first stands beside",
        f"{_OWN_UNSEEN}; notebook 03",
    ),
    _Decision("2026-11-22 05:18", "29e5cc0", "09", "rules of the paths to the targets", _OWN_UNSEEN),
    _Decision(
        "2026-11-22 05:19",
        "fb89b74",
        "06",
        "main design, its variants, tests",
        "overlap of levels and terrain, pairs by caliper; no outcome of a year of the window by group",
    ),
    _Decision("2026-11-22 05:20", "4b833f5", "11", "indicators, weights, draws of the ranking", _OWN_UNSEEN),
    _Decision("2026-11-22 05:24", "889359e", "07", "regression on pairs of the nine prefectures", _OWN_UNSEEN),
    _Decision("2026-11-22 05:25", "3355b35", "06", "Quzhou and Lishui as whole prefectures", _OWN_UNSEEN),
    _Decision(
        "2026-11-22 05:29",
        "645e05a",
        "05",
        "main periods, conditions, covariances",
        "yearly sum and spread of log lights, from which the seam between sensors was read",
    ),
    _Decision(
        "2026-11-22 05:38",
        "0cad35c",
        "08, B08",
        "B08 rests on the order in which nature enters first",
        "shares under both orders",
        "the paper speaks of place; see 28 November, where it goes back to the order declared main",
    ),
    _Decision("2026-11-22 05:38", "4009d79", "10", "comparisons of pairs, main outcome", _OWN_UNSEEN),
    _Decision(
        "2026-11-22 05:46",
        "ca970b6",
        "05",
        "second readings of the first level, samples `undoubted` and `with_gdp`",
        "main results of notebook 05",
        "noise in the first level; whether light and GDP differ by their samples. All that were tried are in",
    ),
    _Decision(
        "2026-11-22 05:58",
        "bd5e386",
        "06",
        "placebo provinces: stand-ins of the compared counties only, provinces with too few left out and counted",
        "the placebo as it was first declared (mean -0.006, p 0.88) and all results of notebook 06",
        "stand-ins of all 26 were no counterpart of the ten that are compared",
    ),
    _Decision(
        "2026-11-22 06:20",
        "6483669",
        "08",
        "sector by jobs beside sector by value added",
        "results of notebook 08",
        "the share of a sector in GDP has GDP in its denominator",
    ),
    _Decision(
        "2026-11-28 10:15",
        "e747ab0",
        "12, 13",
        "SCPC takes the conditional distribution of Müller and Watson's programs",
        "p 0.060; it became 0.071",
        "the published programs do so",
    ),
    _Decision(
        "2026-11-28 10:17",
        "4a1bdd9",
        "all",
        "a county is on a border if it shares at least 1 km of edge on land",
        "the main estimate under the old rule; it moved by -0.0035",
        "points of contact and bridges drawn as land counted as borders",
    ),
    _Decision(
        "2026-11-28 11:11",
        "e087083",
        "all",
        "displaced rows of county GDP go back, copies and placeholders are dropped",
        "the main estimate before; it moved by +0.0004",
        "rows that held another unit's figures",
    ),
    _Decision(
        "2026-11-28 16:42",
        "e02f66a",
        "claims",
        "one primary basis a claim decides, chosen by a written rule; eight verdicts in place of five",
        "the values of all claims that were tested by then, on all bases",
        "the best of all bases used to decide, which leaned to the papers",
    ),
    _Decision(
        "2026-11-28 16:54",
        "46ee8da",
        "03, 13, Q22, Q23",
        "battery of evidence with its rule; mediation with its rule; models `total` and `total_geography`; the table "
        "by steps shows five models in place of six",
        "see below: `BATTERY_SEEN`, `ADDED`",
        "a single estimate had decided Q22; the product of border and terrain, which says nothing on a path, Q23",
    ),
    _Decision(
        "2026-11-28 16:59",
        "362736f",
        "claims",
        "compound claims are split; B08 rests on the share over all orders",
        "the values of the whole claims; shares under both orders",
        "parts may hold without each other; the order declared main decides",
    ),
    _Decision(
        "2026-11-28 17:00",
        "731bf17",
        "13",
        "battery of the difference that leaves district status free; it decides nothing",
        "the battery of the main specification (inconclusive)",
        "the words of Q22 may mean that difference as well",
    ),
    _Decision(
        "2026-11-28 17:16",
        "9957464",
        "03",
        "five readings of the counties without GDP: range, monotone end, imputation model and number of imputations",
        "the main column, none of the other four",
        "counties without GDP are districts, few of them on a border; none takes the place of the main column",
    ),
    _Decision(
        "2026-11-28 17:17",
        "16b82a0",
        "07, L03, L04",
        "constant prices, windows of five years, one vote per province; the first designs stay in the robustness "
        "tables",
        "results of these and of every other design there",
        "current prices carry revisions that differ by province; a mean over a path that falls and rises answers no "
        "question",
    ),
    _Decision(
        "2026-11-28 17:19",
        "33782bd",
        "03",
        "simulation of what a coarse grid of heights does to the coefficient of ruggedness",
        "the coefficient; no run of the simulation",
        "the grid is one of 9 km. A third texture and a smaller surface came after the first run",
    ),
    _Decision(
        "2026-11-28 17:20",
        "d0cb0e3",
        "05",
        "Hangzhou's redrawn districts as two units; percent and distance; dark counties elsewhere, equal starts, steps",
        "all results of notebook 05, and those of the new rules when the main one was chosen by argument",
        "a ratio may rise while the distance grows; dark counties everywhere may have come closer",
    ),
    _Decision(
        "2026-11-28 17:43",
        "0d19882",
        "06",
        "rule by which the policy cannot be evaluated; forms of the level; GDP by decade and by year",
        "all estimates of notebook 06; of the forms all but thirds; of GDP that Quzhou and Lishui caught up to 2014 "
        "and fell back, at current prices; no GDP by county",
        "most of the 26 lie below every county that they are compared with; the main design stays main",
    ),
    _Decision(
        "2026-11-28 17:48",
        "310ea2d",
        "claims",
        "rules and bases of 51 further statements of the documents",
        "most values, from a first reading of the statements",
        "the claims had been a selection",
    ),
    _Decision(
        "2026-11-28 17:48",
        "0541a63",
        "13",
        "the border difference by province and by pair of provinces, shrunk to the mean",
        "the main estimate in China and in the samples of notebook 03; two prefectures as the least were tried after "
        "three, and given up",
        "one number may hide several",
    ),
    _Decision(
        "2026-11-28 17:50",
        "642383b",
        "08",
        "slopes of the province beside the national ones, forms of terrain, the percentile of the rest",
        "all of them",
        "slopes differ between provinces, and the share of terrain with its form",
    ),
    _Decision(
        "2026-11-28 18:05",
        "ba6557b",
        "14",
        "when an indicator of a collaboration is assessed, and when an index is given",
        "every printed figure, and that only the programme has targets; no share, state or index",
        "the documents ask for such an assessment",
    ),
    _Decision(
        "2026-11-28 18:13",
        "3d1b226",
        "13",
        "gradient, valley and jump by cells of a user's own raster",
        "no raster",
        "L01 and L02 need cells finer than counties",
    ),
    _Decision(
        "2026-11-28 18:47",
        "4249b8a",
        "03, 13, Q22, Q23",
        "the account of Q23 holds district status fixed and clusters by province, as Q22 does, and claims no path; all "
        "necessary items against contradict Q22; bounds within the lowest and highest observed GDP",
        "everything: with this change terrain's part is undecided (a referee had p 0.09), Q22 stays as it was",
        "two claims on one difference had two estimands and two errors; distance was a rival in one and a channel in "
        "the other; no border made the terrain",
    ),
    _Decision(
        "2026-11-28 20:20",
        "19ef8e6",
        "claims",
        "figures that an ordering prints stand in order, within a quarter of ours; the wrong value of a bound is "
        "at most three times the printed one; M60 may mean two quantities and is underspecified",
        "all values: printed figures of orderings are off by 15 % at most, wrong values by 2.3 times; M60 was "
        "contradicted; no other verdict changes",
        "rows with absurd figures kept their verdicts; the words of M60 fit those whom a reservoir serves too",
    ),
    _Decision(
        "2026-11-28 23:40",
        "fc2896e",
        "15",
        "the worked example: counties along the border of Zhejiang and Jiangxi against the interior of both, light per "
        "km² in 2013 and 2021 and its change, controls of notebook 03, Conley errors with 200 km",
        "notebooks 03 and 12; that GDP of 2011 is missing for most counties of Jiangxi; none of its regressions",
    ),
    _Decision(
        "2026-11-29 03:54",
        "7af61c3",
        "claims",
        "what is computed for B01b, B08, B11a, B11b, M52c, M61, M71c and M80 is another quantity and decides nothing",
        "all values; B01b was coherent, the others consistent",
        "a referee: shares, ages, slopes and counts beside the quantity that the words name had given verdicts",
    ),
)
"""In the order of time."""
