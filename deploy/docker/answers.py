"""Whether the web process of this container answers: exit code 0 or 1."""

import sys
import urllib.request

URL = "http://127.0.0.1:8000/healthz"


def main() -> int:
    # As nginx would say it: without this header the answer is a redirect to https.
    request = urllib.request.Request(URL, headers={"X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  # our own
            return 0 if answer.status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
