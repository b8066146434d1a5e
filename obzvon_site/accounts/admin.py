"""Django's admin, for emergencies: superusers only, and never a key."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from obzvon_site.accounts.models import ApiAccount, AuditEvent, Exchange, OutgoingPhone, Tick, User


class SuperusersOnly:
    """An admin by role has the dashboard; here one could rise above it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_superuser(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_superuser(request)

    def _is_superuser(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class ReadOnly(SuperusersOnly):
    """Logs are read, not written."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(SuperusersOnly, UserAdmin):  # type: ignore[type-arg]
    fieldsets = (*(UserAdmin.fieldsets or ()), (None, {"fields": ["language", "theme"]}))


@admin.register(ApiAccount)
class ApiAccountAdmin(SuperusersOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "base_url", "masked_key", "is_active", "is_default", "balance"]
    readonly_fields = ["masked_key", "balance", "balance_at", "balance_error"]
    # The address too: a kept key must not be sent elsewhere.
    exclude = ["sealed_key", "key_tail", "webhook_token", "base_url"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a key is typed in the dashboard only


@admin.register(OutgoingPhone)
class OutgoingPhoneAdmin(SuperusersOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["phone", "account", "label", "is_confirmed", "source"]


@admin.register(Exchange)
class ExchangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["sent_at", "account", "method", "outcome", "http_status", "milliseconds"]
    list_filter = ["method", "outcome"]


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "actor", "verb", "subject"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tick)
class TickAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "slot", "seconds"]
