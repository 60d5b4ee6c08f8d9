"""What a discontinuity looks like: means by bins of signed distance, and the lines that meet at the border."""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.geographic import BorderJump, fitted_border_columns
from shanhai.methods.discontinuity.local import kernel_weights, smoother

BIN_KM = 5.0
"""Width of a bin; no bin spans the border."""


def jump_bins(
    sample: pd.DataFrame, found: BorderJump, width_km: float = BIN_KM, reach_km: float = 100.0
) -> pd.DataFrame:
    """Mean outcome, net of segment effects and controls, by bins of the signed distance.

    Parameters
    ----------
    sample : DataFrame
        What ``found`` was estimated on.
    found : BorderJump
    width_km, reach_km : float
        Width of a bin and distance drawn on each side.

    Returns
    -------
    DataFrame
        from_km, to_km, middle_km, mean, se (of the mean; missing with one place), n; empty bins are left out.

    Raises
    ------
    SpecificationError
        If the width is not above 0 and below the reach, or no place lies within reach.
    """
    if not 0 < width_km < reach_km < np.inf:
        raise SpecificationError(f"bins of {width_km} km up to {reach_km} km; allowed: above 0, and below the reach.")
    local = fitted_border_columns(sample, found)
    local = local[local["distance_km"] < reach_km]
    if local.empty:
        raise SpecificationError(f"no place lies within {reach_km} km of a border. Widen the reach.")
    number = np.floor(local["distance_km"] / width_km).where(local["right_side"] == 1)
    number = number.fillna(-np.floor(local["distance_km"] / width_km) - 1)
    table = local.groupby(number)["net"].agg(["mean", "sem", "size"]).reset_index(names="number")
    start = table["number"] * width_km
    return pd.DataFrame(
        {
            "from_km": start,
            "to_km": start + width_km,
            "middle_km": start + width_km / 2,
            "mean": table["mean"],
            "se": table["sem"],
            "n": table["size"],
        }
    )


def jump_lines(sample: pd.DataFrame, found: BorderJump) -> pd.DataFrame:
    """Local lines of the outcome net of segment effects, from the border to the bandwidth on each side.

    They show what the pilot estimate sees (``found.pilot``); the estimates of ``found`` weigh segments anew inside the
    bandwidth and so differ somewhat.

    Returns
    -------
    DataFrame
        side (``left``, ``right``), distance_km (signed), estimate; two rows a side, enough for a straight line.
    """
    local = fitted_border_columns(sample, found)
    local = local[local["distance_km"] >= found.spec.donut_km]
    rows = []
    for side, sign in (("left", -1.0), ("right", 1.0)):
        part = local[local["right_side"] == (sign > 0)]
        running = part["signed_km"].to_numpy()
        used = kernel_weights(running / found.bandwidth_km, found.spec.kernel) > 0
        level, slope = smoother(running[used], found.bandwidth_km, 1, found.spec.kernel) @ part["net"].to_numpy()[used]
        ends = (0.0, sign * found.bandwidth_km)
        rows += [{"side": side, "distance_km": end, "estimate": float(level + slope * end)} for end in ends]
    return pd.DataFrame(rows)
