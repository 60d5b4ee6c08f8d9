"""The evidence of the project itself: its tables, frames, polygons and registered estimates."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from shanhai.data.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.codes import require_codes
from shanhai.data.load import load_layer, load_table
from shanhai.data.panel import build_county_frame
from shanhai.findings.evidence import Evidence
from shanhai.geo.edges import shared_edges
from shanhai.model.analysis import analysis_frame
from shanhai.model.registered import registered_estimates


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
        read_neighbours=_neighbours,
    )


def _registered() -> Sequence[Mapping[str, Any]]:
    return registered_estimates(project_evidence().analysis)


def _neighbours(province_code: str) -> pd.DataFrame:
    layer = load_layer("counties")
    require_codes([province_code], set(layer["prov_code"]), "provinces of the layer of counties")
    pairs = shared_edges(layer[layer["prov_code"] == province_code])
    return pairs[["code_a", "code_b"]].set_axis(["a", "b"], axis="columns")
