"""Prose of notebooks: one paragraph a line, one heading in both languages, wrapped where nothing typesets."""

import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.render import Prose, publish_text
from shanhai.render.words import Words

WORDS = Words(
    "here",
    {
        "method": ("### Method\n\nWe count {n}.", "### 方法\n\n计{n}个。"),
        "plain": ("A line\nof words.", "一行\n字。"),
        "sign": ("—", "—"),
    },
)


def test_lines_of_a_paragraph_are_joined_and_lists_keep_theirs() -> None:
    text = publish_text("## Head\nOne\nline.\n\n- first\n  goes on\n- second\n\n灯光\n向GDP\n增长。")
    assert text.markdown == "## Head\nOne line.\n\n- first goes on\n- second\n\n灯光向GDP增长。"


def test_a_terminal_sees_lines_of_a_hundred_columns_in_either_language() -> None:
    english, chinese = repr(publish_text("word " * 60)), repr(publish_text("字" * 120))
    assert max(map(len, english.splitlines())) <= 100
    assert [len(line) for line in chinese.splitlines()] == [50, 50, 20]


def test_a_language_has_its_passage_and_both_have_one_heading() -> None:
    assert Prose(WORDS, "zh")("method", n="3").markdown == "### 方法\n\n计3个。"
    assert Prose(WORDS, "both")("method", n="3").markdown == "### 方法 Method\n\nWe count 3.\n\n计3个。"
    assert Prose(WORDS, "both")("plain").markdown == "A line of words.\n\n一行字。"
    assert Prose(WORDS, "both")("sign").markdown == "—"
    assert Prose(WORDS, "en").text("plain") == "A line\nof words."


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(ReportError, match="The text to publish is ' '"):
        publish_text(" ")
    with pytest.raises(ReportError, match="no words 'gone'; it has method"):
        Prose(WORDS, "en")("gone")
    with pytest.raises(ParameterError, match="language 'fr' is unknown"):
        Prose(WORDS, "fr")


def test_citations_are_put_in_and_works_are_listed() -> None:
    words = Words("here", {"border": ("Light sinks [@ma2022].", "灯光向省界减弱[@ma2022]。")})
    assert Prose(words, "en")("border").markdown == "Light sinks (Ma & Zhao 2022)."
    assert (
        Prose(words, "both")("border").markdown
        == "Light sinks (Ma & Zhao 2022).\n\n灯光向省界减弱（马光荣、赵耀红，2022）。"
    )
    named = Prose(Words("here", {"place": ("In {n}.", "在{n}。")}), "en")
    assert named("place", n="[@ma2022]").markdown == "In [@ma2022]."
    listed = Prose(words, "zh").references("ma2022", "conley1999").markdown.splitlines()
    assert listed[:2] == ["### 参考文献", ""]
    assert [entry[:5] for entry in listed[2:]] == ["- 马光荣", "- CON"]
    with pytest.raises(ReportError, match="ma2023"):
        Prose(words, "en").references("ma2023")
    with pytest.raises(ReportError, match="No work is to be listed"):
        Prose(words, "en").references()
