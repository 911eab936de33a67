"""WIT text: what a person reads is what wit-parser accepts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import wasmtime
from capwit.engine.decode import decode
from capwit.engine.wit_text import KEYWORDS, to_wit

KV_TEXT = (Path(__file__).parent / "components" / "kv.wat").read_text()


def wit_of(text: str) -> str:
    return to_wit(decode(bytes(wasmtime.wat2wasm(text))))


def accepted(wit: str, folder: Path) -> str:
    """What wit-parser, inside componentize-py, says of a text: nothing if it accepts it."""
    (folder / "root.wit").write_text(wit)
    run = subprocess.run(
        [
            Path(sys.executable).with_name("componentize-py"),
            "-d",
            "root.wit",
            "-w",
            "root",
            "bindings",
            "out",
        ],
        cwd=folder,
        env={**os.environ, "RUST_BACKTRACE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if run.returncode == 0 else run.stderr


KV_WIT = """\
package root:component;

world root {
  import trace: func(what: u32);
  import capwit:bridge/errors@0.1.0;
  import demo:kv/kv@0.1.0;
  import demo:kv/grants@0.1.0;
  export demo:kv/app-exports-runner@0.1.0;
}

package capwit:bridge@0.1.0 {
  interface errors {
    enum error-kind {
      failed,
      denied,
    }
    record cap-error {
      kind: error-kind,
      reason: string,
    }
  }
}

package demo:kv@0.1.0 {
  interface kv {
    use capwit:bridge/errors@0.1.0.{cap-error};
    resource bucket {
      %list: func(%from: option<string>, limits: tuple<u32, f64>) -> result<list<entry>, cap-error>;
      get: func(key: string) -> lookup;
      delete: func(key: string) -> result<_, cap-error>;
      merge: static func(one: bucket, other: borrow<bucket>) -> result;
    }
    resource store {
      open: func(name: string, rights: rights) -> result<bucket, cap-error>;
    }
    enum durability {
      memory,
      disk,
    }
    type size = u64;
    record entry {
      key: string,
      %list: list<u8>,
      size: u64,
    }
    variant lookup {
      missing,
      found(entry),
    }
    flags rights {
      read,
      write,
    }
    type record-of = entry;
    lasts: func() -> durability;
  }

  interface grants {
    use kv.{store};
    get-store: func() -> store;
  }

  interface app-exports-runner {
    use capwit:bridge/errors@0.1.0.{cap-error};
    use kv.{entry};
    use kv.{bucket};
    resource runner {
      constructor(number: u32);
      run: func(bucket: borrow<bucket>) -> result<report, cap-error>;
    }
    record report {
      entries: list<entry>,
      changes: u32,
    }
  }
}
"""


def test_a_guest_of_wit_component(tmp_path: Path) -> None:
    assert wit_of(KV_TEXT) == KV_WIT
    assert accepted(KV_WIT, tmp_path) == ""


def test_the_oracle_can_refuse(tmp_path: Path) -> None:
    assert "cap-errors" in accepted(KV_WIT.replace(", cap-error>", ", cap-errors>"), tmp_path)


def test_keywords_are_escaped_wherever_they_are_names(tmp_path: Path) -> None:
    labels = " ".join(f'"{word}"' for word in sorted(KEYWORDS))
    fields = " ".join(f'(field "{word}" u8)' for word in sorted(KEYWORDS))
    wit = wit_of(
        f"""(component (import "interface" (func (param "func" u8)))
          (import "use:own/type@1.0.0" (instance
            (type $enum (enum {labels})) (export "enum" (type (eq $enum)))
            (type $record (record {fields})) (export "record" (type $record' (eq $record)))
            (export "type" (func (param "world" $record') (result $record'))))))"""
    )
    assert "  import %interface: func(%func: u8);\n" in wit
    assert "  import %use:%own/%type@1.0.0;\n" in wit
    assert "    %type: func(%world: %record) -> %record;\n" in wit
    assert accepted(wit, tmp_path) == ""


def test_the_worlds_own_types_and_interfaces(tmp_path: Path) -> None:
    wit = wit_of(
        """(component
          (import "a:b/c@1.2.0" (instance $i
            (type $t' (enum "x")) (export "t" (type (eq $t'))) (export "r" (type (sub resource)))))
          (alias export $i "t" (type $t)) (alias export $i "r" (type $r))
          (import "mine" (type $mine (eq $t)))
          (import "r" (type $r2 (eq $r)))
          (import "job" (type $job (sub resource)))
          (import "[constructor]job" (func (param "r" (own $r2)) (result (own $job))))
          (import "[method]job.run" (func (param "self" (borrow $job)) (param "how" $mine)))
          (import "near" (instance $near
            (type $p' (record (field "a" u8))) (export "p" (type $p (eq $p')))
            (export "f" (func (param "p" $p)))))
          (export "again" (instance $near)))"""
    )
    world = wit[wit.index("world root") : wit.index("package a:b")]
    assert (
        world
        == """\
world root {
  use a:b/c@1.2.0.{t as mine};
  use a:b/c@1.2.0.{r};
  resource job {
    constructor(r: r);
    run: func(how: mine);
  }
  import a:b/c@1.2.0;
  import near: interface {
    record p {
      a: u8,
    }
    f: func(p: p);
  }
  export again: interface {
    record p {
      a: u8,
    }
    f: func(p: p);
  }
}

"""
    )
    assert accepted(wit, tmp_path) == ""


def test_an_interface_that_is_imported_and_exported_is_printed_once(tmp_path: Path) -> None:
    wit = wit_of(
        """(component
          (import "a:b/c" (instance $i (export "r" (type $r (sub resource)))
            (export "[method]r.one" (func (param "self" (borrow $r))))
            (export "both" (func (param "x" u8)))))
          (component $c
            (type $r' (resource (rep i32))) (export $r "r" (type $r'))
            (import "two" (func $two (param "x" u8))) (export "both" (func $two)) (export "two" (func $two)))
          (import "two" (func $two (param "x" u8)))
          (instance $c (instantiate $c (with "two" (func $two))))
          (export "a:b/c" (instance $c)))"""
    )
    assert (
        wit[wit.index("package a:b") :]
        == """\
package a:b {
  interface c {
    resource r {
      one: func();
    }
    both: func(x: u8);
    two: func(x: u8);
  }
}
"""
    )
    assert accepted(wit, tmp_path) == ""


def test_two_sides_of_an_interface_that_differ_are_told_apart() -> None:
    wit = wit_of(
        """(component
          (import "a:b/c" (instance (export "f" (func (param "x" u8)))))
          (import "f" (func $f (param "x" u16)))
          (instance $c (export "f" (func $f)))
          (export "a:b/c" (instance $c)))"""
    )
    assert "    f: func(x: u8);\n    // as it is exported: f: func(x: u16);\n" in wit


def test_a_type_without_a_name_is_known_by_its_shape(tmp_path: Path) -> None:
    wit = wit_of(
        """(component
          (type $a (record (field "x" u8))) (type $b (record (field "a" $a)))
          (instance $i (export "b" (type $b)) (export "a" (type $a)))
          (export "i" (instance $i)))"""
    )
    assert "    a: a,\n" in wit
    assert accepted(wit, tmp_path) == ""


def test_what_wit_cannot_say_is_told_in_a_comment(tmp_path: Path) -> None:
    wit = wit_of(
        """(component
          (import "m" (core module))
          (type $r' (resource (rep i32))) (export $r "r" (type $r'))
          (import "f" (func $f (param "x" u8)))
          (instance $i (export "Not-wit" (func $f)) (export "[method]gone.f" (func $f))
            (export "[method]Also-not.f" (func $f)))
          (export "i" (instance $i)))"""
    )
    assert "  // import m: a core module, for which WIT has no words\n" in wit
    assert "  // export r: a type outside an interface, for which WIT has no words\n" in wit
    assert "    // Not-wit: a function of a name that is not WIT's, for which WIT has no words\n" in wit
    assert "    // [method]Also-not.f: a function of a name that is not WIT's, for which" in wit
    assert "    // f: func();: a member of gone, for which WIT has no words\n" in wit
    assert accepted(wit, tmp_path) == ""
