"""Generated bindings at work: values and capabilities that cross into a component and out of it."""

from __future__ import annotations

from typing import Any

import capnp
import pytest
from capwit.bridge import CapError, Host

from tests.codegen.support import ANNOTATIONS, CASES, case, echoed, scenario
from tests.engine.support import ALLOCATOR
from tests.support.components import ERROR_EXPORTS, ERROR_IMPORTS, wat


class Bottom:
    """Implements all four interfaces of the diamond."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def spin(self, text: str) -> str:
        return text[::-1]

    def turn(self) -> None:
        self.called.append("turn")

    def veer(self) -> None:
        self.called.append("veer")

    def sink(self) -> bool:
        return True


DIAMOND = f"""
  {ERROR_IMPORTS}
  (import "case:extends-diamond/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "bottom" (type $bottom (sub resource)))
    (export "left" (type $left (sub resource)))
    (export "[method]bottom.veer" (func (param "self" (borrow $bottom)) (result (result (error $error)))))
    (export "[method]left.turn" (func (param "self" (borrow $left)) (result (result (error $error)))))
    (export "[method]bottom.as-left" (func (param "self" (borrow $bottom)) (result (own $left))))
    (export "[method]bottom.as-bottom" (func (param "self" (borrow $bottom)) (result (own $bottom))))))
  (alias export $s "bottom" (type $bottom))
  (alias export $s "left" (type $left))
  (import "case:extends-diamond/app-grants@0.1.0" (instance $g
    (export "bottom" (type $bottom2 (eq $bottom)))
    (export "get-bottom" (func (result (own $bottom2))))))
  {ALLOCATOR}
  (core func $get (canon lower (func $g "get-bottom")))
  (core func $veer (canon lower (func $s "[method]bottom.veer") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $turn (canon lower (func $s "[method]left.turn") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $as-left (canon lower (func $s "[method]bottom.as-left")))
  (core func $as-bottom (canon lower (func $s "[method]bottom.as-bottom")))
  (core func $drop (canon resource.drop $bottom))
  (core module $m
    (import "h" "get" (func $get (result i32)))
    (import "h" "veer" (func $veer (param i32 i32)))
    (import "h" "turn" (func $turn (param i32 i32)))
    (import "h" "as-left" (func $as-left (param i32) (result i32)))
    (import "h" "as-bottom" (func $as-bottom (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "run") (result i32) (local $bottom i32) (local $left i32) (local $other i32)
      (local.set $bottom (call $get))
      (local.set $left (call $as-left (local.get $bottom)))
      (local.set $other (call $as-bottom (local.get $bottom)))
      (call $drop (local.get $bottom))
      (call $turn (local.get $left) (i32.const 16))
      (call $veer (local.get $other) (i32.const 16))
      (local.get $other)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "get" (func $get)) (export "veer" (func $veer)) (export "turn" (func $turn))
    (export "as-left" (func $as-left)) (export "as-bottom" (func $as-bottom)) (export "drop" (func $drop))))))
  (func (export "run") (result u32) (canon lift (core func $i "run")))
"""


class TestExtends:
    @scenario
    async def test_a_guest_gets_handles_of_what_is_extended_and_of_the_same(self) -> None:
        diamond = case("extends-diamond")
        bottom = Bottom()
        async with Host() as host:
            app = await host.load(wat(DIAMOND), diamond.BINDINGS)
            async with app.instantiate(diamond.Grants(bottom=bottom)) as instance:
                await instance.call("run")
                assert instance.handles == 2
                events = [
                    f"{entry.event.value} {entry.interface.rpartition('.')[2]}"
                    for entry in host.ledger
                    if entry.handle
                ]
        assert bottom.called == ["turn", "veer"]
        assert events == ["grant bottom", "keep left", "keep bottom", "drop bottom"]
        assert host.ledger.balance == 0

    @scenario
    async def test_a_client_leads_to_clients_of_what_is_extended(self) -> None:
        diamond = case("extends-diamond")
        bottom = Bottom()
        client = diamond.BottomClient(bottom)
        top = client.as_left().as_top()
        assert type(top) is diamond.TopClient
        assert await top.spin("abc") == "cba"
        assert top == client

    def test_an_extending_client_passes_for_what_it_extends_and_not_the_other_way(self) -> None:
        diamond = case("extends-diamond")
        client = diamond.BottomClient(Bottom())
        assert diamond.TopClient(client) == client
        with pytest.raises(TypeError, match=r"expected a .*bottom, got a .*top"):
            diamond.BottomClient(client.as_top())

    def test_an_implementation_needs_what_it_inherits(self) -> None:
        class NoSpin:
            def turn(self) -> None: ...

        with pytest.raises(TypeError, match="spin"):
            case("extends-diamond").LeftClient(NoSpin())


class TestGenerics:
    @scenario
    async def test_a_brand_of_a_brand(self) -> None:
        generics = case("generics")
        numbers = generics.MapTextListInt32(
            [generics.MapTextListInt32Entry("a", [1, 2])], generics.MapKind.TREE
        )
        value = generics.MapTextMapTextListInt32(
            [generics.MapTextMapTextListInt32Entry("b", numbers)], generics.MapKind.HASH
        )
        assert await echoed(generics.MAP_TEXT_MAP_TEXT_LIST_INT32, value) == value

    @scenario
    async def test_a_generic_interface_whose_parameter_is_an_interface(self) -> None:
        generics = case("generics")

        class Door:
            def open(self) -> None: ...

        class Registry:
            def find(self, name: str) -> Any:
                return Door()

            def all(self) -> Any:
                names = generics.MapTextDoor(
                    [generics.MapTextDoorEntry("front", Door()), generics.MapTextDoorEntry("back", None)],
                    generics.MapKind.HASH,
                )
                return generics.RegistryDoorAllResults(Door(), names, False)

            def group(self, params: Any) -> Any:
                entries = [generics.MapTextTextEntry(each.key, each.key) for each in params.entries]
                return generics.MapTextText(entries, params.kind)

        doors = generics.DoorsClient(Registry())
        assert type(await doors.find("front")) is generics.DoorClient
        found = await doors.all()
        front, back = found.names.entries
        assert type(front.value) is generics.DoorClient
        assert back.value is None
        assert [each.value for each in (await doors.group(found.names)).entries] == ["front", "back"]


class TestRecursive:
    @scenario
    async def test_a_tree_with_capabilities_in_it(self) -> None:
        m = case("recursive")

        class Owner:
            def name(self) -> str:
                return "someone"

        owner = Owner()
        value = m.Tree("root", [m.Tree("a", [m.Tree("b", [], owner)], None), m.Tree("c", [], None)], owner)
        assert await echoed(m.TREE, value, m.OWNER.resource) == value

        class Forest:
            def grow(self, tree: Any) -> Any:
                return tree

            def all(self, trees: Any) -> Any: ...

        grown = await m.ForestClient(Forest()).grow(value)
        assert await grown.children[0].children[0].owner.name() == "someone"
        assert type(grown.owner) is m.OwnerClient

    @scenario
    async def test_json(self) -> None:
        m = case("recursive-pair")
        value = m.JsonObject(
            [
                m.JsonField("null", m.JsonNull()),
                m.JsonField("unset", None),
                m.JsonField("list", m.JsonArray([m.JsonBool(True), m.JsonNumber(0.5), m.JsonArray([])])),
                m.JsonField("text", m.JsonString("text")),
            ]
        )
        assert await echoed(m.JSON, value) == value
        assert await echoed(m.JSON_FIELD, value.value[2]) == value.value[2]

    @scenario
    async def test_structs_in_each_other_by_way_of_groups_and_unions(self) -> None:
        m = case("recursive-pair")
        leaf = m.A("leaf", m.AInner(None, ""), m.AWhichNone())
        other = m.A("other", m.AInner(m.B([[leaf], [], [leaf, leaf]]), "x"), m.AWhichOther(None))
        value = m.A("root", m.AInner(m.B([]), "y"), m.AWhichOther(other))
        assert await echoed(m.A_, value) == value

    @scenario
    async def test_a_chain_that_is_deeper_than_the_recursion_limit(self) -> None:
        m = case("recursive")
        value = None
        for number in range(20_000):
            value = m.Chain(number, value)
        found = await echoed(m.CHAIN, value)
        for number in reversed(range(20_000)):
            assert found.value == number
            found = found.next
        assert found is None

    @pytest.mark.parametrize(
        ("nodes", "why"),
        [
            ([], "it has no nodes"),
            ([(1, 0)], "node 0 refers to node 0"),
            ([(1, 1), (2, 0)], "node 1 refers to node 0"),
            ([(1, 2)], "node 0 refers to node 2"),
            ([(1, None), (2, None)], "nothing refers to node 1"),
        ],
    )
    def test_an_arena_that_is_none_is_that_calls_error(
        self, nodes: list[tuple[int, int | None]], why: str
    ) -> None:
        m = case("recursive")
        with pytest.raises(CapError, match=why):
            m.CHAIN.make([m.Chain(value, index) for value, index in nodes])

    def test_a_node_that_two_refer_to_is_that_calls_error(self) -> None:
        m = case("recursive")
        with pytest.raises(CapError, match="node 0 refers to node 1"):
            m.TREE.make([m.Tree("a", [1, 1], None), m.Tree("b", [], None)])

    def test_a_reference_to_a_node_of_another_type_is_that_calls_error(self) -> None:
        m = case("recursive-pair")
        with pytest.raises(CapError, match="node 0 refers to node 1 as a json"):
            m.JSON.make([("json", m.JsonArray([1])), ("json-field", m.JsonField("a", None))])
        with pytest.raises(CapError, match="its root is a json-field"):
            m.JSON.make([("json-field", m.JsonField("a", None))])

    @scenario
    async def test_a_value_without_end_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("capwit.bridge.arena.MOST_NODES", 1000)  # of a million, which take seconds
        m = case("recursive")
        children: list[Any] = []
        tree = m.Tree("a", children, None)
        children.append(tree)
        with pytest.raises(ValueError, match="more than 1000 parts"):
            m.TREE.spread(tree)


ANY = f"""
  (import "capwit:bridge/errors@0.1.0" (instance $e {ERROR_EXPORTS} (export "any-cap" (type (sub resource)))))
  (alias export $e "cap-error" (type $cap-error))
  (alias export $e "any-cap" (type $any))
  (import "case:any/schema@0.1.0" (instance $s
    (export "cap-error" (type $error (eq $cap-error)))
    (export "any-cap" (type $any2 (eq $any)))
    (export "registry" (type $registry (sub resource)))
    (export "[method]registry.to-any" (func (param "self" (borrow $registry)) (result (own $any2))))
    (export "[method]registry.give" (func (param "self" (borrow $registry)) (param "cap" (own $any2))
      (result (result (error $error)))))
    (export "[static]registry.from-any" (func (param "cap" (own $any2))
      (result (result (own $registry) (error $error)))))))
  (alias export $s "registry" (type $registry))
  (import "case:any/app-grants@0.1.0" (instance $g
    (export "registry" (type $registry2 (eq $registry)))
    (export "any-cap" (type $any3 (eq $any)))
    (export "get-registry" (func (result (own $registry2))))
    (export "get-spare" (func (result (option (own $any3)))))))
  {ALLOCATOR}
  (core func $get (canon lower (func $g "get-registry")))
  (core func $spare (canon lower (func $g "get-spare") (memory (core memory $libc "memory"))))
  (core func $to (canon lower (func $s "[method]registry.to-any")))
  (core func $from (canon lower (func $s "[static]registry.from-any") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $s "[method]registry.give") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "get" (func $get (result i32)))
    (import "h" "spare" (func $spare (param i32)))
    (import "h" "to" (func $to (param i32) (result i32)))
    (import "h" "from" (func $from (param i32 i32)))
    (import "h" "give" (func $give (param i32 i32 i32)))
    ;; there and back again, and what came back is given away as what it is not told to be
    (func (export "back") (result i32)
      (call $from (call $to (call $get)) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then (unreachable)))
      (call $give (i32.load (i32.const 20)) (call $to (i32.load (i32.const 20))) (i32.const 48))
      (i32.load8_u (i32.const 48)))
    ;; 1: what was granted is no registry
    (func (export "other") (result i32)
      (call $spare (i32.const 16))
      (call $from (i32.load (i32.const 20)) (i32.const 32))
      (i32.load8_u (i32.const 32))))
  (core instance $i (instantiate $m (with "l" (instance $libc)) (with "h" (instance
    (export "get" (func $get)) (export "spare" (func $spare)) (export "to" (func $to))
    (export "from" (func $from)) (export "give" (func $give))))))
  (func (export "back") (result u32) (canon lift (core func $i "back")))
  (func (export "other") (result u32) (canon lift (core func $i "other")))
"""


class Registry:
    def __init__(self) -> None:
        self.given: list[Any] = []

    def put(self, name: str, cap: Any) -> None:
        self.given.append(cap.keep())

    def give(self, cap: Any) -> None:
        self.given.append(cap)

    def find(self, name: str) -> Any:
        return self.given[0]

    def value(self, value: Any) -> Any:
        return value


class TestAny:
    @scenario
    async def test_a_guest_gets_back_what_it_had_and_nothing_else(self) -> None:
        m, other = case("any"), case("extends-diamond")
        registry = Registry()
        spare = m.wit.AnyClient(other.TopClient(Bottom()))
        async with Host() as host:
            app = await host.load(wat(ANY), m.BINDINGS)
            async with app.instantiate(m.Grants(registry=registry, spare=spare)) as instance:
                assert await instance.call("back") == 0
                assert await instance.call("other") == 1
            (given,) = registry.given
            back = given.cast(m.RegistryClient)
            assert back == m.RegistryClient(registry)
            with pytest.raises(CapError, match="the capability is no case:extends-diamond"):
                given.cast(other.TopClient)
            await given.close()
            await back.close()
        assert host.ledger.balance == 0

    @scenario
    async def test_a_client_carries_one_and_it_comes_back_as_what_it_extends(self) -> None:
        m, other = case("any"), case("extends-diamond")
        registry = m.RegistryClient(Registry())
        await registry.put("bottom", m.wit.AnyClient(other.BottomClient(Bottom())))
        found = await registry.find("bottom")
        assert await found.cast(other.TopClient).spin("abc") == "cba"
        assert type(found.cast(other.LeftClient)) is other.LeftClient

    def test_an_object_does_not_tell_its_interface(self) -> None:
        with pytest.raises(TypeError, match="its interface is not told"):
            case("any").wit.AnyClient(Registry())

    @scenario
    async def test_a_value_whose_type_is_not_told(self) -> None:
        m = case("any")
        value = m.wit.AnyValue(b"message", [])
        assert await echoed(m.wit.ANY_VALUE, value) == value
        assert await m.RegistryClient(Registry()).value(value) == value


class TestOpen:
    @scenario
    async def test_a_number_that_the_schema_does_not_name(self) -> None:
        m = case("open")
        for level in (m.LevelHigh(), m.LevelUnknown(17)):
            value = m.Event(level, m.EventWhatUnknown(3))
            assert await echoed(m.EVENT, value) == value
        assert isinstance(m.LOUDEST, m.LevelHigh)


class TestConstants:
    @scenario
    async def test_a_constant_crosses(self) -> None:
        m = case("constants-of-structs")
        assert await echoed(m.POINT, m.ORIGIN) == m.ORIGIN
        assert await echoed(m.SHAPE, m.SHAPE_) == m.SHAPE_
        assert await echoed(m.SIZED, m.SIZED_) == m.SIZED_
        root = await echoed(m.TREE, m.ROOT)
        assert (root.label, root.children[0].label, root.next.label) == ("root", "leaf", "after")
        assert m.CORNERS[1] == m.Point(0, 2, "", m.Kind.DIM, b"")
        assert (m.NOTHING, m.MARKER, m.MARKERS) == (None, None, 2)

    @scenario
    async def test_a_value_whose_type_is_not_told_is_a_message(self) -> None:
        m = case("constants-of-structs")
        found = await echoed(m.LOOSE, m.LOOSE_)
        assert found.null.message == b""
        schema = capnp.load(str(CASES / "constants-of-structs" / "schema.capnp"), imports=[str(ANNOTATIONS)])
        with schema.Point.from_bytes(found.any.message) as point:
            assert (point.x, point.label) == (1, "origin")
