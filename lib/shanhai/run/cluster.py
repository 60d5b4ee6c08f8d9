"""The same runs on a running Dask cluster: each worker has a checkout of the same commit and the packages of the lock.

A worker refuses a run unless all that the run depends on is there as it is at the sender's. It gives back the files of
the run; the sender puts them into the folder of results, as those of its own kernels. A run whose worker is lost is
given to another one by the scheduler.
"""

import atexit
import hashlib
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from shanhai.core.errors import EnvironmentMissingError, InputsChangedError, NotebookError
from shanhai.core.manifest import is_inside
from shanhai.core.paths import MINE
from shanhai.run.explain import differences
from shanhai.run.forked import FORK_IS_SAFE, fork_server
from shanhai.run.jobs import Job
from shanhai.run.kernel import isolated_environment
from shanhai.run.manifest import failure_of
from shanhai.run.ownership import temporary_folder
from shanhai.run.pool import Outcome, to_disk
from shanhai.run.project import Inputs, Project, digest, fingerprint
from shanhai.run.runs import Run

INSTALL = 'python -m pip install "distributed>=2024.8"'

_PATIENCE = 10
"""Seconds to wait for a scheduler, and for its first worker."""

_GOODBYE = 5
"""Seconds that the end of a connection may take."""

_AGAIN = 8
"""Times that a run is sent again after workers have died of others."""


@dataclass(frozen=True)
class _Order:
    """A run as it is sent."""

    root: str | None
    name: str
    notebook: str
    """Path below the folder of notebooks."""
    parameters: Mapping[str, Any]
    edition: str
    page: bool
    fingerprint: str


@dataclass(frozen=True)
class _Parcel:
    """What comes back: files by their paths, each with its hash, or why the run was refused."""

    files: Mapping[str, tuple[bytes, str]]
    seconds: float
    error: str | None = None
    failure: Mapping[str, Any] | None = None


class Cluster:
    """A scheduler that answers and has workers which are like the sender.

    Parameters
    ----------
    client : distributed.Client
    root : Path, optional
        Root of a project on a disk that the workers see too; if not given, each uses the checkout it runs from.
    """

    def __init__(self, client: Any, root: Path | None = None) -> None:
        self._client, self._root = client, None if root is None else str(root)

    @property
    def threads(self) -> int:
        """Runs that can work side by side now; workers may come and go."""
        return max(1, sum(self._client.nthreads().values()))

    def outcomes(self, jobs: Sequence[Job], folder: Path) -> Generator[Outcome, None, None]:
        """Have runs done by the workers, and yield each as it ends, its files in a subfolder of a folder.

        Raises
        ------
        EnvironmentMissingError
            If a worker has other inputs, before any run; or if the scheduler is lost.
        """
        from distributed import as_completed

        orders = {job.name: self._order(job) for job in jobs if job.run}
        self._require_like(jobs, orders)
        batch = uuid4().hex  # a result of an earlier batch is never taken for one of this
        sent = {name: self._send(orders[name], name, batch, 0) for name in orders}
        names = {future.key: (name, 0) for name, future in sent.items()}
        done = as_completed([*sent.values()], loop=self._client.loop, raise_errors=False)
        try:
            for number, future in enumerate(done):
                name, times = names[future.key]
                if times < _AGAIN and self._only_waited(future, name, batch):
                    sent[name] = self._send(orders[name], name, batch, times + 1)
                    names[sent[name].key] = name, times + 1
                    done.add(sent[name])
                    continue
                yield _outcome(name, future, folder / f"remote-{number}")
                future.release()
        finally:
            self._client.cancel([*sent.values()])

    def _send(self, order: _Order, name: str, batch: str, times: int) -> Any:
        key = f"{name}-{batch}-{times}"
        return self._client.submit(do, order, name, batch, key=key, pure=False, retries=0)

    def _only_waited(self, future: Any, name: str, batch: str) -> bool:
        """Whether a run was given up because its workers died of another run.

        The scheduler holds a lost worker against all runs that it was given, also those that waited for their turn.
        """
        from distributed import KilledWorker

        if future.status != "error" or not isinstance(error := future.exception(), KilledWorker):
            return False
        begun = sum(begun == name for _, begun in self._client.get_events(batch))
        return begun <= error.allowed_failures

    def _order(self, job: Job) -> _Order:
        run = job.run
        assert run is not None
        own = run.notebook.parent.name == MINE.name
        path = f"{MINE.name}/{run.notebook.name}" if own else run.notebook.name
        return _Order(self._root, run.name, path, dict(run.parameters), run.edition, run.page, job.fingerprint)

    def _require_like(self, jobs: Sequence[Job], orders: Mapping[str, _Order]) -> None:
        """Refuse a cluster with a worker whose code, data, packages or Python differ."""
        from distributed.comm.core import CommClosedError

        first = {order.notebook: name for name, order in reversed([*orders.items()])}
        used = {job.name: job.used for job in jobs}
        for name in first.values():
            for worker, other in sorted(self._client.run(look, orders[name], on_error="return").items()):
                if isinstance(other, CommClosedError):  # it died while it was asked, and gets no run
                    continue
                if isinstance(other, Exception):
                    raise other
                if other is not None:
                    raise EnvironmentMissingError(_unlike(worker, used[name], other))


@contextmanager
def cluster_at(address: str, root: Path | None = None) -> Iterator[Cluster]:
    """A connection to a scheduler.

    Raises
    ------
    EnvironmentMissingError
        If the package is not installed, nothing answers at the address, or no worker is there.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise EnvironmentMissingError(f"--scheduler needs the package distributed: {INSTALL}") from error
    start = "Start one with `dask scheduler`, and on each machine, in its checkout, `dask worker ADDRESS --nthreads 1`."
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EnvironmentMissingError(f"No scheduler answers at {address}: {error}. {start}") from error
    try:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise EnvironmentMissingError(f"The scheduler at {address} has no worker. {start}") from error
        yield Cluster(client, root)
    finally:
        # after the death of a worker or of the scheduler the end of a connection may hang, or find its loop closed:
        # what was done is done, and what was not has been said
        with suppress(OSError, RuntimeError):
            client.close(timeout=_GOODBYE)


def _outcome(name: str, future: Any, folder: Path) -> Outcome:
    """What a worker gave back, its files in the folder."""
    folder.mkdir(parents=True)
    if future.status in ("cancelled", "lost"):
        raise EnvironmentMissingError(
            "The scheduler is gone, or gave the runs up. What was finished is kept; start it and call this again."
        )
    if future.status == "error":
        error = future.exception()
        return Outcome(name, folder, 0.0, NotebookError(f"{name}: {type(error).__name__}: {error}", failure_of(error)))
    parcel: _Parcel = future.result()
    for path, (content, sent) in parcel.files.items():
        if not is_inside(path, folder) or hashlib.sha256(content).hexdigest() != sent:
            return Outcome(
                name, folder, parcel.seconds, NotebookError(f"{name}: {path} arrived damaged; run it again.")
            )
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    to_disk(folder)
    failed = NotebookError(parcel.error, parcel.failure) if parcel.error else None
    return Outcome(name, folder, parcel.seconds, failed)


def _unlike(worker: str, used: Mapping[str, str], other: Mapping[str, str]) -> str:
    found = differences(other, used) or ["its notebook, its Python, or the runner differs"]
    return (
        f"The worker {worker} is not like this machine: {'; '.join(found)}. Give each worker a checkout of the same"
        " commit, without changes, and the packages of lib/requirements.lock, or end it."
    )


def look(order: _Order) -> dict[str, str] | None:
    """On a worker: None if it has all that a run depends on as the sender has it, else the hashes of what it has."""
    return _different(order, _Site.of(order.root))


def do(order: _Order, name: str, batch: str) -> _Parcel:
    """On a worker: execute a run, after having said so, and give its files back."""
    from distributed import get_worker

    get_worker().log_event(batch, name)
    site = _Site.of(order.root)
    if _different(order, site) is not None:
        return _Parcel({}, 0.0, f"{order.name}: {_unlike(get_worker().address, {}, {})}")
    from shanhai.run.notebook import execute_run

    run = site.run(order)
    error: Exception | None = None
    started = time.perf_counter()
    forked = _environment(run.notebook)
    with tempfile.TemporaryDirectory(prefix="results-", ignore_cleanup_errors=True) as folder:
        results = Path(folder)
        try:
            execute_run(run, results / run.edition, forked=forked)
            if changed := site.project.changed(site.inputs):
                raise InputsChangedError(f"{', '.join(changed[:5])} changed on the worker while the run was made.")
        except Exception as raised:  # noqa: BLE001 - not swallowed: the parcel carries it to the sender
            error = raised
        paths = sorted(path for path in results.rglob("*") if path.is_file())
        contents = {path.relative_to(results).as_posix(): path.read_bytes() for path in paths}
    files = {name: (content, hashlib.sha256(content).hexdigest()) for name, content in contents.items()}
    seconds = round(time.perf_counter() - started, 3)
    return _Parcel(files, seconds, None if error is None else f"{error}", failure_of(error) if error else None)


def _different(order: _Order, site: "_Site") -> dict[str, str] | None:
    run = site.run(order)
    if not run.notebook.is_file():
        return {}
    used = site.project.used_by(site.inputs, run)
    return None if fingerprint(digest(used), run) == order.fingerprint else used


_lock = threading.Lock()
_process = ExitStack()
_forked: list[bool] = []


def _environment(notebook: Path) -> bool:
    """Give this worker process, once, the environment of kernels; return whether kernels are forked in it.

    Whatever it and its kernels leave in the system's temporary folder lies in one folder, which goes when the worker
    ends; if it was killed, the next worker or command of the same user on the machine clears that away.

    Dask starts workers as daemons, which may have no children of :mod:`multiprocessing`, unless told not to
    (``DASK_DISTRIBUTED__WORKER__DAEMON=False``, or ``--no-nanny``); there each kernel is started anew.
    """
    with _lock:
        if not _forked:
            forked = FORK_IS_SAFE and not multiprocessing.current_process().daemon
            atexit.register(_process.close)
            _process.enter_context(temporary_folder())
            _process.enter_context(isolated_environment())
            if forked:
                _process.enter_context(fork_server({notebook}))
            _forked.append(forked)
    return _forked[0]


@dataclass(frozen=True)
class _Site:
    """The project of a worker, and what it had in it when it was looked at."""

    project: Project
    inputs: Inputs

    @classmethod
    def of(cls, root: str | None) -> "_Site":
        """Looked at once, and again after any change."""
        with _lock:
            site = _sites.get(root)
            if site is None or site.project.changed(site.inputs):
                project = Project() if root is None else Project(Path(root))
                site = _sites[root] = cls(project, project.inputs())
            return site

    def run(self, order: _Order) -> Run:
        """The run of an order, in this project."""
        notebook = self.project.notebooks / order.notebook
        return Run(order.name, notebook, order.parameters, order.edition, order.page)


_sites: dict[str | None, _Site] = {}
