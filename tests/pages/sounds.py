"""Sound files for the browser to upload."""

import wave
from io import BytesIO


def small_wav(seconds: int = 2) -> bytes:
    """Silence. The library takes equal files once: tests use lengths of their own."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * seconds)
    return file.getvalue()
