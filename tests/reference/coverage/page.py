"""Write the tables of lib/docs/coverage.md from coverage.csv: `python tests/reference/coverage/page.py`."""

import re
from pathlib import Path

import pandas as pd

from shanhai.render.numbers import format_number

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "lib" / "docs" / "coverage.md"

TITLES = {
    "covariance": "One regression, many covariances (95 % interval of the border at mean terrain)",
    "wild bootstrap": "Wild cluster bootstrap, 399 draws, the test inverted",
    "SCPC": "Spatial correlation principal components",
    "randomization": "Randomization: the true effect is not rejected at 5 % (199 draws)",
    "adjustment": "Matching, weighting, doubly robust (clusters by prefecture)",
    "terrain": "Terrain: dose, and the border along terrain (clusters by prefecture)",
    "unseen": "A confounder as strong as an observed one is left out",
    "spatial model": "Spatial models by maximum likelihood, effects by simulation",
    "at the border": "Jump at the border",
    "adjacent counties": "Pairs of adjacent counties across a border",
    "valley": "Valley (clusters by prefecture)",
    "family": "Family of five true nulls: none is rejected at 5 %",
}
OF_ANOTHER_KIND = "left out$|, raw$"
"""Rows that show what happens without the adjustment."""

LEAST_ERROR = 1.0
"""Monte Carlo error in points below which none is believed: with no failure in the draws the estimated one is zero."""

KINDS = ("independent", "clustered", "spatial")


def tables(coverage: pd.DataFrame) -> str:
    """One table a group: percent covered and its Monte Carlo error under each kind of errors, and half widths."""
    parts = []
    for group, title in TITLES.items():
        rows = coverage[coverage["group"].eq(group)]
        draws = " or ".join(f"{count:,}" for count in sorted(set(rows["draws"])))
        lines = [f"### {title}", "", f"{draws} draws of each kind.", ""]
        lines += ["| interval | independent | clustered | spatial | half width |", "|---|---|---|---|---|"]
        for interval in dict.fromkeys(rows["interval"]):
            part = rows[rows["interval"].eq(interval)].set_index("errors")
            cells = [
                f"{format_number(part.loc[k, 'coverage'], 1)} ± {format_number(part.loc[k, 'monte_carlo_error'], 1)}"
                for k in KINDS
            ]
            halves = [part.loc[k, "half_width"] for k in KINDS]
            width = "–" if pd.isna(halves[0]) else " / ".join(format_number(half, 3) for half in halves)
            lines.append(f"| {interval} | {' | '.join(cells)} | {width} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def summary(coverage: pd.DataFrame) -> str:
    """What holds and what fails, in sentences that follow the numbers."""
    lines = []
    for kind in KINDS:
        rows = coverage[coverage["errors"].eq(kind) & ~coverage["interval"].str.contains(OF_ANOTHER_KIND)]
        short = rows[rows["coverage"] < 95 - 3 * rows["monte_carlo_error"].clip(lower=LEAST_ERROR)]
        named = "; ".join(
            f"{interval} {format_number(value, 1)}"
            for interval, value in zip(short["interval"], short["coverage"], strict=True)
        )
        lines.append(
            f"- **{kind.capitalize()} errors**: {len(short)} of {len(rows)} intervals hold the truth too rarely"
            f"{': ' + named if named else ''}."
        )
    return "\n".join(lines)


def page_with(text: str, coverage: pd.DataFrame) -> str:
    """The page with its summary and tables replaced."""
    for name, made in (("summary", summary(coverage)), ("tables", tables(coverage))):
        pattern = rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)"
        text = re.sub(pattern, lambda _, made=made: made + "\n", text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    found = pd.read_csv(HERE / "coverage.csv")
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
