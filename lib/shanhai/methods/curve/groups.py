"""Regressions sorted into groups that share rows, weights and fixed effects, so that each column is demeaned once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.methods.arrays import Codes, Flags
from shanhai.methods.curve.catalogue import Catalogue
from shanhai.methods.door import as_codes, require_columns
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.samples import sample_mask
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, Term, Variable


@dataclass(frozen=True)
class Group:
    """Regressions that are estimated on the same rows with the same weights and fixed effects."""

    rows: Codes
    """Positions of the n rows in the frame; none if the conditions leave none."""
    weights: str | None
    effects: tuple[str, ...]
    specs: Codes
    """Specifications of the group."""


def row_groups(catalogue: Catalogue, frame: pd.DataFrame) -> list[Group]:
    """Groups of specifications by the rows they can use.

    Rows are left out for the same reasons as in ``fit``: outside the sample, a value missing, a logarithm not
    defined, alone in a level of a fixed effect.

    Raises
    ------
    SpecificationError
        If a column is absent, text or infinite, or a sample has no province or column of its own in the frame.
    """
    masks = _Masks(frame)
    of_terms = np.array([masks.number(masks.of_term(term)) for term in catalogue.terms])
    of_samples = np.array([masks.number(sample_mask(frame, sample)) for sample in catalogue.samples])
    of_weights = np.array([masks.number(masks.of_column(name)) for name in catalogue.weight_columns])
    of_effects = np.array([masks.number(masks.of_levels(names)) for names in catalogue.effect_columns])
    of_covariances = np.array([masks.number(masks.of_covariance(one)) for one in catalogue.covariances])
    regressors = np.where(catalogue.regressors < 0, 0, of_terms[catalogue.regressors])
    per_regression = np.column_stack(
        [
            of_samples[catalogue.sample],
            of_terms[catalogue.outcome],
            of_weights[catalogue.weights],
            of_effects[catalogue.effects],
            regressors,
        ]
    )
    sets, of_regression = _same_sets(per_regression, len(masks.all))
    key = np.column_stack(
        [
            of_regression[catalogue.regression],
            of_covariances[catalogue.covariance],
            catalogue.weights[catalogue.regression],
            catalogue.effects[catalogue.regression],
        ]
    )
    different, of_spec = _same_rows(key)
    return list(_merged(catalogue, masks, sets, different, of_spec, frame))


def _merged(
    catalogue: Catalogue, masks: "_Masks", sets: Flags, different: Codes, of_spec: Codes, frame: pd.DataFrame
) -> Iterator[Group]:
    """Groups by the rows that are really left; different conditions often leave the same rows."""
    order = np.argsort(of_spec, kind="stable")
    ends = np.searchsorted(of_spec[order], np.arange(len(different) + 1))
    found: dict[tuple[bytes, int, int], tuple[Codes, list[Codes]]] = {}
    for number, (conditions, covariance, weights, effects) in enumerate(different):
        used = [*np.flatnonzero(sets[conditions]), covariance]
        keep = np.logical_and.reduce([masks.all[one] for one in used])
        rows = np.flatnonzero(masks.without_singletons(keep, catalogue.effect_columns[effects]))
        _, members = found.setdefault((rows.tobytes(), int(weights), int(effects)), (rows, []))
        members.append(order[ends[number] : ends[number + 1]])
    for (_, weights, effects), (rows, members) in found.items():
        specs = np.sort(np.concatenate(members))
        yield Group(rows, catalogue.weight_columns[weights], catalogue.effect_columns[effects], specs)


def _same_sets(members: Codes, count: int) -> tuple[Flags, Codes]:
    """Different sets among the rows of ``members`` (T x count, true where a set holds the number), and each row's."""
    holds = np.zeros((len(members), count), dtype=bool)
    holds[np.arange(len(members))[:, None], members] = True
    different, of_row = _same_rows(np.packbits(holds, axis=1))
    return np.unpackbits(different, axis=1, count=count).astype(bool), of_row


def _same_rows(values: NDArray[Any]) -> tuple[NDArray[Any], Codes]:
    """Different rows of an array and the number of each row's, found by their bytes."""
    packed = np.ascontiguousarray(values)
    keys = packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).ravel()
    _, first, of_row = np.unique(keys, return_index=True, return_inverse=True)
    return packed[first], np.asarray(of_row, dtype=np.int64).ravel()


class _Masks:
    """Rows of a frame that meet each condition, equal masks numbered alike; number 0 is all rows."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.everything = np.ones(len(frame), dtype=bool)
        self.all = [self.everything]
        self._numbers = {self.everything.tobytes(): 0}
        self._columns: dict[str, NDArray[np.float64]] = {}
        self._levels: dict[str, Codes] = {}

    def number(self, mask: Flags) -> int:
        key = mask.tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(mask)
        return self._numbers[key]

    def of_term(self, term: Term) -> Flags:
        if isinstance(term, Interaction):
            return self.of_term(term.left) & self.of_term(term.right)
        assert not isinstance(term, Bands)  # refused by the catalogue
        return self._of_variable(term)

    def _of_variable(self, variable: Variable) -> Flags:
        values = self._values(variable.column)
        return np.asarray(values > 0 if variable.transform == "log" else ~np.isnan(values))

    def of_column(self, name: str | None) -> Flags:
        return self.everything if name is None else ~np.isnan(self._values(name))

    def of_levels(self, names: tuple[str, ...]) -> Flags:
        return np.logical_and.reduce([self.everything, *(self.codes(name) >= 0 for name in names)])

    def of_covariance(self, covariance: CovarianceSpec) -> Flags:
        places = [self.of_column(name) for name in covariance.coordinates or ()]
        return np.logical_and.reduce([self.of_levels(covariance.by), *places])

    def without_singletons(self, keep: Flags, effects: tuple[str, ...]) -> Flags:
        """Take rows that are alone in a level out, until none is left."""
        while True:
            before = int(keep.sum())
            for name in effects:
                codes = self.codes(name)
                counts = np.bincount(codes[keep], minlength=int(codes.max()) + 1)
                keep = keep & (counts[codes] != 1)
            if int(keep.sum()) == before:
                return keep

    def codes(self, name: str) -> Codes:
        """Levels of a column as integers, -1 where missing."""
        if name not in self._levels:
            self._levels[name] = as_codes(self._column(name), name, missing=True)
        return self._levels[name]

    def _values(self, name: str) -> NDArray[np.float64]:
        if name not in self._columns:
            self._column(name)
            self._columns[name] = numbers(self.frame, name)
        return self._columns[name]

    def _column(self, name: str) -> pd.Series:
        require_columns(self.frame, (name,))
        return self.frame[name]
