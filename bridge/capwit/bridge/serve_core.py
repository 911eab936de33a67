"""What serves a core module's imports of generated interfaces, lowered by the canonical ABI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from capwit.engine.core import CoreOther
from capwit.engine.core_canon import LoweredFunction, drop_function, lower_function
from capwit.engine.errors import LinkError

from .binding import ANY_CAP
from .delivery import find_guest
from .match import compatible
from .serve import find_grants, find_interface, function_of, grant_function, other_schema

if TYPE_CHECKING:
    from capwit.engine.core import CoreImport

    from .binding import Bindings

_DROP: Final = "[resource-drop]"


def lowered_import(bindings: list[Bindings], imported: CoreImport, name: str) -> LoweredFunction | None:
    """Return what serves an import of a core module, or None where the bindings have no such interface.

    Raises:
        LinkError: the module was built from another version of the schema; or of an interface that takes a
            component.
    """
    where = f"{imported.module}#{imported.name}"
    grants = find_grants(bindings, imported.module, compatible)
    if grants is not None:
        grant = grants.grants.get(imported.name)
        found = None if grant is None else lower_function(grant_function(grants, grant))
    elif find_guest(bindings, imported.module) is not None:
        raise LinkError(
            f"{name}: its import {where} makes handles of a guest's own objects, which a core module cannot. "
            "Mend: build it as a component"
        )
    else:
        known = {each.name: each for each in find_interface(bindings, imported.module, compatible)}
        if compatible(ANY_CAP.interface, imported.module):
            known[ANY_CAP.name] = ANY_CAP
        if not known:
            return None
        dropped = known.get(imported.name.removeprefix(_DROP)) if imported.name.startswith(_DROP) else None
        if dropped is not None:
            found = drop_function(f"{dropped.name}.drop", dropped.resource)
        else:
            host = function_of(known, imported.name)
            found = None if host is None else lower_function(host)
    if found is None:
        raise other_schema(name, where)
    if imported.type != found.type:
        what = imported.type if isinstance(imported.type, CoreOther) else f"of type {imported.type}"
        raise other_schema(name, where, f"it is {what}, which lowered is {found.type}")
    return found
