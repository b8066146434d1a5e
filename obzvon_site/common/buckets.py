"""Files in a bucket of S3 or of a service like it. Only loaded where the settings name a bucket."""

from collections.abc import Iterator
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from obzvon_site.common.streaming import CHUNK

WAYS = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 2},
    # Services like S3 know no checksums but the one of the signature.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
ERRORS = (ClientError, BotoCoreError)
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class BucketStorage(S3Storage):  # type: ignore[misc]  # it has no types
    """As django-storages has it, and read in ranges."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        config: Config = self.client_config  # type: ignore[has-type]
        self.client_config = config.merge(WAYS)

    def source(self, name: str) -> "BucketSource":
        """What a browser may ask pieces of. Raises FileNotFoundError."""
        return BucketSource(self.bucket.Object(self._normalize_name(name)))


class BucketSource:
    """One object; each piece is asked of the bucket, the whole is never read. See ``streaming``."""

    def __init__(self, thing: Any) -> None:
        self._thing, self._body = thing, None
        try:
            self.size: int = thing.content_length
        except ERRORS as error:
            raise _as_of_a_folder(error) from error

    def pieces(self, first: int, length: int) -> Iterator[bytes]:
        if not length:
            return iter(())
        try:
            answer = self._thing.get(Range=f"bytes={first}-{first + length - 1}")
        except ERRORS as error:
            raise _as_of_a_folder(error) from error
        self._body = answer["Body"]
        return _read(answer["Body"])

    def close(self) -> None:
        if self._body is not None:
            self._body.close()


def _read(body: Any) -> Iterator[bytes]:
    try:
        yield from body.iter_chunks(CHUNK)
    except ERRORS as error:
        raise _as_of_a_folder(error) from error


def _as_of_a_folder(error: Any) -> OSError:
    """Refused by the bucket, or not reached at all: what reads files knows errors of files."""
    if not isinstance(error, ClientError):
        return OSError(str(error))
    code = error.response.get("Error", {}).get("Code", "")
    return FileNotFoundError(code) if code in ABSENT else OSError(code)
