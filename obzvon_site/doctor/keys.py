"""Secrets: fit for where this installation stands, and opening the API keys, which answer."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.accounts.services import balance
from obzvon_site.common.money import shown
from obzvon_site.common.secrets import Unreadable
from obzvon_site.doctor.findings import Finding, bad, ok, warning

SHORT = 50  # characters of a secret; Django's own measure
SHORT_FIELD_KEY = 32  # Fernet's own keys have 44


def secrets(now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """SECRET_KEY, the field keys and DEBUG. Needs no database."""
    is_public = settings.HTTPS or not settings.EMBEDDED
    yield _debug(is_public=is_public)
    yield _secret_key(is_public=is_public)
    yield _field_keys(is_public=is_public)


def accounts(now: datetime) -> Iterator[Finding]:
    """Each account that may call: its key opens, and the service answers to it."""
    active = list(ApiAccount.objects.active())
    if not active:
        yield warning(
            "accounts.none",
            _("Нет ни одной работающей учётной записи API: звонить нечем."),
            _("Добавьте её в «Настройки → Учётные записи API»."),
        )
    for account in active:
        yield _account(account, now)


def _debug(*, is_public: bool) -> Finding:
    if not settings.DEBUG:
        return ok("secrets.debug", _("DEBUG выключен."))
    advice = _("Уберите DEBUG из настроек и перезапустите obzvon.")
    said = _("DEBUG включён: страницы ошибок покажут устройство и данные.")
    return (
        bad("secrets.debug", said, advice) if is_public else warning("secrets.debug", said, advice)
    )


def _secret_key(*, is_public: bool) -> Finding:
    if is_generated("secret-key", settings.SECRET_KEY):
        return _generated("secrets.secret_key", "SECRET_KEY", is_public=is_public)
    if len(settings.SECRET_KEY) < SHORT:
        return warning(
            "secrets.secret_key",
            _("SECRET_KEY короче %d знаков.") % SHORT,
            _("Сделайте длинный случайный. Людям придётся войти заново."),
        )
    return ok("secrets.secret_key", _("SECRET_KEY задан."))


def _field_keys(*, is_public: bool) -> Finding:
    if is_generated("field-key", settings.FIELD_KEYS[0]):
        return _generated("secrets.field_keys", "OBZVON_FIELD_KEYS", is_public=is_public)
    if len(settings.FIELD_KEYS[0]) < SHORT_FIELD_KEY:
        return warning(
            "secrets.field_keys",
            _("OBZVON_FIELD_KEYS: ключ короче %d знаков, его можно подобрать.") % SHORT_FIELD_KEY,
            _("Впишите длинный случайный первым, этот оставьте вторым, ключи API введите снова."),
        )
    return ok("secrets.field_keys", _("OBZVON_FIELD_KEYS заданы."))


def is_generated(name: str, value: str) -> bool:
    """Whether the secret is the one that was made here on the first run."""
    path = Path(settings.DATA_DIR) / name
    try:
        return path.read_text().strip() == value
    except OSError:
        return False


def _generated(code: str, name: str, *, is_public: bool) -> Finding:
    values = {"name": name, "folder": settings.DATA_DIR}
    said = _("%(name)s сделан при первом запуске и лежит в %(folder)s.") % values
    if not is_public:
        return ok(code, said)
    advice = _("Задайте %(name)s сами (или %(name)s_FILE): тем же значением, на всех машинах.")
    if settings.EMBEDDED:
        return warning(code, said + " " + _("Копия папки выдаст и ключи."), advice % values)
    return bad(code, said + " " + _("У другой машины он другой."), advice % values)


def _account(account: ApiAccount, now: datetime) -> Finding:
    code, values = "accounts.answers", {"name": account.name}
    try:
        account.api_key()
    except Unreadable as error:
        said = _("Учётная запись «%(name)s»: ключ не расшифровать.") % values
        return bad("accounts.key", said, balance.explained(error))
    balance.refresh(account, now=now)
    if account.balance_error:
        said = _("Учётная запись «%(name)s» не отвечает, как должна.") % values
        return bad(code, said, account.balance_error)
    values["balance"] = shown(account.balance) if account.balance is not None else "?"
    said = _("Учётная запись «%(name)s» отвечает, на балансе %(balance)s.") % values
    if account.is_low:
        return warning(code, said, _("Пополните баланс: звонки остановятся."))
    return ok(code, said)
