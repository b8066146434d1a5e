"""A set of recordings as one zip."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from calls import review_export
from calls.forms.recordings import ArchiveForm
from calls.models import Recording
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.http import Request
from obzvon_site.common.paging import capped_count
from obzvon_site.common.zips import zipped


@require_GET
@login_required
@permission_required("calls.download_recording", raise_exception=True)
def recordings(request: Request) -> HttpResponseBase:
    """The sounds and a table of what passes the archive's filters."""
    now = timezone.now()
    found = ArchiveForm(request.GET).apply(Recording.objects.all(), now)
    number, _is_more = capped_count(found)
    if not 0 < number <= review_export.MOST:
        messages.error(request, _too_many() if number else _("Выгружать нечего."))
        return redirect(f"{reverse('calls:recordings')}?{request.GET.urlencode()}")
    AuditEvent.note(request.user, "recordings.exported", _("записи разговоров"), count=number)
    answer = StreamingHttpResponse(
        zipped(review_export.entries(found, now=now, actor=request.user)),
        content_type="application/zip",
    )
    name = f"{timezone.localtime(now):%Y-%m-%d_%H-%M}_recordings.zip"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    answer["Cache-Control"] = "private, no-store"
    return answer


def _too_many() -> str:
    return _("За раз выгружаем не больше %(most)d записей. Сузьте фильтры.") % {
        "most": review_export.MOST
    }
