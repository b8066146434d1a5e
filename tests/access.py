"""Who may open which address. Written by hand, so that a forgotten decorator is seen."""

PUBLIC = {
    "healthz",
    "set_language",
    "accounts:login",
    "accounts:logout",
    "accounts:set-password",
    "calls:hook-status",
    "calls:hook-step",
    "calls:shared",
    "calls:shared-sound",
}

ALL_SIGNED_IN = {
    "gallery",
    "accounts:password",
    "accounts:profile",
    "accounts:theme",
    "accounts:language",
}

_BY_RIGHT = {
    "calls.view_call": (
        *("overview", "overview-day", "journal", "journal-rows"),
        *("call", "call-progress"),
    ),
    "calls.delete_recording": ("recording-remove", "recordings-settings"),
    "calls.download_recording": ("recording-download", "recordings-export"),
    "calls.listen_recording": (
        "call-recording",
        "recording-peaks",
        "recordings",
        "call-transcript",
        "call-transcribe",
    ),
    "calls.review_recording": (
        *("review", "review-queue", "review-next", "review-back", "review-one", "review-save"),
        *("review-finish", "review-skip", "review-undo", "review-renew", "review-release"),
        *("review-tag", "review-untag", "review-comment", "review-withdraw", "review-follow-up"),
        *("scores", "recording-retry"),
    ),
    "calls.share_recording": ("recording-shares", "recording-share-revoke"),
    "calls.change_checklistitem": (
        *("checklist", "checklist-add", "checklist-begin", "checklist-line", "checklist-move"),
        *("checklist-away", "checklist-back"),
    ),
    "calls.change_followup": ("follow-ups", "follow-up-done", "follow-up-reopen"),
    "calls.add_campaign": (
        *("call-new", "call-check", "campaign-new", "campaign-copy", "campaign-draft"),
        *("campaign-draft-lists", "campaign-draft-preview", "campaign-draft-rules"),
        *("campaign-draft-review", "campaign-draft-ready", "campaign-draft-remove"),
        *("campaign-preset-save", "campaign-preset-remove", "campaign-keep"),
    ),
    "calls.view_campaign": (
        "overview-running",
        "campaigns",
        "campaigns-rows",
        "campaign",
        *("campaign-progress", "campaign-report", "campaign-people"),
    ),
    "calls.change_campaign": (
        *("campaign-stop", "campaign-pause", "campaign-resume", "campaign-approve"),
        *("campaign-budget", "campaign-pace", "campaign-retry"),
        *("doubts", "doubt-ask", "doubt-never", "doubt-made"),
    ),
    "calls.view_contactlist": (
        *("contacts", "contact-list", "contact-person", "contact-import"),
        *("contact-import-progress", "contact-import-bad", "contact-import-bad-file"),
    ),
    "calls.add_contactlist": (
        *("contacts-upload", "contact-import-preview", "contact-import-start"),
        *("contact-import-cancel", "contact-import-retry"),
    ),
    "calls.change_contactlist": (
        *("contact-list-change", "contact-list-paste", "contact-change", "contact-bad-mend"),
        "contact-take-out",
    ),
    "calls.delete_contactlist": ("contact-list-remove", "contact-person-remove"),
    "calls.view_blockedphone": ("blacklist",),
    "calls.add_blockedphone": ("blacklist-add",),
    "calls.delete_blockedphone": ("blacklist-remove",),
    "calls.view_purposerules": ("rules",),
    "calls.change_purposerules": ("purpose-rules", "purpose-rules-reset"),
    "calls.view_dayreport": ("day-reports", "day-report", "day-report-ask"),
    "calls.view_webhookevent": ("webhooks", "webhook", "webhook-replay", "webhooks-replay"),
    "calls.view_scenario": (
        *("scenarios", "scenario-versions", "scenario-version", "scenario-ways"),
        "scenario-export",
    ),
    "calls.add_scenario": ("scenario-new",),
    "calls.change_scenario": (
        *("scenario", "scenario-draft", "scenario-publish", "scenario-copy", "scenario-records"),
        *("scenario-form", "scenario-return", "scenario-import"),
        *("scenario-probe", "scenario-templates", "scenario-template", "scenario-call-me"),
    ),
    "calls.add_scenariotemplate": ("scenario-template-save",),
    "calls.delete_scenariotemplate": ("scenario-template-remove",),
    "calls.delete_scenario": ("scenario-remove", "scenario-restore"),
    "records.view_record": ("list", "rows", "record", "state", "sound"),
    "records.add_record": ("upload", "speak"),
    "records.change_record": ("rename", "retry"),
    "records.delete_record": ("remove",),
    "accounts.view_balance": ("balance",),
    "accounts.view_apiaccount": ("accounts", "health", "health-checks", "health-report"),
    "accounts.add_apiaccount": ("account-new",),
    "accounts.change_apiaccount": (
        *("account", "account-key", "account-check", "account-default", "account-active"),
        "account-webhook",
    ),
    "accounts.view_outgoingphone": ("phones",),
    "accounts.add_outgoingphone": ("phone-new", "phones-take"),
    "accounts.change_outgoingphone": ("phone",),
    "accounts.delete_outgoingphone": ("phone-remove",),
    "accounts.view_user": ("people",),
    "accounts.add_user": ("person-new",),
    "accounts.change_user": ("person", "person-link", "person-active"),
    "accounts.view_exchange": ("exchanges", "exchange"),
    "accounts.view_auditevent": ("audit",),
}

# address: the right it asks for
RIGHTS = {
    f"{right.split('.')[0]}:{name}": right for right, names in _BY_RIGHT.items() for name in names
}
