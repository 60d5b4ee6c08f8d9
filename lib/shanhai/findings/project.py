"""The evidence of the project itself: its tables, county frame, polygons and registered estimates."""

from collections.abc import Mapping, Sequence
from typing import Any

from shanhai.data.load import load_table
from shanhai.data.panel import build_county_frame
from shanhai.findings.evidence import Evidence


def project_evidence() -> Evidence:
    """Evidence that reads the project's tables when a test asks for them."""
    return Evidence(load_table, build_county_frame, _registered, _neighbours)
