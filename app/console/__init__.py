"""The console, `/console`: a web page that speaks to the same faces as everybody, with the key of who signed in."""

from app.console.face import PREFIX, Face, build

__all__ = ["PREFIX", "Face", "build"]
