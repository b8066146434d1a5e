"""Three roles as groups, and the one table that says what each may do.

The table is shown in docs/roles.md, which a test compares with it.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

OPERATOR = "operator"
MANAGER = "manager"
ADMIN = "admin"
ROLES = (OPERATOR, MANAGER, ADMIN)
ROLE_NAMES = {OPERATOR: _("Оператор"), MANAGER: _("Менеджер"), ADMIN: _("Администратор")}

# permission: roles that hold it
MATRIX: dict[str, tuple[str, ...]] = {
    "calls.view_call": (OPERATOR, MANAGER, ADMIN),
    "calls.listen_recording": (OPERATOR, MANAGER, ADMIN),
    "calls.review_recording": (MANAGER, ADMIN),
    "calls.download_recording": (MANAGER, ADMIN),
    "calls.share_recording": (MANAGER, ADMIN),
    "calls.delete_recording": (ADMIN,),
    "calls.change_checklistitem": (MANAGER, ADMIN),
    "calls.change_followup": (OPERATOR, MANAGER, ADMIN),
    "calls.view_campaign": (OPERATOR, MANAGER, ADMIN),
    "calls.add_campaign": (OPERATOR, ADMIN),
    "calls.change_campaign": (OPERATOR, ADMIN),
    "calls.view_contactlist": (OPERATOR, MANAGER, ADMIN),
    "calls.add_contactlist": (OPERATOR, ADMIN),
    "calls.change_contactlist": (OPERATOR, ADMIN),
    "calls.delete_contactlist": (OPERATOR, ADMIN),
    "calls.view_purposerules": (OPERATOR, MANAGER, ADMIN),
    "calls.change_purposerules": (ADMIN,),
    "calls.view_scenario": (OPERATOR, ADMIN),
    "calls.add_scenario": (OPERATOR, ADMIN),
    "calls.change_scenario": (OPERATOR, ADMIN),
    "calls.delete_scenario": (OPERATOR, ADMIN),
    "calls.add_scenariotemplate": (ADMIN,),
    "calls.delete_scenariotemplate": (ADMIN,),
    "calls.view_blockedphone": (OPERATOR, MANAGER, ADMIN),
    "calls.add_blockedphone": (OPERATOR, MANAGER, ADMIN),
    "calls.delete_blockedphone": (ADMIN,),
    "calls.view_dayreport": (ADMIN,),
    "calls.view_webhookevent": (ADMIN,),
    "records.view_record": (OPERATOR, ADMIN),
    "records.add_record": (OPERATOR, ADMIN),
    "records.change_record": (OPERATOR, ADMIN),
    "records.delete_record": (OPERATOR, ADMIN),
    "accounts.view_balance": (OPERATOR, ADMIN),
    "accounts.view_outgoingphone": (OPERATOR, ADMIN),
    "accounts.add_outgoingphone": (ADMIN,),
    "accounts.change_outgoingphone": (ADMIN,),
    "accounts.delete_outgoingphone": (ADMIN,),
    "accounts.view_apiaccount": (ADMIN,),
    "accounts.add_apiaccount": (ADMIN,),
    "accounts.change_apiaccount": (ADMIN,),
    "accounts.view_exchange": (ADMIN,),
    "accounts.view_auditevent": (ADMIN,),
    "accounts.view_user": (ADMIN,),
    "accounts.add_user": (ADMIN,),
    "accounts.change_user": (ADMIN,),
}


def permissions_of(role: str) -> set[str]:
    """The permissions of ``role``, as ``app.codename``."""
    return {permission for permission, roles in MATRIX.items() if role in roles}


def role_of(user: Any) -> str:
    """The role of ``user``; empty for somebody in none of the groups."""
    held = {group.name for group in user.groups.all()}
    return next((role for role in reversed(ROLES) if role in held), "")
