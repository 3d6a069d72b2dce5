"""Scripts and styles of the chat's pages, compressed once: on a slow line every kilobyte is time until somebody can type."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bot.chat.bundle import bundle

KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    plain: bytes
    small: bytes  # gzip


def read_assets(*folders: Path) -> dict[str, Asset]:
    """Every script and style in `folders`, by its name."""
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix in KINDS]
    return {file.name: _asset(KINDS[file.suffix], file.read_bytes()) for file in files}


def bundles(folder: Path, entries: Iterable[str]) -> dict[str, Asset]:
    """For each entry module one script with all that it imports, as `<entry>-all.js`."""
    sources = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.js")}
    return {f"{entry}-all.js": _asset(KINDS[".js"], bundle(sources, entry).encode()) for entry in entries}


def _asset(kind: str, plain: bytes) -> Asset:
    return Asset(kind, plain, gzip.compress(plain, 9, mtime=0))


def send(request: Request, asset: Asset) -> Response:
    """The asset as the browser takes it; not stored, for a cache tells which pages were open."""
    return compressed(request, asset.plain, asset.small, asset.kind)


def compressed(request: Request, plain: bytes, small: bytes, kind: str) -> Response:
    """`small` to whoever takes gzip, `plain` to others."""
    takes = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if takes else {})}
    return Response(small if takes else plain, media_type=kind, headers=headers)
