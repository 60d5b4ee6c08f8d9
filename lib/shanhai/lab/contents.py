"""Files of the project as JupyterLab sees them: committed notebooks stay as they are, changes go to the user's copy.

The notebooks directly in ``notebooks/`` are the record that tests compare and results are made of. JupyterLab saves by
itself every two minutes, so a notebook that was only tried out would soon differ from that record. Here a save with
changed cells writes ``notebooks/mine/NAME.ipynb`` and says so; outputs alone are not saved, since a run gives them
again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from os.path import samefile
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError
from traitlets import Bool, Unicode

from shanhai.core.paths import MINE, NOTEBOOKS, ROOT
from shanhai.lab.report_files import ADDRESS, SERVED, ReportFiles
from shanhai.render.words import Words

_WORDS = Words.beside(__file__)

_MINE = MINE.relative_to(ROOT).as_posix()

_REFUSED = 403


@dataclass(frozen=True)
class _Copy:
    """Where changes of a committed notebook went."""

    path: str
    """As the contents API writes it, from the root of the project."""
    written: str
    """SHA-256 of the file when it was written: a copy that its user has gone on with is not overwritten."""
    cells: str
    """What :func:`_cells` gave: nothing new needs no save."""


class ProjectContents(AsyncLargeFileManager):
    """Contents of the project; the notebooks in ``notebooks/`` change only under ``edit``."""

    edit = Bool(False, help="Let committed notebooks be changed in place, for those who maintain the project.").tag(
        config=True
    )
    language = Unicode("en", help="Language of messages: en, zh or both.").tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._copies: dict[str, _Copy] = {}

    def get_extra_handlers(self) -> list[Any]:
        """Addresses of files: those of the project, and the report as pages."""
        return [*super().get_extra_handlers(), (rf"{ADDRESS}(.*)", ReportFiles, SERVED)]

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        """A file or folder; a committed notebook that is opened anew starts from the project's own cells."""
        if content:
            self._copies.pop(path.strip("/"), None)
        return await super().get(path, content, type, format, require_hash)

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save a file; of a committed notebook with changed cells the user's copy.

        Raises
        ------
        HTTPError
            Status 403 when a copy was made, with the sentence that JupyterLab shows.
        """
        path = path.strip("/")
        if self.edit or not self._is_kept(path):
            return await super().save(model, path)
        if model.get("type") != "notebook" or "content" not in model:
            raise self._refusal("elsewhere" if not self._file(path).exists() else "refused", name=Path(path).name)
        if not self._file(path).exists():
            copy = await self._write_copy(model, path)
            raise self._refusal("placed", copy=copy.path)
        cells, kept = _cells(model["content"]), self._copies.get(path)
        if cells not in (_cells(json.loads(self._file(path).read_text(encoding="utf-8"))), kept and kept.cells):
            goes_on = kept is not None and self._hash(kept.path) == kept.written
            self._copies[path] = await self._write_copy(model, path, kept.path if kept and goes_on else "")
            if not goes_on:
                raise self._refusal("kept", name=Path(path).name, copy=self._copies[path].path)
        return await self.get(path, content=False)

    async def new_untitled(self, path: str = "", type: str = "", ext: str = "") -> dict[str, Any]:
        """Create an untitled file or folder; a notebook asked for beside the committed ones in the user's folder."""
        if (type == "notebook" or ext == ".ipynb") and self._is_kept(f"{path.strip('/')}/new.ipynb"):
            path = self._mine()
        return await super().new_untitled(path, type, ext)

    async def copy(self, from_path: str, to_path: str | None = None) -> dict[str, Any]:
        """Copy a file; a notebook that would come to lie beside the committed ones goes to the user's folder."""
        target = from_path.strip("/").rpartition("/")[0] if to_path is None else to_path.strip("/")
        beside = target if target.endswith(".ipynb") else f"{target}/new.ipynb"
        if from_path.endswith(".ipynb") and self._is_kept(beside):
            to_path = self._mine()
        return await super().copy(from_path, to_path)

    async def rename_file(self, old_path: str, new_path: str) -> None:
        """Move a file, but no committed notebook, and none to where these lie."""
        if self._is_kept(old_path):
            raise self._refusal("refused", name=Path(old_path).name)
        if self._is_kept(new_path):
            raise self._refusal("elsewhere")
        await super().rename_file(old_path, new_path)

    async def delete_file(self, path: str) -> None:
        """Delete a file, but no committed notebook."""
        if self._is_kept(path):
            raise self._refusal("refused", name=Path(path).name)
        await super().delete_file(path)

    async def restore_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Put a file back to a checkpoint, but no committed notebook."""
        if self._is_kept(path):
            raise self._refusal("refused", name=Path(path).name)
        await super().restore_checkpoint(checkpoint_id, path)

    def _is_kept(self, path: str) -> bool:
        """Whether a path is that of a notebook, there or not, directly in the folder of the committed ones."""
        file = self._file(path)
        is_notebook = file.suffix.lower() == ".ipynb"
        return not self.edit and is_notebook and file.parent.is_dir() and samefile(file.parent, NOTEBOOKS)

    def _file(self, path: str) -> Path:
        return Path(self._get_os_path(path.strip("/")))

    def _hash(self, path: str) -> str:
        file = self._file(path)
        return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""

    def _mine(self) -> str:
        MINE.mkdir(exist_ok=True)
        return _MINE

    async def _write_copy(self, model: Mapping[str, Any], path: str, copy: str = "") -> _Copy:
        """Write the user's copy, under a name that is free unless one is given."""
        folder, name = self._mine(), Path(path).name
        copy = copy or f"{folder}/{await self.increment_filename(name, folder, insert='-')}"
        await super().save({**model, "path": copy, "name": Path(copy).name}, copy)
        return _Copy(copy, self._hash(copy), _cells(model["content"]))

    def _refusal(self, key: str, **values: str) -> HTTPError:
        return HTTPError(_REFUSED, _WORDS(key, self.language, joint="\n", **values))


def _cells(notebook: Mapping[str, Any]) -> str:
    """What a notebook says and does: its cells with tags and attachments, without outputs and how it is viewed."""
    said = [
        [
            cell["cell_type"],
            "".join(cell["source"]),
            cell.get("metadata", {}).get("tags", []),
            cell.get("attachments", {}),
        ]
        for cell in notebook["cells"]
    ]
    return json.dumps(said, sort_keys=True)
