"""What corrections of county GDP and the least edge of a border do to the main estimate: with and without each."""

import pandas as pd

from shanhai.core.errors import ValidationError
from shanhai.core.shared import shared
from shanhai.data.frames.panel import gdp_columns
from shanhai.data.load import load_corrections, load_table
from shanhai.methods.records import EstimateRecord, Quantity
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.border.design import BORDER, main_spec

_TABLE = "county_gdp"

_EFFECTS = ("rule", "year", "cells", "counties", "n_without", "estimate", "without", "effect")
"""Columns of :func:`correction_effects`, which a table without corrections has too."""

_OTHERS = ("counties", "crosswalk", "prefecture_economy")
"""What the GDP of the county frame is made of beside the table that is corrected."""


def _undo_corrections(frame: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """A copy of a corrected table (columns code, year) with the cells of a log as they stood before.

    Parameters
    ----------
    log : rows of :func:`shanhai.data.load.load_corrections`, of numeric columns; where a cell stands in it twice, the
        first entry counts.

    Raises
    ------
    ValidationError
        If the log names a row that the table does not have.
    """
    keys = "code=" + frame["code"].astype(str) + ";year=" + frame["year"].astype(str)
    unknown = sorted(set(log["key"]) - set(keys))
    if unknown:
        raise ValidationError(
            f"The log corrects {unknown[:3]}, which the table does not have. Load both in the same state:"
            " load_table(name) and load_corrections(name)."
        )
    undone = frame.copy()
    for column, cells in log.drop_duplicates(["key", "column"]).groupby("column"):
        before = keys.map(pd.to_numeric(cells.set_index("key")["before"]))
        undone[column] = undone[column].mask(keys.isin(cells["key"]), before)
    return undone


@shared
def correction_effects(gdp: pd.DataFrame | None = None, log: pd.DataFrame | None = None) -> pd.DataFrame:
    """The pre-specified border estimate with all corrections of county GDP, and without each group of them.

    Parameters
    ----------
    gdp, log : county_gdp as corrected, and the log of its corrections; by default those of the project.

    Returns
    -------
    pandas.DataFrame, one row a rule and year in the order of the log: rule, year, cells (corrected), counties (of the
    main sample whose GDP per head differs without them), n_without, estimate (with all corrections), without, effect
    (estimate less without, in log points).
    """
    gdp = load_table(_TABLE) if gdp is None else gdp
    log = load_corrections(_TABLE) if log is None else log
    frame = analysis_frame()
    others = {name: load_table(name) for name in _OTHERS}
    corrected, estimate = _estimate(frame, gdp, others)
    rows = []
    years = log["key"].str.extract(r"year=(\d+)", expand=False)
    for _, cells in log.groupby([log["rule"], years], sort=False):
        outcome, without = _estimate(frame, _undo_corrections(gdp, cells), others)
        used = frame.index[sorted({*estimate.rows, *without.rows})]
        differs = outcome[used].ne(corrected[used]) & (outcome[used].notna() | corrected[used].notna())
        border = [_border(result) for result in (estimate, without)]
        rows.append(
            {
                "rule": cells["rule"].iloc[0],
                "year": int(years[cells.index[0]]),
                "cells": len(cells),
                "counties": int(differs.sum()),
                "n_without": without.n,
                "estimate": border[0],
                "without": border[1],
                "effect": border[0] - border[1],
            }
        )
    return pd.DataFrame(rows, columns=list(_EFFECTS))


@shared
def overall_effects(gdp: pd.DataFrame | None = None, log: pd.DataFrame | None = None) -> pd.DataFrame:
    """The pre-specified border estimate without any correction of county GDP, and without counties of doubtful GDP.

    Doubtful is what notebook 03 calls so (``gdp_is_doubtful``): the list of flags was fixed there, none is chosen here.

    Parameters
    ----------
    gdp, log : county_gdp as corrected, and the log of its corrections; by default those of the project.

    Returns
    -------
    pandas.DataFrame, rows ``main``, ``uncorrected`` and ``doubtful``: counties (of the main sample that differ or are
    left out), n, and the estimate with se, low, high (95 %).
    """
    gdp = load_table(_TABLE) if gdp is None else gdp
    log = load_corrections(_TABLE) if log is None else log
    frame = analysis_frame()
    others = {name: load_table(name) for name in _OTHERS}
    corrected, main = _estimate(frame, gdp, others)
    outcome, without = _estimate(frame, _undo_corrections(gdp, log), others)
    certain = fit(main_spec(), frame[~frame["gdp_is_doubtful"]])
    used = frame.index[sorted({*main.rows, *without.rows})]
    differs = outcome[used].ne(corrected[used]) & (outcome[used].notna() | corrected[used].notna())
    counted = {
        "main": (main, 0),
        "uncorrected": (without, int(differs.sum())),
        "doubtful": (certain, main.n - certain.n),
    }
    rows = []
    for name, (result, counties) in counted.items():
        border = result.estimate(BORDER.column)
        low, high = border.interval()
        rows.append((name, counties, result.n, border.value, border.se, low, high, border.df, border.error))
    return pd.DataFrame(rows, columns=["without", "counties", "n", "estimate", "se", "low", "high", "df", "error"])


def overall_estimates(effects: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """The estimates of :func:`overall_effects` as the files of results hold them."""
    spec = main_spec()
    models = {
        "main": str(spec.model),
        "uncorrected": f"{spec.model}, without any correction of county GDP",
        "doubtful": f"{spec.model}, without counties of doubtful GDP",
    }
    return tuple(
        EstimateRecord(
            spec.sample.name, spec.outcome.name, models[row["without"]], BORDER.name, row["estimate"], row["n"],
            row["error"], se=row["se"], low=row["low"], high=row["high"], df=row["df"],
            design_id=spec.spec_id if row["without"] == "main" else "",
        )
        for row in effects.to_dict("records")
    )  # fmt: skip


def contact_effects(contacts: pd.DataFrame) -> pd.DataFrame:
    """The pre-specified border estimate as it is, and with counties on the border that slight contacts alone put there.

    Parameters
    ----------
    contacts : land_km, water_km, counts and decides of pairs of counties
        (:func:`shanhai.geo.borders.slight_contacts`).

    Returns
    -------
    pandas.DataFrame, one row a group of contacts that do not count, and one for both: contacts (the group), counties
    (that it would put on a border), estimate, without (the rule), effect (estimate less without, in log points).
    """
    refused = contacts.loc[~contacts["counts"] & contacts["decides"].ne("")]
    over_water = refused["land_km"].eq(0)
    groups = {"over water": refused[over_water], "short": refused[~over_water], "both": refused}
    frame = analysis_frame()
    estimate = _border(fit(main_spec(), frame))
    rows = []
    for name, pairs in groups.items():
        codes = sorted({code for decided in pairs["decides"] for code in decided.split(";")})
        changed = frame[BORDER.column].mask(frame["code"].isin(codes), True)
        without = _border(fit(main_spec(), frame.assign(**{BORDER.column: changed})))
        rows.append(
            {
                "contacts": name,
                "counties": len(codes),
                "estimate": estimate,
                "without": without,
                "effect": estimate - without,
            }
        )
    return pd.DataFrame(rows)


def _border(result: FitResult) -> float:
    return float(result.params[result.names.index(BORDER.column)])


def effect_quantities(effects: pd.DataFrame) -> tuple[Quantity, ...]:
    """The estimate without each group of corrections, and what the group moves, of :func:`correction_effects`."""
    spec = main_spec()
    return tuple(
        Quantity(
            spec.sample.name, f"{what} of {BORDER.name}, {spec.outcome.name}",
            f"{spec.model}, without corrections of county GDP by one rule", f"{row['rule']}, {row['year']}",
            float(row[column]), int(row["n_without"]), spec.spec_id,
        )
        for row in effects.to_dict("records")
        for column, what in {"without": "estimate", "effect": "change of the estimate"}.items()
    )  # fmt: skip


def _estimate(frame: pd.DataFrame, gdp: pd.DataFrame, others: dict[str, pd.DataFrame]) -> tuple[pd.Series, FitResult]:
    """GDP per head by row of the frame under a table of GDP, and the main regression with it."""
    money = gdp_columns({**others, _TABLE: gdp}).reindex(frame["code"])
    outcome = pd.Series(money["gdp_2021"].to_numpy() / frame["population_2020"].to_numpy(), index=frame.index)
    return outcome, fit(main_spec(), frame.assign(gdp_per_capita_2021=outcome))
