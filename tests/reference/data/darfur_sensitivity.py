"""Makes darfur_sensitivity.json: what the Python edition of sensemakr finds on its own example, the Darfur survey.

Run by hand in an environment with PySensemakr 0.0.8 and statsmodels; the tests read its output and need neither.
"""

import json
from pathlib import Path

import sensemakr
import statsmodels.formula.api as smf

data = sensemakr.load_darfur()
formula = "peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female + village"
model = smf.ols(formula, data).fit()
made = sensemakr.Sensemakr(model, "directlyharmed", benchmark_covariates="female", kd=[1, 2, 3])
treatment = smf.ols(formula.replace("peacefactor ~ directlyharmed +", "directlyharmed ~"), data).fit()
out = {
    "versions": {"PySensemakr": "0.0.8"},
    "estimate": model.params["directlyharmed"],
    "se": model.bse["directlyharmed"],
    "df": model.df_resid,
    "n": int(model.nobs),
    "r2_benchmark_treatment": float(sensemakr.partial_r2(treatment, covariates="female")),
    "r2_benchmark_outcome": float(sensemakr.partial_r2(model, covariates="female")),
    "statistics": {k: float(v) for k, v in made.sensitivity_stats.items() if isinstance(v, (int, float))},
    "bounds": made.bounds.to_dict("records"),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1, default=float) + "\n", encoding="utf-8")
