"""The Chinese font, cut down to the characters of one page: no reader sees boxes, whatever fonts a machine has."""

import re
from base64 import b64encode
from functools import cache
from io import BytesIO

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from shanhai.render.style import chinese_font_file

FAMILY = "Shanhai"
"""Name of the font on a page."""

_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")

_LAYOUT = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "VORG", "vhea", "vmtx"]
"""Tables for vertical and fine typesetting, which a page leaves out."""


def font_face(text: str) -> str:
    """Style rule of a font that holds the Chinese characters and punctuation of a text, as a data address."""
    content = b64encode(_subset("".join(sorted(set(_CHINESE.findall(text)))))).decode("ascii")
    return f'@font-face{{font-family:"{FAMILY}";src:url(data:font/woff;base64,{content}) format("woff")}}'


@cache
def _subset(characters: str) -> bytes:
    options = Options(hinting=False, layout_features=[], name_IDs=[], notdef_outline=True)
    options.drop_tables += _LAYOUT
    with TTFont(chinese_font_file(), recalcTimestamp=False, recalcBBoxes=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.flavor = "woff"
        stream = BytesIO()
        font.save(stream)
    return stream.getvalue()
