"""Faults of batches on a Dask cluster and into a store: workers, scheduler, connection and objects are lost."""

import asyncio
import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_plus

import warm
from bench import HANGS_AFTER, Bench, Round, free_port
from warm import Command, Events

BUCKET, PREFIX = "results", "山海/batch 1"
URL = f"s3://{BUCKET}/{PREFIX}"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass
class _Cluster:
    """A scheduler and two workers on loopback, each a real one."""

    bench: Bench
    port: int = 0
    parts: dict[str, Command] = field(default_factory=dict)

    def ready(self) -> list[str]:
        """Start what does not live; the option that names the scheduler."""
        said = self.bench.said
        environment = {"TMPDIR": str(said)}  # a worker that is killed leaves there what it had
        if "scheduler" not in self.parts or self.parts["scheduler"].poll() is not None:
            self.end()
            self.port = free_port()
            self.parts["scheduler"] = warm.start_scheduler(self.port, said / "scheduler.txt", environment)
            _wait_for(self.port, self.parts["scheduler"])
        for name in ("worker 1", "worker 2"):
            if name not in self.parts or self.parts[name].poll() is not None:
                folder = self.bench.said / name.replace(" ", "-")
                self.parts[name] = warm.start_worker(self.port, folder, said / f"{folder.name}.txt", environment)
        return ["--scheduler", f"tcp://127.0.0.1:{self.port}"]

    def end(self) -> None:
        for part in self.parts.values():
            part.send(signal.SIGKILL)
            part.wait(10)
        self.parts.clear()


def _wait_for(port: int, command: Command | None) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing answers at {port}: {command.text() if command else ''}")


def _cluster(bench: Bench) -> _Cluster:
    if not hasattr(bench, "cluster"):
        bench.cluster = _Cluster(bench)
    return bench.cluster


def worker_killed(bench: Bench, now: Round) -> None:
    """The runs of the worker are given to the other one: nothing fails."""
    _on_cluster(bench, now, now.random.choice(["worker 1", "worker 2"]), (0,))


def scheduler_killed(bench: Bench, now: Round) -> None:
    _on_cluster(bench, now, "scheduler", (0, 3))


def _on_cluster(bench: Bench, now: Round, target: str, allowed: tuple[int, ...]) -> None:
    bench.take_away(now)
    cluster = _cluster(bench)
    command = bench.start(2, *cluster.ready())
    bench.pause(now, command)
    part = cluster.parts[target]
    family = [*part.family(), *command.family()]
    part.send(signal.SIGKILL)
    part.wait(10)
    now.target, now.allowed = target, allowed
    bench.finish(now, command)
    bench.alive(now, family)
    if target == "scheduler":
        cluster.end()


def sender_killed(bench: Bench, now: Round) -> None:
    """The cluster goes on, and gives up what nobody waits for."""
    bench.take_away(now)
    command = bench.start(2, *_cluster(bench).ready())
    bench.pause(now, command)
    command.send(signal.SIGKILL)
    now.target, now.allowed = "command, its cluster lives", (0, -signal.SIGKILL)
    bench.finish(now, command)


class _Store:
    """A local S3 server, a gate before it that can be shut, and the same results in it as in the folder."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.port, self.gate_port = bench, free_port(), free_port()
        with (bench.said / "moto.txt").open("wb") as said:
            command = [sys.executable, "-P", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
            self.server = subprocess.Popen(command, stdout=said, stderr=said)
        _wait_for(self.port, None)
        self.left = Events()
        self.gate = warm.start_process(lambda: asyncio.run(_gate(self)), bench.said / "gate.txt", {})
        _wait_for(self.gate_port, self.gate)
        self.open()
        self.request("PUT", f"/{BUCKET}")
        self.environment = {
            **_CREDENTIALS, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.gate_port}", "AWS_MAX_ATTEMPTS": "2",
        }  # fmt: skip
        command = self.start(2)
        if command.wait(3600) != 0 or self.contents() != bench.right:
            raise SystemExit(f"the undisturbed batch into a store failed:\n{command.text()}")

    def start(self, jobs: int) -> Command:
        return self.bench.start(jobs, output=URL, environment=self.environment)

    def open(self) -> None:
        self.left[0] = 1 << 60

    def shut_after(self, size: int) -> None:
        self.left[0] = size

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Host": "127.0.0.1", "Authorization": _AUTHORIZATION})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def at(self, name: str) -> str:
        return f"/{BUCKET}/{quote(f'{PREFIX}/{name}')}"

    def names(self) -> list[str]:
        found: list[str] = []
        after = ""
        while True:
            query = f"list-type=2&encoding-type=url&max-keys=1000&start-after={quote(after)}"
            page = self.request("GET", f"/{BUCKET}?{query}").decode()
            keys = [unquote_plus(key) for key in re.findall("<Key>(.*?)</Key>", page)]
            found += keys
            if "<IsTruncated>true" not in page or not keys:
                return [key.removeprefix(f"{PREFIX}/") for key in found]
            after = keys[-1]

    def contents(self) -> dict[str, bytes]:
        return {name: self.request("GET", self.at(name)) for name in self.names() if name != "manifest.json"}

    def take_away(self, now: Round) -> int:
        for run in now.random.sample(sorted(self.bench.records), 2):
            self.request("DELETE", self.at(now.random.choice(sorted(self.bench.records[run]["outputs"]))))
        return 1

    def judge(self, now: Round) -> None:
        """An undisturbed call, then every byte of the store is compared."""
        self.open()
        command = self.start(1)
        if now.refused:
            command = self._follow(now, command)
        status = command.wait(HANGS_AFTER)
        now.expect(status is not None, "hung", "the next call")
        now.expect(status == 0, "lost", f"the next call ended with {status}: {command.text()[-1500:]}")
        self.bench.compare(now, self.contents())
        if now.trouble:
            for name in self.names():
                self.request("DELETE", self.at(name))
            command = self.start(2)
            if command.wait(3600) != 0:
                raise SystemExit(command.text())

    def _follow(self, now: Round, command: Command) -> Command:
        status = command.wait(HANGS_AFTER)
        if status == 0 and now.refused == "may":
            return command
        named = [name for name in sorted(now.touched) if name in command.text()]
        now.expect(status == 1 and bool(named), "unsaid", f"not refused by name: {status} {command.text()[-800:]}")
        for name in named:
            self.request("DELETE", self.at(name))
        if "manifest.json" in self.names():
            return self.start(1)
        command = self.start(1)  # nothing says any more whose results these are
        status = command.wait(HANGS_AFTER)
        is_said = any(name in command.text() for name in self.bench.right if "/" in name)
        now.expect(status == 1 and is_said, "unsaid", f"results without a manifest: {status} {command.text()[-800:]}")
        for name in self.names():
            self.request("DELETE", self.at(name))
        return self.start(1)

    def end(self) -> None:
        self.gate.send(signal.SIGKILL)
        self.gate.wait(10)
        self.server.kill()
        self.server.wait()


_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=testing/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)
"""The server of the tests looks at the form only."""


async def _gate(store: _Store) -> None:
    """Pass bytes on to the server until as many have passed as may; then end all connections, and refuse new ones."""

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while content := await source.read(16384):
            if store.left[0] <= len(content):
                store.left[0] = 0
                break
            store.left[0] -= len(content)
            target.write(content)
            await target.drain()
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if store.left[0] == 0:
            writer.close()
            return
        behind, beyond = await asyncio.open_connection("127.0.0.1", store.port)
        done = await asyncio.gather(pump(reader, beyond), pump(behind, writer), return_exceptions=True)
        for end in (writer, beyond):
            end.close()
        assert len(done) == 2

    server = await asyncio.start_server(serve, "127.0.0.1", store.gate_port)
    async with server:
        await server.serve_forever()


def _store(bench: Bench) -> _Store:
    if not hasattr(bench, "store"):
        bench.store = _Store(bench)
    return bench.store


def store_cut_off(bench: Bench, now: Round) -> None:
    """The store does not answer any more after so many bytes."""
    store = _store(bench)
    jobs = store.take_away(now)
    size = int(10 ** now.random.uniform(2.0, 6.6))
    now.moment, now.target, now.allowed = f"after {size} bytes", "connection to the store", (0, 3)
    store.shut_after(size)
    bench.finish(now, store.start(jobs))
    store.judge(now)


def sender_to_store_killed(bench: Bench, now: Round) -> None:
    store = _store(bench)
    command = store.start(store.take_away(now))
    bench.pause(now, command, longest=1.5)
    family = command.family()
    command.send(signal.SIGKILL)
    now.target, now.allowed = "command, while it uploads", (0, -signal.SIGKILL)
    bench.finish(now, command)
    bench.alive(now, family)
    store.judge(now)


def object_damaged(bench: Bench, now: Round) -> None:
    """Objects of the store are gone, cut, of another run, or other bytes of the same size."""
    store = _store(bench)
    names = now.random.sample(sorted(bench.right), 2)
    if now.random.random() < 0.2:
        names[0] = "manifest.json"
    content = store.request("GET", store.at(names[0]))
    ways = {
        "gone": None, "half": content[: len(content) // 2], "empty": b"",
        "same size": bytes(reversed(content)), "foreign": bench.right[names[1]],
    }  # fmt: skip
    now.moment = now.random.choice(sorted(ways))
    now.target, now.touched = names[0], {names[0]}
    body = ways[now.moment]
    store.request("DELETE" if body is None else "PUT", store.at(names[0]), body)
    if names[0] == "manifest.json":
        now.touched |= {name for name in bench.right if "/" not in name}
        now.refused = "may"
    elif "/" not in names[0] and body is not None:
        now.refused = "may"  # a store without its manifest's word for a file compares nothing here
    store.judge(now)


def close_remote(bench: Bench) -> None:
    """End servers and workers."""
    for name in ("cluster", "store"):
        if hasattr(bench, name):
            getattr(bench, name).end()


ON_CLUSTER: dict[str, Callable[[Bench, Round], None]] = {
    "Dask worker killed": worker_killed,
    "Dask scheduler killed": scheduler_killed,
    "command killed, cluster lives": sender_killed,
}
INTO_STORE: dict[str, Callable[[Bench, Round], None]] = {
    "store cut off": store_cut_off,
    "command killed in upload": sender_to_store_killed,
    "object of store damaged": object_damaged,
}
REMOTE = {**ON_CLUSTER, **INTO_STORE}
