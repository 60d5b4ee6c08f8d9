"""What a misspelt word was probably meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import normalize


def nearest(text: str, allowed: Iterable[str]) -> str:
    """A question after the nearest of the allowed spellings, to be put behind a sentence; empty if none is near.

    Examples
    --------
    >>> nearest("prefcture", ["prefecture", "county"]), nearest("202l", ["newest", "2021"])
    (" Did you mean 'prefecture'?", " Did you mean '2021'?")
    """
    found = get_close_matches(normalize("NFKC", text), list(allowed), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""
