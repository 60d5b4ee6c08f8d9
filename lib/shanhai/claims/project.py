"""The evidence of the project itself: its tables, frames, polygons and registered estimates."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from shanhai.claims.evidence import Evidence
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_table
from shanhai.studies.border.analysis import analysis_frame, claim_estimates


@lru_cache(maxsize=1)
def project_evidence() -> Evidence:
    """Evidence that reads the project's tables when a test asks for them; one a process."""
    return Evidence(
        read_table=load_table,
        build_frame=build_county_frame,
        build_prefectures=build_prefecture_frame,
        build_provinces=build_province_frame,
        estimate=_registered,
        build_analysis=analysis_frame,
    )


def _registered() -> Sequence[Mapping[str, Any]]:
    return claim_estimates(project_evidence().analysis)
