"""The page on what was fixed beforehand, made from the designs, the claims table and the dated decisions."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from shanhai.claims.claims import CHECKS, Claim, claims_from
from shanhai.claims.engine import without_headings
from shanhai.core.paths import DOCS
from shanhai.data.load import load_table
from shanhai.data.vintage import PRE_SPECIFIED
from shanhai.methods.did import PolicyDesign
from shanhai.methods.discontinuity.geographic import BorderSpec
from shanhai.methods.estimate import SIGNIFICANCE
from shanhai.methods.spec import RegressionSpec
from shanhai.methods.spec.identity import content_id
from shanhai.run.decisions import DECISIONS
from shanhai.studies.border import design as border
from shanhai.studies.convergence import design as convergence
from shanhai.studies.gap import design as gap
from shanhai.studies.new_border import design as new_border
from shanhai.studies.new_border import pair_design
from shanhai.studies.pairing import design as pairing
from shanhai.studies.place import design as place
from shanhai.studies.policy import design as policy
from shanhai.studies.ranking import design as ranking
from shanhai.studies.robustness import design as robustness
from shanhai.studies.robustness.claims import JUMP_MARGIN
from shanhai.studies.robustness.tables_battery import ITEMS
from shanhai.studies.targets import design as targets
from shanhai.studies.targets.follow import TargetSpec

PAGE = DOCS / "pre-specification.md"

_OPENING = """\
# What was fixed beforehand

This page is made by `shanhai build pre-specification` from the designs in `lib/shanhai/studies/`, from
`data/claims.csv` and from the dated decisions in `lib/shanhai/run/decisions.py`; a test holds that it is what the code
gives.

**How far to trust it.** *Fixed before* means: committed before the commit that computed the result. No third party
holds a dated copy, designs and results have the same authors, and some commits lie minutes apart. The documents had
been read before any design, so what is tested was chosen with their claims in mind. Everything of 28 November 2026 was
decided when the first results of its notebook were known; what had not been seen is named."""


def _page() -> str:
    """The page as Markdown, from the code and tables as they are."""
    claims = without_headings(claims_from(load_table("claims")))
    return (
        "\n\n".join([_OPENING, _decisions(), _designs(), _added(), _battery(), _thresholds(), _claims(claims)]) + "\n"
    )


def build_pre_specification() -> list[Path]:
    """Write the page; returns the file written."""
    PAGE.write_text(_page(), encoding="utf-8", newline="\n")
    return [PAGE]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _decisions() -> str:
    rows = [(row.time, row.commit, row.notebook, row.what, row.seen, row.why or "first design") for row in DECISIONS]
    heads = ("commit of (UTC)", "commit", "notebook or claim", "fixed", "seen before", "why added or changed")
    return "## In the order of time\n\n" + _table(heads, rows)


def _designs() -> str:
    rows = (
        _regression("03", border.main_spec(), "main"),
        _regression("03", border.MEDIATED, "account of the difference"),
        *(_regression("05", convergence.convergence_spec(period), "main") for period in convergence.MAIN),
        _policy(policy.MAIN),
        *(_new_border(name, new_border.VARIANTS[name]) for name in ("main", "current")),
        *(_pairs(name, pair_design.VARIANTS[name]) for name in ("main", "current")),
        _gap(),
        *(_target(spec) for spec in (targets.GDP_TARGET, targets.URBAN_TARGET)),
        _pairing(pairing.MAIN),
        *map(_ranking, ranking.BOTH),
        _jump(robustness.MAIN_JUMP),
    )
    heads = ("notebook", "design", "id", "outcome", "sample", "errors")
    notes = (
        "An id follows from the content of a design: another sample, outcome or error gives another id. `current` are "
        "the first designs of notebook 07, fixed before a result.",
        f"The specification curve of notebook 13 has {len(robustness.border_grid().choices)} choices; its marked "
        "specification is the main one of notebook 03. Notebook 12 changes nothing but the errors of that one.",
        "Families of tests (notebook 13): "
        + ", ".join(f"`{key}` of {len(tests)}" for key, tests in robustness.FAMILIES.items())
        + ". Family of notebook 03: border and dual attribute in the main model, "
        f"{len(border.OUTCOMES)} outcomes by {len(border.SAMPLES)} samples.",
        f"Variants declared with their main design: {_count(border.MODELS)} models of notebook 03, "
        f"{_count(policy.VARIANTS)} designs of 06, {_count(new_border.VARIANTS)} and {_count(pair_design.VARIANTS)} of "
        f"07, {_count(gap.designs(PRE_SPECIFIED))} of 08, {len(pairing.DECLARED)} comparisons of 10.",
    )
    return "\n\n".join(["## Main designs", _table(heads, rows), *notes])


def _count(named: Collection[object]) -> str:
    return str(len(named))


def _regression(notebook: str, spec: RegressionSpec, name: str) -> tuple[str, ...]:
    return notebook, name, spec.spec_id, spec.outcome.name, spec.sample.name, spec.covariance.label


def _policy(design: PolicyDesign) -> tuple[str, ...]:
    outcome = f"light per km2 ({design.outcome}), {design.first_year} to {design.last_year}, from {design.policy_year}"
    sample = f"the 26 and {design.comparison} counties, caliper {design.caliper:g} SD"
    return "06", "main", design.spec_id, outcome, sample, "counties and prefectures exchanged, wild bootstrap, placebos"


def _new_border(name: str, design: new_border.BorderDesign) -> tuple[str, ...]:
    spans = ", ".join(f"{first} to {last}" for first, last in design.windows)
    sample = f"prefectures, matched on {design.first} to {design.treated_from - 1}"
    errors = "placebos, one vote per province"
    if design == new_border.FIRST_DESIGN:
        spans = f"mean from {design.treated_from} to {design.last}"
        errors = "placebos, at first one vote each"
    return "07", f"border of 1997, `{name}`", design.spec_id, f"GDP, {design.prices} prices, {spans}", sample, errors


def _pairs(name: str, design: pair_design.PairDesign) -> tuple[str, ...]:
    outcome = f"change of the gap in GDP per resident, {design.prices} prices, {design.start} to {design.end}"
    sample = f"pairs of {len(pair_design.PREFECTURES)} prefectures"
    return "07", f"pairs, `{name}`", design.spec_id, outcome, sample, "all assignments of the nine to provinces"


def _gap() -> tuple[str, ...]:
    design = gap.gap_design(PRE_SPECIFIED)
    spec = design.regression
    errors = f"{gap.DRAWS} draws of prefectures"
    return "08", "shares over all orders", design.spec_id, spec.outcome.name, spec.sample.name, errors


def _target(spec: TargetSpec) -> tuple[str, ...]:
    outcome = f"{spec.target:g} % by {spec.year} at the pace since {spec.pace_from}"
    low, high = spec.quantiles
    errors = f"range of the counties from quantile {low:g} to {high:g}"
    return "09", f"`{spec.indicator}`", spec.spec_id, outcome, "the 26 together", errors


def _pairing(spec: pairing.PairingSpec) -> tuple[str, ...]:
    return "10", "main", spec.spec_id, spec.outcome, f"named pairs against any of the {spec.null}", "pairs drawn anew"


def _ranking(kind: str) -> tuple[str, ...]:
    judged = tuple(indicator.key for indicator in ranking.INDICATORS if kind in indicator.types)
    spec = ranking.ranking_spec(kind, judged)
    errors = f"{spec.draws} draws of weights in each combination"
    return "11", kind, spec.spec_id, f"{len(judged)} indicators", f"the {kind} of the 26", errors


def _jump(spec: BorderSpec) -> tuple[str, ...]:
    errors = f"robust, clusters by {spec.by} of provinces"
    return "13", "jump", content_id(spec), f"{spec.transform} of {spec.outcome}", "counties near a border", errors


def _added() -> str:
    rows = [(f"`{name}`", border.border_spec(name).spec_id, *_dated(text)) for name, text in border.ADDED.items()]
    return "## Models added to notebook 03\n\n" + _table(
        ("model", "id in China", "date", "reason and what was seen"), rows
    )


def _dated(text: str) -> tuple[str, str]:
    date, _, reason = text.partition(": ")
    return date, reason


def _battery() -> str:
    """Items with their role and id, and what had been seen."""
    rows = []
    pairs = zip(robustness.BATTERIES["main"], robustness.BATTERIES["total"], strict=True)
    for main, total in pairs:
        ids = [item.spec.spec_id if item.spec else "no regression" for item in (main, total)]
        errors = main.spec.covariance.label if main.spec and main.kind == "regression" else main.kind
        rows.append((ITEMS[main.key][0], main.role, errors, *ids))
    heads = ("item", "role", "errors", "id (decides)", "id, status free")
    rule = (
        "Decides on Q22 (`studies/robustness/design.py` argues each role). Contradicted if the comparison of edges, "
        "or every necessary item, speaks against; consistent if every necessary item speaks for; else inconclusive."
    )
    return "\n\n".join(["## The battery on provincial borders", rule, _table(heads, rows), robustness.BATTERY_SEEN[0]])


def _thresholds() -> str:
    rows = (
        ("all", f"{SIGNIFICANCE:g}", "level of every test"),
        ("02, 03", f"{border.MOUNTAIN_QUANTILE:.2f}", "quantile of ruggedness from which a county is mountainous"),
        ("03, 13", f"{robustness.LARGE_DIFFERENCE:g} SD", "imbalance from which a regression leans on its form"),
        ("04", f"{place.SMALL_GAP:g} log points", "gap below which shares of it say nothing"),
        ("04", f"{place.QUARTER:g}", "share of the class among which a county is strong or weak"),
        ("05", str(convergence.FEWEST_DARK), "counties that a group needs to be followed; results seen"),
        (
            "08",
            f"{gap.UNUSUAL:g} and {gap.EXTREME:g} %",
            "percentile of an unusual, an extreme residual; results seen",
        ),
        ("11", f"{ranking.SURE:g}", "share of rankings that makes an order safe to state"),
        ("13", f"{robustness.NEAR_KM:g} km", "what counts as near a border, after Ma & Zhao (2022)"),
        ("13", f"{robustness.SCPC_CORRELATION:g}", "average correlation that SCPC allows for"),
        ("13, L02", f"{JUMP_MARGIN:g} log points", "jump that counts as none; set when the estimate was known"),
    )
    return "## Margins and thresholds\n\n" + _table(("notebook or claim", "value", "what it decides"), rows)


def _claims(claims: Sequence[Claim]) -> str:
    tested = [claim for claim in claims if claim.id in CHECKS]
    bounds = [claim for claim in tested if CHECKS[claim.id].rule.bound]
    refuted = ", ".join(claim.id for claim in bounds if claim.refuted_by) or "none"
    seen = Counter(claim.seen for claim in tested)
    shared = [(text, count) for text, count in seen.most_common() if count > 1]
    alone = [claim for claim in tested if seen[claim.seen] == 1]
    return "\n\n".join(
        [
            "## Claims",
            f"Of {len(claims)} claims {len(tested)} are tested, each on one primary basis with its reason (`basis`, "
            f"`basis_reason`; the rule is in [claims](claims.md)), {len({claim.basis_reason for claim in tested})} "
            f"reasons in all. {len(bounds)} rest on a bound or a tolerance; a plausible wrong value that would have "
            f"failed (`refuted_by`) is named for {refuted}.",
            "What was known when basis, rule or margin was fixed (`seen`):",
            _table(("known", "claims"), [(text, str(count)) for text, count in shared]),
            "Of single claims:",
            _table(("claim", "known"), [(claim.id, claim.seen) for claim in alone]),
        ]
    )
