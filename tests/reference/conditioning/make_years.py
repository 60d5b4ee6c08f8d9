"""Errors of a regression on year, year squared, year cubed and a dummy in 60-digit arithmetic: writes years.json.

Run: python tests/reference/conditioning/make_years.py  (needs mpmath, not a dependency of the project)

Data are whole numbers, so both programs start from the same digits: outcome and dummy from a linear congruence. The
formulas are those of the definitions, by normal equations: at 60 digits their condition (about 1e24) does no harm.
"""

import json
from pathlib import Path

from mpmath import diag, matrix, mp, mpf, nstr, sqrt

mp.dps = 60
UNITS, YEARS = 6, range(2000, 2024)


def rows() -> list[tuple[int, int, int, int]]:
    """Unit, year, dummy, outcome."""
    made, state = [], 12345
    for unit in range(UNITS):
        for year in YEARS:
            draws = []
            for _ in range(2):
                state = (1103515245 * state + 12345) % 2**31
                draws.append(state >> 16)
            made.append((unit, year, draws[0] % 2, draws[1] % 1000 + 40 * (year - 2000) + 150 * (draws[0] % 2)))
    return made


def main() -> None:
    data = rows()
    n = len(data)
    regressors = matrix([[1, d, year, year**2, year**3] for _, year, d, _ in data])
    outcome = matrix([mpf(y) for *_, y in data])
    k = regressors.cols
    bread = (regressors.T * regressors) ** -1
    params = bread * (regressors.T * outcome)
    left = outcome - regressors * params
    leverage = [(regressors[i, :] * bread * regressors[i, :].T)[0] for i in range(n)]

    def sandwich(weights: list) -> list:
        middle = regressors.T * diag([weights[i] * left[i] ** 2 for i in range(n)]) * regressors
        return errors(bread * middle * bread)

    def errors(covariance: matrix) -> list:
        return [nstr(sqrt(covariance[j, j]), 30) for j in range(k)]

    middle = matrix(k, k)
    for unit in range(UNITS):
        scores = matrix(k, 1)
        for i in range(n):
            if data[i][0] == unit:
                scores += regressors[i, :].T * left[i]
        middle += scores * scores.T
    found = {
        "names": ["intercept", "dummy", "year", "year2", "year3"],
        "params": [nstr(b, 30) for b in params],
        "iid": errors(bread * (left.T * left)[0] / (n - k)),
        "HC1": sandwich([mpf(n) / (n - k)] * n),
        "HC2": sandwich([1 / (1 - h) for h in leverage]),
        "HC3": sandwich([1 / (1 - h) ** 2 for h in leverage]),
        "CR0": errors(bread * middle * bread),
        "data": data,
    }
    Path(__file__).with_name("years.json").write_text(json.dumps(found, indent=None) + "\n")


if __name__ == "__main__":
    main()
