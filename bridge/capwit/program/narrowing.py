"""What a manifest narrows its grants to, as the policies of the capabilities that they turned out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from capwit.bridge.errors import ManifestError

if TYPE_CHECKING:
    from capwit.bridge.binding import Client, Grants, Interface
    from capwit.bridge.policy import Policy
    from capwit.manifest.declared import Manifest
    from capwit.manifest.narrow import Narrowing

C = TypeVar("C", bound="Client")


def narrowed(manifest: Manifest, key: str, client: C) -> C:
    """Return a capability as the manifest narrows it."""
    narrowing = manifest.narrow.get(key)
    if narrowing is None:
        return client
    return client.attenuate(_policy(manifest, key, narrowing, [client.interface]))


def policies_of(manifest: Manifest, grants: list[Grants]) -> dict[str, Policy]:
    """Return what narrows a program's grants, by their names."""
    held = [each for given in grants for each in given.capabilities()] if manifest.narrow else []
    policies = {}
    for key, narrowing in manifest.narrow.items():
        if key != "refuel":
            name = "wasi.environment" if key == "env.scope" else key.removeprefix("grants.")
            interfaces = dict.fromkeys(each.interface for each in held if each.grant == name)
            if not interfaces and name in manifest.indirect:
                continue  # it was narrowed where it was used
            policies[name] = _policy(manifest, key, narrowing, list(interfaces))
    return policies


def _policy(manifest: Manifest, key: str, narrowing: Narrowing, interfaces: list[Interface]) -> Policy:
    try:
        return narrowing.of(interfaces)
    except ValueError as error:
        raise ManifestError(f"{manifest.path}: {key}.narrow.{error}") from None
