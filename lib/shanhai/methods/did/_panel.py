"""A policy design as a value, and its balanced panel: treated units, comparison, outcomes by year, matched pairs."""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_codes, as_count, as_marks, as_numbers, require, require_once
from shanhai.methods.did._pairs import covariate_scale, pair_up
from shanhai.methods.panels import as_panel
from shanhai.methods.spec.identity import digest

Outcome = Literal["log", "level", "rank"]
"""``log``: logarithm of the value; ``level``: the value itself; ``rank``: percent of all units that have less in that
year, which no rescaling of the measure changes. Parallel trends mostly hold in one of them only (Roth & Sant'Anna
2023)."""

Comparison = Literal["matched", "home", "neighbours", "all"]
"""Who stands for the treated without the policy. ``matched``: untreated units of the same region, in pairs with treated
ones that are alike in level and terrain; ``home``: all untreated units of the same region; ``neighbours``: units of the
adjacent regions that are marked as alike; ``all``: the last two together."""

Form = Literal["none", "linear", "squared", "thirds"]
"""How level and terrain are held fixed. ``none``: not at all, the plain difference-in-differences; ``linear``: both in
straight lines; ``squared``: the square of the level beside them; ``thirds``: an intercept for each third of the level
in place of its line. They agree where treated and untreated units overlap; where they do not, the form fills the gap,
and an effect that turns with it is an extrapolation (King & Zeng 2006, Political Analysis 14(2))."""

LEAST_PRE = 2
"""Years before the policy below which a design is refused: with one there is no trend to compare."""


@dataclass(frozen=True)
class PolicyDesign:
    """Difference-in-differences with one date: all units that are ever treated are treated from ``policy_year`` on.

    With a single date and never-treated comparisons no treated unit serves as comparison of another, so the two-way
    regression has none of the negative weights of staggered adoption (Goodman-Bacon 2021).

    Examples
    --------
    >>> from shanhai.methods.did import PolicyDesign
    >>> PolicyDesign(2015, first_year=2011, last_year=2020, level_years=(2008, 2009)).post_years
    (2015, 2016, 2017, 2018, 2019, 2020)
    """

    policy_year: int
    """First year that counts as treated."""
    first_year: int
    """First year of the window."""
    last_year: int
    """Last year of the window."""
    comparison: Comparison = "matched"
    """Who is compared."""
    outcome: Outcome = "log"
    """Scale of the outcome."""
    level_years: tuple[int, ...] = ()
    """Years whose mean log value is the level that units are matched on and that is held fixed by year. Best before the
    window: matching on years that the effect is read from invites regression to the mean (Daw & Hatfield 2018)."""
    caliper: float = 0.5
    """Widest distance inside a pair, in standard deviations a covariate."""
    form: Form = "linear"
    """How level and terrain are held fixed."""
    step: int = 1
    """Years from one year of the window to the next; 10 for figures of 2001, 2011 and 2021."""

    def __post_init__(self) -> None:
        require(self.comparison, Comparison, "the comparison", "Use 'matched' for like with like.")
        require(self.outcome, Outcome, "the outcome", "Use 'log' for growth.")
        require(self.form, Form, "the form", "Use 'none' for the plain difference-in-differences.")
        if not self.first_year < self.last_year:
            raise SpecificationError(
                f"the window runs from {self.first_year} to {self.last_year}; allowed: a first year before the last. "
                "Exchange them."
            )
        as_count(self.step, "the step", least=1)
        if self.years[-1] != self.last_year:
            raise SpecificationError(
                f"{self.first_year} to {self.last_year} in steps of {self.step} ends in {self.years[-1]}; allowed: a "
                "last year that the steps reach. Move one of the two years."
            )
        if len(self.pre_years) < LEAST_PRE or not self.post_years:
            raise SpecificationError(self._too_short())
        if not self.level_years or max(self.level_years) >= self.policy_year:
            raise SpecificationError(
                f"level_years are {self.level_years}; allowed: one year or more, all before the policy of "
                f"{self.policy_year}, since a level that the policy has changed hides its effect. Take years before "
                "the window."
            )
        if not self.caliper > 0:
            raise SpecificationError(f"the caliper is {self.caliper!r}; allowed: a positive number. 0.5 is usual here.")

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the window."""
        return tuple(range(self.first_year, self.last_year + 1, self.step))

    @property
    def pre_years(self) -> tuple[int, ...]:
        """Years of the window before the policy."""
        return tuple(year for year in self.years if year < self.policy_year)

    @property
    def post_years(self) -> tuple[int, ...]:
        """Years of the window under the policy."""
        return tuple(year for year in self.years if year >= self.policy_year)

    @property
    def reference(self) -> int:
        """Last year before the policy, against which the event study counts."""
        return self.pre_years[-1]

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content; form and step only where they are not the first."""
        content = asdict(self)
        for name, first in (("form", "linear"), ("step", 1)):
            if content[name] == first:
                del content[name]  # designs of before these fields keep their ids
        return digest({"class": type(self).__name__, **content})

    def _too_short(self) -> str:
        before, after = (_span(years) for years in (self.pre_years, self.post_years))
        return (
            f"policy year {self.policy_year} in the window {self.first_year} to {self.last_year} leaves years before: "
            f"{before}; years from it on: {after}. Needed: at least {LEAST_PRE} before, since one year shows no trend, "
            "and one from it on. Widen the window, or take a later policy year."
        )


def _span(years: tuple[int, ...]) -> str:
    """Years in words: none, one, or first to last."""
    if not years:
        return "none"
    return str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"


UNIT_COLUMNS = ("code", "region", "cluster", "treated", "alike", "adjacent", "terrain")
"""What a unit needs: code; region (a state); cluster (a district); whether the policy treats it; whether it is like the
treated ones, should it lie in an adjacent region; codes of adjacent regions (``;`` between); terrain. Further columns
of text are names, which come along to tables and messages."""

_STRATA = 3
"""Groups of level, of equal size, within which units change places where there are no pairs."""


@dataclass(frozen=True, repr=False)
class PolicyPanel(Shown):
    """Units of a design with complete outcomes. n units, T years."""

    design: PolicyDesign
    units: pd.DataFrame
    """n rows: the columns of ``UNIT_COLUMNS``, ``level`` (mean log value of the level years) and ``stratum`` (pair, or
    group of level), within which treatment may change places."""
    values: Array
    """n x T outcomes on the scale of the design, years ascending."""
    left_out: pd.DataFrame
    """Units that it would take but cannot: code, names, treated, reason (``no counterpart``, ``no data``, ``zero``)."""

    @property
    def treated(self) -> NDArray[np.bool_]:
        """n marks of treatment."""
        return self.units["treated"].to_numpy(dtype=bool)

    @property
    def held(self) -> pd.DataFrame:
        """n rows, a column for each regressor that the form of the design holds fixed."""
        return held_fixed(self.units["level"], self.units["terrain"], self.design.form)

    @property
    def covariates(self) -> Array:
        """n x k: ``held`` as numbers."""
        return self.held.to_numpy(dtype=np.float64)

    @property
    def paths(self) -> Array:
        """n x T outcomes less those of the reference year."""
        place = self.design.years.index(self.design.reference)
        return self.values - self.values[:, [place]]

    @property
    def change(self) -> Array:
        """n: mean outcome under the policy less the mean before."""
        after = np.array([year >= self.design.policy_year for year in self.design.years])
        return np.asarray(self.values[:, after].mean(axis=1) - self.values[:, ~after].mean(axis=1))


def build_panel(design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame) -> PolicyPanel:
    """Panel of a design.

    Parameters
    ----------
    design : PolicyDesign
    units : DataFrame
        One row a unit, columns :data:`UNIT_COLUMNS`, and names if there are any; treated units lie in one region.
    values : DataFrame
        Outcome before any transformation, none negative: index the codes, columns the years.

    Returns
    -------
    PolicyPanel

    Raises
    ------
    MissingDataError
        If a year of the design has no column, a treated unit has no figures, or any unit has figures for some years of
        the window but not for all.
    SpecificationError
        If columns are absent or of the wrong type, a value is negative, treated units lie in several regions, or no
        pair lies within the caliper.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> int(panel.treated.sum())
    7
    """
    units, values = checked_units(units), checked_values(values)
    require_years(design, values)
    home = home_region(units)
    candidates = units[comparison_mask(units, home, units["treated"].to_numpy(dtype=bool), design)]
    chosen = pd.concat([units[units["treated"]], candidates]).sort_values("code", ignore_index=True)
    usable, dropped = _with_figures(design, chosen, values)
    scaled = scale_outcome(design, values)
    usable = usable.assign(level=level_of(design, values).reindex(usable["code"]).to_numpy())
    used, unmatched = _with_strata(design, usable)
    left_out = pd.concat([dropped, unmatched], ignore_index=True).sort_values("code", ignore_index=True)
    numbers = scaled.loc[used["code"], list(design.years)].to_numpy(dtype=np.float64)
    numbers.setflags(write=False)
    return PolicyPanel(design, used, numbers, left_out)


def checked_units(units: pd.DataFrame) -> pd.DataFrame:
    """Units with marks as booleans and terrain as floats, labels present.

    Raises
    ------
    SpecificationError
        If a column is absent, there twice or of the wrong type, or a code, region or cluster is missing.
    """
    require_once(units.columns, "columns of the units")
    absent = [name for name in UNIT_COLUMNS if name not in units.columns]
    if absent or units.empty:
        raise SpecificationError(
            f"{len(units)} units lack {', '.join(absent) or 'rows'}; needed: one row a unit with "
            f"{', '.join(UNIT_COLUMNS)}. Add them."
        )
    require_once(units["code"], "codes of the units")
    for name in ("code", "region", "cluster"):
        as_codes(units[name], f"the {name} of a unit")  # refuses missing and mixed ones
    marks = {name: as_marks(units[name], name) for name in ("treated", "alike")}
    return units.assign(**marks, terrain=as_numbers(units["terrain"], "terrain", missing=True))


def _names(units: pd.DataFrame) -> list[str]:
    """Columns of text beside those that a unit needs."""
    others = [name for name in units.columns if isinstance(name, str) and name not in UNIT_COLUMNS]
    return [name for name in others if pd.api.types.is_string_dtype(units[name])]


def checked_values(values: pd.DataFrame) -> pd.DataFrame:
    """Values of units by year, none negative, missing ones allowed.

    Raises
    ------
    SpecificationError
        If a value is no number or negative, or a code or year is there twice.
    """
    panel = as_panel(values, "values", missing=True)
    if (panel < 0).any(axis=None):
        raise SpecificationError(
            f"the smallest of the values is {np.nanmin(panel.to_numpy()):g}; allowed: zero or more. Take a measure "
            "without negative values, or mark them as missing."
        )
    return panel


def require_years(design: PolicyDesign, values: pd.DataFrame) -> None:
    """Refuse a design that asks for years without a column.

    Parameters
    ----------
    design : PolicyDesign
    values : DataFrame
        Units by years.

    Raises
    ------
    MissingDataError

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, require_years, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> require_years(design, values)
    """
    there = sorted(int(year) for year in values.columns)
    absent = sorted({*design.years, *design.level_years} - set(there))
    if absent:
        raise MissingDataError(
            f"no figures for {', '.join(map(str, absent))}; allowed: {there[0]} to {there[-1]}. Take a window and "
            "level years among these, or add the years to the table."
        )


def home_region(units: pd.DataFrame) -> str:
    """The one region that holds all treated units.

    Parameters
    ----------
    units : DataFrame
        With ``region``, and ``treated`` as booleans.

    Raises
    ------
    SpecificationError
        If treated units lie in several regions, or there are none.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, home_region, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> home_region(units)
    'R0'
    """
    regions = sorted(set(units.loc[units["treated"], "region"]))
    if len(regions) != 1:
        raise SpecificationError(
            f"treated units lie in {len(regions)} regions ({', '.join(regions)}); allowed: one. Mark the units of one "
            "region as treated."
        )
    return str(regions[0])


def _adjacent_regions(units: pd.DataFrame, home: str) -> set[str]:
    """Regions that a unit of the home region touches."""
    named = units.loc[units["region"].eq(home), "adjacent"].dropna()
    return {code for text in named for code in str(text).split(";") if code} - {home}


def comparison_mask(
    units: pd.DataFrame, home: str, treated: NDArray[np.bool_], design: PolicyDesign
) -> NDArray[np.bool_]:
    """Which units may stand for the treated without the policy; those the policy really treats never do.

    Parameters
    ----------
    units : DataFrame
        As for :func:`build_panel`.
    home : str
        Region of the treated, as :func:`home_region` gives it.
    treated : array of bool, n
        Units that count as treated here: in a placebo other ones than really are.
    design : PolicyDesign

    Returns
    -------
    array of bool, n
        True for the units of the comparison.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, comparison_mask, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> int(comparison_mask(units, "R0", units["treated"].to_numpy(), design).sum())
    10
    """
    region = units["region"]
    at_home = region.eq(home).to_numpy()
    nearby = (region.isin(_adjacent_regions(units, home)) & units["alike"]).to_numpy(dtype=bool)
    pool = {"matched": at_home, "home": at_home, "neighbours": nearby, "all": at_home | nearby}[design.comparison]
    return np.asarray(pool & ~treated & ~units["treated"].to_numpy(dtype=bool))


def scale_outcome(design: PolicyDesign, values: pd.DataFrame) -> pd.DataFrame:
    """Values on the scale of the design; the logarithm of zero is missing, ranks are among all units of a year.

    Parameters
    ----------
    design : PolicyDesign
    values : DataFrame
        Units by years.

    Returns
    -------
    DataFrame
        Units by years: levels, log points, or ranks from 0 (lowest) to 100, as ``design.outcome`` says.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, scale_outcome, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> scale_outcome(design, values).shape
    (60, 9)
    """
    if design.outcome == "rank":
        return 100.0 * (values.rank() - 1) / (values.count() - 1)
    return values if design.outcome == "level" else _log(values)


def level_of(design: PolicyDesign, values: pd.DataFrame) -> pd.Series:
    """Mean log value of the level years; missing where one of them is missing or zero."""
    return _log(values[list(design.level_years)]).mean(axis=1, skipna=False)


def held_fixed(level: pd.Series, terrain: pd.Series, form: Form) -> pd.DataFrame:
    """Regressors of a form, one row a unit in the order of the rows; none for the plain difference."""
    if form == "none":
        return pd.DataFrame(index=level.index)
    if form == "thirds":
        strata = _level_strata(level)
        lines = {f"third_{part + 1}": strata.eq(part).astype("float64") for part in range(1, _STRATA)}
    else:
        lines = {"level": level}
        if form == "squared":
            lines["level_squared"] = (level - level.mean()) ** 2
    return pd.DataFrame({**lines, "terrain": terrain})


def _level_strata(level: pd.Series) -> pd.Series:
    """Groups of level of about equal size, 0 the lowest; ties in the order of the rows."""
    order = level.rank(method="first") - 1
    return (order * _STRATA // len(level)).astype("int64")


def _log(values: pd.DataFrame) -> pd.DataFrame:
    """Logarithms, missing for zero."""
    return values.where(values > 0).apply(np.log)


def _with_figures(
    design: PolicyDesign, chosen: pd.DataFrame, values: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units with complete figures, and those without any; a unit with holes, or a treated one without, is refused."""
    asked = sorted({*design.years, *design.level_years})
    there = values.reindex(chosen["code"])[asked]
    lacking = there.isna().to_numpy()
    holes = lacking.any(axis=1) & ~lacking.all(axis=1)
    absent = lacking.all(axis=1) | chosen["terrain"].isna().to_numpy()
    # zero has no logarithm; only the comparison may lose such units
    needs_log = set(design.level_years) | (set(design.years) if design.outcome == "log" else set())
    dark = (there[sorted(needs_log)] == 0).any(axis=1).to_numpy() & ~absent
    treated = chosen["treated"].to_numpy(dtype=bool)
    refused = holes | (treated & (absent | dark))
    if refused.any():
        raise MissingDataError(_hole_text(chosen[refused], there[refused], asked))
    out = absent | dark
    reasons = np.where(absent, "no data", "zero")
    dropped = chosen.loc[out, ["code", *_names(chosen), "treated"]].assign(reason=reasons[out])
    return chosen[~out].reset_index(drop=True), dropped


def _hole_text(refused: pd.DataFrame, figures: pd.DataFrame, asked: list[int]) -> str:
    said = []
    for name, (_, row) in zip(refused[next(iter(_names(refused)), "code")], figures.iterrows(), strict=True):
        bad = row.index[row.isna() | row.eq(0)]
        said.append(f"{name} ({', '.join(map(str, bad))})")
    return (
        f"no usable figure for {'; '.join(said)}; needed: a value above zero for every year from {asked[0]} to "
        f"{asked[-1]} that the design asks for. Fill the years, narrow the window, or take the unit out."
    )


def _with_strata(design: PolicyDesign, usable: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units with the stratum of each; for matched designs those without counterpart apart."""
    shown = ["code", *_names(usable), "treated"]
    if design.comparison != "matched":
        return usable.assign(stratum=_level_strata(usable["level"])), usable.loc[:, shown].iloc[:0].assign(reason="")
    treated = usable["treated"].to_numpy(dtype=bool)
    covariates = usable[["level", "terrain"]].to_numpy(dtype=np.float64)
    left, right = pair_up(
        covariates[treated], covariates[~treated], covariate_scale(covariates, treated), design.caliper
    )
    pair = np.full(len(usable), -1, dtype=np.int64)
    pair[np.flatnonzero(treated)[left]] = np.arange(len(left))
    pair[np.flatnonzero(~treated)[right]] = np.arange(len(right))
    if len(left) == 0:
        raise SpecificationError(
            f"no untreated unit lies within {design.caliper:g} standard deviations of a treated one in level and "
            "terrain; allowed: a caliper with pairs. Widen it, or take another comparison."
        )
    alone = treated & (pair < 0)
    unmatched = usable.loc[alone, shown].assign(reason="no counterpart")
    return usable.assign(stratum=pair)[pair >= 0].reset_index(drop=True), unmatched
