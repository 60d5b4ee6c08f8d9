"""How maketables reads our regressions (its plug-in form), and how tables of ours read those of spreg."""

from typing import Any

import pandas as pd


class Tabled:
    """A regression that ``maketables.ETable`` takes as it is; maketables itself need not be installed."""

    @property
    def __maketables_coef_table__(self: Any) -> pd.DataFrame:
        """b, se, t, p, ci95l and ci95u by coefficient."""
        low, high = self.ci.T
        columns = {"b": self.params, "se": self.se, "t": self.t, "p": self.p, "ci95l": low, "ci95u": high}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="Coefficient"))

    def __maketables_stat__(self: Any, key: str) -> Any:
        """A figure of the whole regression under the name that maketables has for it; None if there is none."""
        stats = {
            "N": self.n,
            "r2": self.r2,
            "r2_within": self.r2_within if self.spec.fixed_effects else None,
            "se_type": self.error,
            "outcome_mean": self.outcome_mean,
            "n_clusters": min((level.count for level in self.clusters), default=None),
        }
        return stats.get(key)

    @property
    def __maketables_depvar__(self: Any) -> str:
        """Name of the outcome."""
        return self.spec.outcome.name

    @property
    def __maketables_fixef_string__(self: Any) -> str | None:
        """Fixed effects, joined by +."""
        return "+".join(self.spec.fixed_effects) or None

    @property
    def __maketables_vcov_info__(self: Any) -> dict[str, str]:
        """The errors in words."""
        return {"vcov_type": self.error}


class Spreg:
    """Results of spreg (OLS, TSLS, GM and ML models), read as maketables reads others."""

    def can_handle(self, model: Any) -> bool:
        """Whether a model is one of spreg's, fitted."""
        return type(model).__module__.split(".")[0] == "spreg" and isinstance(
            getattr(model, "output", None), pd.DataFrame
        )

    def coef_table(self, model: Any) -> pd.DataFrame:
        """b, se, t and p by coefficient; missing where spreg tests a spatial parameter by nothing."""
        table = model.output.set_index("var_names")
        names = {"coefficients": "b", "std_err": "se", "zt_stat": "t", "prob": "p"}
        return table.rename(columns=names)[list(names.values())].astype(float).rename_axis("Coefficient")

    def depvar(self, model: Any) -> str:
        """Name of the outcome."""
        return str(model.name_y)

    def fixef_string(self, model: Any) -> None:
        """Spreg's results name none."""

    def stat(self, model: Any, key: str) -> Any:
        """A figure of the whole regression."""
        errors = {"white": "robust (White)", "hac": "spatial HAC", "unadjusted": "iid", None: "iid"}
        robust = getattr(model, "robust", None)
        stats = {
            "N": model.n,
            "r2": getattr(model, "r2", None),
            "pseudo_r2": getattr(model, "pr2", None),
            "se_type": errors.get(robust, robust),
            "outcome_mean": float(model.mean_y),
        }
        return stats.get(key)

    def vcov_info(self, model: Any) -> dict[str, Any]:
        """The errors in words."""
        return {"vcov_type": self.stat(model, "se_type")}

    def var_labels(self, model: Any) -> None:
        """No labels are kept."""

    def supported_stats(self, model: Any) -> set[str]:
        """Names of figures that are there."""
        return {key for key in ("N", "r2", "pseudo_r2", "se_type") if self.stat(model, key) is not None}


class Linearmodels:
    """Results of linearmodels as maketables reads them, but for the outcome and R², which it takes from elsewhere."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def depvar(self, model: Any) -> str:
        """Name of the outcome; maketables stops at a panel that was made of columns and not of a formula."""
        outcome = getattr(model.model, "dependent", None)
        names = getattr(outcome, "vars", None) or getattr(outcome, "cols", None)
        return str(names[0] if names else self._reader.depvar(model))

    def stat(self, model: Any, key: str) -> Any:
        """A figure of the whole regression, R² with all effects that it absorbs, or about all of them.

        ``rsquared_within`` takes out entities alone, whatever the effects. Panels with effects have R² about them under
        ``rsquared`` and R² with them under ``rsquared_inclusive``; AbsorbingLS has the first under another name.
        """
        if key == "r2":
            return getattr(model, "rsquared_inclusive", getattr(model, "rsquared", None))
        if key != "r2_within":
            return self._reader.stat(model, key)
        absorbs = any(getattr(model.model, f"{kind}_effects", False) for kind in ("entity", "time", "other"))
        return model.rsquared if absorbs else getattr(model, "absorbed_rsquared", None)
