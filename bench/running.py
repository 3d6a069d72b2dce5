"""A program that is started for the benchmark, and what it costs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE = 300.0  # seconds until it must be up


class Running:
    """A started program with its children."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._started = time.perf_counter()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, up: Callable[[], bool]) -> float:
        """Seconds from its start until `up`. Raises `RuntimeError`, with the end of its log, when that does not come."""
        while not up():
            if self._process.poll() is not None or time.perf_counter() - self._started > PATIENCE:
                raise RuntimeError(f"it did not come up:\n{self._log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)
        return time.perf_counter() - self._started

    def memory(self) -> float:
        """MiB of the program and all its children: each page of memory once, also one that several of them share."""
        return sum(pss(pid) for pid in tree(self._process.pid)) / 1024

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Iterator[Running]:
    """Starts `command` in `folder`, with its output in `log`; ends it and its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    started = Running(process, log)
    try:
        yield started
    finally:
        started.end()


def answers(url: str, wanted: Callable[[httpx.Response], bool]) -> bool:
    try:
        return wanted(httpx.get(url, timeout=2))
    except (httpx.HTTPError, ValueError):
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def tree(root: int) -> list[int]:
    """Process ids of `root` and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def pss(pid: int) -> int:
    """Kibibytes; 0 for a process that has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
