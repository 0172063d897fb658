"""What a read is measured against: a FastAPI route that returns a constant of the same size."""

import os

from fastapi import FastAPI

app = FastAPI()
_ANSWER = {"order": "x" * int(os.environ.get("BARE_BYTES", "1500"))}


@app.get("/health/live")
def live() -> dict[str, str]:
    return {"status": "live"}


@app.get("/order")
async def order() -> dict[str, str]:
    return _ANSWER
