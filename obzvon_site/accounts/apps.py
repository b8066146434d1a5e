from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "obzvon_site.accounts"
    default_auto_field = "django.db.models.BigAutoField"
    label = "accounts"
    verbose_name = _("Учётные записи")

    def ready(self) -> None:
        # Permissions exist only after the last app's migrations, so no migration can hand them out.
        post_migrate.connect(hand_out_permissions, dispatch_uid="hand_out_permissions")


def hand_out_permissions(**kwargs: Any) -> None:  # noqa: ARG001
    """Give each role exactly what the table in ``roles`` says."""
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415  # apps not loaded yet

    from obzvon_site.accounts.roles import ROLES, permissions_of  # noqa: PLC0415

    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    for group in Group.objects.filter(name__in=ROLES):
        group.permissions.set([known[name] for name in permissions_of(group.name) if name in known])
