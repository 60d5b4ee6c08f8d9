"""An id that follows from content: the one place where ids of specifications, designs and estimates are made."""

import hashlib
import json
from dataclasses import asdict
from typing import Any


def content_id(design: Any) -> str:
    """Twelve hexadecimal digits that follow from the class and the fields of a frozen dataclass."""
    return digest({"class": type(design).__name__, **asdict(design)})


def digest(content: object, *, sort_keys: bool = True) -> str:
    """Twelve hexadecimal digits that follow from lists, dictionaries, texts and numbers.

    Decompositions were registered under ids of unsorted keys, and keep them.
    """
    text = json.dumps(content, ensure_ascii=True, sort_keys=sort_keys)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
