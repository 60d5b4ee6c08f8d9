"""Likeness of neighbours through time: Moran's I of each year.

The statistic and its moments under randomisation are those of ``esda`` (PySAL); permutations are drawn by this library
(:func:`shanhai.methods.spatial.autocorrelation.moran_test`) from a generator that is handed in, since esda takes them
from a generator of the whole process.
"""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.door_shapes import as_count, as_links, as_panel
from shanhai.methods.spatial.autocorrelation import moran_test
from shanhai.methods.spatial.weights import contiguity_weights


def moran_path(values: pd.DataFrame, edges: pd.DataFrame, seed: int, draws: int = 999) -> pd.DataFrame:
    """Moran's I of the columns, each on the same units.

    Parameters
    ----------
    values : DataFrame
        Units by years; units without a value in some year, and units without a neighbour among the rest, are left out.
    edges : DataFrame
        ``code_a``, ``code_b``: pairs of neighbours.
    seed : int
        Start of the permutations; every year draws anew from it.
    draws : int
        Permutations a year.

    Returns
    -------
    DataFrame
        year, moran (I), expected, se (standard deviation under randomisation), z, p (upper tail, permutations), n.

    Raises
    ------
    SpecificationError
        If fewer than four units are complete and have a neighbour, a year does not vary, edges lack a column, or seed
        or draws are no whole numbers.
    """
    from esda.moran import Moran  # type: ignore[import-untyped]  # here, because the import takes seconds

    seed, draws = as_count(seed, "the seed"), as_count(draws, "draws")
    known = as_panel(values, "values", missing=True).dropna()
    edges = as_links(edges, "edges")
    inside = edges[edges["code_a"].isin(known.index) & edges["code_b"].isin(known.index)]
    linked = known[known.index.isin(set(inside["code_a"]) | set(inside["code_b"]))].sort_index()
    if len(linked) < 4:
        raise SpecificationError(
            f"{len(linked)} units have figures in all years and a neighbour; needed: four or more. Take fewer years."
        )
    weights = contiguity_weights(inside, list(linked.index))
    rows = []
    for year in linked.columns:
        numbers = linked[year].to_numpy()
        # first the test that refuses values that do not vary
        test = moran_test(numbers, weights, np.random.default_rng(seed), draws)
        found = Moran(numbers, weights.graph, permutations=0)
        rows.append(
            {
                "year": int(year),
                "moran": float(found.I),
                "expected": float(found.EI),
                "se": float(found.seI_rand),
                "z": float(found.z_rand),
                "p": test.p_permutation,
                "n": len(linked),
            }
        )
    return pd.DataFrame(rows)
