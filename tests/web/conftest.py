from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.chat_fixtures import Web, web_process


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with web_process(tmp_path) as running:
        yield running
