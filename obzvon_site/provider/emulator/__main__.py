"""Start the emulator: ``python -m obzvon_site.provider.emulator --help``."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from obzvon_site.provider.emulator.app import Emulator
from obzvon_site.provider.emulator.faults import Faults
from obzvon_site.provider.emulator.methods import Service
from obzvon_site.provider.emulator.store import Store
from obzvon_site.provider.emulator.webhooks import Poster


def options() -> argparse.Namespace:
    """What was asked for; the environment gives the defaults."""
    env = os.environ.get
    parser = argparse.ArgumentParser(description="A stand-in for the call service; rings nobody.")
    parser.add_argument("--port", type=int, default=int(env("EMULATOR_PORT", "8001")))
    parser.add_argument("--data", type=Path, default=Path(env("DATA_DIR", "var")))
    parser.add_argument("--key", default=env("EMULATOR_KEY", "emulator-key"))
    parser.add_argument("--speed", type=float, default=float(env("OBZVON_EMULATOR_SPEED", "1")))
    parser.add_argument(
        "--balance", type=float, default=float(env("OBZVON_EMULATOR_BALANCE", "10000"))
    )
    parser.add_argument("--seed", type=int, default=int(env("OBZVON_EMULATOR_SEED", "1")))
    parser.add_argument(
        "--envelope",
        choices=["wrapped", "bare"],
        default=env("OBZVON_EMULATOR_ENVELOPE", "wrapped"),
        help="wrapped: {status, data}, as in the wild; bare: as in the document",
    )
    parser.add_argument("--faults", default=env("OBZVON_EMULATOR_FAULTS", ""))
    return parser.parse_args()


def main() -> None:
    asked = options()
    folder = asked.data / "emulator"
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(asked.data / "emulator.sqlite3", asked.balance)
    service = Service(store, folder, asked.key, seed=asked.seed, speed=asked.speed)
    faults = Faults(asked.faults, asked.seed)
    try:
        server = Emulator(asked.port, service, faults, is_wrapped=asked.envelope == "wrapped")
    except OSError as error:
        sys.exit(f"emulator: port {asked.port} cannot be used: {error.strerror}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    poster = Poster(service, faults)
    poster.start()
    sys.stdout.write(f"emulator ready: {service.base_url}/apiCalls\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    poster.stopped.set()


if __name__ == "__main__":
    main()
