"""Form renderer, base form and widgets."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's forms drawn by our templates."""

    field_template_name = "django/forms/field.html"
