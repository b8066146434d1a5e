"""Encrypt what must not lie readable in the database."""

import base64
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class Unreadable(Exception):
    """The stored secret does not open with any of the field keys of this installation."""


def seal(text: str) -> str:
    """Encrypt ``text`` with the newest key of ``FIELD_KEYS``."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with whichever key fits. Raises Unreadable."""
    try:
        return _box(tuple(settings.FIELD_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("no field key opens this secret") from error


def reseal(sealed: str) -> str:
    """Encrypt again with the newest key, for rotation. Raises Unreadable."""
    return seal(unseal(sealed))


def fingerprint() -> str:
    """Tells whether two machines have the same secrets, and tells nothing about them."""
    said = "\n".join([settings.SECRET_KEY, *settings.FIELD_KEYS])
    return salted_hmac("obzvon.fingerprint", said, algorithm="sha256").hexdigest()[:16]


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """Any long secret will do as a key: Fernet wants exactly 32 bytes."""
    return base64.urlsafe_b64encode(sha256(key.encode()).digest())
