"""Addresses around calls. Each list is one noun's; its views are in the module of the same name."""

from django.urls import path

from calls.views import (
    blacklist,
    calls,
    campaigns,
    editor,
    files,
    journal,
    overview,
    probes,
    scenario_form,
    scenarios,
    templates,
    trial,
    versions,
    ways,
    webhooks,
)

app_name = "calls"

webhook_urls = [
    path(
        "hooks/<slug:account_token>/status/<uuid:order_token>/", webhooks.status, name="hook-status"
    ),
    path("hooks/<slug:account_token>/step/", webhooks.step, name="hook-step"),
    path("settings/webhooks/", webhooks.log, name="webhooks"),
]

overview_urls = [
    path("", overview.overview, name="overview"),
    path("overview/day/", overview.day, name="overview-day"),
    path("overview/running/", overview.running, name="overview-running"),
]

call_urls = [
    path("calls/", journal.journal, name="journal"),
    path("calls/rows/", journal.rows, name="journal-rows"),
    path("calls/new/", calls.new, name="call-new"),
    path("calls/new/check/", calls.check, name="call-check"),
    path("calls/<int:call_id>/", calls.call, name="call"),
    path("calls/<int:call_id>/progress/", calls.progress, name="call-progress"),
    path("calls/<int:call_id>/recording/", calls.recording, name="call-recording"),
]

campaign_urls = [
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/rows/", campaigns.rows, name="campaigns-rows"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/progress/", campaigns.progress, name="campaign-progress"),
    path("campaigns/<int:campaign_id>/stop/", campaigns.stop, name="campaign-stop"),
    path("campaigns/<int:campaign_id>/resume/", campaigns.resume, name="campaign-resume"),
]

blacklist_urls = [
    path("blacklist/", blacklist.index, name="blacklist"),
    path("blacklist/add/", blacklist.add, name="blacklist-add"),
    path("blacklist/<int:blocked_id>/remove/", blacklist.remove, name="blacklist-remove"),
]

scenario_urls = [
    path("scenarios/", scenarios.index, name="scenarios"),
    path("scenarios/new/", scenarios.new, name="scenario-new"),
    path("scenarios/probe/", probes.probe, name="scenario-probe"),
    path("scenarios/templates/", templates.index, name="scenario-templates"),
    path("scenarios/templates/save/", templates.save, name="scenario-template-save"),
    path(
        "scenarios/templates/<int:template_id>/remove/",
        templates.remove,
        name="scenario-template-remove",
    ),
    path("scenarios/templates/<slug:key>/", templates.template, name="scenario-template"),
    path("scenarios/<int:scenario_id>/call-me/", trial.call_me, name="scenario-call-me"),
    path("scenarios/<int:scenario_id>/", editor.editor, name="scenario"),
    path("scenarios/<int:scenario_id>/draft/", editor.draft, name="scenario-draft"),
    path("scenarios/<int:scenario_id>/publish/", editor.publish, name="scenario-publish"),
    path("scenarios/<int:scenario_id>/copy/", editor.copy, name="scenario-copy"),
    path("scenarios/<int:scenario_id>/records/", editor.records, name="scenario-records"),
    path("scenarios/<int:scenario_id>/form/", scenario_form.form, name="scenario-form"),
    path("scenarios/<int:scenario_id>/import/", files.import_file, name="scenario-import"),
    path("scenarios/<int:scenario_id>/export/", files.export_file, name="scenario-export"),
    path("scenarios/<int:scenario_id>/remove/", scenarios.remove, name="scenario-remove"),
    path("scenarios/<int:scenario_id>/restore/", scenarios.restore, name="scenario-restore"),
    path("scenarios/<int:scenario_id>/versions/", versions.index, name="scenario-versions"),
    path(
        "scenarios/<int:scenario_id>/versions/<int:number>/",
        versions.version,
        name="scenario-version",
    ),
    path(
        "scenarios/<int:scenario_id>/versions/<int:number>/ways/",
        ways.version,
        name="scenario-ways",
    ),
    path(
        "scenarios/<int:scenario_id>/versions/<int:number>/return/",
        versions.return_as_draft,
        name="scenario-return",
    ),
]

urlpatterns = [
    *overview_urls,
    *call_urls,
    *campaign_urls,
    *scenario_urls,
    *blacklist_urls,
    *webhook_urls,
]
