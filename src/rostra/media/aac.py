"""AAC frames of a wanted size: fill elements before what is in the frame (ISO/IEC 14496-3, 4.4.2.7, `fill_element`)."""

from __future__ import annotations

from typing import Final

_FILL: Final = 6
"""`ID_FIL` of `id_syn_ele`, 3 bits; then a count of 4 bits, and with 15 in it 8 bits more."""
_SHORT_MOST: Final = 14
_LONG_MOST: Final = 15 + 255 - 1


def filled(frame: bytes, size: int) -> bytes | None:
    """A raw data block that decodes to the same sound and has `size` bytes; None where it cannot: it is longer itself.

    frame: ends with `ID_END` and its padding, as every raw data block does. Takes up to 1,900 bytes.
    """
    left = size - len(frame)
    if left < 0:
        return None
    bits = length = elements = 0
    while left:
        # A short element takes 7 bits and its bytes, a long one 15: each is a bit less than whole bytes.
        if left >= _SHORT_MOST + 3:
            count = min(left - 2, _LONG_MOST)
            bits = ((bits << 3 | _FILL) << 4 | 15) << 8 | (count - 14)
            length += 15
            left -= count + 2
        else:
            count = min(left - 1, _SHORT_MOST)
            bits = (bits << 3 | _FILL) << 4 | count
            length += 7
            left -= count + 1
        bits <<= 8 * count
        length += 8 * count
        elements += 1
    if elements > 7:
        return None
    bits = bits << 8 * len(frame) | int.from_bytes(frame, "big")
    length += 8 * len(frame)
    return (bits << 8 * size - length).to_bytes(size, "big")
