"""What accounts for the border difference: terrain, the distance to the capital, density, market access.

The claims name a path (terrain cuts border areas off and so holds them back). A decomposition shows no path, only how
much of a difference different terrain and distance account for; a product of border and terrain not even that. The
design stands in ``design.py``; estimators in ``methods.decomposition``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.shared import shared
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.checks import as_weights, require_columns
from shanhai.methods.decomposition import Channel, CoefficientChange, DirectEffect, decompose_change, sequential_g
from shanhai.methods.estimate import SIGNIFICANCE, Estimate
from shanhai.methods.regression.pairs import as_degrees
from shanhai.methods.spec import RegressionSpec
from shanhai.studies.border.analysis import great_circle_km
from shanhai.studies.border.design import (
    BORDER,
    BY_PREFECTURE,
    CHANNELS,
    DISTRICT,
    MEDIATED,
    MEDIATED_LATER,
    MEDIATION_DRAWS,
    SAMPLES,
    UPSTREAM,
    outcomes,
    sample,
)


@dataclass(frozen=True)
class Mediation:
    """The border's difference in one sample, taken apart."""

    sample_key: str
    """Key of ``SAMPLES``."""
    upstream: CoefficientChange
    """Terrain and distance, district status held fixed: the account that decides."""
    by_prefecture: CoefficientChange
    """The same with errors by prefecture."""
    status_free: CoefficientChange
    """The same with district status left free."""
    channels: CoefficientChange
    """All four groups beside each other, on the counties whose residents of 2010 are known."""
    check_upstream: DirectEffect
    """Sequential g with terrain and distance: slopes may differ by border."""
    check_free: DirectEffect
    """The same with district status left free."""
    check_later: DirectEffect
    """Sequential g with density and access, terrain and distance held fixed before them."""

    @property
    def cut_off(self) -> Channel:
        """What terrain and distance account for together, of the account of these two."""
        return self.upstream.through(UPSTREAM)

    @property
    def has_shares(self) -> bool:
        """Whether shares can be given: the whole difference is significant, and the check does not fail."""
        return self.upstream.whole.p < SIGNIFICANCE and "main" not in self.failed_checks

    @property
    def failed_checks(self) -> dict[str, tuple[Estimate, Estimate]]:
        """Accounts whose part of terrain and distance does not stand when slopes may differ by border, with both parts.

        Keys are ``main`` (status held fixed) and ``free``. The part by sequential g has another sign, or does not
        differ significantly from zero although the other does. This was fixed when the numbers had been seen.
        """
        pairs = {"main": (self.upstream, self.check_upstream), "free": (self.status_free, self.check_free)}
        found = {key: (account.through(UPSTREAM).part, check.through) for key, (account, check) in pairs.items()}
        return {
            key: (part, checked)
            for key, (part, checked) in found.items()
            if part.value * checked.value < 0 or part.p < SIGNIFICANCE <= checked.p
        }

    @property
    def terrain(self) -> Channel:
        """What terrain accounts for, of the account of terrain and distance."""
        return self.upstream.through(("terrain",))

    def estimates(self) -> dict[str, tuple[Estimate, RegressionSpec]]:
        """Every number of the account by its key in ``words.toml``, with the regression behind it."""
        first, four = self.upstream, self.channels
        found = {"whole": (first.whole, first.spec)}
        found |= {f"upstream_{channel.name}": (channel.part, first.spec) for channel in first.channels}
        found |= {"upstream_both": (self.cut_off.part, first.spec), "upstream_left": (first.left, first.spec)}
        for name, account in (("prefecture", self.by_prefecture), ("free", self.status_free)):
            found |= {f"{name}_whole": (account.whole, account.spec)}
            found |= {f"{name}_terrain": (account.through(("terrain",)).part, account.spec)}
            found |= {f"{name}_both": (account.through(UPSTREAM).part, account.spec)}
        found |= {f"all_{channel.name}": (channel.part, four.spec) for channel in four.channels}
        found |= {"all_left": (four.left, four.spec)}
        checks = {"check_upstream": self.check_upstream, "check_free": self.check_free, "check_later": self.check_later}
        return found | {key: (check.through, check.spec) for key, check in checks.items()}


def _add_channels(frame: pd.DataFrame) -> pd.DataFrame:
    """The analysis frame with ``density_2010`` and ``market_access_2010``.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``, all counties of the country: access counts them all.

    Returns
    -------
    DataFrame
        Residents of 2010 per km2; and the sum, over all *other* counties with figures, of their residents of 2010 over
        the great-circle distance in km between both centres (Harris 1954), never taken as less than two thirds of the
        radius of a circle of the county's own area. Missing where a county has no residents of 2010, area or centre.

    Raises
    ------
    SpecificationError
        If a column is absent, or figures or coordinates are impossible.
    """
    require_columns(frame, ("population_2010", "area_km2", "longitude", "latitude"))
    people, area = (as_weights(frame[name], name, missing=True) for name in ("population_2010", "area_km2"))
    place = np.column_stack(as_degrees(frame["longitude"], frame["latitude"], missing=True))
    known = np.isfinite(np.column_stack([people, area, place])).all(axis=1)
    inside = 2.0 / 3.0 * np.sqrt(area[known] / np.pi)
    distance = np.maximum(great_circle_km(place[known][:, None], place[known][None]), inside[:, None])
    np.fill_diagonal(distance, np.inf)  # a county is no market of its own here
    access = np.full(len(frame), np.nan)
    access[known] = (1.0 / distance) @ people[known]
    return frame.assign(density_2010=people / area, market_access_2010=access)


def _mediate(
    frame: pd.DataFrame,
    sample_key: str = "china",
    vintage: Vintage = PRE_SPECIFIED,
    *,
    draws: int = MEDIATION_DRAWS,
    seed: int = 1,
) -> Mediation:
    """The border's difference of one sample, taken apart.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`_add_channels`.
    sample_key : str
        Key of ``SAMPLES``.
    vintage : Vintage
        Year of GDP, as of the frame; residents are those of 2010 in any case.
    draws, seed : int
        Draws of clusters behind sequential g, and their seed.

    Raises
    ------
    SpecificationError
        If the key is unknown, or the sample has too few counties or clusters.
    """
    changes: dict[str, Any] = {"outcome": outcomes(vintage)["gdp"], "sample": sample(sample_key)}
    if sample_key != "china":  # one to eight provinces are too few clusters
        changes["covariance"] = BY_PREFECTURE
    spec, four = replace(MEDIATED, **changes), replace(MEDIATED_LATER, **changes)
    upstream = {name: CHANNELS[name] for name in UPSTREAM}
    first = tuple(name for names in upstream.values() for name in names)
    later = tuple(name for key, names in CHANNELS.items() if key not in UPSTREAM for name in names)
    free = replace(spec, controls=tuple(term for term in spec.controls if term != DISTRICT))
    free = replace(free, model=f"{spec.model}, status free")
    return Mediation(
        sample_key,
        decompose_change(spec, frame, BORDER.name, upstream),
        decompose_change(replace(spec, covariance=BY_PREFECTURE), frame, BORDER.name, upstream),
        decompose_change(free, frame, BORDER.name, upstream),
        decompose_change(four, frame, BORDER.name, CHANNELS),
        sequential_g(spec, frame, BORDER.name, first, draws=draws, generator=np.random.default_rng(seed)),
        sequential_g(free, frame, BORDER.name, first, draws=draws, generator=np.random.default_rng(seed)),
        sequential_g(four, frame, BORDER.name, later, first, draws=draws, generator=np.random.default_rng(seed)),
    )


@shared
def mediate_samples(
    frame: pd.DataFrame, samples: Iterable[str] = tuple(SAMPLES), vintage: Vintage = PRE_SPECIFIED
) -> tuple[Mediation, ...]:
    """What accounts for the border difference, in several samples, each on its own counties.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame``, all counties of the country.
    samples : iterable of str
        Keys of ``SAMPLES``.
    vintage : Vintage
        Year of GDP, as of the frame; pre-specified is ``PRE_SPECIFIED``.

    Raises
    ------
    SpecificationError
        If a key is unknown, or a sample has too few counties or prefectures.
    """
    columns = _add_channels(frame)
    return tuple(_mediate(columns, key, vintage) for key in samples)
