"""ZIP archives: written so that the same files give the same bytes, opened only if nothing in them can do harm."""

import errno
import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shanhai.core.errors import PackageError
from shanhai.report.package.names import refuse_names
from shanhai.report.package.sums import SUMS

Content = bytes | Path
"""What a file of a package holds: bytes, or the file that is copied."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Oldest time of the format: times say nothing here."""

_LEVEL = 6

_MOST_MEMBERS = 50_000
_MOST_BYTES = 4 << 30
_MOST_RATIO = 40
_SMALL = 64 << 20
"""Limits of what is opened: members, bytes unpacked, and how many times larger than the archive beyond a small size."""

_CHUNK = 1 << 20
_LOCAL_HEADER = 30
"""Bytes before the name of a member."""


def read_content(content: Content) -> bytes:
    """The bytes of a file of a package."""
    return content if isinstance(content, bytes) else content.read_bytes()


def write_archive(to: Path, top: str, members: Mapping[str, Content]) -> None:
    """Write a ZIP archive in one step: members sorted, times and rights fixed.

    Parameters
    ----------
    to : Path
    top : str
        Folder in the archive that holds all members.
    members : mapping of str to bytes or Path
        By their path in that folder. A text that begins with ``#!`` may be executed, whatever its rights are here.

    Raises
    ------
    PackageError
        If the names could not be unpacked on every system.
    """
    refuse_names(members, f"The package {to.name}")
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f"{to.name}.draft")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            for name in sorted(members):
                content = read_content(members[name])
                info = zipfile.ZipInfo(f"{top}/{name}", _EPOCH)
                info.create_system = 3  # Unix, on every system
                info.external_attr = (stat.S_IFREG | (0o755 if content.startswith(b"#!") else 0o644)) << 16
                archive.writestr(info, content, zipfile.ZIP_DEFLATED, _LEVEL)
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Archive:
    """An opened archive whose members have been looked at.

    Attributes
    ----------
    path : Path
    names : tuple of str
        Files by their path in the top folder, sorted.
    """

    path: Path
    names: tuple[str, ...]
    _zip: zipfile.ZipFile = field(repr=False)
    _members: Mapping[str, zipfile.ZipInfo] = field(repr=False)

    def read(self, name: str) -> bytes:
        """Bytes of a file.

        Raises
        ------
        PackageError
            If the archive is damaged there.
        """
        return b"".join(self._chunks(name))

    def sha256(self, name: str) -> str:
        """SHA-256 of a file as 64 hexadecimal digits.

        Raises
        ------
        PackageError
            If the archive is damaged there.
        """
        digest = hashlib.sha256()
        for chunk in self._chunks(name):
            digest.update(chunk)
        return digest.hexdigest()

    def extract(self, folder: Path) -> None:
        """Write all files below a folder that is empty or not there.

        Raises
        ------
        PackageError
            If something is in the folder, or the archive is damaged.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise PackageError(f"{folder} is not empty; name a new folder.")
        for name in self.names:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                for chunk in self._chunks(name):
                    stream.write(chunk)
            if (self._members[name].external_attr >> 16) & stat.S_IXUSR:
                target.chmod(0o755)

    def _chunks(self, name: str) -> Iterator[bytes]:
        with _damage_said(self.path), self._zip.open(self._members[name]) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


@contextmanager
def open_archive(path: Path) -> Iterator[_Archive]:
    """Open a package after its list of members has been looked at; nothing is unpacked.

    Raises
    ------
    PackageError
        If the file is no sound ZIP archive, or a member leads elsewhere, is a link or device, is there twice (also in
        another spelling), is encrypted, overlaps another or unpacks to more than the limits, or if there is no list of
        checksums, or files beside its folder.
    """
    with _damage_said(path):
        opened = zipfile.ZipFile(path)
    with opened as archive:
        infos = archive.infolist()
        _refuse_sizes(infos, path)
        for info in infos:
            _refuse_member(info, path)
        _refuse_overlaps(infos, archive.start_dir, path)
        refuse_names([f"{info.filename}.folder" if info.is_dir() else info.filename for info in infos], path.name)
        files = {info.filename: info for info in infos if not info.is_dir()}
        top = _top(list(files), path)
        members = {name.removeprefix(top): files[name] for name in sorted(files)}
        yield _Archive(path, tuple(members), archive, members)


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error),
    *(ValueError, IndexError, KeyError, OverflowError, RuntimeError),
)
"""What `zipfile` raises on bytes that are none of its own: it trusts lengths and places that a directory gives."""


@contextmanager
def _damage_said(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise _unsound(path, error) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # the disk itself, and no place that a damaged directory gives
            raise
        raise _unsound(path, error) from error


def _unsound(path: Path, error: Exception) -> PackageError:
    return PackageError(f"{path} is no sound ZIP archive: {error}. Nothing was written; get it from its source again.")


def _refuse_sizes(infos: list[zipfile.ZipInfo], path: Path) -> None:
    total = sum(info.file_size for info in infos)
    allowed = min(_MOST_BYTES, max(_SMALL, _MOST_RATIO * path.stat().st_size))
    if len(infos) > _MOST_MEMBERS or total > allowed:
        raise PackageError(
            f"{path} has {len(infos):,} members and unpacks to {total:,} bytes; allowed: {_MOST_MEMBERS:,} members, "
            f"{allowed:,} bytes for an archive of its size. It is no package of shanhai. Nothing was written."
        )


def _refuse_member(info: zipfile.ZipInfo, path: Path) -> None:
    if not info.filename:
        raise PackageError(f"{path} has a member without a name. It is no package of shanhai. Nothing was written.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    regular = stat.S_IFDIR if info.is_dir() else stat.S_IFREG
    faults: dict[str, Callable[[], bool]] = {
        "has a name with a null byte": lambda: info.orig_filename != info.filename,
        "is a link or a device": lambda: kind not in (0, regular),
        "is encrypted": lambda: bool(info.flag_bits & 0x1),
        "is packed by an unusual method": lambda: info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "is a folder with contents": lambda: info.is_dir() and info.file_size > 0,
        "has two sizes": lambda: info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size,
    }
    for fault, holds in faults.items():
        if holds():
            raise PackageError(
                f"{path}: {info.orig_filename[:200]!r} {fault}. It is no package of shanhai. Nothing was written."
            )


def _refuse_overlaps(infos: list[zipfile.ZipInfo], end: int, path: Path) -> None:
    """Members that share bytes are how a small archive holds an enormous one."""
    placed = sorted(infos, key=lambda info: info.header_offset)
    starts = [*(info.header_offset for info in placed[1:]), end][: len(placed)]
    for info, start in zip(placed, starts, strict=True):
        if info.header_offset + _LOCAL_HEADER + len(info.orig_filename) + info.compress_size > start:
            raise PackageError(f"{path}: {info.filename[:200]!r} overlaps another member. Nothing was written.")


def _top(names: list[str], path: Path) -> str:
    """Folder that holds all files, with a slash behind it; empty if they are not in one."""
    found = [name.removesuffix(SUMS) for name in names if name == SUMS or name.partition("/")[2] == SUMS]
    if len(found) != 1:
        raise PackageError(f"{path} holds {len(found)} files {SUMS}, needed: one. It is no package of shanhai.")
    strays = [name for name in names if not name.startswith(found[0])]
    if strays:
        raise PackageError(f"{path} has {strays[0]!r} beside its folder {found[0]!r}. Nothing was written.")
    return found[0]
