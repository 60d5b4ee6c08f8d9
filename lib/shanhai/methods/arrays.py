"""Types of arrays, named once for all modules that annotate them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Numbers."""

Codes = NDArray[np.int64]
"""Whole numbers: levels of a fixed effect, clusters, positions of rows."""

Flags = NDArray[np.bool_]
"""True or false for each row."""
