"""The report of scores."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from calls import scores_report
from calls.forms.scores import PeriodForm, usual
from obzvon_site.common.http import Request

PAGE = "calls/scores/report.html"


@require_GET
@login_required
@permission_required("calls.review_recording", raise_exception=True)
def report(request: Request) -> HttpResponse:
    """By campaign, manager phone and reviewer, and how far reviewers agree."""
    form = PeriodForm(request.GET or usual()._asdict())
    period = form.period
    reviews = scores_report.done_in(period)
    agreements, apart = scores_report.agreement(reviews)
    context = {
        "form": form,
        "period": period,
        "total": scores_report.totals(reviews),
        "tables": [
            (_("По обзвонам"), _("Обзвон"), "campaign", scores_report.by_campaign(reviews)),
            (
                _("По номерам менеджеров"),
                _("Номер"),
                "phone",
                scores_report.by_manager_phone(reviews),
            ),
            (_("По проверяющим"), _("Проверяющий"), "reviewer", scores_report.by_reviewer(reviews)),
        ],
        "agreements": agreements,
        "apart": apart,
    }
    status = 422 if form.errors else 200
    return render(request, PAGE, context, status=status)
