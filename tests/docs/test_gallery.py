"""Pictures of the gallery are those that the code above them draws, the same bytes each time, in both languages."""

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from shanhai.run.gallery import PAGE, blocks, draw

CHINESE = PAGE.with_name("zh") / PAGE.name
USED = "gallery-curve.png"


def test_every_block_has_its_picture_and_every_picture_its_block() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("```python") == len(blocks()) >= 8
    assert {path.name for path in PAGE.parent.glob("gallery-*.png")} == set(blocks())
    shown = re.findall(r"!\[[^\]]+\]\(\.\./([\w-]+\.png)\)", CHINESE.read_text(encoding="utf-8"))
    assert shown == list(blocks())


@pytest.mark.slow
@pytest.mark.parametrize("name", blocks())
def test_a_picture_is_what_its_code_draws(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pixel may differ by what another version of a font renderer makes of an edge, a number may not."""
    draw(blocks()[name], tmp_path / name)
    now, stored = imread(tmp_path / name), imread(PAGE.with_name(name))
    assert now.shape == stored.shape
    assert np.abs(now - stored).mean() < 1e-3


@pytest.mark.slow
def test_a_picture_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for copy in ("first.png", "second.png"):
        draw(blocks()[USED], tmp_path / copy)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
