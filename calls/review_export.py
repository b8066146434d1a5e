"""A set of recordings as one file: the sounds, and a table with all that was said of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import ChecklistItem, FollowUp, Recording, RecordingComment, Review
from calls.services import listening
from calls.services.answering import Answer, answers
from obzvon_site.accounts.models import User
from obzvon_site.common.phones import shown
from obzvon_site.common.sheets import as_csv
from obzvon_site.common.zips import Entry

MOST = 5000  # recordings in one file
CHUNK = 200
KINDS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/mp4": "m4a"}


def entries(
    recordings: QuerySet[Recording], *, now: datetime, actor: User | None
) -> Iterator[Entry]:
    """The sounds, oldest first, then the table: it can say which of them could not be read.

    Each sound that goes out is told to the audit log, as any download is.
    """
    at, problems = timezone.localtime(now), dict[int, str]()
    for row in _rows(recordings):
        if row.state == Recording.State.KEPT:
            listening.tell(actor, "recording.downloaded", row)
            yield file_name(row), timezone.localtime(row.at), _sound(row, problems)
    lines = as_csv(table(recordings, problems))
    yield f"{_('Проверка')}.csv", at, (line.encode() for line in lines)


def file_name(recording: Recording) -> str:
    """``2026-11-24_14-41_79991234567_512.mp3``: sorts by time, and is no other call's."""
    ending = KINDS.get(recording.content_type, "bin")
    at = timezone.localtime(recording.at)
    return f"{at:%Y-%m-%d_%H-%M}_{recording.call.phone}_{recording.call_id}.{ending}"


def table(
    recordings: QuerySet[Recording], problems: dict[int, str] | None = None
) -> Iterator[Sequence[str]]:
    """One line for each review; one for a recording that nobody has reviewed."""
    items = list(ChecklistItem.objects.order_by("place", "pk"))
    yield [*_titles(), *(item.text for item in items)]
    for row in _rows(recordings):
        told = _of_recording(row, (problems or {}).get(row.pk, ""))
        done = [review for review in row.reviews.all() if review.state == Review.State.DONE]
        lines: Sequence[Review | None] = done or [None]
        for review in lines:
            yield [*told, *_of_review(review), *_of_checklist(review, items)]


def _titles() -> list[str]:
    return [
        *(_("Когда"), _("Номер"), _("Имя"), _("Обзвон"), _("Секунд"), _("Ответы")),
        *(_("Номер менеджера"), _("Файл"), _("Что с файлом"), "SHA-256"),
        *(_("Метки"), _("Комментарии"), _("Задачи")),
        *(_("Проверил"), _("Когда проверил"), _("Оценка"), _("Чек-лист, %")),
    ]


def _of_recording(row: Recording, problem: str) -> list[str]:
    is_kept = row.state == Recording.State.KEPT
    return [
        _moment(row.at),
        shown(row.call.phone),
        row.call.name,
        row.call.campaign.name,
        "" if row.seconds is None else f"{row.seconds:.0f}",
        " → ".join(map(_answer, answers(row.call))),
        shown(row.manager_phone),
        file_name(row) if is_kept else "",
        problem or ("" if is_kept else row.problem or row.get_state_display()),
        row.sha256,
        ", ".join(tag.name for tag in row.tags.all()),
        "; ".join(map(_comment, row.comments.all())),
        "; ".join(map(_task, row.follow_ups.all())),
    ]


def _of_review(review: Review | None) -> list[str]:
    if review is None:
        return ["", "", "", ""]
    return [
        str(review.reviewer),
        _moment(review.ended_at) if review.ended_at else "",
        "" if review.mark is None else str(review.mark),
        "" if review.score is None else str(review.score),
    ]


def _of_checklist(review: Review | None, items: Iterable[ChecklistItem]) -> list[str]:
    words = {"yes": _("да"), "no": _("нет"), "na": _("неприменимо")}
    answers = review.answers if review else {}
    return [words.get(answers.get(str(item.pk), ""), "") for item in items]


def _answer(answer: Answer) -> str:
    return f"{answer.text} {answer.label}".strip()


def _comment(comment: RecordingComment) -> str:
    if comment.second is None:
        return comment.text
    minutes, seconds = divmod(int(comment.second), 60)
    return f"{minutes}:{seconds:02d} {comment.text}"


def _task(task: FollowUp) -> str:
    state = _("сделано") if task.done_at else f"{task.due:%d.%m.%Y}"
    return f"{task.text} ({task.assignee}, {state})"


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


def _rows(recordings: QuerySet[Recording]) -> Iterator[Recording]:
    """In small portions, with all that a line tells."""
    reviews = Review.objects.select_related("reviewer").order_by("pk")
    tasks = FollowUp.objects.select_related("assignee").order_by("pk")
    rows = (
        recordings.select_related("call__campaign__scenario_version")
        .prefetch_related(
            "tags",
            "comments",
            Prefetch("reviews", reviews),
            Prefetch("follow_ups", tasks),
        )
        .defer("peaks", "words")
        .order_by("at", "pk")
    )
    return rows.iterator(chunk_size=CHUNK)


def _sound(row: Recording, problems: dict[int, str]) -> Iterator[bytes]:
    """The file in parts. One that cannot be read is said in the table, and stops nobody."""
    try:
        yield from listening.pieces(row)
    except OSError:
        problems[row.pk] = _("Файл не прочитался.")
