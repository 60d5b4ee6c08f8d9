"""Each name that an estimator gives its errors is said in words, in both languages."""

import pytest

from shanhai.core.errors import ReportError
from shanhai.methods import CovarianceSpec
from shanhai.render.errors import error_label, error_words


@pytest.mark.parametrize(
    ("spec", "english", "chinese"),
    [
        (CovarianceSpec("iid"), "homoskedastic", "同方差"),
        (CovarianceSpec("HC3"), "robust to heteroskedasticity (HC3)", "异方差稳健（HC3）"),
        (
            CovarianceSpec("cluster", ("prefecture_code", "province_code"), "CR1S"),
            "clustered by prefecture and province (CR1S)",
            "聚类到地级市和省份层面（CR1S）",
        ),
        (CovarianceSpec("cluster", ("firm",), "CV3"), "clustered by firm (CV3)", "聚类到firm层面（CV3）"),
        (
            CovarianceSpec("cluster", ("firm (new)",), "fixest"),
            "clustered by firm (new) (fixest)",
            "聚类到firm (new)层面（fixest）",
        ),
        (
            CovarianceSpec("cluster", ("firm", "year"), "fixest", repair=True),
            "clustered by firm and year (fixest, negative eigenvalues set to zero)",
            "聚类到firm和year层面（fixest，负特征值置零）",
        ),
        (
            CovarianceSpec.conley("bartlett", 100, time="year", lags=2, unit="firm", factor="fixest"),
            "Conley spatial HAC (Bartlett kernel, cutoff 100 km, 2 lags of year within firm, fixest)",
            "Conley空间HAC（Bartlett核，截断距离100千米，2 lags of year within firm, fixest）",
        ),
        (
            CovarianceSpec.conley("uniform", 62.5, repair=True),
            "Conley spatial HAC (uniform kernel, cutoff 62.5 km, negative eigenvalues set to zero)",
            "Conley空间HAC（均匀核，截断距离62.5千米，负特征值置零）",
        ),
    ],
)
def test_a_specification_is_named_by_kind_clusters_and_convention(spec, english, chinese) -> None:
    assert error_words(spec.label) == (english, chinese)


def test_an_error_that_no_estimator_has_is_refused() -> None:
    assert error_label("jackknife(prefecture_code)", "zh") == "以地级市为单位的刀切法"
    for name in ("cluster()", "HC9", "", "drawn lines"):
        with pytest.raises(ReportError, match="has no name in words; allowed: iid, HC, cluster"):
            error_words(name)
