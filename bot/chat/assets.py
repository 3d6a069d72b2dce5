"""Scripts and styles of the chat's pages, compressed once: on a slow line every kilobyte is time until somebody can type."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    plain: bytes
    small: bytes  # gzip


def read_assets(*folders: Path) -> dict[str, Asset]:
    """Every script and style in `folders`, by its name."""
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix in KINDS]
    return {file.name: _asset(file) for file in files}


def _asset(file: Path) -> Asset:
    plain = file.read_bytes()
    return Asset(KINDS[file.suffix], plain, gzip.compress(plain, 9, mtime=0))


def send(request: Request, asset: Asset) -> Response:
    """The asset as the browser takes it; not stored, for a cache tells which pages were open."""
    return compressed(request, asset.plain, asset.small, asset.kind)


def compressed(request: Request, plain: bytes, small: bytes, kind: str) -> Response:
    """`small` to whoever takes gzip, `plain` to others."""
    takes = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if takes else {})}
    return Response(small if takes else plain, media_type=kind, headers=headers)
