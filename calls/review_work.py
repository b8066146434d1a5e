"""What a page shows of one recording: the conversation, and what people have said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from calls import dialogue
from calls.forms.review import CommentForm, FollowUpForm, TagForm
from calls.models import Call, ChecklistItem, FollowUp, Recording, RecordingComment, Review, Tag
from calls.services import checklist, remarks
from obzvon_site.accounts.models import User


@dataclass(frozen=True)
class Answered:
    """A line of the checklist, and what was answered."""

    line: ChecklistItem
    value: str  # yes, no, na, or empty


@dataclass
class Heard:
    """A recording as every page shows it. Each part is read when it is asked for."""

    recording: Recording
    person: User

    @cached_property
    def call(self) -> Call:
        rows = Call.objects.select_related("campaign__scenario_version", "campaign__record")
        return rows.get(pk=self.recording.call_id)

    @cached_property
    def dialogue(self) -> list[dialogue.Line]:
        return dialogue.of(self.call)

    @cached_property
    def tags(self) -> Sequence[Tag]:
        return list(self.recording.tags.all())

    @cached_property
    def comments(self) -> Sequence[RecordingComment]:
        return list(self.recording.comments.select_related("author"))

    @cached_property
    def follow_ups(self) -> Sequence[FollowUp]:
        rows = self.recording.follow_ups.select_related("assignee", "done_by")
        return list(rows.order_by("due", "pk"))

    @cached_property
    def reviews(self) -> Sequence[Review]:
        done = self.recording.reviews.filter(state=Review.State.DONE)
        return list(done.select_related("reviewer").order_by("-ended_at"))

    @cached_property
    def reviews_shown(self) -> list[dict[str, Any]]:
        """Each with its lines, also those that are asked no more."""
        answered = {pk for review in self.reviews for pk in review.answers}
        lines = {str(line.pk): line for line in checklist.shown_with(answered)} if answered else {}
        return [
            {
                "review": review,
                "lines": [
                    Answered(line, review.answers[pk])
                    for pk, line in lines.items()
                    if pk in review.answers
                ],
            }
            for review in self.reviews
        ]

    @property
    def comment_form(self) -> CommentForm:
        return CommentForm()

    @property
    def tag_form(self) -> TagForm:
        return TagForm()

    @property
    def follow_up_form(self) -> FollowUpForm:
        return FollowUpForm()

    @cached_property
    def offered_tags(self) -> list[str]:
        has = {tag.name for tag in self.tags}
        return [name for name in remarks.offered() if name not in has]


@dataclass
class Work(Heard):
    """A recording while somebody reviews it."""

    lost: str = ""  # why it can not be reviewed now

    @cached_property
    def review(self) -> Review | None:
        return self.recording.reviews.filter(reviewer=self.person).first()

    @property
    def is_ended(self) -> bool:
        """Whether this person is done with it: there is no draft to write to."""
        return self.review is not None and self.review.state != Review.State.DRAFT

    @property
    def is_second(self) -> bool:
        return bool([review for review in self.reviews if review.reviewer_id != self.person.pk])

    @cached_property
    def lines(self) -> list[Answered]:
        answers = self.review.answers if self.review else {}
        return [
            Answered(line, answers.get(str(line.pk), "")) for line in checklist.shown_with(answers)
        ]
