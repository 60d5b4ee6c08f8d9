"""Who works in a folder: locks that end with their process, and private folders that a dead owner leaves to the next.

A lock is one of the operating system on a small file that says who holds it. It ends with the process, however that
ends, so no lock is ever stale: a file that nobody has locked is only the trace of a process that was killed.
"""

import errno
import json
import os
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from shanhai.core.errors import FolderInUseError
from shanhai.run.output import without_secret

LOCK = ".lock"
"""File in an output folder by which a batch has it for itself."""

_STAGING = ".staging"
"""Folder in an output folder for what a batch has not finished; gone when none works there."""

RUN = ".run-"
"""Beginning of the name of such a folder of a single run, of which several may work side by side."""

TEMPORARY = "shanhai."
"""Beginning of the name of the folder of a command or of a worker in the system's temporary folder."""

OWNER = ".owner"
"""File in a private folder whose lock says that its owner lives; in the folder for what is not finished a mark."""

_SIGNED = b'{"process": '
"""How a lock begins."""

_IN_TEMPORARY = f"/{TEMPORARY}12345678/pymp-12345678/listener-12345678"
"""The longest path of a socket below the temporary folder: multiprocessing makes one for its fork server."""

_LONGEST_SOCKET = 107
"""Bytes of the path of a socket on Linux, where alone processes of a batch talk through them."""

_SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
"""Where sockets go if the temporary folder lies too deep for them."""

WAKE = 0.1
"""Seconds between two looks whether a folder is free."""

if sys.platform == "win32":
    import msvcrt

    BEHIND_THE_TEXT = 1 << 30  # Windows lets nobody read what is locked

    def _try_lock(stream: IO[bytes]) -> bool:
        stream.seek(BEHIND_THE_TEXT)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def folder_held(folder: Path, patience: float = 0) -> Iterator[None]:
    """Within the context no other command that holds folders works in this one, which is made if it is not there.

    Parameters
    ----------
    folder : Path
    patience : float
        Seconds to wait for another command that has it.

    Raises
    ------
    FolderInUseError
        If another command has it; the message says which, since when and where.
    """
    path = folder / LOCK
    with _made(folder):
        _require_lock(path)
        end = time.monotonic() + patience
        while (stream := _locked(path)) is None and time.monotonic() < end:
            time.sleep(WAKE)
        if stream is None:
            raise FolderInUseError(
                f"{folder} is in use by {_owner(path)}. Wait until that has ended, or name another folder by --output."
            )
        with stream:
            try:
                yield
            finally:
                _remove(path)


@contextmanager
def staging_in(folder: Path) -> Iterator[Path]:
    """Place for what is not finished, in a folder that this process holds; what a killed process left goes first.

    Raises
    ------
    FileExistsError
        If something stands there that no batch left.
    """
    staging = folder / _STAGING
    if staging.is_dir() and not staging.is_symlink():
        if any(staging.iterdir()) and not (staging / OWNER).is_file():  # somebody else's
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(staging))
        _clear(staging)
    staging.mkdir()
    try:
        (staging / OWNER).touch()
        yield staging
    finally:
        _clear(staging)


def _clear(staging: Path) -> None:
    """Remove a folder of ours, its mark last: whoever is killed meanwhile leaves a folder that still bears it."""
    with suppress(OSError):  # what cannot be removed now is the next one's to remove
        for entry in staging.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != OWNER:
                entry.unlink()
        (staging / OWNER).unlink(missing_ok=True)
        staging.rmdir()


@contextmanager
def private_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder of this process alone, removed at the end; folders of processes that were killed are removed too.

    Parameters
    ----------
    parent : Path
        Where it is made; made itself if it is not there.
    prefix : str
        How its name begins, and those of the folders that count as left behind.
    """
    with _made(parent):
        _sweep(parent, prefix)
        folder, stream = _new_folder(parent, prefix)
        try:
            yield folder
        finally:
            stream.close()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A private folder in the system's temporary folder for what this process and those that it starts leave there.

    Sockets bear paths of a hundred bytes at most. Where the path of the temporary folder (``TMPDIR``) is too long for
    them, this process makes its own, which are few and small, in another; those that it starts keep to ``TMPDIR``.

    Raises
    ------
    OSError
        If no folder with a shorter path can be written.
    """
    parent = Path(tempfile.gettempdir())
    with private_folder(parent, TEMPORARY) as folder, ExitStack() as stack:
        before = tempfile.tempdir, os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = str(folder)
        short = parent if _has_room(parent) else _short_folder(parent)
        tempfile.tempdir = str(folder if short == parent else stack.enter_context(private_folder(short, TEMPORARY)))
        try:
            yield folder
        finally:
            tempfile.tempdir = before[0]
            os.environ.pop("TMPDIR")
            os.environ.update({} if before[1] is None else {"TMPDIR": before[1]})


def _has_room(folder: Path) -> bool:
    """Whether sockets in folders of ours within a folder have names that the system takes."""
    return sys.platform != "linux" or len(os.fsencode(folder)) <= _LONGEST_SOCKET - len(_IN_TEMPORARY)


def _short_folder(instead: Path) -> Path:
    found = next((path for path in map(Path, _SHORT_FOLDERS) if os.access(path, os.W_OK) and _has_room(path)), None)
    if found is None:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(instead))
    return found


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder, and remove it again if nothing came into it."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # something came
                folder.rmdir()


def _require_lock(path: Path) -> None:
    """Refuse a file of this name that is no lock of ours: it would be emptied, and removed."""
    if path.is_file():
        with path.open("rb") as stream:
            start = stream.read(len(_SIGNED)).strip(b"\0")  # none if its owner was killed, or power was cut
        if not _SIGNED.startswith(start):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _locked(path: Path) -> IO[bytes] | None:
    """The file, opened and locked, with the name of this process in it; None if another one has locked it."""
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would be waited for
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    while True:
        stream = path.open("ab", buffering=0)
        if not _try_lock(stream):
            stream.close()
            return None
        if _is_there(stream, path):
            try:
                stream.truncate(0)
                stream.write(json.dumps(_this_process()).encode())
            except OSError:  # such as a full disk: no trace of nobody stays
                with stream:
                    _remove(path)
                raise
            return stream
        stream.close()  # its owner removed it between our opening and our locking it


def _is_there(stream: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    """Remove the lock file that this process holds."""
    with suppress(PermissionError):  # Windows keeps a file that is open; it is the trace of nobody then
        path.unlink(missing_ok=True)


def _new_folder(parent: Path, prefix: str) -> tuple[Path, IO[bytes]]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            stream = _locked(folder / OWNER)
        except FileNotFoundError:  # swept by another process while it was still empty
            continue
        except OSError:
            folder.rmdir()
            raise
        if stream is not None:
            return folder, stream


def _sweep(parent: Path, prefix: str) -> None:
    """Remove the private folders whose owners have ended."""
    for folder in sorted(parent.glob(f"{prefix}*")):
        with suppress(OSError):  # it is another user's, or another process sweeps as well
            if not _is_own_folder(folder):
                continue
            if not (folder / OWNER).exists():
                folder.rmdir()  # killed before it could sign; what holds anything is not ours
                continue
            with (folder / OWNER).open("ab") as stream:
                if _try_lock(stream):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    """Whether a path is a folder of this user, and no link to one: what others put there may be a trap."""
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.geteuid())


def _this_process() -> dict[str, object]:
    return {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join(["shanhai", *map(without_secret, sys.argv[1:])]),
        "since": datetime.now(UTC).isoformat(sep=" ", timespec="seconds"),
    }


def _owner(path: Path) -> str:
    """The owner of a lock in words."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        return f"process {owner['process']} on {owner['host']} (`{owner['command']}`, since {owner['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process, which has not signed yet"
