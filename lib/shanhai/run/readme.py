"""The tables and the map of the README, made from results so that none can go stale."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.paths import ROOT
from shanhai.core.places import ZHEJIANG
from shanhai.run.answers import answers_table

README = ROOT / "README.md"

MAP = ROOT / "lib" / "docs" / "gdp-per-head.png"

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
    "B08": "Bazhong is remote and inland: what that accounts for in its gap to Sichuan",
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
"""Claims that the README shows, in this order, in words for a reader who has five minutes."""

_PARTS = ("findings", "answers")
"""The parts of the README that are made, each between its two markers."""


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
    from shanhai.claims.engine import computed_text
    from shanhai.claims.verdicts import Verdict, counted, multiple_testing

    by_id = {finding["id"]: finding for finding in findings}
    missing = sorted(set(HEADLINES) - set(by_id))
    if missing:
        raise ReportError(f"No finding for the headline claims {missing}; allowed: {sorted(by_id)}. Correct HEADLINES.")
    rows = [_row(name, text, by_id[name], computed_text(by_id[name]["computed"])) for name, text in HEADLINES.items()]
    distinct = counted(findings)
    counts = {verdict: sum(finding["verdict"] == verdict for finding in distinct) for verdict in Verdict}
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    tested = multiple_testing(findings)
    lost = {name: tested.loc[tested["verdict"].ne(tested[f"verdict_{name}"]), "id"].tolist() for name in ("holm", "bh")}
    return "\n".join(
        [
            "| | the papers say | the figures give | on which basis | verdict |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Of {len(distinct)} distinct claims: {said}.",
            "",
            f"{len(tested)} of them rest on a p-value. Adjusted over all of these, {_listed(lost['holm'])} would be "
            f"inconclusive by Holm's procedure, {_listed(lost['bh'])} by Benjamini and Hochberg's.",
        ]
    )


def _with_parts(readme: str, parts: Mapping[str, str]) -> str:
    """Text of the README with the parts between their markers made anew.

    Parameters
    ----------
    readme : str
    parts : mapping of name to text
        Names as in :data:`_PARTS`.

    Raises
    ------
    ReportError
        If the markers of a part are missing.
    """
    for name, text in parts.items():
        first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, begins, rest = readme.partition(first)
        _, ends, tail = rest.partition(last)
        if not (begins and ends):
            raise ReportError(
                f"README.md has no part between `{first.strip()}` and `{last}`; "
                "put both lines back where the table belongs."
            )
        readme = f"{head}{first}{text}\n{last}{tail}"
    return readme


def _made_parts(findings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The parts of the README that results decide: verdicts on claims, and answers of the notebooks."""
    return dict(zip(_PARTS, (_findings_table(findings), answers_table()), strict=True))


def build_readme() -> list[Path]:
    """Write tables and map into the README; returns the files written."""
    from shanhai.claims.engine import evaluate, findings_records

    text = _with_parts(README.read_text(encoding="utf-8"), _made_parts(findings_records(evaluate())))
    README.write_text(text, encoding="utf-8", newline="\n")
    MAP.parent.mkdir(parents=True, exist_ok=True)
    _draw_map(MAP)
    return [README, MAP]


def _draw_map(target: Path) -> None:
    from shanhai.data.frames.panel import build_county_frame
    from shanhai.data.frames.unions import with_joint_gdp
    from shanhai.data.load import load_table
    from shanhai.data.map_base import load_map_base
    from shanhai.data.vintage import vintage_of
    from shanhai.render.maps import draw_map
    from shanhai.render.maps.topics import topic
    from shanhai.studies.mountain.design import MOUNTAIN_OUTLINE

    year = vintage_of().gdp
    counties = with_joint_gdp(build_county_frame(), load_table("county_gdp"), load_table("crosswalk"), year)
    zhejiang = counties[counties["province_code"] == ZHEJIANG]
    named = tuple(zhejiang.loc[zhejiang["is_mountain_26"], "code"])
    wealth = topic(vintage_of().column("gdp_per_capita"))
    figure = draw_map(load_map_base(), zhejiang, wealth, language="both", outline=MOUNTAIN_OUTLINE, named=named)
    figure.savefig(target, dpi=110, metadata={"Software": None})


def _row(name: str, text: str, finding: Mapping[str, Any], computed: str) -> str:
    bases = f" ({finding['robustness']})" if finding["bases"] > 1 else ""
    return f"| {name} | {text} | {_cell(computed)} | {_cell(finding['basis'])} | **{finding['verdict']}**{bases} |"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _cell(text: str) -> str:
    return text.replace("|", "/") or "–"
