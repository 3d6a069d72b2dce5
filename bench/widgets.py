"""Bytes, and time until somebody can type, beside two public chat widgets, in one run.

    python -m bench.widgets [--write]

Each is opened five times in Chromium on an emulated slow line (400 kbit/s, 400 ms) and a processor four times slower, from one
server that compresses everything. The widgets come from npm as their makers publish them, on an otherwise empty page and
open at once; the chat page has its first screen, so its time includes the press on Start. rasa-webchat shows no composer
until its own server answers (and asks a third party for a font): its time is only until its script has run, which is earlier.
"""

from __future__ import annotations

import argparse
import gzip
import re
import socket
import statistics
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.settings import ROOT
from tests.browser.chat_browser import ARGUMENTS, CHROMIUM
from tests.browser.stub_chat import Stub, serve

WORK = ROOT / "bench" / ".work" / "widgets"
PAGE = ROOT / "docs" / "benchmarks-chat-page.md"
RUNS = 5
PATIENCE = 120_000  # ms
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
HEAD = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'


@dataclass(frozen=True, slots=True)
class Widget:
    """A published widget: npm package and version, the script in it, a page with it, and what to type in.

    `composer` is None where none comes without the widget's own server: then only the script's running is waited for.
    """

    package: str
    version: str
    script: str
    html: str
    composer: str | None


WIDGETS = (
    Widget(
        "rasa-webchat",
        "1.0.1",
        "lib/index.js",
        '<script src="/widget.js"></script>',
        None,
    ),
    Widget(
        "deep-chat",
        "2.4.2",
        "dist/deepChat.bundle.js",
        '<script type="module" src="/widget.js"></script><deep-chat connect=\'{"url": "/post"}\'></deep-chat>',
        "deep-chat #text-input",
    ),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one load took: bytes on the wire (all, scripts), requests, seconds until the composer took text."""

    everything: int
    scripts: int
    requests: int
    usable: float


def fetched(widget: Widget) -> bytes:
    """The widget's script, from npm, kept in the work folder."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / f"{widget.package}-{widget.version}.js"
    if not file.is_file():
        pack = ["npm", "pack", "--silent", f"{widget.package}@{widget.version}"]
        subprocess.run(pack, cwd=WORK, check=True, capture_output=True)
        with tarfile.open(WORK / f"{widget.package}-{widget.version}.tgz") as archive:
            found = archive.extractfile(f"package/{widget.script}")
            assert found is not None
            file.write_bytes(found.read())
    return file.read_bytes()


@contextmanager
def serve_widget(widget: Widget) -> Iterator[str]:
    def sent(body: bytes, kind: str) -> Response:
        return Response(gzip.compress(body, 9), media_type=kind, headers={"Content-Encoding": "gzip"})

    async def page(_request: Request) -> Response:
        return HTMLResponse(HEAD + f"<title>Page</title><body>{widget.html}")

    async def script(_request: Request) -> Response:
        return sent(fetched(widget), "text/javascript")

    app = Starlette(routes=[Route("/", page), Route("/widget.js", script)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(5)


def load(browser: Browser, address: str, composer: str | None, start: str | None) -> Figures:
    """Opens the page once and types a word."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    page: Page = context.new_page()
    session = context.new_cdp_session(page)
    sizes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: kinds.__setitem__(event["requestId"], event["type"]))
    session.on("Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    started = time.monotonic()
    page.goto(address, wait_until="commit")
    if start:
        page.locator(start).click()
    if composer is None:
        page.wait_for_function("window.WebChat")
    else:
        page.locator(composer).first.click()
        page.keyboard.type("a")
        expect(page.locator(composer).first).to_be_focused()
    usable = time.monotonic() - started
    page.wait_for_timeout(500)
    context.close()
    first = {"Document", "Script", "Stylesheet", "Font", "Image"}
    loaded = {name: size for name, size in sizes.items() if kinds.get(name) in first}
    return Figures(
        sum(loaded.values()), sum(size for name, size in loaded.items() if kinds[name] == "Script"), len(loaded), usable
    )


def measured(browser: Browser, address: str, composer: str | None, start: str | None = None) -> list[Figures]:
    return [load(browser, address, composer, start) for _ in range(RUNS)]


def row(name: str, found: list[Figures]) -> str:
    first, times = found[0], [one.usable for one in found]
    size = f"| {name} | {first.everything / 1024:.0f} KiB | {first.scripts / 1024:.0f} KiB | {first.requests} "
    return f"{size}| {statistics.median(times):.1f} s | {min(times):.1f} to {max(times):.1f} s |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="put the table into docs")
    write = options.parse_args().write
    lines = ["| | first load | of it scripts | requests | until the composer takes text, median of 5 | range |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with serve(Stub()) as address:
            lines.append(row("Handrail's chat page", measured(browser, address, "#say", "#begin:enabled")))
        for widget in WIDGETS:
            with serve_widget(widget) as address:
                lines.append(row(f"{widget.package} {widget.version}", measured(browser, address, widget.composer)))
        browser.close()
    print("\n".join(lines))
    if write:
        about = re.sub(r"\n {4}python.*?\n", "", __doc__ or "").split("\n", 1)
        PAGE.write_text(f"# {about[0]}\n\nWritten by `python -m bench.widgets --write`.\n{about[1]}\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
