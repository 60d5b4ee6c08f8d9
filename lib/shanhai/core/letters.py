"""Letters that a file can hold: XML, which office files and web pages are made of, refuses some."""

_REFUSED = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
)
"""Controls but tab and ends of lines, halves of pairs, and two that are no characters.

XML has no place for most of them and advises against the controls from U+007F on.
"""


def allowed(text: str) -> str:
    """A text without the characters that XML and TeX have no place for.

    Parameters
    ----------
    text : str
        Any text, such as a name of a user's file.

    Returns
    -------
    str
        The text without control characters (tab and ends of lines stay), halves of surrogate pairs, U+FFFE and U+FFFF;
        characters of private use stay, as fonts of rare Chinese characters need them.

    Examples
    --------
    >>> allowed("Qu\\x00zhou")
    'Quzhou'
    """
    return text.translate(_REFUSED)
