"""Made-up units with a policy whose effect is known: for examples and tests."""

import numpy as np
import pandas as pd


def simulated_policy(rng: np.random.Generator, effect: float = 0.2) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sixty units in three regions in a row; ten of the first are treated from 2015 on.

    Parameters
    ----------
    rng : Generator
    effect : float
        Log points that treatment adds.

    Returns
    -------
    units, values : DataFrame
        As :func:`~shanhai.methods.did.build_panel` takes them: one row a unit; its outcome in 2010 to 2018.

    Examples
    --------
    >>> import numpy as np
    >>> units, values = simulated_policy(np.random.default_rng(0))
    >>> values.shape, int(units["treated"].sum())
    ((60, 9), 10)
    """
    number, years = np.arange(60), np.arange(2010, 2019)
    region = number // 20
    units = pd.DataFrame({"code": [f"{unit:05d}" for unit in number], "treated": number < 10, "alike": True})
    units["region"], units["cluster"] = [f"R{home}" for home in region], [f"C{unit // 2}" for unit in number]
    units["adjacent"] = [";".join(f"R{near}" for near in (home - 1, home + 1) if 0 <= near < 3) for home in region]
    units["terrain"] = rng.normal(300, 50, 60)
    log = 0.02 * (years - 2010) + effect * (units["treated"].to_numpy()[:, None] & (years >= 2015))
    values = pd.DataFrame(np.exp(log + rng.normal(0, 0.02, (60, 9))), index=units["code"], columns=years)
    return units, values
