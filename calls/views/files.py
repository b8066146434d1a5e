"""Scenarios as files: read one into the editor, download a draft."""

import json
import re

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.forms.editor import records_as_json
from calls.ivr import compile as ivr_compile
from calls.ivr import imports
from calls.ivr.document import BYTES_MAX, NotADocument, record_pks
from calls.ivr.exports import MASKED_WEBHOOK, exported
from calls.models import Scenario
from calls.services import publishing
from calls.views.scenarios import shown_or_404
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.http import Request
from records.models import Record

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')  # of files, on one system or another


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def import_file(request: Request, scenario_id: int) -> JsonResponse:
    """Read a file or a pasted text as a document for the editor. Nothing is saved."""
    found = shown_or_404(scenario_id)
    pks = {service_id: pk for pk, service_id in _service_ids(found.account).items()}
    try:
        read = imports.read(_text(request), records=pks)
    except NotADocument as error:
        status = 413 if isinstance(error, imports.TooLarge) else 422
        return JsonResponse({"error": str(error)}, status=status)
    return JsonResponse(
        {
            "name": read.name[: publishing.NAME_MAX],
            "document": read.document.as_json(),
            "notes": list(read.notes),
            "records": records_as_json(found.account, record_pks(read.document)),
        }
    )


@require_safe
@login_required
@permission_required("calls.view_scenario", raise_exception=True)
def export_file(request: Request, scenario_id: int) -> HttpResponse:  # noqa: ARG001
    """Download the draft as it was saved last."""
    found = get_object_or_404(Scenario.objects.select_related("account"), pk=scenario_id)
    document = found.document()
    payload = ivr_compile.sketch(
        document,
        publishing.check(found, document),
        record_ids=_service_ids(found.account),
        step_webhook_url=MASKED_WEBHOOK,
    )
    text = json.dumps(exported(found.name, document, payload), ensure_ascii=False, indent=2)
    name = _NOT_IN_NAMES.sub(" ", found.name).strip(" .") or _("Сценарий")
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.json") or ""}
    return HttpResponse(text + "\n", content_type="application/json", headers=headers)


def _text(request: Request) -> bytes | str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    content: bytes = file.read(BYTES_MAX + 1)  # one too many says as much as all of them
    return content


def _service_ids(account: ApiAccount) -> dict[int, int]:
    """Ids at the service by our keys."""
    records = Record.objects.kept().filter(account=account, service_id__isnull=False)
    return {record.pk: record.service_id for record in records if record.service_id}
