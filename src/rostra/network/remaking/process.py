"""One order in a process of its own: `python -m rostra.network.remaking.process NICENESS`, the order on standard input.

Standard output carries lines of `Said`. The limits come first, then the imports, then the walls, then the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from rostra.network.remaking.confinement import confine, limit_resources
from rostra.platform.priority import give_way

MEMORY_BYTES: Final = 2 << 30
"""Address space: 33 megapixels take 130 MB a copy, H.264 at 1280 pixels some 200 MB."""
MADE_BYTES: Final = 200_000_000
"""Ten minutes at the bit rate of `films` are 190 MB at most; what is beyond is no film of ours."""
PICTURE_CPU_S: Final = 30
MOVING_CPU_S: Final = 1800


def main() -> int:
    """Carry out the order; 0 when something was said about it."""
    give_way(int(sys.argv[1]))
    limit_resources(memory_bytes=MEMORY_BYTES, cpu_s=MOVING_CPU_S, file_bytes=MADE_BYTES)
    import msgspec
    from PIL import Image

    from rostra.network.remaking.errors import Refused
    from rostra.network.remaking.orders import Order, Said, Shape
    from rostra.network.remaking.pictures import IsMoving, remake_picture
    from rostra.network.remaking.sniffing import ANIMATION, GIF, HEAD_BYTES, sniff

    def say(said: Said) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        sys.stdout.buffer.flush()

    share_told = 0.0

    def told(share: float) -> None:
        nonlocal share_told
        if share >= share_told + 0.01:
            share_told = share
            say(Said(share=share))

    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    Image.init()
    try:
        with Path(order.source).open("rb") as file:
            form = sniff(file.read(HEAD_BYTES))
        if order.shape is Shape.MOVING:
            from rostra.network.remaking.films import remake_film

            confine(readable=[Path(order.source)], writable=Path(order.folder))
            say(Said(made=remake_film(order, ANIMATION if form is GIF else form, told)))
            return 0
        limit_resources(memory_bytes=MEMORY_BYTES, cpu_s=PICTURE_CPU_S, file_bytes=MADE_BYTES)
        confine(readable=[Path(order.source)], writable=Path(order.folder))
        say(Said(made=remake_picture(order, form)))
    except IsMoving:
        say(Said(moving=True))
    except Refused as error:
        say(Said(refused=error.user_message, log=str(error)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
