import io

import pytest

from records.audio import NotAudio, examine, recognise
from tests.records.makers import sample, wav

LIMITS = {"max_bytes": 1024**2, "max_seconds": 60}


def examined(content: bytes, **limits):
    return examine(io.BytesIO(content), **{**LIMITS, **limits})


def refusal(content: bytes, **limits) -> str:
    with pytest.raises(NotAudio) as caught:
        examined(content, **limits)
    return str(caught.value)


def with_id3(content: bytes, padding: int) -> bytes:
    """An mp3 behind a tag of ``padding`` bytes, as covers make it."""
    size = bytes([padding >> 21 & 127, padding >> 14 & 127, padding >> 7 & 127, padding & 127])
    return b"ID3\x04\x00\x00" + size + bytes(padding) + content


WHOLE = {
    "wav": wav(1),
    "mp3": sample("tone.mp3"),
    "ogg": sample("tone.ogg"),
    "opus": sample("voice.ogg"),
    "m4a": sample("tone.m4a"),
}


@pytest.mark.parametrize(("name", "content"), WHOLE.items(), ids=WHOLE)
def test_a_sound_is_recognised_and_measured(name, content):
    sound = examined(content)
    assert sound.kind == {"opus": "ogg"}.get(name, name)
    assert abs(float(sound.seconds) - 1) < 0.05
    assert sound.size == len(content)


@pytest.mark.parametrize(("name", "content"), WHOLE.items(), ids=WHOLE)
def test_half_a_file_is_refused(name, content):
    assert "не до конца" in refusal(content[: len(content) // 2])


@pytest.mark.parametrize(("name", "content"), WHOLE.items(), ids=WHOLE)
def test_a_right_beginning_is_not_enough(name, content):
    assert refusal(content[:16] + b"not a sound at all " * 200)


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"<!doctype html><p>Not found",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        b"\xff\xd8\xff\xe0" + bytes(200),  # a photo: its first byte is that of an mp3
        b"PK\x03\x04" + bytes(200),
        b"RIFF\x00\x01\x00\x00AVI " + bytes(200),
        b"\xff",
    ],
)
def test_other_files_are_refused_whatever_their_name(content):
    assert "Это не аудио" in refusal(content)


def test_a_video_is_refused_as_such():
    assert "Это видео" in refusal(sample("video.mp4"))


def test_an_empty_file_is_refused_as_such():
    assert "пустой" in refusal(b"")


def test_a_file_over_the_limit_is_refused_with_the_limit():
    assert "больше 1 МБ" in refusal(bytes(1024**2 + 1))


def test_a_long_sound_is_refused_with_the_limit():
    assert "длиннее 1 мин" in refusal(wav(61, rate=1000))


def test_a_small_file_with_days_of_silence_is_not_decoded_to_the_end():
    assert "длиннее" in refusal(wav(100_000, rate=1))


def test_a_click_is_no_record():
    assert "нет звука" in refusal(wav(0.1))


def test_a_wav_of_no_frames_is_no_record():
    assert refusal(wav(0))


def test_an_mp3_behind_a_tag_is_recognised():
    assert examined(with_id3(sample("tone.mp3")[20:], 4000)).kind == "mp3"


def test_an_unfinished_header_of_a_piped_wav_is_forgiven():
    content = wav(1)
    place = content.index(b"data") + 4
    piped = content[:place] + b"\xff\xff\xff\xff" + content[place + 4 :]
    assert abs(float(examined(piped).seconds) - 1) < 0.05


def test_a_wav_without_sound_chunks_is_damaged():
    assert "повреждён" in refusal(b"RIFF\x24\x00\x00\x00WAVE" + b"LIST\x04\x00\x00\x00abcd")


def test_a_wav_in_an_unknown_code_says_what_to_do():
    content = bytearray(wav(1))
    content[20:22] = (0x55).to_bytes(2, "little")
    assert "Сохраните его в mp3" in refusal(bytes(content))


def test_the_file_is_left_at_its_beginning():
    file = io.BytesIO(wav())
    examine(file, **LIMITS)
    assert file.tell() == 0
    recognise(file)
    assert file.tell() == 0
