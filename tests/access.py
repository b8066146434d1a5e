"""Who may open which address. Written by hand, so that a forgotten decorator is seen."""

PUBLIC = {
    "healthz",
    "set_language",
    "accounts:login",
    "accounts:logout",
    "accounts:set-password",
    "calls:hook-status",
    "calls:hook-step",
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
    "calls.listen_recording": ("call-recording",),
    "calls.add_campaign": ("call-new", "call-check"),
    "calls.view_campaign": (
        "overview-running",
        "campaigns",
        "campaigns-rows",
        "campaign",
        "campaign-progress",
    ),
    "calls.change_campaign": ("campaign-stop", "campaign-resume"),
    "calls.view_blockedphone": ("blacklist",),
    "calls.add_blockedphone": ("blacklist-add",),
    "calls.delete_blockedphone": ("blacklist-remove",),
    "calls.view_webhookevent": ("webhooks",),
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
