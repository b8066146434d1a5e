"""Sound for texts and conversations: real speech where a synthesiser is, tones elsewhere.

The library is under the GPL, so it is used only in a process of its own:
``python -m obzvon_site.provider.emulator.speech`` reads a text and writes a WAV.
"""

import array
import ctypes
import importlib.util
import io
import math
import shutil
import struct
import subprocess
import sys
import wave

RATE = 8000
CHARACTERS_A_SECOND = 13
NOTES = (392.0, 523.25, 440.0, 587.33, 493.88)


def sound_of(text: str, *, gender: int = 0, seconds: float | None = None) -> bytes:
    """A playable WAV of ``text``: spoken, or a tone as long as speech would be."""
    spoken = _speech(text, gender) if text.strip() else None
    if spoken is not None:
        return _with_words(spoken, text)
    length = seconds if seconds is not None else len(text) / CHARACTERS_A_SECOND + 0.5
    return _with_words(tone(min(max(length, 0.5), 300.0)), text)


def tone(seconds: float) -> bytes:
    """Soft notes, one after another: 8 kHz, 16 bit, mono."""
    samples = array.array("h")
    total = int(seconds * RATE)
    for place in range(total):
        note = NOTES[(place // RATE) % len(NOTES)]
        within = (place % RATE) / RATE
        volume = math.sin(math.pi * within) * 6000
        samples.append(int(volume * math.sin(2 * math.pi * note * place / RATE)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _with_words(sound: bytes, text: str) -> bytes:
    """Put the text into the file's own comment, so that a tone still says what it stands for."""
    comment = text.encode()[:2000] + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFO" + b"ICMT" + struct.pack("<I", len(comment)) + comment
    chunk = b"LIST" + struct.pack("<I", len(info)) + info
    size = struct.unpack("<I", sound[4:8])[0] + len(chunk)
    return sound[:4] + struct.pack("<I", size) + sound[8:] + chunk


def _speech(text: str, gender: int) -> bytes | None:
    """Spoken Russian as WAV, or None where no synthesiser is installed."""
    voice = "ru+m3" if gender else "ru+f3"
    if importlib.util.find_spec("espeakng_loader"):
        command = [sys.executable, "-m", "obzvon_site.provider.emulator.speech", voice]
    elif program := shutil.which("espeak-ng"):
        command = [program, "-v", voice, "--stdout"]
    else:
        return None
    try:
        run = subprocess.run(  # noqa: S603  # our own command, the text goes in by a pipe
            command, input=text.encode(), capture_output=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _repaired(run.stdout) if run.stdout.startswith(b"RIFF") else None


def _repaired(sound: bytes) -> bytes:
    """A WAV that was written to a pipe does not know its own length: write it anew."""
    head = sound.index(b"data") + 8
    rate = struct.unpack("<I", sound[24:28])[0]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(sound[head:])
    return file.getvalue()


def _synthesise(text: bytes, voice: str) -> bytes:
    """Speak with the library of espeakng-loader. Runs only in the child process."""
    import espeakng_loader  # noqa: PLC0415  # optional extra, wanted only here

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
    samples = bytearray()
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

    def take(wav: int | None, number: int, _events: int | None) -> int:
        if wav and number:
            samples.extend(ctypes.string_at(wav, number * 2))
        return 0

    callback = kind(take)  # kept by name: the library only has its address
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_Synth(text, len(text) + 1, 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(samples))
    return file.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(_synthesise(sys.stdin.buffer.read(), sys.argv[1]))
