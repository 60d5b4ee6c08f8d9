"""A project of the test's own for files that are taken in."""

from pathlib import Path

import pytest

from shanhai.core import sources


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of the test alone."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "settings.toml").touch()
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(folder / "settings.toml"))
    return folder
