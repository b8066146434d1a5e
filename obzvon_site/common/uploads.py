"""Files that are larger than anybody may send: passed over, so that they never fill the disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

_SIZE = "obzvon.too_large"  # in META of a request whose files were passed over: its bytes
_FORMS = 1024**2  # bytes that a form may have besides its file


class PassOverTooLarge(FileUploadHandler):
    """The first of the handlers: it keeps files of such requests from the others."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002
        META: Any,  # noqa: N803  # Django's name
        content_length: int,
        boundary: str,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        most = max(settings.LIST_MEGABYTES, settings.UPLOAD_MEGABYTES) * 1024**2 + _FORMS
        if content_length > most:
            META[_SIZE] = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.request is not None and _SIZE in self.request.META:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        return None


def passed_over(request: HttpRequest) -> int:
    """How many bytes came with files that were passed over; 0: they were not."""
    return int(request.META.get(_SIZE, 0))
