"""One settings object, from the environment and `.env`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how they are reached. Every field has a variable in `.env.example`."""

    database_url: str
    key: str
    key_file: Path | None
    data_dir: Path
    model_dir: Path
    var_dir: Path
    host: str
    port: int
    engine_host: str
    engine_port: int
    chat_origin: str
    desk_origin: str
    oncall_webhook: str
    log_level: str
    operating_point: float = 0.25
    oncall_mail_to: str = ""
    oncall_mail_from: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    keep_examples: bool = False

    @property
    def engine_url(self) -> str:
        return f"http://{self.engine_host}:{self.engine_port}"

    @property
    def encoder_file(self) -> Path:
        return self.model_dir / "encoder" / "encoder.onnx"

    @property
    def triage_model_dir(self) -> Path:
        return self.model_dir / "triage"

    @property
    def dialogue_model_dir(self) -> Path:
        return self.model_dir / "dialogue"

    def load_key(self) -> str:
        """The encryption key or keys; from `HANDRAIL_KEY_FILE` when that is set, else from `HANDRAIL_KEY`."""
        if self.key_file is not None and self.key_file.is_file():
            return self.key_file.read_text(encoding="utf-8").strip()
        return self.key

    @property
    def bound_to_loopback(self) -> bool:
        return self.host in {"127.0.0.1", "localhost", "::1"}


def load_settings() -> Settings:
    """Reads `.env` (without overriding the environment) and returns the settings. Raises `ValueError` on a bad number."""
    load_dotenv(os.environ.get("HANDRAIL_ENV_FILE", ROOT / ".env"))
    env = os.environ.get
    var_dir = Path(env("HANDRAIL_VAR_DIR") or ROOT / "var").resolve()
    return Settings(
        database_url=env("HANDRAIL_DATABASE_URL") or f"sqlite:///{var_dir / 'handrail.db'}",
        key=env("HANDRAIL_KEY") or "",
        key_file=Path(key_file).resolve() if (key_file := env("HANDRAIL_KEY_FILE")) else None,
        data_dir=Path(env("HANDRAIL_DATA_DIR") or ROOT / "data").resolve(),
        model_dir=Path(env("HANDRAIL_MODEL_DIR") or ROOT / "models").resolve(),
        var_dir=var_dir,
        host=env("HANDRAIL_HOST") or "127.0.0.1",
        port=int(env("HANDRAIL_PORT") or 8000),
        engine_host=env("HANDRAIL_ENGINE_HOST") or "127.0.0.1",
        engine_port=int(env("HANDRAIL_ENGINE_PORT") or 8005),
        chat_origin=env("HANDRAIL_CHAT_ORIGIN") or "",
        desk_origin=env("HANDRAIL_DESK_ORIGIN") or "",
        oncall_webhook=env("HANDRAIL_ONCALL_WEBHOOK") or "",
        log_level=env("HANDRAIL_LOG_LEVEL") or "info",
        operating_point=_share(env("HANDRAIL_OPERATING_POINT") or "0.25"),
        oncall_mail_to=env("HANDRAIL_ONCALL_MAIL_TO") or "",
        oncall_mail_from=env("HANDRAIL_ONCALL_MAIL_FROM") or env("HANDRAIL_ONCALL_MAIL_TO") or "",
        smtp_host=env("HANDRAIL_SMTP_HOST") or "",
        smtp_port=int(env("HANDRAIL_SMTP_PORT") or 587),
        smtp_security=_security(env("HANDRAIL_SMTP_SECURITY") or "starttls"),
        smtp_user=env("HANDRAIL_SMTP_USER") or "",
        smtp_password=env("HANDRAIL_SMTP_PASSWORD") or "",
        keep_examples=_switch(env("HANDRAIL_KEEP_EXAMPLES") or "off"),
    )


def _security(value: str) -> str:
    if value not in ("none", "starttls", "tls"):
        raise ValueError("HANDRAIL_SMTP_SECURITY is none, starttls or tls")
    return value


def _switch(value: str) -> bool:
    if value not in ("on", "off"):
        raise ValueError("HANDRAIL_KEEP_EXAMPLES is on or off")
    return value == "on"


def _share(value: str) -> float:
    number = float(value)
    if not 0.02 <= number <= 0.98:
        raise ValueError("HANDRAIL_OPERATING_POINT is a probability between 0.02 and 0.98")
    return number
