"""The console, `/console`: a web page that speaks to the same faces as everybody, with the key of who signed in."""

from app.console.face import PREFIX, Face, build
from app.console.figures import Figures

__all__ = ["PREFIX", "Face", "Figures", "build"]
