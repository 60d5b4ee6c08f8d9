"""Findings and map of the README and the page of findings, made from results so that none can go stale."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.paths import DOCS, ROOT
from shanhai.core.places import ZHEJIANG
from shanhai.run.answers import Answer, notebook_answers

README = ROOT / "README.md"

PAGE = DOCS / "findings.md"
"""Answers of all notebooks, headline claims, counts of verdicts."""

_LEDGER = PAGE.relative_to(ROOT).as_posix()
"""Link of the README to that page."""

_RULES = PAGE.with_name("claims.md").relative_to(ROOT).as_posix()
"""Link to the page on verdicts."""

MAP = DOCS / "gdp-per-head.png"

HEADLINES: Mapping[str, str] = {
    "M01": "The 26 are Quzhou, Lishui and eleven more counties",
    "M02": "They hold 45 % of Zhejiang's land",
    "M03": "They hold 24 % of its population",
    "M04": "All of them are above China's average county",
    "M16a": "GDP per head at 70 % of the province by 2025",
    "M17": "65 % of their people live in towns by 2025",
    "Q13a": "25.44 % of Quzhou's residents are 60 or older",
    "Q14a": "5.39 % of Quzhou's population is illiterate",
    "Q04": "Quzhou is the least urban prefecture of Zhejiang",
    "Q25": "Quzhou borders Anhui, Jiangxi and Fujian",
    "M33a": "80 % of Yunhe's people live in the county seat",
    "B04": "1.1 million people of Bazhong work elsewhere",
    "B05": "12,000 people of Bazhong work in Jinhua",
    "B07": "Bazhong is far behind the coast",
    "B08": "Bazhong is remote and inland; beside it, what distance accounts for in its gap to Sichuan",
    "Q22": "A provincial border holds counties back",
    "Q23": "Terrain cuts border areas off and so holds them back",
    "L01a": "Development sinks towards the border",
    "L01b": "Above all in the last 20 km",
    "L03a": "The border of 1997 slowed the cities on Sichuan's side",
    "L03b": "And Chongqing",
    "L04a": "Borders keep gaps open where four provinces meet",
    "L04b": "Less over time",
    "L05a": "Rich counties of Zhejiang lie beside rich ones",
    "L05b": "And richer towards the northeast",
    "L06b": "Lights at the Delta's borders grow more alike each year",
}
"""Claims that the page shows, in this order, in words for a reader who has five minutes."""

_FIRST = ("13", "05", "06", "08")
"""Notebooks whose finding the README prints, by number: chosen by subject, whatever they find."""

_MARKS = ("<!-- findings -->\n", "<!-- /findings -->")
"""The part of the README that results decide lies between these."""

_PAGE = """# Findings

What each notebook answers, and what the figures say to claims of the documents. `shanhai build readme` makes this page
from the saved notebooks and the ledger of claims; [claims.md](claims.md) has the rule of a verdict.

## Questions and answers

{answers}

## Claims of the documents

{findings}
"""

_EXAMPLE = "M04"
"""The claim that the README names with its verdict: it is about all of the 26."""


def _findings_table(findings: Sequence[Mapping[str, Any]]) -> str:
    """Markdown table of the headline claims, then the counts of all verdicts.

    Parameters
    ----------
    findings : sequence of mappings
        Rows of ``findings.json``; ``computed`` may be any value that findings hold.

    Raises
    ------
    ReportError
        If a headline claim has no finding.
    """
    from shanhai.claims.findings import computed_text
    from shanhai.claims.verdicts import multiple_testing

    by_id = {finding["id"]: finding for finding in findings}
    missing = sorted(set(HEADLINES) - set(by_id))
    if missing:
        raise ReportError(f"No finding for the headline claims {missing}; allowed: {sorted(by_id)}. Correct HEADLINES.")
    rows = [_row(name, text, by_id[name], computed_text(by_id[name]["computed"])) for name, text in HEADLINES.items()]
    tested = multiple_testing(findings)
    lost = {name: tested.loc[tested["verdict"].ne(tested[f"verdict_{name}"]), "id"].tolist() for name in ("holm", "bh")}
    return "\n".join(
        [
            "| | the documents say | the figures give | on which basis | verdict |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"The table has {len(HEADLINES)} of them. {_counted(findings)} `reproduce` writes all to `findings.json`.",
            "",
            f"{len(tested)} claims rest on a p-value. Adjusted over all of these, {_listed(lost['holm'])} more would "
            f"be inconclusive by Holm's procedure, {_listed(lost['bh'])} by Benjamini and Hochberg's.",
        ]
    )


def _counted(findings: Sequence[Mapping[str, Any]]) -> str:
    """How many distinct claims have which verdict, in a sentence."""
    from shanhai.claims.verdicts import Verdict, counted

    distinct = counted(findings)
    counts = {verdict: sum(finding["verdict"] == verdict for finding in distinct) for verdict in Verdict}
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    return f"Of {len(distinct)} distinct claims: {said}."


def _findings_list(findings: Sequence[Mapping[str, Any]], answers: Sequence[Answer]) -> str:
    """The findings of the README, one line each: of four notebooks, and of the ledger."""
    by_number = {answer.notebook[:2]: answer for answer in answers}
    missing = sorted(set(_FIRST) - set(by_number))
    if missing:
        raise ReportError(f"No answer of notebook {missing}; allowed: {sorted(by_number)}. Correct _FIRST.")
    example = next((finding for finding in findings if finding["id"] == _EXAMPLE), None)
    if example is None:
        raise ReportError(f"No finding for claim {_EXAMPLE!r}, which the README names. Correct _EXAMPLE.")
    named = [by_number[number] for number in _FIRST]
    said = f"That all of the 26 lie above China's average county, for one, is {example['verdict']}."
    return "\n".join(
        [
            *(f"- {answer.finding} {_link(answer, 'notebooks')}" for answer in named),
            f"- {_counted(findings)} {said} ([some of them]({_LEDGER}), [what a verdict asserts]({_RULES}))",
        ]
    )


def _answers_text(answers: Sequence[Answer]) -> str:
    """Question and answer of each notebook, in Markdown."""
    return "\n\n".join(
        f"**{answer.question}** {' '.join(answer.sentences)} {_link(answer, '../../notebooks')}" for answer in answers
    )


def _with_findings(readme: str, text: str) -> str:
    """Text of the README with the part between its marks made anew."""
    first, last = _MARKS
    head, begins, rest = readme.partition(first)
    _, ends, tail = rest.partition(last)
    if not (begins and ends):
        raise ReportError(
            f"README.md has no part between `{first.strip()}` and `{last}`; put both lines back where findings belong."
        )
    return f"{head}{first}{text}\n{last}{tail}"


def build_readme() -> list[Path]:
    """Write findings and map of the README and the page of findings; returns the files written.

    Raises
    ------
    ReportError
        If a notebook or claim that the README names has no answer or finding, or if the README lost its marks.
    """
    from shanhai.claims.engine import evaluate
    from shanhai.claims.findings import findings_records

    findings, answers = findings_records(evaluate()), notebook_answers()
    readme = _with_findings(README.read_text(encoding="utf-8"), _findings_list(findings, answers))
    page = _PAGE.format(answers=_answers_text(answers), findings=_findings_table(findings))
    README.write_text(readme, encoding="utf-8", newline="\n")
    PAGE.write_text(page, encoding="utf-8", newline="\n")
    _draw_map(MAP)
    return [README, PAGE, MAP]


def _draw_map(target: Path) -> None:
    from shanhai.data.frames.panel import build_county_frame
    from shanhai.data.frames.unions import with_joint_gdp
    from shanhai.data.load import load_table
    from shanhai.data.map_base import load_map_base
    from shanhai.data.vintage import vintage_of
    from shanhai.render.maps import draw_map
    from shanhai.render.maps.topics import topic
    from shanhai.render.style import theme
    from shanhai.studies.mountain.design import MOUNTAIN_OUTLINE

    year = vintage_of().gdp
    counties = with_joint_gdp(build_county_frame(), load_table("county_gdp"), load_table("crosswalk"), year)
    zhejiang = counties[counties["province_code"] == ZHEJIANG]
    named = tuple(zhejiang.loc[zhejiang["is_mountain_26"], "code"])
    wealth = topic(vintage_of().column("gdp_per_capita"))
    with theme():  # which also says how letters are drawn when the figure is stored
        figure = draw_map(load_map_base(), zhejiang, wealth, language="both", outline=MOUNTAIN_OUTLINE, named=named)
        figure.savefig(target, dpi=110, metadata={"Software": None})


def _link(answer: Answer, folder: str) -> str:
    return f"([notebook {answer.notebook[:2]}]({folder}/{answer.notebook}.ipynb))"


def _row(name: str, text: str, finding: Mapping[str, Any], computed: str) -> str:
    bases = f" ({finding['robustness']})" if finding["bases"] > 1 else ""
    return f"| {name} | {text} | {_cell(computed)} | {_cell(finding['basis'])} | **{finding['verdict']}**{bases} |"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _cell(text: str) -> str:
    return text.replace("|", "/") or "–"
