"""What each paper says and shows, in order: parts that name runs, passages, exhibits and entries of ``words.toml``.

Two papers on places are one plan with other parameters, so that any prefecture that a batch has reported on can have
one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shanhai.report.results import Results

REPORT, GAP = "04-report-city", "08-explain-gap"
"""Notebooks that run once for each place, and for each place and reference."""


@dataclass(frozen=True)
class Head:
    """Title of a section, or of a part of one."""

    key: str
    level: int = 1


@dataclass(frozen=True)
class Say:
    """An entry of ``words.toml``."""

    key: str


@dataclass(frozen=True)
class Passage:
    """What one cell of a run says."""

    run: str
    call: str
    """Part of the source of the cell that no other cell of the notebook has."""
    keep: tuple[int, ...] = ()
    """Paragraphs and items of lists that are taken, from 0; all if empty."""
    headed: bool = False
    """Whether its heading is taken too, as that of a part of a section."""
    sentences: int | None = None
    """Where a passage of one paragraph ends: after so many sentences, or so many before its last if negative."""


@dataclass(frozen=True)
class Answer:
    """Sentences of the answer of a run."""

    run: str
    sentences: tuple[int, ...] = ()
    """From 0; all if empty."""


@dataclass(frozen=True)
class SayVerdict:
    """The entry of a group that is named like the verdict on a claim."""

    group: str
    claim: str


@dataclass(frozen=True)
class Joined:
    """Entries and answers that make one paragraph."""

    parts: tuple[Say | SayVerdict | Answer, ...]


@dataclass(frozen=True)
class Show:
    """A table or figure of a run."""

    run: str
    name: str
    label: str
    """Name under which the words refer to it, as in ``{tab_counties}``."""
    columns: tuple[str, ...] = ()
    """Keys of the columns of a table that are printed; all if empty."""
    caption: str = ""
    """Entry of ``words.toml`` in place of its caption, where two exhibits have one."""


@dataclass(frozen=True)
class ShowClaims:
    """The claims on a place that a table decides, ordered by verdict."""

    run: str
    label: str
    columns: tuple[str, ...] = ("id", "indicator", "claimed", "computed", "verdict")


@dataclass(frozen=True)
class Stated:
    """What the documents say, claim by claim, with document and line."""

    ids: tuple[str, ...]


Part = Head | Say | Passage | Answer | Joined | Show | ShowClaims | Stated


@dataclass(frozen=True)
class Plan:
    """A paper before it is composed."""

    key: str
    """Name of its files: ``quzhou``, ``bazhong``, ``borders``, or the code of a place."""
    kind: str
    """Group of the words for its title: ``place`` or ``borders``."""
    abstract: tuple[Say | Answer, ...]
    keywords: str
    parts: tuple[Part, ...]
    place: str = ""
    """Six-digit code of the prefecture."""
    gaps: tuple[str, ...] = ()
    """Runs that decompose its gap, that to its own province first."""
    ids: tuple[str, ...] = field(default=())
    """Claims whose verdicts its words name."""

    def exhibits(self) -> Iterator[Show | ShowClaims]:
        """Tables and figures in their order."""
        return (part for part in self.parts if isinstance(part, Show | ShowClaims))


BORDERS, BATTERY = "03-estimate-border-and-mountain", "13-check-robustness"
"""Runs that estimate the border difference, and that weigh the evidence on it."""

_AUDIT, _CONVERGENCE, _POLICY = "01-audit-data", "05-track-convergence", "06-evaluate-policy"
_NEW_BORDER, _SPATIAL = "07-test-new-border", "12-check-spatial"
_PAIRING, _COLLABORATION = "10-pair-mountain-and-sea", "14-assess-collaboration-Jinhua-Bazhong"


def _place_plan(
    key: str,
    code: str,
    gaps: Sequence[str],
    stated: Sequence[str] = (),
    own: Sequence[Part] = (),
    ids: Sequence[str] = (),
    said: Sequence[Say] = (),
) -> Plan:
    """Plan of a paper on a prefecture.

    Parameters
    ----------
    key : str
        Name of its files.
    code : str
        Six-digit code of the prefecture.
    gaps : sequence of str
        Runs that decompose its gap, that to its own province first.
    stated : sequence of str
        Claims to quote in the first section.
    own : sequence of Part
        Parts of the results that only this place has.
    ids : sequence of str
        Claims whose verdicts the words name.
    said : sequence of Say
        Paragraphs of the section on claims that only this place has.
    """
    report, main = f"{REPORT}-{code}", gaps[0]
    results: list[Part] = [
        Head("head.results"),
        Head("head.position", 2),
        Say("place.position"),
        Passage(report, "page.position()"),
        Passage(report, "publish_text(comparison.text)"),
        Show(report, "position", "fig_position"),
        Show(report, "profile", "fig_profile"),
        Show(report, "counties", "tab_counties"),
        Head("head.gap", 2),
        Joined((Answer(report), Say("place.gap"))),
        Show(report, "gap", "tab_gap"),
    ]
    for number, run in enumerate(gaps):
        results += _gap_parts(run, number)
    return Plan(
        key=key,
        kind="place",
        abstract=(Say("abstract.place"), Answer(report, (0,)), Answer(main, (0, 1)), Say("abstract.verdicts")),
        keywords="place",
        place=code,
        gaps=tuple(gaps),
        ids=tuple(ids),
        parts=(
            Head("head.question"),
            Say("place.question"),
            Say("documents.five"),
            *((Say("place.stated"), Stated(tuple(stated))) if stated else ()),
            Passage(report, "publish_text(statements.text)", sentences=-1),
            Head("head.data"),
            Say("data.sources"),
            Say("data.denominators"),
            Answer(_AUDIT),
            Head("head.method"),
            Say("place.method"),
            Passage(report, 'say("design"', keep=(2, 4)),
            Passage(main, 'say("design")', keep=(0, 1, 2, 3, 5, 6)),
            Say("method.seen"),
            *results,
            *own,
            Head("head.claims"),
            Passage(report, "publish_text(claims.text)"),
            Say("place.verdicts"),
            *said,
            ShowClaims(report, "tab_claims"),
            Head("head.doubts"),
            Say("place.doubts"),
            Head("head.conclusion"),
            Say("place.conclusion"),
        ),
    )


def _gap_parts(run: str, number: int) -> tuple[Part, ...]:
    """Decomposition of one gap; the first is told at length."""
    first: tuple[Part, ...] = (
        Passage(run, "words.slopes_paragraph"),
        Passage(run, 'say("orders")'),
        Say("gap.robust"),
        Show(run, "orders", "tab_orders"),
        Passage(run, "words.designs_paragraph"),
        Show(run, "designs", "tab_designs"),
    )
    return (
        Head(f"head.components_{number}", 2),
        Joined((Answer(run), Say(f"gap.lead_{number}"))),
        Show(run, "waterfall", f"fig_waterfall_{number}", caption=f"gap.figure_{number}"),
        Passage(run, "words.parts_paragraph"),
        Show(run, "shares", f"tab_shares_{number}"),
        *(first if not number else ()),
    )


_BY_PROVINCE = Show(
    BATTERY, "by-province", "tab_by_province", ("split", "unit", "counties", "shrunk", "interval", "kept")
)

QUZHOU = _place_plan(
    "quzhou",
    "330800",
    (f"{GAP}-330800-330000",),
    stated=("S02b", "Q04", "Q05", "Q06", "Q13a", "Q15a", "Q24", "Q22", "Q23"),
    own=(
        Head("head.border_difference", 2),
        Say("quzhou.borders"),
        Show(BORDERS, "samples", "tab_samples"),
        Passage(BORDERS, "words.dual_sentences"),
        Passage(BATTERY, "words.split_text"),
        _BY_PROVINCE,
        Head("head.time", 2),
        Joined((Say("quzhou.time"), Answer(_CONVERGENCE, (0, 1)))),
        Show(_CONVERGENCE, "position", "fig_catching_up"),
        Passage(_CONVERGENCE, "words.position_sentences"),
        Answer(_POLICY),
        Passage(_POLICY, "words.yearly_text"),
        Show(_POLICY, "yearly", "tab_yearly"),
    ),
    ids=("Q22", "Q23"),
    said=(Say("quzhou.claims"),),
)
"""Quzhou 衢州 against Zhejiang."""

BAZHONG = _place_plan(
    "bazhong",
    "511900",
    (f"{GAP}-511900-510000", f"{GAP}-511900-330700"),
    stated=("B02", "B01", "B03b", "B06b", "B07", "B08", "B10", "B11a", "B11b"),
    own=(
        Head("head.border_difference", 2),
        Say("bazhong.borders"),
        Passage(BATTERY, "words.split_text"),
        _BY_PROVINCE,
        Head("head.new_border", 2),
        Joined((Say("bazhong.new_border"), Answer(_NEW_BORDER, (0,)))),
        Show(_NEW_BORDER, "windows", "fig_windows"),
        Head("head.collaboration", 2),
        Say("bazhong.collaboration"),
        Passage(_PAIRING, "words.cities_power_text"),
        Passage(_PAIRING, "words.cities_text"),
        Show(_PAIRING, "cities", "tab_cities"),
        Passage(_PAIRING, "words.people_text"),
        Show(_PAIRING, "registered", "tab_registered"),
        Passage(_PAIRING, "words.twelve_thousand_text"),
        Answer(_COLLABORATION),
        Show(_COLLABORATION, "coverage", "tab_coverage"),
    ),
)
"""Bazhong 巴中 against Sichuan, and against Jinhua, its partner."""

NATIONAL = Plan(
    key="borders",
    kind="borders",
    abstract=(Say("abstract.borders"), Answer(BATTERY)),
    keywords="borders",
    ids=("Q22", "Q23"),
    parts=(
        Head("head.question"),
        Say("borders.question"),
        Say("documents.five"),
        Say("place.stated"),
        Stated(("Q22", "Q23", "L01a", "L01b", "L02", "L03a", "L03b", "L04a", "L04b")),
        Head("head.data"),
        Say("data.sources"),
        Say("data.denominators"),
        Say("borders.counts"),
        Answer(_AUDIT),
        Head("head.method"),
        Passage(BORDERS, 'say("design")'),
        Passage(BATTERY, 'say("battery")'),
        Say("borders.roles"),
        Say("borders.abbreviations"),
        Say("method.seen"),
        Head("head.results"),
        Head("head.main", 2),
        Answer(BORDERS),
        Say("borders.main"),
        Show(BORDERS, "steps", "tab_steps"),
        Show(BORDERS, "samples", "tab_samples"),
        Passage(BORDERS, "words.dual_sentences"),
        Head("head.battery", 2),
        Joined((Answer(BATTERY), Say("borders.battery"))),
        Show(BATTERY, "battery", "fig_battery"),
        Show(BATTERY, "battery", "tab_battery"),
        Passage(BATTERY, "words.battery_text"),
        Passage(BATTERY, 'say("placebo")', headed=True),
        Say("borders.placebo"),
        Show(BATTERY, "placebo-borders", "fig_placebo"),
        Show(BATTERY, "placebo-borders", "tab_placebo"),
        Passage(BATTERY, 'say("comparable")', headed=True),
        Passage(BATTERY, "words.overlap_text"),
        Say("borders.comparable"),
        Show(
            BATTERY,
            "adjustments",
            "tab_adjustments",
            ("adjustment", "method", "estimand", "estimate", "interval", "p", "effective"),
        ),
        Passage(BATTERY, 'say("unseen")', headed=True),
        Passage(BATTERY, "words.unseen_text"),
        Say("borders.unseen"),
        Show(BATTERY, "bounds", "tab_bounds"),
        Say("borders.stability"),
        Show(BATTERY, "stability", "tab_stability"),
        Passage(BATTERY, 'say("curve")', headed=True),
        Passage(BATTERY, "words.curve_text"),
        Say("borders.curve"),
        Show(BATTERY, "curve", "fig_curve"),
        Show(BATTERY, "joint", "tab_joint"),
        Head("head.spatial", 2),
        Joined((Answer(_SPATIAL), Say("borders.spatial"))),
        Show(_SPATIAL, "covariances", "tab_covariances"),
        Passage(BATTERY, 'say("noise")', headed=True),
        Say("borders.noise"),
        Show(BATTERY, "placebo-noise", "tab_noise"),
        Passage(BORDERS, 'say("valley"', headed=True),
        Passage(BORDERS, "words.step_sentences"),
        Say("borders.distance"),
        Show(BORDERS, "valley-edge", "fig_valley"),
        Passage(BATTERY, 'say("provinces")', headed=True, keep=(0,)),
        Passage(BATTERY, "words.split_text"),
        Say("borders.provinces"),
        Show(BATTERY, "by-province", "fig_by_province"),
        Head("head.new_border", 2),
        Joined((Say("borders.new_border"), Answer(_NEW_BORDER))),
        Show(_NEW_BORDER, "windows", "fig_windows"),
        Passage(BORDERS, 'say("missing")', headed=True),
        Passage(BORDERS, "missing_tables.missing_sentence"),
        Passage(BATTERY, 'say("tests")', headed=True),
        Say("borders.families"),
        Show(BATTERY, "families", "tab_families"),
        Passage(BATTERY, "words.ledger_text"),
        Head("head.claims"),
        Say("borders.claims"),
        Show(BATTERY, "ledger", "tab_ledger"),
        Head("head.doubts"),
        Say("borders.doubts"),
        Head("head.conclusion"),
        Joined((Say("borders.size"), SayVerdict("borders.verdict", "Q22"), Say("borders.terrain"))),
    ),
)
"""Provincial borders in the whole country."""

_GAPS_TOLD = 2
"""Gaps of one place that have titles and captions in ``words.toml``."""

_ALWAYS = (QUZHOU, BAZHONG, NATIONAL)


def plans_for(results: Results) -> tuple[Plan, ...]:
    """The papers that results allow: those of every report, and one on each further prefecture with report and gap.

    The gap is that between the prefecture and its province; without it there is no paper.

    Parameters
    ----------
    results : Results
    """
    runs = results.editions["en"]
    told = {plan.place for plan in _ALWAYS}
    places = (str(run.parameters.get("prefecture", "")) for run in runs.values() if run.notebook == REPORT)
    further = []
    for place in sorted(set(places) - told - {""}):
        start, own = f"{GAP}-{place}-", f"{GAP}-{place}-{place[:2]}0000"
        others = [name for name in runs if name.startswith(start) and name != own]
        if own in runs:
            further.append(_place_plan(place, place, (own, *others)[:_GAPS_TOLD]))
    return (*_ALWAYS, *further)
