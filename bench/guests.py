"""The guests that are measured, as component text. wasmtime-py and capwit run the same bytes."""

from __future__ import annotations

from typing import Final

_LIBC: Final = """
  (core module $libc
    (memory (export "memory") 64)
    (global $top (mut i32) (i32.const 2097152))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      ;; what the last call was given is free again: nothing here keeps it
      (local.set $at (i32.const 2097152))
      (local.get $at))
    ;; Bytes of every kind, as those of a picture or of compressed data are: half of them are no ASCII.
    (func $fill (local $i i32) (local $x i32)
      (loop $more
        (local.set $x (i32.mul (local.get $i) (i32.const 0x9e3779b1)))
        (i32.store (local.get $i) (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 15))))
        (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 2097152)))))
    (start $fill))
  (core instance $libc (instantiate $libc))
"""

STORE: Final = f"""
(component
  (import "bench:kv/store" (instance $s
    (export "bucket" (type $b (sub resource)))
    (export "[method]bucket.add" (func (param "self" (borrow $b)) (param "x" u32) (result u32)))
    (export "[method]bucket.put" (func (param "self" (borrow $b)) (param "d" (list u8)) (result u32)))
    (export "[method]bucket.take" (func (param "self" (borrow $b)) (param "n" u32) (result (list u8))))
    (export "open" (func (result (own $b))))))
  (alias export $s "bucket" (type $b))
  {_LIBC}
  (core func $add (canon lower (func $s "[method]bucket.add")))
  (core func $put (canon lower (func $s "[method]bucket.put") (memory (core memory $libc "memory"))))
  (core func $take (canon lower (func $s "[method]bucket.take")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $open (canon lower (func $s "open")))
  (core func $drop (canon resource.drop $b))
  (core module $m
    (import "h" "add" (func $add (param i32 i32) (result i32)))
    (import "h" "put" (func $put (param i32 i32 i32) (result i32)))
    (import "h" "take" (func $take (param i32 i32 i32)))
    (import "h" "open" (func $open (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "run") (param $n i32) (result i32) (local $h i32) (local $x i32)
      (local.set $h (call $open))
      (loop $l
        (local.set $x (call $add (local.get $h) (local.get $x)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop (local.get $h))
      (local.get $x))
    (func (export "put") (param $n i32) (param $len i32) (result i32) (local $h i32) (local $x i32)
      (local.set $h (call $open))
      (loop $l
        (local.set $x (i32.add (local.get $x) (call $put (local.get $h) (i32.const 0) (local.get $len))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop (local.get $h))
      (local.get $x))
    (func (export "take") (param $n i32) (param $len i32) (result i32) (local $h i32)
      (local.set $h (call $open))
      (loop $l
        (call $take (local.get $h) (local.get $len) (i32.const 16))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (call $drop (local.get $h))
      (local.get $len))
    (func (export "noop") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "add" (func $add)) (export "put" (func $put)) (export "take" (func $take))
    (export "open" (func $open)) (export "drop" (func $drop))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
  (func (export "put") (param "n" u32) (param "len" u32) (result u32) (canon lift (core func $i "put")))
  (func (export "take") (param "n" u32) (param "len" u32) (result u32) (canon lift (core func $i "take")))
  (func (export "noop") (param "n" u32) (result u32) (canon lift (core func $i "noop"))))
"""
