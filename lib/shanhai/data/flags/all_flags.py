"""All doubtful values of the project, in one frame."""

import pandas as pd

from shanhai.core.shared import shared
from shanhai.data import plausibility
from shanhai.data.flags import _census as flags_census
from shanhai.data.flags import _displaced as flags_displaced
from shanhai.data.flags import _economy as flags_economy
from shanhai.data.load import load_corrections, load_table


@shared
def load_flags() -> pd.DataFrame:
    """Flags on all tables: code, table, column, flag, reason; sorted by table, code, column, flag.

    Codes are those of the table that is flagged.
    """
    tables = {name: load_table(name) for name in {*flags_census.NEEDS, *flags_economy.NEEDS, *plausibility.TABLES}}
    parts = [
        flags_census.census_flags(tables),
        flags_economy.economy_flags(tables, load_corrections("county_gdp")),
        flags_displaced.displaced_flags(
            tables, {name: load_corrections(name) for name in ("county_investment", "county_hukou")}
        ),
        plausibility.limit_flags(tables),
    ]
    flags = pd.concat(parts, ignore_index=True)
    return flags.sort_values(["table", "code", "column", "flag"], kind="stable", ignore_index=True)
