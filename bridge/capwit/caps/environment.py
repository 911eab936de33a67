"""The environment of a program: the variables that it was started with, laid over a scope of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capwit.bridge.launch import MOST_TEXTS

from .standard import EnvVar, SettingValue
from .using import answer

if TYPE_CHECKING:
    from .wasi import WasiGrants


async def environment(grants: WasiGrants) -> list[EnvVar]:
    """Return the variables of a program: those of `launch`, then what else `environment` has, by name.

    A setting that cannot be a variable is left out: its name is empty or has a `=`, or it holds a zero byte.
    No more settings are asked for than a program may have variables.
    """
    variables = [] if grants.launch is None else list(await answer(grants.launch.env()))
    if grants.environment is None:
        return variables
    known = {each.name for each in variables}
    for name in await answer(grants.environment.list()):
        if len(variables) > MOST_TEXTS:
            break
        if name in known or not name or "=" in name or "\0" in name:
            continue
        setting = await answer(grants.environment.get(name))
        if isinstance(setting, SettingValue) and "\0" not in setting.value:
            variables.append(EnvVar(name, setting.value))
    return variables
