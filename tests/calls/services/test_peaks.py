"""How loud a recording is over its time, whatever its length."""

import io
import math
import struct
import tracemalloc
import wave

import pytest

from calls.services import peaks
from tests.records.makers import wav


def kept(tmp_path, content: bytes, name: str = "1.part"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def loud_then_quiet(seconds: int, rate: int = 8000) -> bytes:
    """Loud in the first half, silent in the second."""
    frames = seconds * rate
    wave_of = [int(30000 * math.sin(n)) for n in range(rate)]
    second = struct.pack(f"<{rate}h", *wave_of)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(second * (seconds // 2) + b"\0\0" * (frames - seconds // 2 * rate))
    return file.getvalue()


@pytest.mark.parametrize("seconds", [2, 10, 40])
def test_peaks_follow_the_sound(tmp_path, seconds):
    found = peaks.measure(kept(tmp_path, loud_then_quiet(seconds)))
    assert float(found.seconds) == seconds
    assert len(found.peaks) == peaks.BUCKETS
    assert min(found.peaks[:390]) > 200
    assert max(found.peaks[410:]) < 5


def test_the_shortest_sound_has_all_buckets(tmp_path):
    found = peaks.measure(kept(tmp_path, wav(0.02)))
    assert len(found.peaks) == peaks.BUCKETS


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3" + b"\0" * 2000, b"\0\0\0\x20ftypM4A "])
def test_what_cannot_be_decoded_has_none(tmp_path, content):
    assert peaks.measure(kept(tmp_path, content)).peaks is None


def test_the_end_may_be_cut_off(tmp_path):
    content = loud_then_quiet(4)
    found = peaks.measure(kept(tmp_path, content[: len(content) * 3 // 4]))
    assert 2.5 < float(found.seconds) <= 3.1
    assert found.peaks is not None


def test_days_of_silence_are_not_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(peaks, "LONGEST", 2)
    found = peaks.measure(kept(tmp_path, wav(5)))
    assert found.peaks is None
    assert float(found.seconds) == 5.0


def test_the_whole_sound_is_never_held(tmp_path):
    path = kept(tmp_path, loud_then_quiet(120))
    tracemalloc.start()
    try:
        peaks.measure(path)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 500_000  # the sound is two million bytes
