from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.processes import LONGEST_PAUSE, WATCHED, Part, Supervisor, parts

PATIENCE = 20.0


def part(name: str, code: str, *arguments: str, essential: bool = False) -> Part:
    return Part(name, [sys.executable, "-c", textwrap.dedent(code), *arguments], os.environ, essential=essential)


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


WRITES_ITS_PID = """
    import os, sys, time
    open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def signals_as_they_were() -> object:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_a_part_that_is_killed_is_started_again_and_all_end_with_the_signal(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    said: list[str] = []
    killed: list[str] = []

    def tick() -> bool:
        pids = lines(file)
        if len(pids) == 1 and not killed:
            killed.extend(pids)
            os.kill(int(pids[0]), signal.SIGKILL)
        if len(pids) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return len(pids) < 2

    status = Supervisor([part("engine", WRITES_ITS_PID, str(file))], said.append, tick).run()

    assert status == 0
    assert said == ["engine ended (killed by SIGKILL); starting it again"]
    assert not [pid for pid in lines(file) if Path(f"/proc/{pid}").exists()]


def test_an_essential_part_that_cannot_start_ends_the_run_with_its_status() -> None:
    assert Supervisor([part("web", "raise SystemExit(3)", essential=True)], lambda line: None).run() == 3


def test_a_part_that_is_not_essential_may_fail_while_the_others_run(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    failing = part("engine", "raise SystemExit(3)")

    def tick() -> bool:
        if failing.starts >= 3:
            os.kill(os.getpid(), signal.SIGINT)
        return True

    assert Supervisor([part("web", WRITES_ITS_PID, str(file)), failing], lambda line: None, tick).run() == 0
    assert len(lines(file)) == 1


def test_the_pause_before_a_restart_doubles_up_to_a_limit() -> None:
    failing = part("engine", "raise SystemExit(3)")
    pauses: list[float] = []
    now = 0.0
    while len(pauses) < 6:
        if failing.process is not None:
            failing.process.wait()
        now += 0.01
        if failing.keep(now) is not None:
            pauses.append(failing.pause)
            now = failing.start_at

    assert pauses == [0.2, 0.4, 0.8, 1.6, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_frozen_part_is_killed_when_all_end(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    frozen = part("engine", WRITES_ITS_PID, str(file))
    frozen.start(time.monotonic())
    wait_until(lambda: bool(lines(file)))
    os.kill(int(lines(file)[0]), signal.SIGSTOP)

    frozen.ask_to_end()
    frozen.end_by(time.monotonic() + 0.2)

    assert not Path(f"/proc/{lines(file)[0]}").exists()


def test_a_part_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    child = """
        import os, sys, time
        from bot.processes import end_with_parent
        end_with_parent()
        open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
        time.sleep(60)
    """
    supervisor = f"""
        import os, sys
        from bot.processes import Part, Supervisor
        Supervisor([Part("web", [sys.executable, "-c", {textwrap.dedent(child)!r}, sys.argv[1]], os.environ)], print).run()
    """
    running = subprocess.Popen([sys.executable, "-c", textwrap.dedent(supervisor), str(file)])
    wait_until(lambda: bool(lines(file)))
    running.kill()
    running.wait()

    wait_until(lambda: not Path(f"/proc/{lines(file)[0]}").exists())


def test_web_starts_before_the_engine_and_both_watch_their_supervisor() -> None:
    started = parts({"A": "b"})

    assert [part.name for part in started] == ["web", "engine"]
    assert started[0].start_at < started[1].start_at
    assert [part.essential for part in started] == [True, False]
    assert all(part.command[-1] == WATCHED for part in started)
