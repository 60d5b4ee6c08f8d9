"""The tables and the map of the README, made from results so that none can go stale."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.paths import NOTEBOOKS, ROOT
from shanhai.run.parameters import read_cells

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class _Answer:
    """A question of the README and the place in a notebook that answers it."""

    notebook: str
    """Stem of the notebook."""
    question: str
    """What a reader wants to know."""
    call: str
    """Text that the source of the answering cell holds, and that of no other cell."""
    lines: tuple[int, ...] = (0,)
    """Which of the printed lines, counted from 0."""
    sentences: tuple[int, int] = (0, 1)
    """From and to which sentence of each of these lines, as in a slice."""


_ANSWERS: tuple[_Answer, ...] = (
    _Answer("05-track-convergence", "Have the 26 come closer?", "text.position_sentences(", lines=(1, 3)),
    _Answer("06-evaluate-policy", "Did the policy make them brighter?", "policy.effect_text(", sentences=(0, 2)),
    _Answer("07-test-new-border", "Did the border of 1997 slow both sides?", "say.agreement_text(", sentences=(0, 2)),
    _Answer("07-test-new-border", "Do borders keep gaps open?", "show_zone.barro_text(", (0, 1), (0, 2)),
    _Answer("08-explain-gap", "What goes with the gap of Quzhou?", "gap_paragraph(", sentences=(0, 3)),
    _Answer("08-explain-gap", "And with that of the 26?", "mountain_paragraph(", sentences=(0, 2)),
    _Answer("09-follow-targets", "70 % of the province by 2025?", "say.summary_text(", sentences=(0, 3)),
    _Answer("10-pair-mountain-and-sea", "Are partners richer or nearer?", "say.pairs_text(", (0, 1)),
    _Answer("11-evaluate-counties", "Can the 26 be ranked?", "say.ranks_text(", (0, 1)),
)
"""Questions that no single claim asks, in the order of the notebooks."""

_HEAD = ("| the question | the notebook answers | in |", "|---|---|---|")

README = ROOT / "README.md"

MAP = ROOT / "lib" / "docs" / "gdp-per-head.png"

HEADLINES: Mapping[str, str] = {
    "M01": "The 26 are Quzhou, Lishui and eleven more counties",
    "M02": "They hold 45 % of Zhejiang's land",
    "M03": "They hold 24 % of its population",
    "M04": "All of them are above China's average county",
    "M16": "GDP per head at 70 % of the province by 2025",
    "M17": "65 % of their people live in towns by 2025",
    "Q13": "25.44 % of Quzhou's residents are 60 or older",
    "Q14": "5.39 % of Quzhou's population is illiterate, twice the province",
    "Q04": "Quzhou is the least urban prefecture of Zhejiang",
    "Q25": "Quzhou borders Anhui, Jiangxi and Fujian",
    "M33": "80 % of Yunhe's people live in the county seat",
    "B04": "1.1 million people of Bazhong work elsewhere",
    "B05": "12,000 people of Bazhong work in Jinhua",
    "B07": "Bazhong is far behind Jinhua",
    "B08": "Bazhong's place, remote, at a border and in mountains, goes with its gap to Sichuan",
    "Q22": "A provincial border holds counties back",
    "Q23": "It is the terrain that makes border areas lag",
    "L01": "Development sinks towards the border",
    "L03": "The border of 1997 slowed the cities on both of its sides",
    "L04": "Borders keep gaps open where four provinces meet",
    "L05": "Rich counties of Zhejiang lie beside rich ones",
    "L06": "Lights at the Delta's borders grow more alike",
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
    from shanhai.claims.verdicts import Verdict

    by_id = {finding["id"]: finding for finding in findings}
    missing = sorted(set(HEADLINES) - set(by_id))
    if missing:
        raise ReportError(f"No finding for the headline claims {missing}; allowed: {sorted(by_id)}. Correct HEADLINES.")
    rows = [_row(name, text, by_id[name], computed_text(by_id[name]["computed"])) for name, text in HEADLINES.items()]
    counts = {verdict: sum(finding["verdict"] == verdict for finding in findings) for verdict in Verdict}
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return "\n".join(
        [
            "| | the papers say | the figures give | on which basis | verdict |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"Of {len(findings)} claims: {said}.",
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
    return dict(zip(_PARTS, (_findings_table(findings), _answers_table()), strict=True))


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
    from shanhai.data.map_base import load_map_base
    from shanhai.data.vintage import vintage_of
    from shanhai.render.maps import draw_map
    from shanhai.render.maps.topics import topic
    from shanhai.studies.mountain.design import MOUNTAIN_OUTLINE

    counties = build_county_frame()
    zhejiang = counties[counties["province_code"] == "330000"]
    named = tuple(zhejiang.loc[zhejiang["is_mountain_26"], "code"])
    wealth = topic(vintage_of().column("gdp_per_capita"))
    figure = draw_map(load_map_base(), zhejiang, wealth, language="both", outline=MOUNTAIN_OUTLINE, named=named)
    figure.savefig(target, dpi=110, metadata={"Software": None})


def _row(name: str, text: str, finding: Mapping[str, Any], computed: str) -> str:
    return f"| {name} | {text} | {_cell(computed)} | {_cell(finding['basis'])} | **{finding['verdict']}** |"


def _cell(text: str) -> str:
    return text.replace("|", "/") or "–"


def _answers_table(answers: tuple[_Answer, ...] = _ANSWERS, folder: Path = NOTEBOOKS) -> str:
    """Markdown table of questions and answers, read from the saved outputs of the notebooks.

    Raises
    ------
    ReportError
        If a notebook, the cell or its printed answer is missing, or if several cells hold the call.
    """
    rows = [
        f"| {answer.question} | {_answer_of(answer, folder).replace('|', '/')} | {answer.notebook[:2]} |"
        for answer in answers
    ]
    return "\n".join([*_HEAD, *rows])


def _answer_of(answer: _Answer, folder: Path = NOTEBOOKS) -> str:
    """The sentences that a saved notebook prints where it answers the question.

    Raises
    ------
    ReportError
    """
    file = folder / f"{answer.notebook}.ipynb"
    if not file.is_file():
        raise ReportError(f"There is no notebook {answer.notebook} in {folder}; correct _ANSWERS.")
    cells = [cell for cell in _code_cells(file) if answer.call in cell["source"]]
    if len(cells) != 1:
        raise ReportError(
            f"{len(cells)} cells of {answer.notebook} hold {answer.call!r}, not one; correct _ANSWERS or the notebook."
        )
    printed = "".join("".join(output.get("text", "")) for output in cells[0]["outputs"]).splitlines()
    first, last = answer.sentences
    found = [_SENTENCE_END.split(line)[first:last] for i, line in enumerate(printed) if i in answer.lines and line]
    if len(found) < len(answer.lines) or not all(found):
        raise ReportError(
            f"The cell with {answer.call!r} in {answer.notebook} prints {len(printed)} lines, and not the sentences "
            f"{first} to {last} of lines {answer.lines}; run `shanhai save-notebooks`, or correct _ANSWERS."
        )
    return " ".join(sentence.strip() for sentences in found for sentence in sentences)


def _code_cells(file: Path) -> list[Mapping[str, Any]]:
    return [cell for cell in read_cells(file) if cell["cell_type"] == "code"]
