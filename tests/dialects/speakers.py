"""Whoever speaks here: the speaker of each dialect, from its folder. No test and no fixture is here."""

from collections.abc import Mapping

from app.web.dialect import discover
from tests.dialects.folders import module
from tests.dialects.intents import Speaker

SPEAKERS: Mapping[str, Speaker] = {dialect.name: module(dialect.name, "speaker").SPEAKER for dialect in discover()}
