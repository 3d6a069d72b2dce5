"""Encryption of what people wrote, at rest.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec) from `cryptography`. Several keys may be given,
separated by commas: the first encrypts, all decrypt, so that a key can be changed without losing what stands.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

from bot.errors import HandrailError


class CipherError(HandrailError):
    """The key is missing, malformed, or not the one the data was written with."""


class Cipher:
    """Encrypts and decrypts text with the configured keys.

    Args:
        keys: one or more url-safe base64 32-byte keys, separated by commas.

    Raises:
        CipherError: when there is no usable key.
    """

    def __init__(self, keys: str) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as error:
            raise CipherError("HANDRAIL_KEY is missing or not a key; `handrail key` makes one") from error

    @staticmethod
    def make_key() -> str:
        return Fernet.generate_key().decode()

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def decrypt(self, token: bytes) -> str:
        try:
            return self._fernet.decrypt(token).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise CipherError("stored data cannot be read with the key in use") from error


_cipher: Cipher | None = None


def use_cipher(cipher: Cipher) -> None:
    """Sets the process's cipher; column types have no other way to be handed one."""
    global _cipher
    _cipher = cipher


def _current() -> Cipher:
    if _cipher is None:
        raise CipherError("no key is loaded")
    return _cipher


class EncryptedText(TypeDecorator[str]):
    """A text column that only ever holds ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else _current().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        return None if value is None else _current().decrypt(bytes(value))


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON column that only ever holds ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        return None if value is None else _current().encrypt(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:
        return None if value is None else json.loads(_current().decrypt(bytes(value)))
