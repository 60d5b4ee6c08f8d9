"""A long series of faults over real batches, a line of JSON a round."""

import argparse
import csv
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import warm
from bench import NOTEBOOKS, Bench, Round
from kinds import KINDS
from remote import INTO_STORE, REMOTE, close_remote

ALL = {**KINDS, **REMOTE}
_COLD_EVERY = 40
"""One round in so many starts its command as a user does."""

_CAN_BE_COLD = ("command killed", "fork server killed", "kernel killed", "Ctrl-C", "terminated")


def series(rounds: Sequence[int], seed: int, kinds: Sequence[str], log: Path | None) -> bool:
    """Disturb a batch for each number; the same seed and number give the same fault. Returns whether all was well."""
    is_well = True
    with tempfile.TemporaryDirectory(prefix="b-", ignore_cleanup_errors=True) as work:
        bench = Bench(Path(work))
        try:
            for number in rounds:
                kind = kinds[number % len(kinds)]
                now = Round(number, kind, random.Random(f"{seed} {number} {kind}"))
                now.is_cold = kind in _CAN_BE_COLD and now.random.randrange(_COLD_EVERY) == 0
                line = _done(bench, now, seed)
                is_well &= line["outcome"] == "well"
                print(f"{number} {kind}: {line['outcome']} ({line['seconds']} s, {line['cpu']} cpu s)", file=sys.stderr)
                if log:
                    with log.open("a", encoding="utf-8") as stream:
                        stream.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        finally:
            close_remote(bench)
            bench.close()
    return is_well


def _done(bench: Bench, now: Round, seed: int) -> dict[str, object]:
    started, before = time.monotonic(), _used()
    ALL[now.kind](bench, now)
    if now.kind not in INTO_STORE:
        bench.inspect(now)
        bench.rerun(now)
    line: dict[str, object] = {
        "seed": seed, "round": now.number, "kind": now.kind, "moment": now.moment, "target": now.target,
        "status": now.status, "cold": now.is_cold, "seconds": round(time.monotonic() - started, 1),
        "cpu": round(_used() - before, 1), "outcome": "well" if not now.trouble else "trouble",
    }  # fmt: skip
    if now.trouble:
        line["trouble"] = now.trouble
        if now.kind not in INTO_STORE:
            bench.repair()
    return line


def _used() -> float:
    """Processor seconds of this process and those that it has seen end."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


HEADS = {
    "en": ("fault", "rounds", "results lost", "wrong, half, stale or left behind", "other trouble", "all"),
    "zh": ("故障", "次数", "丢失结果", "出错、残缺、过期或残留", "其他问题", "合计"),
}
CHINESE = {
    "command killed": "强行终止命令",
    "fork server killed": "强行终止分叉服务进程",
    "kernel killed": "强行终止内核",
    "kernel stands still": "内核停住，单元格超时",
    "Ctrl-C": "Ctrl-C",
    "terminated": "请求终止",
    "terminal lost": "终端断开",
    "disk full": "磁盘写满",
    "disk read-only": "磁盘变为只读",
    "file immutable": "文件不可更改",
    "folder immutable": "目录不可更改",
    "rights of a user lost": "用户失去权限",
    "result damaged": "结果损坏、截断或被替换",
    "results swapped": "两个结果互换",
    "manifest damaged": "清单损坏",
    "journal damaged": "日志损坏",
    "folder in the way": "同名位置有目录",
    "link in the way": "同名位置有链接",
    "two batches": "两批同时写入一个目录",
    "clock gone back": "时钟倒退",
    "Dask worker killed": "强行终止Dask工作进程",
    "Dask scheduler killed": "强行终止Dask调度器",
    "command killed, cluster lives": "强行终止命令，集群仍在",
    "store cut off": "存储中断",
    "command killed in upload": "上传途中强行终止命令",
    "object of store damaged": "存储中的对象损坏或缺失",
}
PAGES = {"en": "lib/docs/batch.md", "zh": "lib/docs/zh/batch.md"}
_BAD = {"wrong", "half", "left"}

KEPT = Path(__file__).with_name("rounds.csv")
"""Rounds of all series so far; a session of a few hours does some hundreds."""

_COLUMNS = ("seed", "round", "kind", "target", "status", "trouble")


def read_rounds(logs: Sequence[Path]) -> list[dict[str, str]]:
    """Rounds that are kept beside this file and those of logs, by seed and number.

    Of two lines of one seed, round and kind the later one counts: the round was done again after a repair.
    """
    rounds: dict[tuple[int, int, str], dict[str, str]] = {}
    if KEPT.is_file():
        with KEPT.open(encoding="utf-8", newline="") as stream:
            for kept in csv.DictReader(stream):
                rounds[int(kept["seed"]), int(kept["round"]), kept["kind"]] = kept
    for log in logs:
        for text in log.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            told = {name: str(line[name]) for name in _COLUMNS[:-1]} | {
                "trouble": ";".join(sorted(line.get("trouble", ())))
            }
            rounds[line["seed"], line["round"], line["kind"]] = told
    return [rounds[key] for key in sorted(rounds)]


def table(rounds: Sequence[Mapping[str, str]], language: str = "en") -> str:
    """Rounds and what became of them by kind, as a table of Markdown."""
    by_kind: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for line in rounds:
        by_kind[line["kind"]].append(line)
    ordered = [kind for kind in ALL if kind in by_kind]
    *heads, total = HEADS[language]
    names = CHINESE if language == "zh" else {kind: kind for kind in ordered}
    body = [_row(names[kind], by_kind[kind]) for kind in ordered]
    body.append(_row(total, [line for kind in ordered for line in by_kind[kind]]))
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *body])


def _row(name: str, lines: Sequence[Mapping[str, str]]) -> str:
    troubles = [set(filter(None, line["trouble"].split(";"))) for line in lines]
    counts = [sum("lost" in t for t in troubles), sum(bool(t & _BAD) for t in troubles)]
    counts.append(sum(bool(t - _BAD - {"lost"}) for t in troubles))
    return f"| {name} | {len(lines):,} | {' | '.join(map(str, counts))} |"


def write_tables(rounds: Sequence[Mapping[str, str]], root: Path) -> None:
    """Keep the rounds beside this file, and put their table in the place of the one that either page has."""
    with KEPT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rounds)
    for language, name in PAGES.items():
        page = root / name
        text = page.read_text(encoding="utf-8")
        start = text.index(f"| {HEADS[language][0]} | {HEADS[language][1]} |")
        end = text.index("\n\n", start) if "\n\n" in text[start:] else len(text.rstrip("\n"))
        page.write_text(text[:start] + table(rounds, language) + text[end:], encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Options of ``break_runner --batch``."""
    parser = argparse.ArgumentParser(prog="break_runner --batch", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", default=["local"], help=f"local, remote, or any of {', '.join(ALL)}")
    parser.add_argument("--log", type=Path, help="file that gets a line of JSON a round")
    options = parser.parse_args(arguments)
    groups = {"local": list(KINDS), "remote": list(REMOTE)}
    kinds = [kind for name in options.kinds for kind in groups.get(name, [name])]
    if unknown := sorted(set(kinds) - set(ALL)):
        parser.error(f"no such fault: {', '.join(unknown)}")
    _become_warm()
    numbers = range(options.first, options.first + options.rounds)
    return 0 if series(numbers, options.seed, kinds, options.log) else 1


def _become_warm() -> None:
    """Start this program anew in the environment of kernels, unless it was; then import what they import."""
    from shanhai.run.kernel import FIXED

    if warm.MARK not in sys.argv:
        os.execve(sys.executable, [*sys.orig_argv, warm.MARK], os.environ | FIXED)
    warm.prepare(NOTEBOOKS)
