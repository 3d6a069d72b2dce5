"""The whole product as `handrail run` starts it, for tests that do to its processes what life does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.settings import ROOT
from bot.store.crypto import Cipher
from bot.store.database import Store

START = 60.0  # seconds until everything must be up on a slow machine


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Product:
    """A running `handrail run`."""

    process: subprocess.Popen[bytes]
    url: str
    env: dict[str, str]
    log: Path

    def pids(self, part: str) -> list[int]:
        """The processes of one part ("web" or "engine"), found among the children of `handrail run`."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "stat").read_text()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            parent = int(status.rsplit(")", 1)[1].split()[1])
            if parent == self.process.pid and part in words:
                found.append(int(entry.name))
        return found

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Sends a signal to a part; returns its pid."""
        (pid,) = self.pids(part)
        os.kill(pid, number)
        return pid

    def health(self) -> dict[str, str]:
        try:
            body: dict[str, str] = httpx.get(f"{self.url}/health", timeout=5).json()
            return body
        except (httpx.HTTPError, ValueError):
            return {}

    def wait_for(self, **wanted: str) -> None:
        """Waits until `/health` says so."""
        deadline = time.monotonic() + START
        while any(self.health().get(part) != value for part, value in wanted.items()):
            assert self.process.poll() is None, f"handrail run ended: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < deadline, f"{wanted} did not come: {self.health()}; {self.log.read_text()[-2000:]}"
            time.sleep(0.1)

    def store(self) -> Store:
        """Looks into the product's database, from outside."""
        return Store(self.env["HANDRAIL_DATABASE_URL"], self.env["HANDRAIL_KEY"])

    def handrail(self, *words: str, stdin: str = "") -> str:
        """Runs another command of `handrail` on the same data; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            env=self.env,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def chat(self) -> OutsideChat:
        opened = httpx.post(f"{self.url}/api/chat/conversations", json={}, timeout=10).json()
        return OutsideChat(self.url, opened["token"], opened["conversation"])


@dataclass
class OutsideChat:
    """A young person's chat over HTTP, patient with a server that comes and goes."""

    url: str
    token: str
    id: str

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, text: str, client_id: str | None = None, timeout: float = 10) -> httpx.Response:
        body = {"client_id": client_id or str(uuid.uuid4()), "text": text}
        return httpx.post(f"{self.url}/api/chat/messages", json=body, headers=self.auth, timeout=timeout)

    def messages(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/chat/messages", headers=self.auth, timeout=10)
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def wait_for_answer(self, after: int, patience: float = 20.0) -> list[dict[str, Any]]:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                said = [message for message in self.messages() if message["seq"] > after and message["sender"] == "bot"]
            except (httpx.HTTPError, ValueError):
                said = []
            if said:
                return said
            time.sleep(0.1)
        raise AssertionError("no answer came")


@contextmanager
def product(tmp_path: Path, *, model_dir: Path | None = None, **more: str) -> Iterator[Product]:
    """Starts the product on a fresh database and free ports; ends it with everything that it started."""
    port = free_port()
    env = {
        **os.environ,
        "HANDRAIL_VAR_DIR": str(tmp_path / "var"),
        "HANDRAIL_DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'handrail.db'}",
        "HANDRAIL_KEY": Cipher.make_key(),
        "HANDRAIL_ENV_FILE": str(tmp_path / "none.env"),
        "HANDRAIL_MODEL_DIR": str(model_dir or ROOT / "models"),
        "HANDRAIL_ENGINE_PORT": str(free_port()),
        "HANDRAIL_PORT": str(port),
        **more,
    }
    (tmp_path / "var").mkdir(exist_ok=True)
    log = tmp_path / "product.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "run", "--port", str(port)], env=env, cwd=ROOT, stdout=output, stderr=output
        )
    running = Product(process, f"http://127.0.0.1:{port}", env, log)
    try:
        running.wait_for(web="ok")
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
