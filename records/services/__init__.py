"""What is done with records: the library by people, the rest by background work."""

from records.services.library import AlreadyThere, TooLate, rename, retry, speak, upload, users_of
from records.services.removing import InUse, remove, remove_due
from records.services.sending import send_due
from records.services.sounds import NoSound, open_sound
from records.services.watching import refresh_due

__all__ = [
    "AlreadyThere",
    "InUse",
    "NoSound",
    "TooLate",
    "open_sound",
    "refresh_due",
    "remove",
    "remove_due",
    "rename",
    "retry",
    "send_due",
    "speak",
    "upload",
    "users_of",
]
