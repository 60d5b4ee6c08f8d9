"""Fonts cut to the usual characters: the same pictures, and never a damaged file."""

from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from shanhai.render._fonts import cut_chinese, cut_latin
from shanhai.render.style import chinese_font_file, theme

LATIN = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"

_WITHOUT = ["-liga"]
"""Letters that touch are not drawn as one, which a cut font has no rule for."""


def pixels(text: str, *families: str) -> bytes:
    stream = BytesIO()
    with theme():
        matplotlib.rcParams["font.family"] = list(families) or matplotlib.rcParams["font.family"]
        figure = Figure(figsize=(7, 1))
        figure.text(0.02, 0.5, text, fontfeatures=_WITHOUT)
        figure.text(0.02, 0.1, text, weight="bold", style="italic", size=5, fontfeatures=_WITHOUT)
        figure.savefig(stream, format="rgba", dpi=300)
    return stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "AV To fi ffi Wäre 12,345.6 −0.5 °N ≥ × – km² é",
        "衢州、缙云：人均生产总值（2021年）“山区26县”％《》",
        "臺灣 來 龘",  # not among the usual ones, but for one
    ],
)
def test_a_picture_is_the_same_to_the_pixel(text: str) -> None:
    assert pixels(text) == pixels(text, "DejaVu Sans", "Noto Sans SC")


def test_the_cut_font_is_small_and_has_the_usual_characters(tmp_path: Path) -> None:
    with TTFont(cut_chinese(chinese_font_file(), tmp_path)) as cut, TTFont(chinese_font_file()) as whole:
        assert 6763 < len(cut.getGlyphOrder()) < 9000 < len(whole.getGlyphOrder())
        assert {ord(character) for character in "衢畲鳌，“　A"} <= cut.getBestCmap().keys()
        assert ord("龘") in whole.getBestCmap().keys() - cut.getBestCmap().keys()


def test_it_is_cut_once_and_again_if_a_byte_is_lost_or_changed(tmp_path: Path) -> None:
    font = cut_latin(LATIN, tmp_path)
    content, made = font.read_bytes(), font.stat().st_mtime_ns
    assert cut_latin(LATIN, tmp_path) == font
    assert font.stat().st_mtime_ns == made
    for damaged in (content[:-1], content[:5000] + bytes([content[5000] ^ 1]) + content[5001:], b""):
        font.write_bytes(damaged)
        assert cut_latin(LATIN, tmp_path).read_bytes() == content
    font.with_suffix(".sha256").write_text("another")
    assert cut_latin(LATIN, tmp_path).read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 2


def test_another_font_is_another_file(tmp_path: Path) -> None:
    bold = LATIN.with_name("DejaVuSans-Bold.ttf")
    other = tmp_path / LATIN.name
    other.write_bytes(bold.read_bytes())
    assert cut_latin(other, tmp_path / "cut").read_bytes() != cut_latin(LATIN, tmp_path / "cut").read_bytes()


def test_where_nobody_may_write_it_is_cut_for_this_process(tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    folder.write_text("a file where the folder belongs")
    cut = cut_latin(LATIN, folder)
    assert cut.read_bytes() == cut_latin(LATIN, tmp_path / "others").read_bytes()
