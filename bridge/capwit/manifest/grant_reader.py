"""Reading one grant of a manifest: what stands behind it, and what it is narrowed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from capwit.bridge.peers import PEER, parse_peer
from capwit.bridge.policy import Policy

from .declared import Factory, Remote, Standard
from .kinds import KINDS, REMOTE
from .narrow import RULES, Narrowing
from .tables import TableReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .kinds import Option

_QUOTAS: Final = ("calls", "bytes", "in_flight", "deadline", "expires")


class GrantReader(TableReader):
    """Reads what needs no other part of the manifest: kinds, remotes, factories, and narrowings."""

    def _standard(self, kind: str, options: dict[str, Any]) -> Standard:
        known = KINDS[kind]
        self._only(options, tuple(known))
        self._check("kind", self._place.has_kind, kind)
        return Standard(kind, self._options(known, options))

    def _options(self, known: Mapping[str, Option], options: dict[str, Any]) -> dict[str, Any]:
        given = {}
        for key, option in known.items():
            if key in options:
                given[key] = self._check(key, option.read, options[key], self._place)
            elif option.required:
                raise self._error(key, f"missing; expected {option.expected}")
        return given

    def _remote(self, table: dict[str, Any]) -> Remote:
        self._only(table, ("remote", *REMOTE))
        text = self._text(table, "remote", PEER)
        peer, steps = self._check("remote", parse_peer, text)
        peer = self._check("remote", self._place.dials, peer, text.partition("#")[0])
        given = self._options(REMOTE, table)
        files: dict[str, Path] = {key: given[key] for key in ("ca", "certificate", "key") if key in given}
        if files and not peer.tls:
            raise self._error(next(iter(files)), f"{peer} is not TLS. Mend: capnps://")
        if ("certificate" in files) != ("key" in files):
            raise self._error("certificate", "a certificate and its key go together. Mend: name both")
        return Remote(
            peer,
            steps,
            interface=given.get("interface", ""),
            files=files,
            times={key: given[key] for key in ("reconnect", "timeout", "keepalive") if key in given},
            reach=self._place.holdings.connect,
        )

    def _factory(self, table: dict[str, Any]) -> Factory:
        expected = "a module of the manifest's own folder and a callable in it, such as 'stores:memory'"
        text = self._text(table, "factory", expected)
        module, _, callable = text.partition(":")
        if not module.isidentifier() or not callable.isidentifier():
            raise self._error("factory", f"expected {expected}, got {text!r}")
        self._check("factory", self._place.runs_code)
        options = {key: value for key, value in table.items() if key != "factory"}
        return Factory(self._check("factory", self._place.within, f"{module}.py"), callable, options)

    def _narrowed(
        self, name: str, table: dict[str, Any], key: str, narrow: dict[str, Narrowing]
    ) -> dict[str, Any]:
        """Take out of a grant's table how it is narrowed."""
        if "narrow" not in table:
            return table
        inside = self._inside(name)
        given = inside._get(table, "narrow", dict, "a table of what the grant is narrowed to")
        narrow[key] = inside._inside("narrow")._narrowing(given)
        return {each: value for each, value in table.items() if each != "narrow"}

    def _narrowing(self, table: dict[str, Any]) -> Narrowing:
        self._only(table, ("allow", "deny", "guards", *_QUOTAS))
        quotas = {quota: table[quota] for quota in _QUOTAS if quota in table}
        for quota, value in quotas.items():
            self._check(quota, Policy(**{quota: value}).check)
        policy = Policy(
            allow=tuple(self._strings(table, "allow")) if "allow" in table else None,
            deny=tuple(self._strings(table, "deny")),
            **quotas,
        )
        methods, inside = self._tables(table, "guards"), self._inside("guards")
        return Narrowing(policy, {name: inside._guards(name, methods[name]) for name in methods})

    def _guards(self, method: str, table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        inside = self._inside(f'"{method}"')
        for place in table:
            rules = inside._get(table, place, dict, "a table such as { prefix = 'public/' }")
            within = inside._inside(place)
            within._only(rules, tuple(RULES))
            for rule, said in rules.items():
                if not RULES[rule].says(said):
                    raise within._error(rule, f"expected {RULES[rule].expected}, got {said!r}")
        return table
