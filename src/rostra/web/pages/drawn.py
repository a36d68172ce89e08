"""Pictures for accounts that have none of their own, drawn from the account's id."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath
from PIL import Image, ImageDraw

from rostra.web import answers

AnyRequest = Request[Any, Any, Any]
PNG: Final = "image/png"
SIDE_PX: Final = 240
HEADER_PX: Final = (600, 200)
_CELLS: Final = 5
_PAPER: Final = "#f3efe6"
_INKS: Final = ("#2f4858", "#5b4b8a", "#3f6b52", "#7a4e2d", "#33607d", "#6b4a5e", "#4d5b2e", "#5a5f6b")
_KEPT_S: Final = 7 * 24 * 3600


@get("/drawn/{account_id:int}/avatar.png")
async def avatar(request: AnyRequest, account_id: FromPath[int]) -> Response[bytes]:
    return answers.public(request, drawn_avatar(account_id), PNG, max_age_s=_KEPT_S)


@get("/drawn/header.png")
async def header(request: AnyRequest) -> Response[bytes]:
    return answers.public(request, draw_header(), PNG, max_age_s=_KEPT_S)


def drawn_avatar(account_id: int) -> bytes:
    """Which of the pictures it is follows from the id; all of them together are a megabyte."""
    return draw_avatar(account_id % 1021)


@lru_cache(maxsize=1021)
def draw_avatar(number: int) -> bytes:
    """Five by five cells, alike on both sides, in one ink on paper. 1 ms."""
    bits = hashlib.sha256(b"avatar %d" % number).digest()
    picture = Image.new("P", (SIDE_PX, SIDE_PX), 0)
    picture.putpalette(_palette(_INKS[bits[0] % len(_INKS)]))
    pen = ImageDraw.Draw(picture)
    cell = SIDE_PX // (_CELLS + 1)
    for row in range(_CELLS):
        for column in range(_CELLS):
            half = min(column, _CELLS - 1 - column)
            if bits[1 + row * 3 + half] & 1:
                left, top = cell // 2 + column * cell, cell // 2 + row * cell
                pen.rectangle((left, top, left + cell - 1, top + cell - 1), fill=1)
    return _png(picture)


@lru_cache(maxsize=1)
def draw_header() -> bytes:
    picture = Image.new("P", HEADER_PX, 0)
    picture.putpalette(_palette("#e6dfd0"))
    pen = ImageDraw.Draw(picture)
    for left in range(0, HEADER_PX[0], 40):
        pen.rectangle((left, 0, left + 19, HEADER_PX[1]), fill=1)
    return _png(picture)


def _palette(ink: str) -> list[int]:
    return [int(color[at : at + 2], 16) for color in (_PAPER, ink) for at in (1, 3, 5)]


def _png(picture: Image.Image) -> bytes:
    result = io.BytesIO()
    picture.save(result, "PNG", optimize=True)
    return result.getvalue()


handlers = [avatar, header]
