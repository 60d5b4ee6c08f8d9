"""What goes into a package: the tracked files of the checkout, the results, and files of the user's own if they may."""

import json
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from shanhai.core import sources
from shanhai.core.errors import PackageError
from shanhai.core.manifest import MANIFEST, is_inside
from shanhai.core.paths import OUTPUTS, ROOT
from shanhai.report.package.archive import Content
from shanhai.report.package.sums import SUMS
from shanhai.report.package.verify import sums_of
from shanhai.report.results import Results

STORED = f"{OUTPUTS.relative_to(ROOT).as_posix()}/reproduce"
"""Where results are in a package: where ``reproduce`` puts them, so that its second call finds them."""

COUNTY_FRAME = "county_frame.csv"

_SECOND_COPY = re.compile(r"(zh/)?figures/[^/]+\.png|report/(?!(papers|explore|files)/).+")
"""Results that are here in another form too: pictures in print resolution, and the pages of the site, which show the
executed notebooks and carry every figure again."""

_OWN = "own"
_SETTINGS = ".shanhai.toml"
_INPUT = re.compile(r"replace/(table|layer|grid)/(.+?)(\.[^/]*)?")
"""How a manifest names a file of the user's own among the inputs."""

_LINK, _SUBMODULE = "120000", "160000"


@dataclass(frozen=True)
class _OwnFile:
    """A file of the user's own that the results rest on, in the place of one of the project.

    Attributes
    ----------
    kind : {"table", "layer", "grid"}
    replaced : str
        Name of the table, layer or grid of the project.
    ending : str
        Of the file; a layer has several.
    sha256 : str
    included : bool
    """

    kind: str
    replaced: str
    ending: str
    sha256: str
    included: bool

    @property
    def name(self) -> str:
        """Path in a package that includes it."""
        return f"{_OWN}/{self.kind}-{self.replaced}{self.ending}"

    @property
    def shown_name(self) -> str:
        """What a reader is told: the path, or what it stands for if it is not there."""
        return self.name if self.included else f"{self.replaced}{self.ending}"


@dataclass(frozen=True)
class Contents:
    """Files of a package by their path in it, before its own descriptions are added.

    Attributes
    ----------
    code, outputs, own : mapping of str to bytes or Path
    own_files : tuple of _OwnFile
        Those that the results rest on, included or not.
    left_out : mapping of str to str
        Results that are not included, with the SHA-256 of each: what is here in another form too, and the county
        frame where it holds figures of the user's own.
    """

    code: Mapping[str, Content]
    outputs: Mapping[str, Content]
    own: Mapping[str, Content]
    own_files: tuple[_OwnFile, ...]
    left_out: Mapping[str, str]


def gather(results: Results, root: Path, generated: Collection[str], *, include_own: bool, full: bool) -> Contents:
    """Find all files of a package.

    Parameters
    ----------
    results : Results
    root : Path
        The checkout, or an unpacked package.
    generated : collection of str
        Names of the files that the package adds itself.
    include_own : bool
        Include files of the user's own, whose rights are not known here.
    full : bool
        Include all results, also those that are here in another form.

    Raises
    ------
    PackageError
        If the folder is neither, a tracked file is missing or a link, or one of the user's own files is not the one
        that the results were made from.
    """
    code = {name: root / name for name in _listed_code(root, generated)}
    own_files = _own_files(results.manifest, include_own)
    outputs, left_out = _outputs(results, bool(own_files) and not include_own, full)
    own = _own(own_files) if own_files and include_own else {}
    return Contents(code, outputs, own, own_files, left_out)


def _listed_code(root: Path, generated: Collection[str]) -> list[str]:
    """Files that git tracks in a checkout; in an unpacked package those that its list has.

    Raises
    ------
    PackageError
        If the folder is neither, git cannot be asked, or a file is missing or a link.
    """
    if (root / ".git").exists():
        names = _tracked(root)
    elif (root / SUMS).is_file():
        apart = (f"{STORED}/", f"{_OWN}/")
        names = [name for name in sums_of(root) if name not in generated and not name.startswith(apart)]
        names = [name for name in names if name != _SETTINGS]
    else:
        raise PackageError(
            f"{root} is no checkout of git and no unpacked package (it has no {SUMS}), so that nobody knows which of "
            "its files belong to the project. Call the command in one of these."
        )
    if taken := sorted(set(names) & {*generated, SUMS}):
        raise PackageError(f"{', '.join(taken)} of {root}: a package writes files of these names. Rename yours.")
    absent = [name for name in names if not (root / name).is_file() or (root / name).is_symlink()]
    if absent:
        raise PackageError(
            f"{', '.join(absent[:5])} of {root} are listed, but missing or links. Restore them with `git checkout`, or "
            "remove them from the list with `git rm`."
        )
    return sorted(names)


def _tracked(root: Path) -> list[str]:
    command = ["git", "-C", str(root), "ls-files", "-z", "--stage"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except OSError as error:
        raise PackageError(f"{root} is a checkout of git, but git cannot be called: {error}. Install it.") from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode("utf-8", "replace").strip()
        raise PackageError(f"git does not list the files of {root}: {words}.") from error
    entries = [entry.partition("\t") for entry in done.stdout.decode("utf-8").split("\0") if entry]
    if strange := [name for mode, _, name in entries if mode.startswith((_LINK, _SUBMODULE))]:
        raise PackageError(f"{', '.join(strange[:5])} of {root} are links or submodules, which a package cannot hold.")
    return [name for _, _, name in entries]


def _outputs(results: Results, hides_own: bool, full: bool) -> tuple[dict[str, Content], dict[str, str]]:
    listed: Mapping[str, str] = results.manifest["outputs"]
    outputs: dict[str, Content] = {f"{STORED}/{MANIFEST}": results.folder / MANIFEST}
    left_out = {}
    for name, digest in sorted(listed.items()):
        path = results.folder / name
        if not is_inside(name, results.folder) or not path.is_file() or sources.hash_file(path) != digest:
            raise PackageError(f"{path} is gone or not as it was written. Run `shanhai reproduce` again.")
        if (_SECOND_COPY.fullmatch(name) and not full) or (name == COUNTY_FRAME and hides_own):
            left_out[name] = digest
        else:
            outputs[f"{STORED}/{name}"] = path
    return outputs, left_out


def _own_files(manifest: Mapping[str, object], included: bool) -> tuple[_OwnFile, ...]:
    inputs = manifest["inputs"]
    assert isinstance(inputs, Mapping)
    found = ((_INPUT.fullmatch(name), digest) for name, digest in sorted(inputs.items()))
    return tuple(_OwnFile(match[1], match[2], match[3] or "", digest, included) for match, digest in found if match)


def _own(own_files: tuple[_OwnFile, ...]) -> dict[str, Content]:
    """Files of the user's own, and settings that name them."""
    current: dict[tuple[str, str, str], Path] = {
        (kind, name, part.name[len(path.stem) :]): part
        for (kind, name), path in sources.replacements().items()
        for part in ([path] if kind == "table" else sources.parts(path))
    }
    members: dict[str, Content] = {}
    for file in own_files:
        path = current.get((file.kind, file.replaced, file.ending))
        if path is None or sources.hash_file(path) != file.sha256:
            raise PackageError(
                f"The results rest on a {file.kind} of your own for {file.replaced!r} ({file.ending}, SHA-256 "
                f"{file.sha256[:12]}…), which the settings do not name any more. Put it back, or run `shanhai "
                "reproduce` again."
            )
        members[file.name] = path
    lines = [
        f"{name} = {json.dumps(f'{_OWN}/{kind}-{name}{path.suffix}')}"
        for (kind, name), path in sorted(sources.replacements().items())
    ]
    for name, origin in sorted({name: origin for (_, name), origin in sources.origins().items()}.items()):
        said = {key: text for key, text in asdict(origin).items() if text}
        lines += ["", f"[named.{name}]", *(f"{key} = {json.dumps(text)}" for key, text in said.items())]
    members[_SETTINGS] = "\n".join(["[replace]", *lines, ""]).encode()
    return members
