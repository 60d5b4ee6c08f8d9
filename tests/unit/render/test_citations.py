"""Citations and lists of references, beside what Chicago's manual and GB/T 7714-2015 print."""

import pytest

from shanhai.core.errors import ParameterError, ReportError
from shanhai.render.citations import cite, cited_keys, reference_list, with_citations


def test_up_to_three_authors_are_named_and_of_four_the_first() -> None:
    assert cite("conley1999") == "Conley (1999)"
    assert cite("abadie2010") == "Abadie, Diamond & Hainmueller (2010)"
    assert cite("wang2024") == "Wang et al. (2024)"
    assert cite("giraud2005") == "Giraud et al. (2005)"


def test_chinese_names_chinese_authors_in_full_and_three_by_the_first() -> None:
    assert cite("dong2023", language="zh") == "董雪兵、崔宁（2023）"
    assert cite("wang2024", language="zh") == "汪彬等（2024）"
    assert cite("abadie2010", language="zh") == "Abadie, Diamond & Hainmueller（2010）"
    assert cite("giraud2005", language="zh", bracket=True) == "（Giraud等 2005）"


def test_citations_in_brackets() -> None:
    assert cite("dong2023", bracket=True) == "(Dong & Cui 2023)"
    assert cite("dong2023", "ma2022", language="zh", bracket=True) == "（董雪兵、崔宁，2023；马光荣、赵耀红，2022）"


def test_works_of_one_author_and_year_have_letters() -> None:
    assert cite("quah1993empirical") == "Quah (1993a)"
    assert cite("quah1993galton") == "Quah (1993b)"


def test_a_work_without_year_says_so() -> None:
    assert cite("xuhuimin") == "Xu (n.d.)"
    assert cite("xuhuimin", language="zh", bracket=True) == "（徐慧敏，年份不详）"


def test_keys_in_prose_become_citations_and_other_signs_stay() -> None:
    text = "@dong2023 find a loss, others none [@ma2022; @conley1999]. Write to a@example.org, at 5 @ 3."
    made = "Dong & Cui (2023) find a loss, others none (Ma & Zhao 2022; Conley 1999). Write to a@example.org, at 5 @ 3."
    assert with_citations(text, "en") == made
    assert with_citations("据@dong2023，边界[@ma2022]", "zh") == "据董雪兵、崔宁（2023），边界（马光荣、赵耀红，2022）"
    assert cited_keys(text) == ["dong2023", "ma2022", "conley1999"]


def test_unknown_keys_and_languages_are_refused() -> None:
    with pytest.raises(ReportError, match="dong2023"):
        with_citations("@dong2032 find", "en")
    with pytest.raises(ReportError, match="conley1999"):
        cited_keys("[@conley1998]")
    with pytest.raises(ParameterError, match="fr"):
        with_citations("no key", "fr")


def test_english_entries() -> None:
    assert reference_list(["gelbach2016", "frye2020", "gelbach2016"], "en") == [
        "Frye, Christopher, Colin Rowat, and Ilya Feige. 2020. “Asymmetric Shapley values: incorporating causal "
        "knowledge into model-agnostic explainability.” In *Advances in Neural Information Processing "
        "Systems* 33, 1229–1239.",
        "Gelbach, Jonah B. 2016. “When do covariates matter? And which ones, and how much?” *Journal of Labor "
        "Economics* 34 (2): 509–543. <https://doi.org/10.1086/683668>.",
    ]
    assert reference_list(["hyndman2021"], "en") == [
        "Hyndman, Rob J., and George Athanasopoulos. 2021. *Forecasting: principles and practice*, 3rd ed. Melbourne: "
        "OTexts."
    ]
    assert reference_list(["ma2022"], "en") == [
        "Ma, Guangrong, and Yaohong Zhao. 2022. “Administrative boundaries, the provision of public goods, and "
        "economic development” [行政区划壁垒、边界地区公共品提供与经济发展]. "
        "*Journal of Financial Research* 506 (8): 55–73. In Chinese."
    ]


def test_chinese_entries() -> None:
    """Authors and year first; surnames in capitals, three authors at most, the letter of the kind in brackets."""
    assert reference_list(["giraud2005", "ma2022", "owen1977"], "zh") == [
        "马光荣, 赵耀红, 2022. 行政区划壁垒、边界地区公共品提供与经济发展[J]. 金融研究, 506(8): 55-73.",
        "GIRAUD L, LANGOU J, ROZLOŽNÍK M, et al, 2005. Rounding error analysis of the classical Gram-Schmidt "
        "orthogonalization process[J]. Numerische Mathematik, 101(1): 87-100. DOI: 10.1007/s00211-005-0615-4.",
        "OWEN G, 1977. Values of games with a priori unions[M]//HENN R, MOESCHLIN O. Essays in mathematical economics "
        "and game theory. Berlin: Springer: 76-88. DOI: 10.1007/978-3-642-45494-3_7.",
    ]


def test_both_languages_give_each_work_in_its_own() -> None:
    entries = reference_list(["theil1967", "ma2022"], "both")
    assert [entry.partition(",")[0] for entry in entries] == ["马光荣", "Theil"]
    assert "[J]" in entries[0] and "[M]" not in entries[1]


def test_what_is_not_known_leaves_no_trace() -> None:
    (entry,) = reference_list(["yu2023"], "en")
    assert "]. ISSN 2096-6261 (1). <https://doi.org/10.12252/j.issn.2096-6261.2023.01.123>. In Chinese." in entry
    (entry,) = reference_list(["winsborough1971"], "en")
    assert entry.endswith("*Proceedings of the American Statistical Association, Social Statistics Section*: 6–8.")
