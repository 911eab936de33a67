"""A package of pure Python, imported by a guest."""

from .shape import shout

__all__ = ["shout"]
