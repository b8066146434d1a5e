"""Django's admin, for emergencies."""

from django.contrib import admin

from obzvon_site.accounts.admin import SuperusersOnly
from records.models import Record


@admin.register(Record)
class RecordAdmin(SuperusersOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What we and the service know of a record."""

    list_display = ("name", "account", "stage", "moderation", "service_id", "created_at")
    list_filter = ("stage", "moderation", "account")
    search_fields = ("name", "text")
    readonly_fields = ("created_at", "lease", "sha256")
