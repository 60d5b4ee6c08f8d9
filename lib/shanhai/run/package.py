"""The commands ``package`` and ``verify``: results are packed only as long as they are those of this checkout."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import shanhai
from shanhai.core import paths
from shanhai.core.errors import PackageError
from shanhai.core.manifest import MANIFEST
from shanhai.core.notebooks import read_cells
from shanhai.core.sources import SETTINGS_VARIABLE
from shanhai.report.package.archive import open_archive
from shanhai.report.package.compare import RULES, Compared, compare_results, rule_of
from shanhai.report.package.contents import STORED
from shanhai.report.package.verify import sums_of, verify
from shanhai.report.results import Results
from shanhai.run.derive import MODULES
from shanhai.run.ownership import folder_held
from shanhai.run.project import PACKAGES, Project
from shanhai.run.runs import listed_runs, with_editions

if TYPE_CHECKING:
    from shanhai.report.package.write import Written

_SETTINGS = "settings"
"""Name of the settings among the inputs: what they name counts, not where it lies."""

_IMPORTS = "imports"
"""Name of the register of imports: in a package its files are named by the settings."""

_KEPT_BY_THE_RUNNER = (".lock", ".staging")

_STANDARD_ERROR = 2
"""Where what the code of a package says goes: standard output is for what differs."""

_SAID = {
    "packing": ("as stored", "packed in other bytes"),
    "digits": ("last digits", "largest relative difference {relative:.1e}, as another processor or Python makes"),
    "numbers": ("differs", "numbers, largest relative difference {relative:.1e}"),
    "content": ("differs", "more than numbers"),
    "vouched": ("other bytes", "only its checksum is in the package; the PDF of the same figure agrees"),
    "unseen": ("differs", "only its checksum is in the package"),
    "missing": ("missing", "not made again"),
    "added": ("added", "not in the package"),
}
"""What is said about a result that was made again: a word, and what is known."""

_MAY = {
    "number": "each number by {rule.relative:.0e} of its size",
    "coordinate": "each coordinate by {rule.absolute:g} points",
    "colour": "each colour of a pixel by {rule.absolute:g} of 255 levels",
}


def make_package(
    folder: Path, to: Path | None, project: Project, *, include_own: bool = False, full: bool = False
) -> "Written":
    """Pack a checkout with its results.

    Parameters
    ----------
    folder : Path
        The results.
    to : Path, optional
        The archive; if not given, ``outputs/shanhai-VERSION.zip``.
    project : Project
    include_own, full : bool
        As :func:`shanhai.report.package.write.write_package` takes them.

    Raises
    ------
    ReportError
        If the folder holds no complete results.
    PackageError
        If the results are not those of the data, the code and the notebooks that would be packed with them.
    FolderInUseError
        If another command works in the folder.
    """
    from shanhai.report.package.write import write_package  # takes long to import; to verify needs none of it

    target = to or paths.OUTPUTS / f"shanhai-{shanhai.__version__}.zip"
    results = Results.read(folder)
    with folder_held(folder.resolve()):
        changed = _changed_since(results, project)
        if changed:
            raise PackageError(
                f"The results in {folder} were made from other files than those here: {', '.join(changed[:5])}"
                f"{' and others' if len(changed) > 5 else ''}. Run `shanhai reproduce` first."
            )
        return write_package(results, target.resolve(), project.root, include_own=include_own, full=full)


def _changed_since(results: Results, project: Project) -> list[str]:
    """Inputs that a result may depend on and that are not as they were when the results were made, sorted.

    Packages and Python may be others: the results say with which they were made.
    """
    inputs = project.inputs()
    wanted = with_editions(listed_runs(project.notebooks))
    notebooks = {run.notebook.stem: run.notebook for run in wanted}
    runs = {run.notebook: run for run in wanted}
    used = {name for run in runs.values() for name in project.used_by(inputs, run)}
    used |= {name for modules in MODULES.values() for name in project.used(inputs, modules)}
    recorded: Mapping[str, str] = results.manifest["inputs"]
    gone = {name for name in recorded if name not in inputs.hashes}
    changed = {name for name in used | gone if recorded.get(name) != inputs.hashes.get(name)}
    changed |= {f"{paths.NOTEBOOKS.name}/{stem}.ipynb" for stem in _changed_notebooks(results, notebooks)}
    made = {name for name, record in results.manifest["runs"].items() if record["notebook"]}
    return sorted(changed - {PACKAGES, _SETTINGS, _IMPORTS}) + sorted({run.key for run in wanted} ^ made)


def _changed_notebooks(results: Results, notebooks: Mapping[str, Path]) -> Iterator[str]:
    """Stems of notebooks whose cells are not those that were executed."""
    for runs in results.editions.values():
        for run in runs.values():
            executed = [cell for cell in run.cells if "injected-parameters" not in cell["metadata"].get("tags", [])]
            path = notebooks.get(run.notebook)
            if path is None or _said(executed) != _said(read_cells(path)):
                yield run.notebook


def _said(cells: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(cell["cell_type"], cell["source"]) for cell in cells]


def verification(path: Path, *, rerun: bool = False) -> tuple[list[str], bool]:
    """What is to be said about a package, one line a file and one for all, and whether nothing differs.

    Parameters
    ----------
    path : Path
        An unpacked package, or its archive.
    rerun : bool
        Execute everything again in a temporary folder, by the code of the package, and compare. An unpacked package
        gets its ``.venv`` for that; an archive is unpacked in the temporary folder of the system.

    Raises
    ------
    PackageError
        If the path is no package, one that could do harm, or one that cannot be executed.
    """
    verified = verify(path)
    lines = [str(deviation) for deviation in verified.deviations]
    over = f"; not looked at: {', '.join(verified.passed_over)}" if verified.passed_over else ""
    lines.append(f"{verified.checked:,} files in the list, {len(verified.deviations):,} not as it has them{over}.")
    is_same = not verified.deviations
    if rerun:
        if not is_same and not path.is_dir():
            raise PackageError(f"{path} is not as its list has it, so its code is not run:\n" + "\n".join(lines))
        compared, is_repeated = _repeated(path)
        return [*lines, *compared], is_same and is_repeated
    return lines, is_same


def _repeated(path: Path) -> tuple[list[str], bool]:
    place = os.environ.get("TMPDIR")  # may be another than that for sockets, which are small
    with tempfile.TemporaryDirectory(prefix="shanhai-verify-", dir=place, ignore_cleanup_errors=True) as folder:
        package = path.resolve()
        if not path.is_dir():
            package = Path(folder) / "package"
            with open_archive(path) as archive:
                archive.extract(package)
        found = _run_again(package, Path(folder) / "results")
    lines = [_line(compared) for compared in found]
    real = sum(compared.is_real for compared in found)
    lines.append(
        f"Executed again: {real:,} results differ, {len(found) - real:,} are other bytes with the same contents or "
        "last digits."
    )
    return [*lines, *_by_rule(found)], not real


def _by_rule(found: Sequence[Compared]) -> Iterator[str]:
    """By how much files of each kind may differ on another processor or Python, and by how much they do."""
    yield "What another processor or another version of Python may change:"
    for rule in RULES:
        within = [each.relative for each in found if each.kind == "digits" and rule_of(each.name) is rule]
        largest = f", the largest relative difference is {max(within):.1e}" if within else ""
        yield f"  {', '.join(rule.endings)}: {_MAY[rule.of].format(rule=rule)}; {len(within):,} files do{largest}."
    yield "  All else is to be the same: words, marks, counts, and every file that was not computed."


def _line(compared: Compared) -> str:
    word, note = _SAID[compared.kind]
    return f"{word:<11} {compared.name} ({note.format(relative=compared.relative)})"


def _run_again(package: Path, output: Path) -> list[Compared]:
    """Execute everything by the code of a package and compare with its stored results."""
    listed = sums_of(package)
    manifest = _stored_manifest(package)
    own = sorted(name for name in manifest["inputs"] if name.startswith("replace/"))
    if own and ".shanhai.toml" not in listed:
        raise PackageError(
            f"The results of {package} rest on files of somebody's own that are not in it: {', '.join(own)}. They "
            "cannot be made again without them."
        )
    start = f"{STORED}/"
    stored = {name.removeprefix(start): package / name for name in listed if name.startswith(start)}
    stored = {name: path for name, path in stored.items() if path.is_file()}
    _reproduce(package, output)
    found = (path for path in output.rglob("*") if path.is_file())
    fresh = {path.relative_to(output).as_posix(): path for path in found}
    fresh = {name: path for name, path in fresh.items() if name.partition("/")[0] not in _KEPT_BY_THE_RUNNER}
    for files in (stored, fresh):
        files.pop(MANIFEST, None)  # times and machine: nothing that could be the same
    digests = {name: digest for name, digest in manifest["outputs"].items() if name not in stored}
    return compare_results(stored, digests, fresh)


def _stored_manifest(package: Path) -> Mapping[str, Mapping[str, str]]:
    """What the results of a package were made from, and the checksum of each.

    Raises
    ------
    PackageError
        If the package has no manifest, or one of another shape.
    """
    path = package / STORED / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        inputs, outputs = dict(manifest["inputs"]), dict(manifest["outputs"])
    except FileNotFoundError as error:
        raise PackageError(
            f"{package} has no {STORED}/{MANIFEST}, so there are no results to compare with; run `shanhai verify` "
            "without --rerun, or get the package from its source again."
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PackageError(
            f"{path} is no manifest of results: {type(error).__name__}: {error}. Get the package from its source again."
        ) from error
    return {"inputs": inputs, "outputs": outputs}


def _reproduce(package: Path, output: Path) -> None:
    own_code = ["-P", "-m", "shanhai"] if package == paths.ROOT else [str(package / "bootstrap.py")]
    command = [sys.executable, *own_code, "reproduce", "--force", "--output", str(output)]
    apart = (SETTINGS_VARIABLE, paths.OUTPUT_VARIABLE, paths.RUN_VARIABLE)
    environment = {name: value for name, value in os.environ.items() if name not in apart}
    done = subprocess.run(command, cwd=package, env=environment, stdout=_STANDARD_ERROR)
    if done.returncode != 0:
        raise PackageError(f"`{' '.join(command)}` ended with status {done.returncode}; see the messages above.")
