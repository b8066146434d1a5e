"""Addresses around calls. Each list is one noun's; its views are in the module of the same name."""

from django.urls import path

from calls.views import (
    archive,
    bad_rows,
    blacklist,
    calls,
    campaigns,
    checklist,
    contacts,
    day_reports,
    doubts,
    draft_parts,
    drafts,
    editor,
    exports,
    files,
    follow_ups,
    imports,
    journal,
    overview,
    presets,
    probes,
    recordings,
    remarks,
    review,
    rules,
    scenario_form,
    scenarios,
    scores,
    shares,
    steering,
    templates,
    transcripts,
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
    path("settings/webhooks/replay/", webhooks.replay_all, name="webhooks-replay"),
    path("settings/webhooks/<int:event_id>/", webhooks.event, name="webhook"),
    path("settings/webhooks/<int:event_id>/replay/", webhooks.replay, name="webhook-replay"),
]

overview_urls = [
    path("", overview.overview, name="overview"),
    path("overview/day/", overview.day, name="overview-day"),
    path("overview/running/", overview.running, name="overview-running"),
]

recording_urls = [
    path("recordings/export/", exports.recordings, name="recordings-export"),
    path("recordings/", archive.index, name="recordings"),
    path("recordings/settings/", archive.keeping, name="recordings-settings"),
    path("calls/<int:call_id>/recording/remove/", archive.remove, name="recording-remove"),
    path("calls/<int:call_id>/transcript/", transcripts.show, name="call-transcript"),
    path("calls/<int:call_id>/transcribe/", transcripts.ask, name="call-transcribe"),
    path("recordings/scores/", scores.report, name="scores"),
    path("recordings/<int:call_id>/shares/", shares.index, name="recording-shares"),
    path("recordings/shares/<int:share_id>/revoke/", shares.revoke, name="recording-share-revoke"),
    path("s/<str:token>/", shares.public, name="shared"),
    path("s/<str:token>/sound/", shares.sound, name="shared-sound"),
]

call_urls = [
    path("settings/days/", day_reports.index, name="day-reports"),
    path("settings/days/ask/", day_reports.ask, name="day-report-ask"),
    path("settings/days/<int:report_id>/", day_reports.report, name="day-report"),
    path("calls/doubts/", doubts.index, name="doubts"),
    path("calls/doubts/<int:order_id>/ask/", doubts.ask, name="doubt-ask"),
    path("calls/doubts/<int:order_id>/never/", doubts.never_made, name="doubt-never"),
    path("calls/doubts/calls/<int:call_id>/made/", doubts.was_made, name="doubt-made"),
    path("calls/", journal.journal, name="journal"),
    path("calls/rows/", journal.rows, name="journal-rows"),
    path("calls/new/", calls.new, name="call-new"),
    path("calls/new/check/", calls.check, name="call-check"),
    path("calls/<int:call_id>/", calls.call, name="call"),
    path("calls/<int:call_id>/progress/", calls.progress, name="call-progress"),
    path("calls/<int:call_id>/recording/", recordings.sound, name="call-recording"),
    path("calls/<int:call_id>/recording/file/", recordings.download, name="recording-download"),
    path("calls/<int:call_id>/recording/peaks/", recordings.peaks, name="recording-peaks"),
    path("calls/<int:call_id>/recording/retry/", recordings.retry, name="recording-retry"),
]

campaign_urls = [
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/rows/", campaigns.rows, name="campaigns-rows"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/progress/", campaigns.progress, name="campaign-progress"),
    path("campaigns/<int:campaign_id>/report/", campaigns.report, name="campaign-report"),
    path("campaigns/<int:campaign_id>/people/", campaigns.people, name="campaign-people"),
    path("campaigns/<int:campaign_id>/retry/", campaigns.retry, name="campaign-retry"),
    path("campaigns/<int:campaign_id>/keep/", campaigns.keep, name="campaign-keep"),
    path("campaigns/<int:campaign_id>/stop/", steering.stop, name="campaign-stop"),
    path("campaigns/<int:campaign_id>/pause/", steering.pause, name="campaign-pause"),
    path("campaigns/<int:campaign_id>/resume/", steering.resume, name="campaign-resume"),
    path("campaigns/<int:campaign_id>/approve/", steering.approve, name="campaign-approve"),
    path("campaigns/<int:campaign_id>/budget/", steering.budget, name="campaign-budget"),
    path("campaigns/<int:campaign_id>/pace/", steering.pace, name="campaign-pace"),
]

draft_urls = [
    path("campaigns/new/", drafts.new, name="campaign-new"),
    path("campaigns/<int:campaign_id>/copy/", drafts.copy, name="campaign-copy"),
    path("campaigns/drafts/<int:draft_id>/lists/", draft_parts.lists, name="campaign-draft-lists"),
    path(
        "campaigns/drafts/<int:draft_id>/preview/",
        draft_parts.preview,
        name="campaign-draft-preview",
    ),
    path("campaigns/drafts/<int:draft_id>/rules/", draft_parts.rules, name="campaign-draft-rules"),
    path(
        "campaigns/drafts/<int:draft_id>/review/", draft_parts.review, name="campaign-draft-review"
    ),
    path("campaigns/drafts/<int:draft_id>/ready/", draft_parts.ready, name="campaign-draft-ready"),
    path("campaigns/drafts/<int:draft_id>/remove/", drafts.remove, name="campaign-draft-remove"),
    path("campaigns/drafts/<int:draft_id>/preset/", presets.save, name="campaign-preset-save"),
    path(
        "campaigns/presets/<int:preset_id>/remove/", presets.remove, name="campaign-preset-remove"
    ),
    path("campaigns/drafts/<int:draft_id>/<slug:step>/", drafts.draft, name="campaign-draft"),
]

contact_urls = [
    path("contacts/", contacts.index, name="contacts"),
    path("contacts/upload/", imports.upload, name="contacts-upload"),
    path("contacts/people/<slug:phone>/", contacts.person, name="contact-person"),
    path("contacts/people/<slug:phone>/remove/", contacts.forget, name="contact-person-remove"),
    path("contacts/cards/<int:contact_id>/", contacts.correct, name="contact-change"),
    path("contacts/cards/<int:contact_id>/remove/", contacts.take_out, name="contact-take-out"),
    path("contacts/imports/<int:import_id>/", imports.page, name="contact-import"),
    path(
        "contacts/imports/<int:import_id>/preview/", imports.preview, name="contact-import-preview"
    ),
    path("contacts/imports/<int:import_id>/start/", imports.start, name="contact-import-start"),
    path("contacts/imports/<int:import_id>/cancel/", imports.cancel, name="contact-import-cancel"),
    path("contacts/imports/<int:import_id>/retry/", imports.retry, name="contact-import-retry"),
    path(
        "contacts/imports/<int:import_id>/progress/",
        imports.progress,
        name="contact-import-progress",
    ),
    path("contacts/imports/<int:import_id>/bad/", bad_rows.index, name="contact-import-bad"),
    path(
        "contacts/imports/<int:import_id>/bad/file/",
        bad_rows.download,
        name="contact-import-bad-file",
    ),
    path("contacts/bad/<int:row_id>/", bad_rows.mend, name="contact-bad-mend"),
    path("contacts/<int:list_id>/", contacts.contact_list, name="contact-list"),
    path("contacts/<int:list_id>/change/", contacts.change, name="contact-list-change"),
    path("contacts/<int:list_id>/paste/", contacts.paste, name="contact-list-paste"),
    path("contacts/<int:list_id>/remove/", contacts.remove, name="contact-list-remove"),
]

rules_urls = [
    path("settings/rules/", rules.index, name="rules"),
    path("settings/rules/<slug:purpose>/", rules.edit, name="purpose-rules"),
    path("settings/rules/<slug:purpose>/reset/", rules.reset, name="purpose-rules-reset"),
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

review_urls = [
    path("review/", review.index, name="review"),
    path("review/queue/", review.queue, name="review-queue"),
    path("review/next/", review.next_one, name="review-next"),
    path("review/back/", review.back, name="review-back"),
    path("review/<int:recording_id>/", review.one, name="review-one"),
    path("review/<int:recording_id>/save/", review.save, name="review-save"),
    path("review/<int:recording_id>/finish/", review.finish, name="review-finish"),
    path("review/<int:recording_id>/skip/", review.skip, name="review-skip"),
    path("review/<int:recording_id>/undo/", review.undo, name="review-undo"),
    path("review/<int:recording_id>/renew/", review.renew, name="review-renew"),
    path("review/<int:recording_id>/release/", review.release, name="review-release"),
    path("review/<int:recording_id>/tags/", remarks.tag, name="review-tag"),
    path("review/<int:recording_id>/tags/<int:tag_id>/", remarks.untag, name="review-untag"),
    path("review/<int:recording_id>/comments/", remarks.comment, name="review-comment"),
    path("review/comments/<int:comment_id>/", remarks.withdraw, name="review-withdraw"),
    path("review/<int:recording_id>/tasks/", remarks.follow_up, name="review-follow-up"),
    path("review/checklist/", checklist.index, name="checklist"),
    path("review/checklist/add/", checklist.add, name="checklist-add"),
    path("review/checklist/begin/", checklist.begin, name="checklist-begin"),
    path("review/checklist/<int:line_id>/", checklist.change, name="checklist-line"),
    path("review/checklist/<int:line_id>/move/", checklist.move, name="checklist-move"),
    path("review/checklist/<int:line_id>/away/", checklist.put_away, name="checklist-away"),
    path("review/checklist/<int:line_id>/back/", checklist.bring_back, name="checklist-back"),
    path("tasks/", follow_ups.index, name="follow-ups"),
    path("tasks/<int:follow_up_id>/done/", follow_ups.done, name="follow-up-done"),
    path("tasks/<int:follow_up_id>/reopen/", follow_ups.reopen, name="follow-up-reopen"),
]

urlpatterns = [
    *overview_urls,
    *call_urls,
    *recording_urls,
    *campaign_urls,
    *draft_urls,
    *contact_urls,
    *rules_urls,
    *scenario_urls,
    *blacklist_urls,
    *webhook_urls,
    *review_urls,
]
