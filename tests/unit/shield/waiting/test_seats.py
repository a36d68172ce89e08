"""Seats are what listeners make an edge do."""

from __future__ import annotations

from rostra.shield.waiting.seats import ARRIVES_IN_S, KEPT_S, MEAN_S, Seats


def listen(seats: Seats, from_s: int, until_s: int, players: int, radios: int = 0) -> None:
    for second in range(from_s, until_s):
        seats.heard_s += players
        seats.tick(second + 1.0, radios)


def test_playlists_tell_how_many_listen() -> None:
    seats = Seats(0.0)
    listen(seats, 0, 30, 40, radios=2)
    assert seats.taken == 42


def test_who_was_let_in_counts_until_they_are_heard() -> None:
    seats = Seats(0.0)
    seats.let_in(0.5)
    assert seats.taken == 1
    listen(seats, 0, int(ARRIVES_IN_S) + 2, 1)
    assert seats.taken == 1
    never_came = Seats(0.0)
    never_came.let_in(0.5)
    listen(never_came, 0, int(ARRIVES_IN_S) + 2, 0)
    assert never_came.taken == 0


def test_a_seat_is_kept_for_a_minute() -> None:
    seats = Seats(0.0)
    listen(seats, 0, 30, 3)
    listen(seats, 30, 30 + int(KEPT_S) - 2, 2)
    assert seats.taken == 3
    listen(seats, 30 + int(KEPT_S) - 2, 30 + int(KEPT_S + MEAN_S) + 2, 2)
    assert seats.taken == 2
