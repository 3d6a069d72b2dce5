"""A stock Rasa project: `rasa init`, default configuration, `rasa run`, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.load import NoAnswer
from bench.running import Running, answers, free_port, running
from bot.settings import ROOT

VERSION = "3.6.21"
ANSWER_BY = 60.0  # seconds
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}

# The rules of the project that `rasa init` writes always answer these.
TEXTS = ("are you a bot?", "bye.", "am I talking to a human?", "see you later.")


class NoStockRasa(Exception):
    """It cannot be installed here; says why."""


class Stock:
    """The REST channel of `rasa run`: the answer is the body of the response."""

    texts = TEXTS
    burst = 18

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._opened = 0

    async def open(self) -> StockConversation:
        self._opened += 1
        return StockConversation(self._url, self._http, f"young-person-{time.time_ns()}-{self._opened}")


class StockConversation:
    def __init__(self, url: str, http: aiohttp.ClientSession, sender: str) -> None:
        self._url = url
        self._http = http
        self._sender = sender

    async def say(self, text: str) -> float:
        body = {"sender": self._sender, "message": text}
        timeout = aiohttp.ClientTimeout(total=ANSWER_BY)
        began = time.perf_counter()
        try:
            async with self._http.post(f"{self._url}/webhooks/rest/webhook", json=body, timeout=timeout) as answer:
                replies = await answer.json()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise NoAnswer(text) from error
        if not replies:
            raise NoAnswer(text)
        return time.perf_counter() - began

    async def close(self) -> None:
        pass


def environment(work: Path) -> tuple[Path, str]:
    """Its virtual environment, made when missing, and a sentence on what is in it.

    With Python 3.10 Rasa's own pins are installed. Without, or where they cannot be resolved any more, it is the newest
    packages that this project runs Rasa on, which are faster than the pinned ones if anything.

    Raises:
        NoStockRasa: neither can be installed.
    """
    for name in ("stock-pins", "our-pins"):
        folder = work / name
        if (folder / "made").is_file():
            return folder, (folder / "made").read_text(encoding="utf-8")
    problems = []
    for name, make in (("stock-pins", _with_stock_pins), ("our-pins", _with_our_pins)):
        folder = work / name
        shutil.rmtree(folder, ignore_errors=True)
        try:
            said = make(folder)
        except (NoStockRasa, subprocess.CalledProcessError) as error:
            problems.append(f"{name}: {error}")
            continue
        (folder / "made").write_text(said, encoding="utf-8")
        return folder, said
    raise NoStockRasa("; ".join(problems))


def _with_stock_pins(folder: Path) -> str:
    python = find_python310()
    _uv("venv", "--python", python, folder)
    # pkg_resources, which Rasa imports, left setuptools with version 81.
    _uv("pip", "install", "--python", folder / "bin" / "python", f"rasa=={VERSION}", "setuptools<81")
    return f"Rasa {VERSION} with its own pins on Python 3.10"


def _with_our_pins(folder: Path) -> str:
    _uv("venv", "--python", sys.executable, folder)
    overrides = folder / "overrides.txt"
    overrides.write_text("\n".join(_overrides()), encoding="utf-8")
    packages = [f"rasa=={VERSION}", "dask==2022.10.2"]
    _uv("pip", "install", "--python", folder / "bin" / "python", "--override", overrides, *packages)
    return f"Rasa {VERSION} with this project's lifted pins on Python 3.11 (its own could not be installed)"


def _overrides() -> list[str]:
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        lifted: list[str] = tomllib.load(file)["tool"]["uv"]["override-dependencies"]
    # Rasa's own store of conversations, which a stock project uses in memory only, asks for the older SQLAlchemy.
    return [line for line in lifted if not line.startswith("sentence-transformers")]


def find_python310() -> str:
    """A Python 3.10 that really runs. Raises `NoStockRasa`, saying what to do."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [shutil.which("python3.10"), *(str(python) for python in sorted(pyenv.glob("3.10*/bin/python"), reverse=True))]
    for candidate in candidates:
        if candidate is None:
            continue
        asked = subprocess.run([candidate, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
        if asked.stdout.strip() == "3 10":
            return candidate
    raise NoStockRasa("there is no Python 3.10 on the path nor in pyenv; install one to compare with Rasa's own pins")


def _uv(*words: str | Path) -> None:
    beside = Path(sys.executable).with_name("uv")
    command = [str(beside) if beside.is_file() else "uv", *map(str, words)]
    # Our own locked environment must not be what uv works on.
    ours = ("UV_PYTHON", "UV_PROJECT", "VIRTUAL_ENV")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # Elsewhere, or uv finds this project's overrides and uses them for stock Rasa too.
    subprocess.run(command, check=True, env=outside, cwd=tempfile.gettempdir())


def project(work: Path, folder: Path) -> Path:
    """The project that `rasa init` writes and trains; made once for each environment."""
    place = work / f"project-{folder.name}"
    if not list(place.glob("models/*.tar.gz")):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)  # without a prompt, `rasa init` refuses a folder that is not there
        command = [str(folder / "bin" / "rasa"), "init", "--no-prompt", "--init-dir", str(place)]
        subprocess.run(command, check=True, env={**os.environ, **QUIET}, stdin=subprocess.DEVNULL)
    return place


@contextmanager
def product(work: Path, folder: Path) -> Iterator[tuple[Running, str, float]]:
    """Starts `rasa run`; yields it, its address, and the seconds until it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(folder / "bin" / "rasa"), "run", "--enable-api", "--port", str(port), "--interface", "127.0.0.1"]
    with running(command, QUIET, project(work, folder), work / "stock.log") as started:
        # /status is 409 until the model is loaded.
        up = started.wait(lambda: answers(f"{url}/status", lambda answer: answer.status_code == 200))
        yield started, url, up
