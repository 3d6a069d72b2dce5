"""Debian's Firefox, driven over WebDriver BiDi, which it speaks itself: no driver, nothing to download.

Playwright drives only a Firefox that it has patched and downloaded. `FIREFOX` is None where Debian's is not installed.
Protocol: https://w3c.github.io/webdriver-bidi/
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import websockets.client

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE = 15.0  # seconds
# Nothing of its own goes out, and what automation would switch off, the back/forward cache among it, stays as readers have it.
PREFERENCES = {
    "remote.prefs.recommended": False,
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One tab of a running Firefox. Open it with `firefox`.

    Attributes:
        requests: address of each request that the tab has made.
        errors: what scripts of the tab threw and nobody caught.
    """

    def __init__(self, address: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._line = self._loop.run_until_complete(self._within(_line(f"{address}/session")))
        self._asked = 0
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.ask("session.new", capabilities={})
        self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"], contexts=[self._tab])
        self.ask("browsingContext.setViewport", context=self._tab, viewport={"width": 360, "height": 740})

    @staticmethod
    async def _within(awaitable: Any) -> Any:
        return await asyncio.wait_for(awaitable, PATIENCE)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one command. Raises `AssertionError` with what Firefox says of it."""
        self._asked += 1
        number = self._asked

        async def exchange() -> dict[str, Any]:
            await self._line.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while True:
                answer: dict[str, Any] = json.loads(await self._line.recv())
                if answer.get("id") == number:
                    return answer
                self._note(answer.get("method"), answer.get("params", {}))

        answer = self._loop.run_until_complete(self._within(exchange()))
        assert answer["type"] == "success", f"{method}: {answer.get('error')}: {answer.get('message')}"
        result: dict[str, Any] = answer["result"]
        return result

    def _note(self, what: str | None, said: dict[str, Any]) -> None:
        if what == "network.beforeRequestSent":
            self.requests.append(said["request"]["url"])
        elif what == "log.entryAdded" and (said["type"], said["level"]) == ("javascript", "error"):
            self.errors.append(said["text"])

    def goto(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def back(self) -> None:
        self.ask("browsingContext.traverseHistory", context=self._tab, delta=-1)

    def reload(self) -> None:
        self.ask("browsingContext.reload", context=self._tab, wait="complete")

    @contextlib.contextmanager
    def first(self, function: str) -> Iterator[None]:
        """Within it, this JavaScript function runs in each new page of the tab before the page's own scripts."""
        made = self.ask("script.addPreloadScript", functionDeclaration=function, contexts=[self._tab])
        try:
            yield
        finally:
            self.ask("script.removePreloadScript", script=made["script"])

    @contextlib.contextmanager
    def duplicated(self) -> Iterator[None]:
        """Within it, the copy that the browser's own menu makes of the tab; the tab itself is out of sight meanwhile."""
        first = self._tab
        copy = self._made("gBrowser.selectedTab = gBrowser.duplicateTab(gBrowser.selectedTab)")
        self.wait(lambda: self.run("document.visibilityState") == "hidden", "the copy in front of the tab")
        self._tab = copy
        try:
            yield
        finally:
            self.ask("browsingContext.close", context=self._tab)
            self._tab = first
            self.ask("browsingContext.activate", context=first)

    @contextlib.contextmanager
    def framed(self) -> Iterator[None]:
        """Within it, the first frame of the page instead of the page."""
        page = self._tab
        tree = self.ask("browsingContext.getTree", root=page)["contexts"][0]
        self._tab = tree["children"][0]["context"]
        try:
            yield
        finally:
            self._tab = page

    def close_and_restore(self) -> None:
        """Closes the tab, which must not be the only one, and opens it again as the browser's own menu does."""
        self._tab = self._made("{ gBrowser.removeTab(gBrowser.selectedTab); SessionStore.undoCloseTab(window, 0); }")

    def _made(self, act: str) -> str:
        """The tab that this JavaScript of the browser's window makes."""
        window = self.ask("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"][0]["context"]
        known = self._tabs()
        said = self.ask("script.evaluate", expression=f"{act}; 0", target={"context": window}, awaitPromise=True)
        assert said["type"] == "success", said["exceptionDetails"]["text"]
        self.wait(lambda: self._tabs() - known, "another tab")
        (made,) = self._tabs() - known
        return made

    def _tabs(self) -> set[str]:
        return {one["context"] for one in self.ask("browsingContext.getTree")["contexts"]}

    def run(self, expression: str) -> Any:
        """What a JavaScript expression gives, promises waited for, as JSON."""
        whole = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        said = self.ask("script.evaluate", expression=whole, target={"context": self._tab}, awaitPromise=True)
        assert said["type"] == "success", said["exceptionDetails"]["text"]
        return json.loads(said["result"]["value"])

    def press(self, selector: str) -> None:
        """A press of the pointer on the middle of an element, once it can be seen."""
        self.wait(lambda: self.shown(selector), selector)
        box = self.run(f"document.querySelector('{selector}').getBoundingClientRect()")
        x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
        steps = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": steps}
        self.ask("input.performActions", context=self._tab, actions=[pointer])

    def type(self, text: str) -> None:
        """Keys, to whatever has the focus; a line break is Enter."""
        keys = [{"type": kind, "value": "\ue007" if key == "\n" else key} for key in text for kind in ("keyDown", "keyUp")]
        self.ask("input.performActions", context=self._tab, actions=[{"type": "key", "id": "keys", "actions": keys}])

    def shown(self, selector: str) -> bool:
        """Whether the first such element can be seen and, if it is a control, pressed."""
        return bool(self.run(f"((one) => one && one.checkVisibility() && !one.disabled)(document.querySelector('{selector}'))"))

    def wait(self, wanted: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(AssertionError):  # the page went while it was asked
                if wanted():
                    return
            assert time.monotonic() < deadline, f"did not come: {what}"
            time.sleep(0.05)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.ask("browser.close")
        self._loop.run_until_complete(self._line.close())
        self._loop.close()


@contextlib.contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A headless Firefox with a new profile in that folder. Raises `AssertionError` when it does not start."""
    assert FIREFOX, "Firefox is not installed"
    profile.mkdir(parents=True, exist_ok=True)
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    log = profile / "firefox.log"
    with log.open("wb") as out:
        command = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0"]
        command.append("--remote-allow-system-access")  # to duplicate and restore tabs as its own menu does
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        tab = Firefox(_address(log, process))
        try:
            yield tab
        finally:
            tab.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _line(address: str) -> Any:
    """The open line; made within the loop that will use it, which this library takes from where it is made."""
    return await websockets.client.connect(address, max_size=None, ping_interval=None)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 4 * PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"Firefox did not start: {log.read_text(errors='replace')[-500:]}")
