"""Set-up of all tests: the kernels of nbval see what the runner's kernels see, and no settings of the user."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import nbformat
import pandas as pd
import pytest
from jupyter_core.utils import ensure_event_loop

from shanhai.core.paths import OUTPUT_VARIABLE
from shanhai.core.shown import speak
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.run.kernel import isolated_environment
from shanhai.run.project import Project

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_session = ExitStack()

hypothesis.settings.register_profile("deterministic", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("deterministic")


def pytest_configure(config: pytest.Config) -> None:
    """nbval hands the environment of this process to its kernels, out of reach of fixtures: it is set here."""
    _session.enter_context(isolated_environment())
    folder = _session.enter_context(tempfile.TemporaryDirectory(prefix="shanhai-tests-", ignore_cleanup_errors=True))
    no_settings = Path(folder) / "settings.toml"
    no_settings.touch()
    os.environ[SETTINGS_VARIABLE] = str(no_settings)
    os.environ[OUTPUT_VARIABLE] = str(Path(folder) / "outputs")
    import matplotlib  # only now: it reads its settings from the environment above

    matplotlib.use("Agg")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the user's environment back and remove what the tests wrote."""
    ensure_event_loop().close()  # nbval drives its kernels in the loop of this thread and leaves it open
    _session.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Values show themselves in English, whatever a test before asked for."""
    yield
    speak("en")


@pytest.fixture
def write_notebook() -> Callable[..., Path]:
    """Write a notebook of code cells; the cell of parameters, if any, comes first."""

    def write(path: Path, *cells: str, parameters: str = "") -> Path:
        document = nbformat.v4.new_notebook()
        for number, source in enumerate([parameters, *cells] if parameters else cells):
            cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
            if parameters and number == 0:
                cell.metadata["tags"] = ["parameters"]
            document.cells.append(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(document, path)
        return path

    return write


@pytest.fixture(scope="session")
def geography() -> pd.DataFrame:
    """Area and borders of every county polygon of the project."""
    from shanhai.data import load_layer
    from shanhai.data.frames import panel

    return panel._measure_geography(load_layer("counties"), panel._known_borders())


@pytest.fixture(scope="session")
def later_year_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a user whose county_gdp is ours and, for 2023, that of 2021 grown by 10 to 19 percent."""
    from shanhai.data.load import load_table

    corrected = load_table("county_gdp")
    later = corrected[corrected["year"].eq(2021)].assign(year=2023)
    growth = 1.10 + later["code"].astype(int) % 97 / 1000
    money = ["gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"]
    later[money] = later[money].mul(growth, axis=0)
    folder = tmp_path_factory.mktemp("later_year")
    pd.concat([corrected, later]).sort_values(["code", "year"]).to_csv(folder / "county_gdp.csv", index=False)
    settings = folder / "settings.toml"
    settings.write_text('[replace]\ncounty_gdp = "county_gdp.csv"\n', encoding="utf-8")
    return settings


@pytest.fixture
def later_year(later_year_settings: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The newest year, 2023, of a user's county_gdp, which stands in the place of ours during a test."""
    monkeypatch.setenv(SETTINGS_VARIABLE, str(later_year_settings))
    return 2023


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with a data file, in a folder with a space, 中文 and braces in its name."""
    root = tmp_path / "山海 数据 {x}"
    (root / "notebooks").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "data" / "counties.csv").write_text("code\n330802\n", encoding="utf-8")
    return Project(root)


@pytest.fixture
def cut_texts() -> "Callable[[Figure], list[str]]":
    """Names the parts of a figure that reach beyond its paper, by their text or kind."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from shanhai.render.style import theme

    def cut(figure: "Figure") -> list[str]:
        with theme():
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            renderer, paper = canvas.get_renderer(), figure.bbox.padded(1)
            boxes = [(str(part), part.get_tightbbox(renderer)) for part in (*figure.texts, *figure.axes)]
        return [name for name, box in boxes if box and not (paper.contains(*box.min) and paper.contains(*box.max))]

    return cut
