"""Controls for a place, an indicator, a year, a sample and a model, and what they give: map, tables, lines of code."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import ipywidgets
import pandas as pd

from shanhai.core.errors import ShanhaiError, UnknownPlaceError, shortened
from shanhai.core.fields import label_of
from shanhai.core.places import Place
from shanhai.core.shown import describe
from shanhai.data.load import load_places
from shanhai.data.years import GDP_YEARS, LIGHT_YEARS, near_census
from shanhai.desk.frames import counties
from shanhai.desk.paper import map_of
from shanhai.desk.places import place
from shanhai.desk.regression import fit
from shanhai.methods.door.regression import Regression
from shanhai.methods.spec import Bands, Interaction, Term, Variable
from shanhai.render.objects import described, regressions
from shanhai.render.style import check_language, label
from shanhai.render.words import Words
from shanhai.studies.border.design import MODELS, SAMPLES

_WORDS = Words.beside(__file__, "explore.toml")

_LOGS: Final = ("gdp_per_capita", "lights_per_km2", "lights_per_head")
"""Indicators that a model explains in logarithms."""

_INDICATORS: Final[Mapping[str, tuple[int, ...]]] = {
    "gdp_per_capita": tuple(year for year in GDP_YEARS if near_census(year)),
    "lights_per_km2": LIGHT_YEARS,
    "urban_share": (2020,),
    "share_60_plus": (2020,),
    "mean_schooling": (2020,),
    "illiteracy": (2020,),
    "relief_m": (),
    "ruggedness": (),
    "elevation_mean_m": (),
    "distance_to_border_km": (),
    "area_km2": (),
}
"""Columns without their year, and the years that there are figures of."""

_ERRORS: Final = "cluster(prefecture_code)"

_OWN: Final = "own"
"""Sample of the province of the place."""

_FUNCTIONS: Final = {"level": "{}", "log": "log({})", "centred": "centred({})", "standardised": "z({})"}


def _formula_of(model: str, outcome: str) -> str:
    """A model of notebook 03 as a formula of :func:`shanhai.fit`, without a control that is the outcome itself."""
    chosen = MODELS[model]
    terms = [_written(term) for term in (*chosen.terms, *chosen.controls)]
    explained = re.sub(r"\w+\((\w+)\)", r"\1", outcome)
    kept = [term for term in terms if explained not in re.findall(r"\w+", term)]
    return f"{outcome} ~ {' + '.join(kept)} | province_code"


def _written(term: Term) -> str:
    if isinstance(term, Interaction):
        return f"{_written(term.left)}:{_written(term.right)}"
    assert isinstance(term, Variable)  # _MODELS offers no other
    return _FUNCTIONS[term.transform].format(term.column)


_MODELS: Final = tuple(
    key
    for key, model in MODELS.items()
    if not (model.weights or model.filters or any(isinstance(term, Bands) for term in model.terms))
)
"""Models that a formula says in a line."""


class Explorer:
    """What notebook 00 shows: controls, and what they give; set the value of a control, as a user does."""

    def __init__(self, query: str | int, language: str) -> None:
        self.language = check_language(language)
        self.place = self._control(ipywidgets.Combobox, "place", placeholder=self._say("control.hint"))
        self.place.options, self.place.continuous_update = _suggestions(), False
        self.feedback = ipywidgets.HTML()
        self.indicator = self._choice("indicator", [(label(language, *_named(stem)), stem) for stem in _INDICATORS])
        self.year = self._choice("year", _years(next(iter(_INDICATORS)), self._say("year.none")))
        self.sample = self._choice("sample", [(self._say("sample.own"), _OWN), *self._samples()])
        self.model = self._choice(
            "model",
            [(label(language, MODELS[key].label.replace(" x ", " × "), MODELS[key].label_zh), key) for key in _MODELS],
        )
        self.map, self.portrait, self.estimates = (ipywidgets.HTML() for _ in range(3))
        self.code = self._control(ipywidgets.Textarea, "code", layout={"width": "98%"}, rows=9)
        self.place.value, self.sample.value, self.model.value = str(query), "china", "main"
        self.year.value = self.year.options[-1][1]
        self._lines = {"map": "", "place": "", "model": ""}
        self.indicator.observe(self._set_years, "value")
        for control, shown in self._uses().items():
            control.observe(self._observer(shown), "value")
        self._show(("place", "map", "model"))

    def _uses(self) -> dict[Any, tuple[str, ...]]:
        """What each control changes."""
        return {
            self.place: ("place", "map", "model"),
            self.year: ("map", "model"),
            self.sample: ("model",),
            self.model: ("model",),
        }

    @property
    def widget(self) -> ipywidgets.VBox:
        """All of it, the controls first."""
        controls = ipywidgets.VBox([self.place, self.feedback, self.indicator, self.year, self.sample, self.model])
        parts = {"controls": controls, "code": self.code, **self._shown}
        return ipywidgets.VBox([child for name, part in parts.items() for child in (self._heading(name), part)])

    @property
    def _shown(self) -> dict[str, ipywidgets.HTML]:
        """What the controls decide, by the key of its heading."""
        return {"map": self.map, "place": self.portrait, "model": self.estimates}

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """The controls where they live; where they do not, as in a saved notebook, what they show now."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        parts = {"code": f"<pre>{escape(self.code.value)}</pre>"} | {
            key: part.value for key, part in self._shown.items()
        }
        html = "\n".join(f"{self._heading(name).value}\n{part}" for name, part in parts.items())
        return {**bundle, "text/html": html, "text/plain": self.code.value}

    def _say(self, key: str, **values: str) -> str:
        return _WORDS(key, self.language, **values)

    def _heading(self, name: str) -> ipywidgets.HTML:
        return ipywidgets.HTML(f"<h3>{escape(self._say(f'heading.{name}'))}</h3>")

    def _control(self, kind: Callable[..., Any], name: str, **options: Any) -> Any:
        width = {"layout": {"width": "min(34em, 98%)"}, **options}
        return kind(description=self._say(f"control.{name}"), **width)

    def _choice(self, name: str, options: list[tuple[str, Any]]) -> Any:
        return self._control(ipywidgets.Dropdown, name, options=options)

    def _samples(self) -> list[tuple[str, str]]:
        return [(label(self.language, sample.name, sample.translation), key) for key, sample in SAMPLES.items()]

    def _set_years(self, change: Mapping[str, Any]) -> None:
        """The years of the indicator, the newest chosen; what is seen changes once."""
        before = self.year.value
        self.year.options = _years(change["new"], self._say("year.none"))
        self.year.value = self.year.options[-1][1]
        if self.year.value == before:
            self._show(("map", "model"))

    def _observer(self, shown: tuple[str, ...]) -> Callable[[Mapping[str, Any]], None]:
        return lambda change: self._show(shown)

    def _show(self, parts: tuple[str, ...]) -> None:
        self.feedback.value = self._said_of_place()
        makers = {"map": self._show_map, "place": self._show_place, "model": self._show_model}
        for part in parts:
            try:
                self._shown[part].value = makers[part]()
            except ShanhaiError as error:  # what a user chose is not possible: said where it would stand
                self._lines[part] = ""
                reason = escape(self._say("note.refused", reason=str(error)))
                self._shown[part].value = f'<p role="alert">{reason}</p>'
        spoken = [] if self.language == "en" else [f'sh.speak("{self.language}")']
        self.code.value = "\n".join(["import shanhai as sh", *spoken, *filter(None, self._lines.values())])

    def _column(self) -> str:
        stem, year = self.indicator.value, self.year.value
        return f"{stem}_{year}" if year else stem

    def _frame(self, where: str) -> tuple[pd.DataFrame, str]:
        """Counties of a place with the indicator of the year, and the code that gives them."""
        year, added = self.year.value, self.indicator.value in _LOGS
        years = f", years=[{year}]" if added else ""
        return counties(where.split(","), years=[year] if added else []), f"sh.counties({_quoted(where)}{years})"

    def _found(self) -> Place:
        text = str(self.place.value)
        code = re.match(r"(\d{6}) ", text)  # a suggestion: code and names
        return load_places().place(code[1] if code else text)

    def _said_of_place(self) -> str:
        """What is said below the box of the place where no place bears its text, or several do; else nothing."""
        query = str(self.place.value)
        try:
            self._found()
        except UnknownPlaceError as error:
            key, values = "unknown", {"reason": str(error)}
        else:
            return ""
        try:
            near = load_places().candidates(query)
        except UnknownPlaceError:  # what nobody sees is in it, which the reason says
            near = ()
        names = [f"{place.code} {place.name_zh} {place.name_en}" for place in near]
        if names:
            between = ", " if self.language == "en" else "、"
            key, values = "near", {"query": shortened(query), "names": between.join(names)}
        return f'<p role="alert">{escape(self._say(f"place.{key}", **values))}</p>'

    def _show_map(self) -> str:
        found, column = self._found(), self._column()
        frame, code = self._frame(found.province_code)
        self._lines["map"] = f'sh.map_of({code}, "{column}", outline="{found.code}")'
        picture = map_of(frame, column, outline=found.code, language=self.language)
        data, size = picture._repr_png_()
        source = f"data:image/png;base64,{b64encode(data).decode()}"
        style = f'style="max-width:100%;width:{size["width"]}px;height:auto"'
        return f'<img src="{source}" alt="{escape(f"{picture.caption}; {found.name_zh} {found.name_en}")}" {style}>'

    def _show_place(self) -> str:
        found = self._found()
        self._lines["place"] = f'sh.place("{found.code}")'
        said = describe(place(found.code), self.language)
        return said.html if said else ""

    def _show_model(self) -> str:
        sample = self.sample.value
        codes = ",".join(SAMPLES[sample].provinces) if sample != _OWN else self._found().province_code
        frame, code = self._frame(codes or "China")
        column = self._column()
        outcome = f"log({column})" if self.indicator.value in _LOGS else column
        formula = _formula_of(self.model.value, outcome)
        self._lines["model"] = f'sh.fit(\n    "{formula}",\n    {code}, errors="{_ERRORS}",\n)'
        named = {key: text for text, key in self.sample.options}
        result = fit(formula, frame, errors=_ERRORS, sample=named[sample])
        assert isinstance(result, Regression)  # the formulas here have one outcome and no stepwise set
        shown = described(regressions([result], self.language, [label(self.language, *label_of(column))]))
        return f"{shown.html}<p>{escape(self._say('note.model'))}</p>"


def explore(place: str | int = "330800", language: str = "en") -> Explorer:
    """Controls for a place, an indicator, a year, a sample and a model, with map, tables and the code that gives them.

    Parameters
    ----------
    place : str or int
        By code or name: where the controls begin.
    language : str
        en, zh or both.

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    return Explorer(place, language)


def _named(stem: str) -> tuple[str, str]:
    """An indicator without year and unit, which stand elsewhere."""
    years = _INDICATORS[stem]
    english, chinese = label_of(f"{stem}_{years[-1]}" if years else stem, unit=False, year=False)
    return english[0].upper() + english[1:], chinese


def _years(stem: str, none: str) -> list[tuple[str, int]]:
    return [(str(year), year) for year in _INDICATORS[stem]] or [(none, 0)]


def _suggestions() -> tuple[str, ...]:
    return tuple(
        f"{place.code} {place.name_zh} {place.name_en}"
        for place in load_places().all
        if place.kind != "direct_administration"
    )


def _quoted(where: str) -> str:
    codes = [f'"{code}"' for code in where.split(",")]
    return codes[0] if len(codes) == 1 else f"[{', '.join(codes)}]"
