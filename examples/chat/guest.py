"""The room: it keeps what its clients bring along, and hands out seats, which live in here."""

from itertools import count

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import app_exports_room
from wit_world.imports import app_guest_seat, chat, errors

numbers = count(1)
seats: dict[int, tuple[str, chat.Listener]] = {}


class Room(app_exports_room.Room):
    """What is served: each client's own, or the same one for all."""

    def __init__(self) -> None:
        """Begin with what is there."""

    def join(self, name: str, listener: chat.Listener) -> chat.Seat:
        """Take the listener over, and give a seat."""
        if not name:
            raise Err(errors.CapError(errors.ErrorKind.FAILED, "who are you?"))
        number = next(numbers)
        seats[number] = name, listener
        return app_guest_seat.wrap(number)

    def names(self) -> list[str]:
        """Tell who is there."""
        return [name for name, _ in seats.values()]


class AppGuestSeatCalls(exports.AppGuestSeatCalls):
    """What seats do, by their numbers."""

    def call_say(self, object: int, text: str) -> int:
        """Tell all others."""
        told = 0
        for number, (_, listener) in list(seats.items()):
            if number != object:
                try:
                    listener.heard(seats[object][0], text)
                    told += 1
                except Err:  # a client that is going: its seat is about to be released
                    pass
        return told

    def release(self, object: int) -> None:
        """Nobody has the seat any more: let the listener go."""
        _, listener = seats.pop(object)
        with listener:
            pass
