"""What a file must be before it is opened: a regular file of a known kind, not too large, and no bomb.

The kind follows from the first bytes and the ending together; where they disagree the file is refused by name. Archives
are looked at by their lists alone: nothing is unpacked before all of it is known to be small and to stay in its place.
"""

import re
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from shanhai.core.errors import ValidationError

MOST_BYTES: Final = 200 * 1024 * 1024
"""Bytes of a file that is taken in."""

_MOST_UNPACKED: Final = 1024 * 1024 * 1024
"""Bytes of all that an archive unpacks to."""

_MOST_RATIO: Final = 200
"""Times that an archive may grow when it is unpacked; tables and shapes grow five- to fiftyfold."""

_MOST_MEMBERS: Final = 2_000

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP: Final = b"PK\x03\x04"

KINDS: Final = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xls": "old workbook",
    ".gpkg": "layer",
    ".geojson": "layer",
    ".zip": "archive",
    ".tif": "grid",
    ".tiff": "grid",
}
"""Kinds of files by their endings."""

_FOREIGN: Final = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"<htm": "a web page",
    b"<!DO": "a web page",
    b"<HTM": "a web page",
    b"<?xm": "XML",
    b"{\\rt": "a Word document",
    b"SQLi": "a database",
}
_ENTITY: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SCANNED: Final = 1 << 20


def kind_of(path: Path) -> str:
    """Kind of a file, after all that can be said of it without opening it.

    Raises
    ------
    ValidationError
        If there is none, it is a link, a folder or a device, too large, empty, or of another kind than its ending says.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise ValidationError(f"There is no file {path}. Correct the path.") from None
    if stat.S_ISLNK(status.st_mode):
        raise ValidationError(f"{path} is a link; allowed: a file itself. Name the file that it points to.")
    if not stat.S_ISREG(status.st_mode):
        raise ValidationError(f"{path} is no regular file; allowed: {', '.join(KINDS)}. Name a file.")
    _require_size(path, status.st_size)
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ValidationError(
            f"{path.name} ends in {path.suffix or 'nothing'}; allowed: {', '.join(KINDS)}. Save it as one of these (a"
            " shapefile: all its parts in one .zip)."
        )
    _require_bytes(path, kind)
    return kind


def _require_size(path: Path, size: int) -> None:
    if size > MOST_BYTES:
        raise ValidationError(
            f"{path.name} has {size:,} bytes; at most {MOST_BYTES:,} are read. Keep the sheet or the area that you"
            " need, or name the file under [replace] in .shanhai.toml."
        )
    if size == 0:
        raise ValidationError(f"{path.name} is empty. Name a file with a table in it.")


def _require_bytes(path: Path, kind: str) -> None:
    with path.open("rb") as stream:
        start = stream.read(8)
    foreign = next((word for mark, word in _FOREIGN.items() if start.startswith(mark)), "")
    is_zip, is_ole = start.startswith(_ZIP) or start[:4] == b"PK\x05\x06", start == _OLE
    told = foreign or ("a zip archive, as .xlsx is" if is_zip else "an old workbook" if is_ole else "something else")
    right = {
        "workbook": is_zip,
        "archive": is_zip,
        "old workbook": is_ole,
        "text": not (foreign or is_zip or is_ole),
        "layer": path.suffix.lower() == ".gpkg" or not (foreign or is_zip or is_ole),
        "grid": start[:2] in (b"II", b"MM"),
    }[kind]
    if kind == "workbook" and is_ole:
        raise ValidationError(
            f"{path.name} is protected by a password, or an old workbook by another ending. Remove the password in"
            " Excel (File, Info, Protect Workbook) and save it again, or give an old workbook its ending .xls."
        )
    if not right:
        raise ValidationError(
            f"{path.name} is {told}, not what its ending {path.suffix} says. Save the table as .csv or .xlsx from the"
            " program that shows it."
        )


def checked_archive(path: Path) -> list[zipfile.ZipInfo]:
    """Members of an archive, if unpacking them does no harm.

    Raises
    ------
    ValidationError
        If it is damaged or encrypted, holds too much or grows too much, or a member leads out of it or is a link.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _require_harmless(path, members)
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels")):
                    _require_no_entities(path, archive, member)
            return members
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValidationError(
            f"{path.name} is damaged, or was cut off ({error}). Save or download it again."
        ) from error


def _require_harmless(path: Path, members: list[zipfile.ZipInfo]) -> None:
    size, packed = sum(member.file_size for member in members), max(path.stat().st_size, 1)
    if len(members) > _MOST_MEMBERS or size > _MOST_UNPACKED or size > _MOST_RATIO * packed + (1 << 20):
        raise ValidationError(
            f"{path.name} unpacks to {len(members):,} files of {size:,} bytes from {packed:,}; at most"
            f" {_MOST_MEMBERS:,} files, {_MOST_UNPACKED:,} bytes and {_MOST_RATIO} times its size are read. It may be a"
            " bomb; do not open it."
        )
    for member in members:
        name = member.filename
        steps = PurePosixPath(name.replace("\\", "/"))
        if steps.is_absolute() or ".." in steps.parts or ":" in name or "\0" in name:
            raise ValidationError(f"{path.name} holds {name!r}, which leads out of the archive. Pack the files anew.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ValidationError(f"{path.name} holds the link {name!r}; allowed: files. Pack the files themselves.")
        if member.flag_bits & 1:
            raise ValidationError(f"{path.name} is protected by a password. Pack or save it without one.")


def _require_no_entities(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse XML that declares entities, which no program of tables writes: a bomb, or a way to read other files."""
    with archive.open(member) as stream:
        last = b""
        while block := stream.read(_SCANNED):
            if _ENTITY.search(last + block.replace(b"\0", b"")):
                raise ValidationError(
                    f"{path.name} declares entities in {member.filename}, as XML bombs do; no spreadsheet program"
                    " writes that. Do not open it."
                )
            last = block[-16:]
