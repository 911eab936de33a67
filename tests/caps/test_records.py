"""Audit logs, settings and fuel."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from capwit.bridge import CapError
from capwit.caps import DictScope, FuelBudget, JsonLinesAudit, LoggingAudit, MemoryAudit
from capwit.caps.standard import (
    AuditField,
    AuditLogClient,
    FuelGrantClient,
    KeyValueScopeClient,
    SettingAbsent,
    SettingValue,
)

from tests.caps.support import scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIELDS = [AuditField("path", "a\nb\x1b[2J"), AuditField("ok", "no")]
SHOWN = {"path": "a\nb\x1b[2J", "ok": "no"}


def in_memory(folder: Path, caplog: Any) -> tuple[Any, Callable[[], list[Any]]]:
    log = MemoryAudit("app")
    return log, lambda: [json.loads(record.json()) for record in log.records]


def json_lines(folder: Path, caplog: Any) -> tuple[Any, Callable[[], list[Any]]]:
    path = folder / "audit.jsonl"
    log = JsonLinesAudit(path, "app")
    return log, lambda: [json.loads(line) for line in path.read_text().splitlines()]


def in_logging(folder: Path, caplog: Any) -> tuple[Any, Callable[[], list[Any]]]:
    caplog.set_level(logging.INFO, "capwit.audit")
    return LoggingAudit("app"), lambda: [json.loads(record.message) for record in caplog.records]


@pytest.fixture(params=[in_memory, json_lines, in_logging], ids=lambda make: make.__name__)
def audit(request: pytest.FixtureRequest, tmp_path: Path, caplog: Any) -> tuple[Any, Any]:
    log, read = request.param(tmp_path, caplog)
    return AuditLogClient(log), read


@scenario
async def test_what_is_told_is_kept(audit: Any) -> None:
    log, read = audit
    before = time.time_ns()
    await log.append("opened", FIELDS)
    await log.append("closed", [])
    first, second = read()
    assert before <= first.pop("time") <= second.pop("time") <= time.time_ns()
    assert first == {"source": "app", "event": "opened", "fields": SHOWN}
    assert second == {"source": "app", "event": "closed", "fields": {}}


@scenario
async def test_who_told_and_when_cannot_be_forged(audit: Any) -> None:
    log, read = audit
    await log.append('x"}\n{"source": "root', [AuditField("source", "root"), AuditField("time", "0")])
    (record,) = read()
    assert record["source"] == "app"
    assert record["time"] > 0


@scenario
async def test_records_that_are_refused(audit: Any) -> None:
    log, read = audit
    with pytest.raises(CapError, match="exhausted: a record of more than 65536 characters"):
        await log.append("x", [AuditField("a", "y" * 65536)])
    with pytest.raises(CapError, match="two fields of one name"):
        await log.append("x", [AuditField("a", "1"), AuditField("a", "2")])
    assert read() == []


def test_a_log_in_memory_forgets_the_oldest() -> None:
    log = MemoryAudit(limit=2)
    for event in "abc":
        log.append(event, [])
    assert [record.event for record in log.records] == ["b", "c"]


def test_a_log_that_is_full(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = JsonLinesAudit(path, limit=100)
    log.append("x", [])
    with pytest.raises(CapError, match="exhausted: the audit log is full"):
        log.append("y", FIELDS)
    JsonLinesAudit(path).append("z", [])
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["x", "z"]


def test_a_log_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        JsonLinesAudit(tmp_path / "none" / "audit.jsonl")


@scenario
async def test_settings() -> None:
    given = {"b": "1", "a": ""}
    scope = KeyValueScopeClient(DictScope(given))
    assert await scope.list() == ["a", "b"]
    assert await scope.get("a") == SettingValue("")
    assert await scope.get("c") == SettingAbsent()
    await scope.set("c", "2")
    await scope.remove("a")
    await scope.remove("a")
    assert await scope.list() == ["b", "c"]
    assert given == {"b": "1", "a": ""}


@scenario
async def test_settings_for_reading_only() -> None:
    scope = KeyValueScopeClient(DictScope({"a": "1"}, readonly=True))
    for change in (scope.set("a", "2"), scope.remove("a")):
        with pytest.raises(CapError, match="denied"):
            await change
    assert await scope.get("a") == SettingValue("1")


def test_settings_have_room_for_so_much() -> None:
    scope = DictScope({"a": "1234"}, limit=10)
    with pytest.raises(CapError, match="exhausted"):
        scope.set("b", "12345")
    scope.set("a", "123456789")
    scope.remove("a")
    scope.set("b", "123456789")
    assert scope.values == {"b": "123456789"}


@scenario
async def test_fuel() -> None:
    budget = FuelBudget(100)
    grant = FuelGrantClient(budget)
    assert [await grant.take(amount) for amount in (60, 0, 60, 1)] == [60, 0, 40, 0]
    assert budget.left == 0
