"""What was imported is kept beside the settings file: written whole or not at all, listed, and taken back.

An import is written into a folder of its own, file by file, flushed to the disk, and only then named in the register by
one rename: a process that is killed leaves the old register, and a folder that no register names, which the next import
removes. Nothing is ever written into a folder that the register names.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from shanhai.core import imported, sources
from shanhai.core.errors import FolderInUseError, SettingsError, ValidationError
from shanhai.core.imported import Import
from shanhai.intake.kinds import FILES, TABLES
from shanhai.intake.problems import shown

_LOCK: Final = ".importing"


@contextmanager
def folder_alone() -> Iterator[Path]:
    """The folder of imports, for this process alone; what killed ones left is removed.

    Raises
    ------
    FolderInUseError
        If another import is at work.
    SettingsError
        If something else stands in the folder's place.
    """
    folder = sources.own_folder()
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise SettingsError(f"{folder} is no folder of its own, where imports are kept. Move it out of the way.")
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / _LOCK
    with lock.open("ab") as stream:
        if not _locked(stream.fileno()):
            raise FolderInUseError(f"Another `shanhai data` command works in {folder}. Wait until it has ended.")
        try:
            _sweep(folder)
            yield folder
        finally:
            if [entry.name for entry in folder.iterdir()] == [_LOCK]:
                lock.unlink()
                folder.rmdir()


def _locked(descriptor: int) -> bool:
    """Whether the lock of the system on a file is ours; it ends with the process, however that ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(folder: Path) -> None:
    """Remove the folder of an import that no register names: it bears the next number, all others are the user's."""
    start = f"{_next_number(folder):04d}-"
    for entry in folder.iterdir():
        if entry.name.removeprefix(start) in {*TABLES, *FILES} and entry.name.startswith(start) and _is_folder(entry):
            shutil.rmtree(entry)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _next_number(folder: Path) -> int:
    return max((entry.number for entry in imported.read_register(folder)), default=0) + 1


@contextmanager
def staged(folder: Path, kind: str) -> Iterator[tuple[int, Path]]:
    """Number and folder of the next import; the folder is removed again unless :func:`keep` has named it."""
    number = _next_number(folder)
    made = folder / f"{number:04d}-{kind}"
    made.mkdir()
    try:
        yield number, made
    finally:
        _sweep(folder)


def keep(folder: Path, new: Import) -> Import:
    """Flush the files of an import to the disk and name them in the register.

    Returns
    -------
    Import
        With the checksums of its files.
    """
    made = folder / f"{new.number:04d}-{new.kind}"
    files = sorted(path for path in made.iterdir() if path.is_file())
    for path in [*files, made]:
        _flush(path)
    sums = {f"{made.name}/{path.name}": sources.hash_file(path) for path in files}
    entry = replace(new, sums=sums)
    _write_register(folder, (*imported.read_register(folder), entry))
    return entry


def write(path: Path, content: bytes) -> None:
    """Write a file of an import and flush it to the disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(path: Path) -> None:
    """Flush a file, or what a folder lists, to the disk; Windows opens no folder, and needs it not."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_register(folder: Path, imports: Sequence[Import]) -> None:
    path, draft = folder / imported.REGISTER, folder / f"{imported.REGISTER}.draft"
    if not imports:  # as before the first import: an empty register would be one more input of every result
        path.unlink(missing_ok=True)
        _flush(folder)
        return
    rows = [entry.as_json() for entry in imports]
    text = json.dumps({"imports": rows}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if imported.parse_register(text) != tuple(imports):  # what this reader refuses would lock every table
        raise SettingsError(f"{path} would not hold what is imported. Rename the file and its sheet, and import again.")
    write(draft, text.encode("utf-8"))
    draft.replace(path)
    _flush(folder)


def undo() -> Import:
    """Take the last import back.

    Raises
    ------
    ValidationError
        If nothing was imported.
    """
    with folder_alone() as folder:
        imports = imported.read_register(folder)
        if not imports:
            raise ValidationError(f"There is nothing to take back: {folder} holds no import.")
        _write_register(folder, imports[:-1])
        _sweep(folder)
        return imports[-1]


def list_imports() -> Sequence[str]:
    """Imports in their order, which are in force, and the files that the settings name."""
    folder = sources.own_folder()
    imports = imported.read_register(folder)
    in_force = imported.in_force(imports)
    lines = []
    for entry in imports:
        stands = [name for name in entry.files if in_force[name][0] is entry]
        state = f"in force as {', '.join(stands)}" if stands else "superseded; its rows are in a later import"
        sheet = f", sheet {shown(entry.sheet)}" if entry.sheet else ""
        day = f", {entry.day}" if entry.day else ""
        lines.append(f"{entry.number}  {entry.kind}  from {shown(entry.source)}{sheet}{day}: {entry.did} ({state})")
    lines += [
        f"named in the settings: {kind}/{name} = {path}" for (kind, name), path in sorted(sources.named_files().items())
    ]
    return lines or [f"No file of your own is in force; {folder} holds no import."]
