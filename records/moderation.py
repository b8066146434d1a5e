"""What the service's words about a record mean, and how often to ask for them."""

from datetime import timedelta

from obzvon_site.provider.replies import ServiceRecord

READY, WAITING, REJECTED, UNKNOWN = "ready", "waiting", "rejected", "unknown"

# Nobody has seen the service's words for a moderator's verdict, so these are the likely ones;
# any other word is shown as it came.
_WORDS = {
    READY: "approved accepted active allowed confirmed done moderated ok passed ready success "
    "одобрен одобрено готов принят",
    REJECTED: "rejected declined denied disapproved forbidden refused blocked banned "
    "отклонен отклонён отклонено отказ отказано",
    WAITING: "moderation on_moderation in_moderation moderating need_moderation pending waiting "
    "wait new created processing processed checking review",
}
_MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}

# Most services decide at once or after hours: the first minute is watched closely.
PAUSES = (
    (timedelta(minutes=1), timedelta(seconds=5)),
    (timedelta(minutes=15), timedelta(seconds=30)),
)
RARELY = timedelta(minutes=5)


def verdict(reply: ServiceRecord) -> str:
    """Our reading of a record's state: ready, waiting, rejected or unknown.

    The status decides when we understand it. Else «needModeration» does: off means that nobody
    will look at the record, on means that somebody has not looked yet.
    """
    word = "_".join(reply.status.lower().split()).replace("-", "_")
    meaning = _MEANINGS.get(word, UNKNOWN)
    if meaning in {READY, REJECTED}:
        return meaning
    if reply.needs_moderation is not None:
        return WAITING if reply.needs_moderation else READY
    return meaning


def ask_again_after(age: timedelta) -> timedelta:
    """The pause before the next question about a record sent ``age`` ago."""
    return next((pause for limit, pause in PAUSES if age < limit), RARELY)
