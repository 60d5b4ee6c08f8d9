"""Evidence that the tests of claims look at, read lazily so that a test of one claim needs one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import geopandas as gpd
import pandas as pd

from shanhai.claims.claims import Claim, claims_from
from shanhai.core import sources
from shanhai.core.errors import MissingDataError
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.panel import build_county_frame, county_geometry
from shanhai.data.load import load_table
from shanhai.data.store import FileStates, file_states
from shanhai.studies.border.analysis import analysis_frame, claim_estimates, county_edges


@dataclass
class Evidence:
    """Tables, county frame and registered estimates, each read when first asked for.

    Tests hand in small tables; :func:`project_evidence` reads those of the project.
    """

    read_table: Callable[[str], pd.DataFrame]
    """Gives a table of the project by name."""
    build_frame: Callable[[], pd.DataFrame]
    """Gives the county frame, one row a county of 2020."""
    build_prefectures: Callable[[], pd.DataFrame]
    """Gives one row a prefecture."""
    build_provinces: Callable[[], pd.DataFrame]
    """Gives one row a province, and the country as code 000000."""
    estimate: Callable[[], Sequence[Mapping[str, Any]]]
    """Gives the rows of the registered specifications (as in estimates.json, with ``low`` and ``high``)."""
    build_analysis: Callable[[], pd.DataFrame]
    """Gives the frame that regressions run on: the county frame with the variables they add."""
    build_shapes: Callable[[], gpd.GeoDataFrame]
    """Gives the polygons of the counties: ``code`` and geometry in degrees."""
    build_edges: Callable[[], pd.DataFrame]
    """Gives the pairs of counties that share an edge on land, as :func:`shanhai.geo.edges.shared_edges`."""
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame] | None = None,
        frame: pd.DataFrame | None = None,
        prefectures: pd.DataFrame | None = None,
        provinces: pd.DataFrame | None = None,
        estimates: Sequence[Mapping[str, Any]] | None = None,
        analysis: pd.DataFrame | None = None,
        shapes: gpd.GeoDataFrame | None = None,
        edges: pd.DataFrame | None = None,
    ) -> "Evidence":
        """Evidence from values at hand; whatever is not given raises when a test asks for it."""
        given = dict(tables or {})

        def table(name: str) -> pd.DataFrame:
            if name not in given:
                raise MissingDataError(f"The evidence holds no table {name!r}, only {sorted(given)}; hand it in.")
            return given[name]

        return cls(
            table,
            lambda: _given(frame, "county frame"),
            lambda: _given(prefectures, "frame of prefectures"),
            lambda: _given(provinces, "frame of provinces"),
            lambda: _given(estimates, "list of estimates"),
            lambda: _given(analysis, "frame for regressions"),
            lambda: _given(shapes, "polygons of counties"),
            lambda: _given(edges, "edges that counties share"),
        )

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name; do not change it in place."""
        return self.kept(f"table {name}", lambda: self.read_table(name))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Claims of the table of claims, in its order."""
        made: tuple[Claim, ...] = self.kept("claims", lambda: claims_from(self.table("claims")))
        return made

    @property
    def frame(self) -> pd.DataFrame:
        """The county frame; do not change it in place."""
        return self.kept("frame", self.build_frame)

    @property
    def prefectures(self) -> pd.DataFrame:
        """One row a prefecture; do not change it in place."""
        return self.kept("prefectures", self.build_prefectures)

    @property
    def provinces(self) -> pd.DataFrame:
        """One row a province, and the country; do not change it in place."""
        return self.kept("provinces", self.build_provinces)

    @property
    def estimates(self) -> Sequence[Mapping[str, Any]]:
        """Rows of the registered specifications."""
        return self.kept("estimates", self.estimate)

    @property
    def analysis(self) -> pd.DataFrame:
        """The frame that regressions run on; do not change it in place."""
        return self.kept("analysis", self.build_analysis)

    @property
    def shapes(self) -> gpd.GeoDataFrame:
        """Polygons of the counties; do not change them in place."""
        return self.kept("shapes", self.build_shapes)

    @property
    def edges(self) -> pd.DataFrame:
        """Pairs of counties that share an edge on land, ``code_a``, ``code_b``, ``length_km``; do not change them."""
        return self.kept("edges", self.build_edges)

    def kept(self, key: str, read: Callable[[], Any]) -> Any:
        """A value that is made once and kept under its key."""
        if key not in self._kept:
            self._kept[key] = read()
        return self._kept[key]


def project_evidence() -> Evidence:
    """Evidence that reads the project's tables when a test asks for them; kept while the user's own files stay."""
    return _project_evidence(file_states(sorted(sources.replacements().values())))


@lru_cache(maxsize=2)
def _project_evidence(own: FileStates) -> Evidence:
    return Evidence(
        read_table=load_table,
        build_frame=build_county_frame,
        build_prefectures=build_prefecture_frame,
        build_provinces=build_province_frame,
        estimate=lambda: claim_estimates(project_evidence().analysis),
        build_analysis=analysis_frame,
        build_shapes=county_geometry,
        build_edges=county_edges,
    )


def _given(value: Any, name: str) -> Any:
    if value is None:
        raise MissingDataError(f"The evidence holds no {name}; hand it in.")
    return value
