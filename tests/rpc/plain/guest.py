"""A shop in WIT of its own: nothing in here knows of Cap'n Proto."""

from __future__ import annotations

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.exports import shop
from wit_world.imports import watch

baskets = 0
watchers: list[watch.Watcher] = []


class Basket(shop.Basket):
    """What somebody takes along."""

    def __init__(self, owner: str) -> None:
        """Begin with nothing."""
        global baskets
        baskets += 1
        self.owner = owner
        self.held: list[shop.Item] = []

    def __exit__(self, *_: object) -> None:
        """Nobody has it any more."""
        global baskets
        baskets -= 1

    @classmethod
    def count(cls) -> int:
        return baskets

    @classmethod
    def filled(cls, items: list[shop.Item]) -> shop.Basket:
        if not items:
            raise Err("nothing to fill it with")
        made = cls("nobody")
        made.held = items
        return made

    def add(self, item: shop.Item) -> int:
        self.held.append(item)
        return len(self.held)

    def merge(self, other: shop.Basket) -> None:
        self.held += other.held
        other.__exit__()

    def same(self, other: shop.Basket) -> bool:
        return other is self

    def items(self) -> list[shop.Item]:
        return self.held

    def pay(self, by: shop.Payment) -> tuple[str, int]:
        if isinstance(by, shop.Payment_Cash):
            raise Err(by)
        if isinstance(by, shop.Payment_Parts):
            raise Err(shop.Payment_Parts([part + 1 for part in by.value]))
        return by.value, len(self.held)


class Shop(exports.Shop):
    """The functions."""

    def echo(self, colors, deep, end, bare, many):  # noqa: ANN001, ANN201, D102
        return colors, deep, end, bare, many

    def open(self, owners: list[str]) -> list[shop.Basket]:
        return [Basket(owner) for owner in owners]

    def build(self, wanted: bool) -> shop.Shelf | None:
        return shop.Shelf(7, Basket("main"), None) if wanted else None

    def clear(self, shelf: shop.Shelf) -> int:
        given = [each for each in (shelf.main, shelf.spare) if each]
        for each in given:
            each.__exit__()
        return len(given)

    def total(self, all: list[shop.Basket]) -> int:
        return sum(len(each.held) for each in all)

    def watch(self, by: watch.Watcher) -> int:
        watchers.append(by)
        return len(watchers)

    def tell(self, by: watch.Watcher, event: watch.Event) -> bool:
        try:
            return by.seen(event, None)
        except Err as error:
            raise Err(f"told: {error.value}") from None

    def give_back(self) -> watch.Watcher | None:
        return watchers.pop() if watchers else None

    def deputies(self, count: int) -> list[watch.Watcher]:
        return [watchers[-1].deputy() for _ in range(count)]

    def fail(self) -> None:
        raise RuntimeError
