"""Imports and their bad rows for tests of pages; lists and contacts stand in tests.calls.lists."""

import itertools
from typing import Any

from calls.models import BadRow, ContactList, ListImport
from tests.calls.lists import make_list

_numbers = itertools.count(2)


def make_import(contact_list: ContactList | None = None, **fields: Any) -> ListImport:
    """An import that is over, unless ``state`` says otherwise. It has no file."""
    fields = {
        "file_name": "люди.csv",
        "format": ListImport.Format.CSV,
        "encoding": "utf-8",
        "separator": ";",
        "columns": ["Телефон", "Имя"],
        "mapping": {"phone": 0, "name": 1, "variables": {}},
        "state": ListImport.State.DONE,
        **fields,
    }
    return ListImport.objects.create(contact_list=contact_list or make_list(0), **fields)


def make_bad_row(source: ListImport, reason: str = "count", **fields: Any) -> BadRow:
    """A row that gave no contact. Its import's counter is raised too."""
    counter = "repeats" if reason in {"repeat", "in_list"} else "bad"
    setattr(source, counter, getattr(source, counter) + 1)
    source.save(update_fields=[counter])
    fields = {"line": next(_numbers), "cells": ["123", "Анна"], **fields}
    return BadRow.objects.create(source=source, reason=reason, **fields)
