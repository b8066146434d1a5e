"""What is wrong with this deployment and what to do; exit code 1 when anything is bad."""

import json
import logging
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from obzvon_site.doctor.examine import examine
from obzvon_site.doctor.findings import Finding


class Command(BaseCommand):
    help = "Check this deployment: what is wrong, and what to do about it"
    requires_system_checks = []  # a database that is down is a finding, not a traceback

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["json"]
        found: list[Finding] = []
        with _tries_untold():
            for finding in examine(timezone.now()):
                found.append(finding)
                if not as_json:
                    self._say(finding)
        counts = Counter(finding.state for finding in found)
        if as_json:
            report = {"ok": not counts["bad"], "findings": [asdict(one) for one in found]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self.stdout.write(
                _("В порядке: %(ok)d, предупреждений: %(warning)d, плохо: %(bad)d.")
                % {state: counts[state] for state in ("ok", "warning", "bad")}
            )
        if counts["bad"]:
            raise SystemExit(1)

    def _say(self, finding: Finding) -> None:
        marks = {
            "ok": self.style.SUCCESS(_("[в порядке]")),
            "warning": self.style.WARNING(_("[внимание] ")),
            "bad": self.style.ERROR(_("[плохо]    ")),
        }
        line = f"{marks[finding.state]} {finding.sentence}"
        self.stdout.write(f"{line} {finding.advice}" if finding.advice else line)
        self.stdout.flush()


@contextmanager
def _tries_untold() -> Iterator[None]:
    """No line of urllib3 for each try: what came of them is a finding. DEBUG shows them."""
    log = logging.getLogger("urllib3")
    if log.isEnabledFor(logging.DEBUG):
        yield
        return
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
