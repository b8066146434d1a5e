"""Addresses around calls. Each list is one noun's; its views are in the module of the same name."""

from django.urls import path

from calls.views import webhooks

app_name = "calls"

webhook_urls = [
    path(
        "hooks/<str:account_token>/status/<uuid:order_token>/", webhooks.status, name="hook-status"
    ),
    path("hooks/<str:account_token>/step/", webhooks.step, name="hook-step"),
    path("settings/webhooks/", webhooks.log, name="webhooks"),
]

urlpatterns = [*webhook_urls]
