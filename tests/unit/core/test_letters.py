"""Texts come through XML as they are, less the letters that it refuses."""

import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from shanhai.core.letters import allowed

EVERY = "".join(map(chr, range(0x10000))) + "𠮷"


def test_every_letter_that_is_left_is_read_back_from_xml() -> None:
    kept = allowed(EVERY)
    read = ElementTree.fromstring(f"<a>{escape(kept)}</a>".encode()).text
    assert read == kept.replace("\r", "\n")  # XML reads every end of a line as one


def test_chinese_letters_of_private_use_and_ends_of_lines_stay() -> None:
    assert allowed("衢\ue000州\t\r\n") == "衢\ue000州\t\r\n"
    assert allowed("\x00\x1f\x85\ud800\ufffe") == ""
    assert len(EVERY) - len(allowed(EVERY)) == 29 + 33 + 2048 + 2
