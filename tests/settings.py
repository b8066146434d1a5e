"""The product's settings, with what makes tests fast and closed to the world."""

import os
import tempfile

if "DATA_DIR" not in os.environ:
    _folder = tempfile.TemporaryDirectory(prefix="obzvon-tests-")  # gone with this process
    os.environ["DATA_DIR"] = _folder.name

from obzvon_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "recordings": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AXES_ENABLED = False
