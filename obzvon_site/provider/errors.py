"""What can go wrong with the call service: the class says what the caller may do next."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class ProviderError(Exception):
    """The service did not do what it was asked; the subclass says what to do next.

    ``words`` is what the service itself said, masked and possibly empty. ``method`` is the
    address asked (``create``). ``detail`` is for the log: «HTTP 502», «ReadTimeout».
    """

    def __init__(self, words: str = "", *, method: str = "", detail: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.method = method
        self.detail = detail

    def __str__(self) -> str:
        said = [part for part in (self.method, self.detail, self.words) if part]
        return ": ".join(said) or type(self).__name__


class NotSent(ProviderError):
    """The request never left. Safe to repeat."""


class Unreachable(NotSent):
    """No connection: the name, the network or the server is away."""


class Invalid(NotSent):
    """The request breaks a limit of the document, so it was not sent. Correct ``field``."""

    def __init__(self, field: str, sentence: str, *, method: str = "") -> None:
        super().__init__(sentence, method=method, detail=field)
        self.field = field


class Refused(ProviderError):
    """The service declined the request. Repeating will not help."""


class WrongKey(Refused):
    """The account's key does not fit."""


class NoMoney(Refused):
    """The balance is too small."""


class BadRequest(Refused):
    """The service found a mistake; ``fields`` maps its names of fields to its words."""

    def __init__(
        self,
        words: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        method: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(words, method=method, detail=detail)
        self.fields: dict[str, str] = dict(fields or {})


class OnModeration(Refused):
    """The record or the account still waits for a moderator."""


class NotFound(Refused):
    """The service knows no such call, record or file."""


class NotOffered(Refused):
    """The account's reseller has no such method."""


class TooFast(Refused):
    """Too many requests; ``retry_after`` is in seconds, None when the service did not say."""

    def __init__(
        self,
        words: str = "",
        *,
        retry_after: float | None = None,
        method: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(words, method=method, detail=detail)
        self.retry_after = retry_after


class OutcomeUnknown(ProviderError):
    """It left and no usable answer came. Ask before acting again."""


# What happened and what to do, the closest class first.
_SENTENCES: dict[type[ProviderError], str] = {
    NotSent: gettext_noop("Сервис звонков не отвечает. Повторите позже."),
    WrongKey: gettext_noop(
        "Ключ API не подошёл. Проверьте его в «Настройки → Учётные записи API»."
    ),
    NoMoney: gettext_noop("На балансе не хватает денег. Пополните его и продолжите."),
    OnModeration: gettext_noop(
        "Не прошло модерацию сервиса. Дождитесь её или обратитесь в сервис."
    ),
    NotFound: gettext_noop("Сервис такого не знает."),
    NotOffered: gettext_noop("Этот сервис такой возможности не даёт."),
    TooFast: gettext_noop("Сервис просит не спешить. Повторим немного позже."),
    Refused: gettext_noop("Сервис отказал."),
    ProviderError: gettext_noop("Сервис звонков не ответил. Повторите позже."),
}
# What is made by itself later, or looked for, and must not be asked for again by a person.
_MAKING = frozenset({"create", "createRecord"})
_SENTENCES_OF_MAKING: dict[type[ProviderError], str] = {
    NotSent: gettext_noop(
        "Сервис звонков не отвечает. Ничего не потеряно: отправим, как только он ответит."
    ),
    OutcomeUnknown: gettext_noop(
        "Ответа не было, но запрос мог дойти. Проверяем, второй раз не отправим."
    ),
}


def for_people(error: ProviderError) -> str:
    """A sentence for the screen: what happened and what to do, with the service's own words."""
    if isinstance(error, Invalid):
        return error.words
    sentences = _SENTENCES | (_SENTENCES_OF_MAKING if error.method in _MAKING else {})
    sentence = _(next(sentences[kind] for kind in type(error).__mro__ if kind in sentences))
    words = _words(error)
    if not words or isinstance(error, NotSent):
        return sentence
    return sentence + " " + _("Ответ сервиса: «%(words)s».") % {"words": words}


def _words(error: ProviderError) -> str:
    """The service's words; of wrong fields their own, with a name where they do not say it."""
    if not isinstance(error, BadRequest) or not error.fields:
        return error.words
    said = (_named(name, words) for name, words in error.fields.items())
    return "; ".join(dict.fromkeys(said))


def _named(field: str, words: str) -> str:
    parts = [part for part in field.split(".") if not part.isdigit()]  # phones.3, ivrs.0.digit
    if not parts or parts[-1].lower() in words.lower():
        return words
    return f"{'.'.join(parts)}: {words}"
