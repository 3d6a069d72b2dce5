"""`handrail run`: starts `web` and `engine`, keeps them running, and ends them together.

Each part is a process in a session of its own, so Ctrl-C reaches this one only. A part that dies is started again: at
once when it had been up for a while, else after a pause that doubles. A part notices the end of this process, however
it ends, by the end of its standard input, which this process holds open.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

PARTS = ("web", "engine")  # in the order of their start: `web` can help a young person without the engine
WATCHED = "--watched"  # tells a part to end with the process that started it
STABLE = 5.0  # seconds that a part must be up for its next restart to come at once
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds before a restart
ENGINE_PAUSE = 15.0  # the same for the engine: its start alone keeps a processor busy for seconds
HEAD_START = 1.5  # seconds that `web` has for itself, so that it serves at once
TICK = 0.1
GRACE = 8.0  # seconds between asking the parts to end and killing them


@dataclass
class Part:
    """One child process and its restarts.

    Attributes:
        essential: when its very first start fails, there is no use in going on.
        longest_pause: seconds before a restart, when it has ended soon after each of many.
        start_at: not before, on the clock of `time.monotonic`.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    essential: bool = False
    longest_pause: float = LONGEST_PAUSE
    start_at: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    starts: int = 0

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(self.command, env=dict(self.environment), stdin=subprocess.PIPE, start_new_session=True)
        self.started_at = now
        self.starts += 1

    def keep(self, now: float) -> int | None:
        """Starts the part when it is not running and its pause is over.

        Returns:
            The exit status when the part has ended since the last call, else None.
        """
        ended = None
        if self.process is not None and (ended := self.process.poll()) is not None:
            self._gone()
            self.pause = FIRST_PAUSE if now - self.started_at >= STABLE else min(self.pause * 2, self.longest_pause)
            self.start_at = now + self.pause
        if self.process is None and now >= self.start_at:
            self.start(now)
        return ended

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end_by(self, deadline: float) -> None:
        """Waits until `deadline`, then kills; also a part that is frozen ends."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._gone()

    def _gone(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


class Supervisor:
    """Runs parts until it is told to stop.

    Args:
        parts: in the order of their start.
        say: prints one line for the person at the terminal.
        each_tick: called ten times a second; returns False when there is nothing more to do.
    """

    def __init__(self, parts: list[Part], say: Callable[[str], None], each_tick: Callable[[], bool] | None = None) -> None:
        self.parts = parts
        self._say = say
        self._each_tick = each_tick
        self._stop = False

    def run(self) -> int:
        """Returns the exit status: 0 when it was told to stop, else that of an essential part that could not start."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        status = 0
        try:
            while not self._stop and status == 0:
                status = self._keep_all()
                if self._each_tick is not None and not self._each_tick():
                    self._each_tick = None
                time.sleep(TICK)
        finally:
            self._end_all()
        return status

    def _keep_all(self) -> int:
        now = time.monotonic()
        for part in self.parts:
            ended = part.keep(now)
            if ended is None:
                continue
            if part.essential and part.starts == 1 and ended > 0:
                return ended  # it has said why; trying again would only say it again
            self._say(f"{part.name} ended ({_how(ended)}); starting it again")
        return 0

    def _end_all(self) -> None:
        for part in self.parts:
            part.ask_to_end()
        deadline = time.monotonic() + GRACE
        for part in self.parts:
            part.end_by(deadline)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop = True


def parts(environment: Mapping[str, str]) -> list[Part]:
    """The product's parts, each this same program with another command.

    Args:
        environment: what the parts are given; settings reach them this way.
    """
    web, engine = ([sys.executable, "-m", "bot.cli", name, WATCHED] for name in PARTS)
    later = time.monotonic() + HEAD_START
    return [
        Part("web", web, environment, essential=True),
        Part("engine", engine, environment, longest_pause=ENGINE_PAUSE, start_at=later),
    ]


def end_with_parent() -> None:
    """For a part: asks this process to end when its standard input does, and makes it end if that takes too long."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _how(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
