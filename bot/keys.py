"""The encryption key: where it is kept, and how the first one is made."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy import make_url

from bot.errors import HandrailError
from bot.settings import ROOT, Settings, load_settings
from bot.store.crypto import Cipher


def env_file() -> Path:
    """The file that `load_settings` reads; it need not exist."""
    return Path(os.environ.get("HANDRAIL_ENV_FILE") or ROOT / ".env")


def ensure_key(settings: Settings) -> Settings:
    """Makes a key where there is none yet: in `HANDRAIL_KEY_FILE` when that is set, else in `.env`.

    Returns:
        The settings, with the key.

    Raises:
        HandrailError: a database is there, but not the key that it was written with.
    """
    if settings.load_key():
        return settings
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and database.database and Path(database.database).exists():
        raise HandrailError(
            f"There is a database ({database.database}) but no key to read it with. "
            "Put its key back into .env (HANDRAIL_KEY), or move the database away to start anew."
        )
    key = Cipher.make_key()
    if settings.key_file is not None:
        _write_secret(settings.key_file, key + "\n")
    else:
        file = env_file()
        before = file.read_text(encoding="utf-8") if file.is_file() else (ROOT / ".env.example").read_text(encoding="utf-8")
        lines = [line for line in before.splitlines() if not line.startswith("HANDRAIL_KEY=")]
        _write_secret(file, "\n".join([*lines, f"HANDRAIL_KEY={key}", ""]))
        os.environ["HANDRAIL_KEY"] = key  # an empty one may have been read from the file before, and the environment wins
    return load_settings()


def key_place(settings: Settings) -> Path | None:
    """The file that the key is read from; None when the environment itself brings it."""
    if settings.key_file is not None and settings.key_file.is_file():
        return settings.key_file
    file = env_file()
    kept = dotenv_values(file).get("HANDRAIL_KEY") if file.is_file() else None
    return file.resolve() if kept and kept == settings.key else None


def _write_secret(file: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
        output.write(text)
    fresh.replace(file)
