"""AAC frames made over, bit by bit: to a wanted size, and from one channel to two (ISO/IEC 14496-3, 4.4.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_SINGLE, _PAIR, _END = 0, 1, 7
"""`id_syn_ele`, 3 bits."""
_EIGHT_SHORT: Final = 2
_INFO_LONG_BITS, _INFO_SHORT_BITS = 11, 15
"""`ics_info`: reserved bit, window sequence and shape, then max_sfb and either "no prediction" or the grouping."""
_ALL_MIDDLE_AND_SIDE: Final = 2
_FILL: Final = 6
"""`ID_FIL` of `id_syn_ele`, 3 bits; then a count of 4 bits, and with 15 in it 8 bits more."""
_SHORT_MOST: Final = 14
_LONG_MOST: Final = 15 + 255 - 1


def filled(frame: bytes, size: int) -> bytes | None:
    """A raw data block that decodes to the same sound and has `size` bytes; None where it cannot: it is longer itself.

    Fill elements (4.4.2.7) come before what is in the frame. frame: ends with `ID_END` and its padding, as every raw
    data block does. Takes up to 1,900 bytes.
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


def doubled(frame: bytes) -> bytes:
    """A raw data block of one channel as one of two that sound alike: the channel as their middle, and an empty side.

    frame: begins with a `single_channel_element` and ends with `ID_END` and its padding; it must use neither noise
    substitution nor TNS, whose place is in each of the two channels. Raises ValueError for another beginning.
    Source: ISO/IEC 14496-3, 4.4.2.1 (`channel_pair_element`, `individual_channel_stream`), 4.6.8.1 (M/S stereo).
    """
    bits, length = int.from_bytes(frame, "big"), 8 * len(frame)
    if bits >> length - 3 != _SINGLE:
        raise ValueError("no single_channel_element")
    padding = (bits & -bits).bit_length() - 1  # ID_END is three ones
    end = padding + 3
    info_at = length - 15
    info_bits = _INFO_SHORT_BITS if (short := bits >> info_at - 3 & 3 == _EIGHT_SHORT) else _INFO_LONG_BITS
    info = bits >> info_at - info_bits & (1 << info_bits) - 1
    rest_bits = info_at - info_bits - end
    pair, pair_bits = _PAIR << 5 | 1, 8  # an instance tag of 0, and one window for both
    pair, pair_bits = (pair << info_bits | info) << 2 | _ALL_MIDDLE_AND_SIDE, pair_bits + info_bits + 2
    gain = bits >> info_at & 0xFF
    pair, pair_bits = pair << 8 | gain, pair_bits + 8
    pair, pair_bits = pair << rest_bits | bits >> end & (1 << rest_bits) - 1, pair_bits + rest_bits
    side, side_bits = _empty_side(info, short=short)
    pair, pair_bits = (pair << side_bits | side) << 3 | _END, pair_bits + side_bits + 3
    size = -(-pair_bits // 8)
    return (pair << 8 * size - pair_bits).to_bytes(size, "big")


@lru_cache(maxsize=1024)
def _empty_side(info: int, *, short: bool) -> tuple[int, int]:
    """An `individual_channel_stream` without any spectrum, for this `ics_info`: its bits, and how many they are."""
    if short:
        bands, groups, length_bits = info >> 7 & 15, 8 - (info & 0x7F).bit_count(), 3
    else:
        bands, groups, length_bits = info >> 1 & 63, 1, 5
    escape = (1 << length_bits) - 1
    side, side_bits = 0, 8  # global_gain
    for _ in range(groups if bands else 0):
        side, side_bits = side << 4, side_bits + 4  # ZERO_HCB
        for piece in [escape] * (bands // escape) + [bands % escape]:
            side, side_bits = side << length_bits | piece, side_bits + length_bits
    return side << 3, side_bits + 3  # neither pulses nor TNS nor gain control
