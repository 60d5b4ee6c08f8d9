"""Examples of the pages run as they stand, on no data of the project, and print and draw what the page shows."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from shanhai.core.errors import SpecificationError
from shanhai.core.paths import ROOT
from shanhai.data import load
from shanhai.run.gallery import draw, examples

DOCS = ROOT / "lib" / "docs"

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}

PRINTED: dict[str, tuple[str, ...]] = {
    "assess-collaboration": (r"projects\s+80\.0\s+80\.0\s+10\.0\s+short", r"jobs\s+80\.0\s+inf\s+200\.0\s+open"),
    "border-discontinuity": (
        "coordinates",
        r"critical value 2\.\d\d, mean 0\.[45]\d, p of no jump anywhere 0\.0001",
    ),
    "border-growth": (r"border (0\.[89]|1\.[01])\d \(",),  # the effect put in is 1
    "border-or-mountain": (
        "entropy balancing",
        "matched pairs",
        "Robustness",
        "r_max",
        "through age",
        "with age at its",
    ),
    "composite-evaluation": (r"(?m)^New Hampshire\s+1\s+1\s+[1-4]$", "interactions", r"(?m)^0\.[3-9]\d*$"),
    "explain-gap": (r"gap +158\.75", r"explained +130\.81", r"Shapley +income"),  # as statsmodels documents it
    "follow-targets": (
        r"Coast\s+78\.0\s+0\.00\s+0\.25\s+78\.00\s+too slow",  # (80 / 78) ** 0.1 is 1.0025
        r"Island\s+79\.0\s+0\.39\s+0\.13\s+82\.12\s+on course",  # 79 * 79 / 76
    ),
    "gallery": (r"of noise \d\d% lie beyond 1\.96", r"robust\s+-5\.48"),
    "inference-on-other-data": (
        r"HC1\s+0\.534",
        r"conley:200km\s+0\.712",
        r"LM lag\s+7\.047",
        r"lag\s+PctFB\s+total\s+2\.348",
    ),
    "quick-start": (r"robustness value 0\.68", r"value\s+cluster\(firm\) CV3\s+0\.351\s+0\.148"),
    "multiple-testing": ("p_romano_wolf",),
    "own-raster": (r"last_20km\s+-0\.1[789]", r"share_20km\s+0\.9\d", r"jump\s+-?0\.0\d"),
    "pairs": (r"\d+ km, expected \d+, p = ", "of 120 ways"),
    "placebo-borders": ("on_border", "rejected", r"(?m)^0\.\d+$"),
    "policy-evaluation": ("placebo_mean", "ci_low"),
    "specification-curve": ("share_significant",),
    "synthetic-control": (r"effect 0\.[45]\d, .*\np 0\.033",),  # the effect put in is 0.5; one of 30 units
}
"""Patterns that the examples of a page print, where the page has no block of its output."""

PARTS = ("**What.**", "**Formula.**", "**Source", "When not to use it")
"""What a page on a method says."""

METHODS = (
    "conley",
    "cluster-covariances",
    "wild-bootstrap",
    "scpc",
    "convergence",
    "convergence-clubs",
    "inequality",
    "pooling",
)


CONTINUED = {"coming-from", "quick-start"}
"""Pages whose examples go on where the one before ended; elsewhere each runs by itself."""


def examples_of(page: str) -> list[tuple[str, str]]:
    """Code of each example with the picture that it draws, or ``""``."""
    found = examples(DOCS / f"{page}.md")
    return [("\n".join(code for code, _ in found), "")] if page in CONTINUED else found


def names_after(page: str, example: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": page}
    exec(compile(example, f"{page}.md", "exec"), names)
    return names


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("an example read the project's data")


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    load.load_places()  # a name is no figure: a page may say Quzhou, whichever page ran before it
    monkeypatch.setattr(load, "load_table", refuse)
    monkeypatch.setattr(load, "load_layer", refuse)


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("page", [page for page in PAGES if examples_of(page)])
def test_examples_print_and_draw_what_the_page_shows(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for example, picture in examples_of(page):
        names = draw(example, tmp_path / picture) if picture else names_after(page, example)
        if picture:
            same_picture(imread(tmp_path / picture), imread(DOCS / picture))
    printed = capsys.readouterr().out
    for block in re.findall(r"```text\n(.*?)```", PAGES[page], flags=re.DOTALL):
        assert block in printed
    for pattern in PRINTED.get(page, ()):
        assert re.search(pattern, printed), pattern
    for promised in re.findall(r"# ([\d.]+), as two other programs", PAGES[page]):
        assert float(printed.split()[-1]) == pytest.approx(float(promised), abs=1e-8)
    assert printed.strip()
    CLAIMS.get(page, lambda names, printed: None)(names, printed)


def same_picture(now: np.ndarray, stored: np.ndarray) -> None:
    """A pixel may differ by what another version of a font renderer makes of an edge, a number may not."""
    assert now.shape == stored.shape
    assert np.abs(now - stored).mean() < 1e-3


def pairs_are_nearer(names: dict[str, Any], printed: str) -> None:
    dealt, drawn = re.findall(r"(\d+) km, expected (\d+), p = ([\d.]+)", printed)
    assert int(dealt[0]) < int(dealt[1])
    assert 1 / 120 <= float(dealt[2]) <= 1 and 1 / 1000 <= float(drawn[2]) <= 1


def policy_is_recovered(names: dict[str, Any], printed: str) -> None:
    assert names["found"].estimate == pytest.approx(0.2, abs=0.06)
    assert names["found"].permuted.test.p < 0.05


def border_is_one_of_the_draws(names: dict[str, Any], printed: str) -> None:
    assert 1 / 65 < float(re.findall(r"(?m)^(\d\.\d+)$", printed)[0]) <= 1


CLAIMS = {
    "pairs": pairs_are_nearer,
    "policy-evaluation": policy_is_recovered,
    "placebo-borders": border_is_one_of_the_draws,
}
"""What numbers of a page have to be, beyond how they are printed."""


@pytest.mark.slow
def test_the_page_on_border_or_mountain_refuses_what_has_no_overlap() -> None:
    (example,) = (code for code, _ in examples_of("border-or-mountain") if "has_children" in code)
    longer = example.replace('controls=(Variable("age")', 'controls=(Variable("yrs_married"), Variable("age")')
    with pytest.raises(SpecificationError, match=r"no overlap.*yrs_married"):
        names_after("border-or-mountain", longer)


@pytest.mark.parametrize("page", METHODS)
def test_page_says_what_how_from_where_and_when_not(page: str) -> None:
    missing = [part for part in PARTS if part not in PAGES[page]]
    assert missing in ([], ["**Formula.**"]), "a table of definitions may stand for the formula"


def test_links_between_pages_lead_somewhere() -> None:
    linked = {(page, name) for page, text in PAGES.items() for name in re.findall(r"\]\(([\w-]+\.\w+)\)", text)}
    assert len(linked) >= 10
    assert sorted(f"{page}: {name}" for page, name in linked if not (DOCS / name).is_file()) == []


def test_every_trap_has_the_test_that_is_named() -> None:
    rows = re.findall(r"\| `(test_\w+)` \|$", PAGES["traps"], flags=re.MULTILINE)
    assert len(rows) == 12
    written = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in rows if f"def {name}(" not in written] == []
