"""Russian phone numbers: kept as 11 digits beginning with 7, typed in any notation."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "empty": _("Введите номер телефона"),
    "signs": _("В номере есть лишние знаки: оставьте цифры, +, скобки и пробелы"),
    "count": _("Цифр в номере: %(count)d, нужно 11: +7 и ещё 10"),
    "start": _("Номер должен начинаться с +7 или 8"),
}
_NORMAL = re.compile(r"7[0-9]{10}")
_ALLOWED = re.compile(r"^[\d\s()+\-–—.\u00a0\u2011\u202f]+$")


class NotAPhone(ValueError):
    """What is wrong with a typed phone: a code of ``SENTENCES``, and a sentence for people."""

    def __init__(self, code: str, **values: int) -> None:
        self.code = code
        self.values = values
        super().__init__(str(SENTENCES[code]) % values)


def normalise(text: str) -> str:
    """Read a typed phone as 11 digits, for example ``79123456789``.

    Accepts +7, 8, spaces, brackets, dots and dashes. Raises NotAPhone.
    """
    if _NORMAL.fullmatch(text):
        return text
    stripped = text.strip()
    if not stripped:
        raise NotAPhone("empty")
    if not _ALLOWED.match(stripped):
        raise NotAPhone("signs")
    digits = "".join(re.findall(r"[0-9]", stripped))
    if len(digits) == 11 and digits[0] == "8" and not stripped.startswith("+"):
        return "7" + digits[1:]
    if len(digits) != 11:
        raise NotAPhone("count", count=len(digits))
    if digits[0] != "7":
        raise NotAPhone("start")
    return digits


def shown(phone: str) -> str:
    """``79123456789`` as ``+7 (912) 345-67-89``; anything else as it is."""
    if len(phone) != 11 or not phone.isdigit():
        return phone
    return f"+{phone[0]} ({phone[1:4]}) {phone[4:7]}-{phone[7:9]}-{phone[9:]}"
