"""An id that follows from the content of a design, for designs that are no regressions."""

import hashlib
import json
from dataclasses import asdict
from typing import Any


def content_id(design: Any) -> str:
    """Twelve hexadecimal digits that follow from the class and the fields of a frozen dataclass."""
    text = json.dumps({"class": type(design).__name__, **asdict(design)}, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
