"""What is larger than anybody may send never reaches the disk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from obzvon_site.common import uploads


@pytest.fixture
def posted(settings, monkeypatch):
    settings.LIST_MEGABYTES = settings.UPLOAD_MEGABYTES = 1
    monkeypatch.setattr(uploads, "_FORMS", 2000)

    def post(size: int):
        data = {"before": "a", "file": SimpleUploadedFile("x.csv", b"7" * size), "after": "b"}
        return RequestFactory().post("/", data)

    return post


def test_a_file_within_the_limit_is_kept(posted):
    request = posted(1024**2)
    assert request.FILES["file"].size == 1024**2
    assert uploads.passed_over(request) == 0


def test_a_larger_one_is_passed_over_and_the_rest_of_the_form_stays(posted):
    request = posted(1024**2 + 3000)
    assert not request.FILES
    assert request.POST.dict() == {"before": "a", "after": "b"}
    assert uploads.passed_over(request) > 1024**2
