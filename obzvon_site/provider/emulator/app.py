"""The HTTP side: reads requests, wraps answers, plays troubles."""

import contextlib
import json
import re
import secrets
import socket
import struct
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from obzvon_site.provider.emulator import pages, speech
from obzvon_site.provider.emulator.demands import Complaint, Upload
from obzvon_site.provider.emulator.faults import INSTEAD, Fault, Faults
from obzvon_site.provider.emulator.methods import Service
from obzvon_site.provider.emulator.multipart import read_form
from obzvon_site.provider.emulator.store import clock

BODY_MAX = 64 * 1024 * 1024
LOOPBACK = ("127.", "::1")


class Emulator(ThreadingHTTPServer):
    """A server with a service behind it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service, faults: Faults, *, is_wrapped: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = service
        self.faults = faults
        self.is_wrapped = is_wrapped
        service.base_url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""


class Handler(BaseHTTPRequestHandler):
    """One connection; it stays open between requests."""

    protocol_version = "HTTP/1.1"
    server: Emulator

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's name
        """Silence: the supervisor's console is for people."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/media/"):
            self._media(path)
        elif path.startswith("/control"):
            self._control("GET", path, {})
        elif path.startswith("/apiCalls/"):
            self._json(405, {"status": "error", "data": {"message": "Method not allowed"}})
        else:
            self._json(404, {"status": "error", "data": {"message": "Not found"}})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        try:
            body, file = self._body()
        except ValueError as error:
            self._json(400, {"status": "error", "data": {"message": str(error)}})
            return
        if path.startswith("/apiCalls/"):
            self._api(path.removeprefix("/apiCalls/").strip("/"), body, file)
        elif path.startswith("/control"):
            self._control("POST", path, body)
        else:
            self._json(404, {"status": "error", "data": {"message": "Not found"}})

    # The service's methods

    def _api(self, method: str, body: Mapping[str, Any], file: Upload | None) -> None:
        fault = self.server.faults.strike(method)
        if fault and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault and fault.kind in INSTEAD:
            self._trouble(fault)
            return
        try:
            status, answer = 200, self._wrapped(self.server.service.answer(method, body, file))
        except Complaint as complaint:
            status, answer = complaint.status, self._complaint(complaint)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            status, answer = 422, self._complaint(Complaint(422, f"Неверный запрос: {error}"))
        self._spoiled(fault, status, answer) if fault else self._json(status, answer)

    def _wrapped(self, data: Any) -> Any:
        if self.server.is_wrapped:
            return {"status": "success", "data": data}
        # The document shows one object where there is one.
        return data[0] if isinstance(data, list) and len(data) == 1 else data

    def _complaint(self, complaint: Complaint) -> dict[str, Any]:
        data: dict[str, Any] = {"message": complaint.words}
        if complaint.fields:
            data["errors"] = complaint.fields
        return {"status": "error", "data": data} if self.server.is_wrapped else data

    # Troubles

    def _trouble(self, fault: Fault) -> None:
        if fault.kind == "html":
            page = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"
            self._send(200, page, "text/html; charset=utf-8")
        elif fault.kind == "429":
            answer = {"status": "error", "data": {"message": "Too Many Attempts."}}
            self._json(429, answer, {"Retry-After": str(int(fault.seconds))})
        elif fault.kind == "refuse":
            words = fault.words or "Недостаточно средств на балансе"
            self._json(400, {"status": "error", "data": {"message": words}})
        else:
            self._json(500, {"message": "Server Error"})

    def _spoiled(self, fault: Fault, status: int, answer: Any) -> None:
        """The method has been done; what is heard of it is another thing."""
        content = encoded(answer)
        if fault.kind == "reset":
            # An RST instead of an answer: the worst that a network can do.
            option = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            self.close_connection = True
            self.connection.close()
        elif fault.kind == "truncated":
            self._head(status, len(content), "application/json")
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif fault.kind == "envelope":
            self._json(status, {"result": "ok", "payload": answer})
        elif fault.kind == "drip":
            self._head(status, len(content), "application/json")
            with contextlib.suppress(OSError):
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(fault.seconds / max(1, len(content)))
        else:
            self._json(status, answer)

    # Sound

    def _media(self, path: str) -> None:
        service = self.server.service
        if match := re.fullmatch(r"/media/recordings/(\d+)\.wav", path):
            row = service.store.row("SELECT * FROM call WHERE id = ?", [int(match[1])])
            if row is None or not row["need_recording"]:
                self._json(404, {"message": "Not found"})
                return
            line = json.loads(row["line"])
            seconds = line["finished"] - line.get("answered", line["finished"])
            said = " ".join([*line.get("heard", []), *line["answers"]])
            self._sound(speech.sound_of(said, seconds=max(1.0, seconds)))
        elif match := re.fullmatch(r"/media/records/(\d+)\.wav", path):
            record = service.store.record(int(match[1]))
            if record is None:
                self._json(404, {"message": "Not found"})
            elif record["file"]:
                self._sound((service.folder / record["file"]).read_bytes())
            else:
                self._sound(speech.sound_of(record["text"] or "", gender=record["gender"] or 0))
        else:
            self._json(404, {"message": "Not found"})

    def _sound(self, content: bytes) -> None:
        """The whole file, or the range that a player asked for."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        kind = "audio/wav" if content.startswith(b"RIFF") else "application/octet-stream"
        if not match:
            self._send(200, content, kind, {"Accept-Ranges": "bytes"})
            return
        first = int(match[1])
        last = min(int(match[2] or len(content) - 1), len(content) - 1)
        limits = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        self._send(206, content[first : last + 1], kind, limits)

    # Control

    def _control(self, verb: str, path: str, body: Mapping[str, Any]) -> None:
        if not self.client_address[0].startswith(LOOPBACK):
            self._json(403, {"message": "Only from this machine"})
            return
        service, action = self.server.service, path.removeprefix("/control").strip("/")
        if verb == "POST":
            try:
                self._change(action, body)
            except (KeyError, TypeError, ValueError) as error:
                self._json(400, {"message": str(error)})
                return
            if "application/json" not in self.headers.get("Content-Type", ""):
                self._send(303, b"", "text/plain", {"Location": "/control"})
                return
        if action == "counts":
            self._json(200, service.store.counts())
        elif action == "orders":
            rows = service.store.rows("SELECT body FROM message ORDER BY id")
            self._json(200, [json.loads(row["body"]) for row in rows])
        elif action == "" and verb == "GET":
            page = pages.control(self._state()).encode()
            self._send(200, page, "text/html; charset=utf-8")
        else:
            self._json(200, self._state())

    def _change(self, action: str, body: Mapping[str, Any]) -> None:
        service = self.server.service
        if action == "faults":
            self.server.faults.add(
                Fault(
                    str(body["kind"]),
                    str(body.get("method") or ""),
                    probability=float(body.get("probability") or 1),
                    count=int(body.get("count") or 0),
                    seconds=float(body.get("seconds") or 5),
                    words=str(body.get("words") or ""),
                )
            )
        elif action == "clear":
            self.server.faults.clear()
        elif action == "speed":
            service.speed = max(0.01, float(body["speed"]))
        elif action == "balance":
            service.store.set_balance(float(body["balance"]), clock())
        elif action == "reset":
            service.store.reset()
            self.server.faults.clear()
        else:
            raise ValueError(f"no such control: {action}")

    def _state(self) -> dict[str, Any]:
        service = self.server.service
        number = service.store.row("SELECT COUNT(*) AS number FROM call")
        return {
            "address": f"{service.base_url}/apiCalls",
            "speed": service.speed,
            "balance": service.store.balance(clock()),
            "calls": number["number"] if number else 0,
            "now": int(clock()),
            "faults": self.server.faults.listed(),
            "struck": self.server.faults.struck(),
        }

    # Reading and writing

    def _body(self) -> tuple[dict[str, Any], Upload | None]:
        """JSON or a form, with what the address adds. Raises ValueError."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_MAX:
            self.close_connection = True
            raise ValueError("the request is too large")
        kind = self.headers.get("Content-Type", "")
        file: Upload | None = None
        if kind.startswith("multipart/form-data"):
            folder = self.server.service.folder
            target = folder / f"upload-{secrets.token_hex(8)}"
            body, file = read_form(self.rfile, length, kind, target)
        else:
            body = _parsed(self.rfile.read(length), kind)
        body |= _nested(parse_qsl(urlsplit(self.path).query))
        return body, file

    def _json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, encoded(value), "application/json", headers)

    def _send(
        self, status: int, content: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._head(status, len(content), kind, headers)
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def _head(
        self, status: int, length: int, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()


def encoded(value: Any) -> bytes:
    """JSON as PHP writes it: Cyrillic as \\uXXXX, slashes escaped."""
    return json.dumps(value).replace("/", "\\/").encode()


def _parsed(raw: bytes, kind: str) -> dict[str, Any]:
    if not raw:
        return {}
    if "json" in kind or raw[:1] == b"{":
        value = json.loads(raw)
        if not isinstance(value, dict):
            raise ValueError("a JSON object is expected")
        return value
    return _nested(parse_qsl(raw.decode(), keep_blank_values=True))


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``phones[]=…`` as a list and ``record[id]=…`` as an object, as PHP reads them."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        elif match := re.fullmatch(r"(\w+)\[(\w+)\]", name):
            found.setdefault(match[1], {})[match[2]] = value
        else:
            found[name] = value
    return found
