"""Compile translations without gettext's programs: a fresh machine has none."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from obzvon_site.common.catalogs import compile_newer, sources


class Command(BaseCommand):
    help = "Compile the translations that changed"

    def handle(self, *args: Any, **options: Any) -> None:
        for source in sources():
            if compile_newer(source):
                self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")
