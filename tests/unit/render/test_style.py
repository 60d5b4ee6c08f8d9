"""Fonts and theme: every Chinese name can be drawn, and nothing of a user's settings is changed."""

import io

import matplotlib
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ParameterError, ReportError
from shanhai.data.load import load_table
from shanhai.render import style


@pytest.mark.parametrize("table", ["counties", "prefectures", "provinces", "mountain_counties"])
def test_every_name_of_the_tables_has_glyphs(table: str) -> None:
    frame = load_table(table)
    text = "".join(frame.filter(like="name_").astype(str).to_numpy().ravel())
    assert len(text) > 50
    draw("".join(sorted(set(text))))


def draw(text: str) -> None:
    """Draw a text under the theme; a character without glyph is refused."""
    with style.theme():
        figure = Figure()
        figure.text(0, 0, text)
        figure.savefig(io.BytesIO())


def test_the_map_signs_have_glyphs() -> None:
    draw("km² −0.5 °N ≥ × – 《》，。、（）％")
    with pytest.raises(ReportError, match=r"Glyph 57344 .* missing from font"):
        draw("a\ue000")


def test_the_theme_leaves_no_trace() -> None:
    before = dict(matplotlib.rcParams)
    with style.theme():
        families = matplotlib.rcParams["font.family"]
        assert families == ["DejaVu Sans, cut", "DejaVu Sans", "Noto Sans SC, cut", "Noto Sans SC"]
        assert matplotlib.rcParams["pdf.fonttype"] == 42
        assert matplotlib.rcParams["svg.hashsalt"]
    assert dict(matplotlib.rcParams) == before


def test_a_character_without_glyph_is_an_error() -> None:
    with style.theme():
        figure = Figure()
        figure.text(0.5, 0.5, "\ue000")
    with pytest.raises(ReportError, match="No font holds"), style.theme():
        figure.draw_without_rendering()


@pytest.mark.parametrize(("language", "text"), [("en", "north"), ("zh", "北"), ("both", "北 north")])
def test_labels_follow_the_language(language: str, text: str) -> None:
    assert style.label(language, "north", "北") == text


def test_a_text_that_is_the_same_is_written_once() -> None:
    assert style.label("both", "%", "%") == "%"


def test_an_unknown_language_is_refused_with_the_choice() -> None:
    with pytest.raises(ParameterError, match=r"'de'.*en, zh, both"):
        style.check_language("de")
