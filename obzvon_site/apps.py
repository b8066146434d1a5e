from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The project itself: template tags and commands, no models."""

    name = "obzvon_site"
    label = "obzvon_site"
