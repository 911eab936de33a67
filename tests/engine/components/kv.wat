;; A guest as wit-component writes one: interfaces imported as instances that alias each other's types,
;; the guest's functions lifted, and its exported interface handed through a nested component, which is
;; the only place where the interface's own types have names.
(component
  (import "trace" (func $trace (param "what" u32)))

  (import "capwit:bridge/errors@0.1.0" (instance $errors
    (type $kind' (enum "failed" "denied"))
    (export "error-kind" (type $kind (eq $kind')))
    (type $cap-error' (record (field "kind" $kind) (field "reason" string)))
    (export "cap-error" (type $cap-error (eq $cap-error')))))
  (alias export $errors "cap-error" (type $cap-error))

  (import "demo:kv/kv@0.1.0" (instance $kv
    (export "bucket" (type $bucket (sub resource)))
    (export "store" (type $store (sub resource)))
    (alias outer 1 $cap-error (type $error'))
    (export "cap-error" (type $error (eq $error')))
    (type $durability' (enum "memory" "disk"))
    (export "durability" (type $durability (eq $durability')))
    (type $size' u64)
    (export "size" (type (eq $size')))
    (type $entry' (record (field "key" string) (field "list" (list u8)) (field "size" u64)))
    (export "entry" (type $entry (eq $entry')))
    (type $lookup' (variant (case "missing") (case "found" $entry)))
    (export "lookup" (type $lookup (eq $lookup')))
    (type $rights' (flags "read" "write"))
    (export "rights" (type $rights (eq $rights')))
    (export "record-of" (type (eq $entry)))
    (export "[method]store.open" (func
      (param "self" (borrow $store)) (param "name" string) (param "rights" $rights)
      (result (result (own $bucket) (error $error)))))
    (export "[method]bucket.list" (func
      (param "self" (borrow $bucket)) (param "from" (option string)) (param "limits" (tuple u32 f64))
      (result (result (list $entry) (error $error)))))
    (export "[method]bucket.get" (func
      (param "self" (borrow $bucket)) (param "key" string) (result $lookup)))
    (export "[method]bucket.delete" (func
      (param "self" (borrow $bucket)) (param "key" string) (result (result (error $error)))))
    (export "[static]bucket.merge" (func
      (param "one" (own $bucket)) (param "other" (borrow $bucket)) (result (result))))
    (export "lasts" (func (result $durability)))))
  (alias export $kv "store" (type $store))
  (alias export $kv "bucket" (type $bucket))
  (alias export $kv "entry" (type $entry))

  (import "demo:kv/grants@0.1.0" (instance $grants
    (alias outer 1 $store (type $store'))
    (export "store" (type $store (eq $store')))
    (export "get-store" (func (result (own $store))))))

  (core func $trace (canon lower (func $trace)))
  (core module $releaser
    (import "" "trace" (func $trace (param i32)))
    (func (export "dtor") (param i32) (call $trace (local.get 0))))
  (core instance $releaser (instantiate $releaser (with "" (instance (export "trace" (func $trace))))))
  (type $runner (resource (rep i32) (dtor (core func $releaser "dtor"))))
  (core func $new (canon resource.new $runner))
  (core func $get-store (canon lower (func $grants "get-store")))
  (core module $main
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "get-store" (func $get-store (result i32)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "run") (param i32 i32) (result i32) i32.const 64))
  (core instance $main (instantiate $main
    (with "" (instance (export "new" (func $new)) (export "get-store" (func $get-store))))))
  (core func $run (alias core export $main "run"))

  (type $report (record (field "entries" (list $entry)) (field "changes" u32)))
  (func $make (param "number" u32) (result (own $runner)) (canon lift (core func $main "make")))
  (func $run (param "self" (borrow $runner)) (param "bucket" (borrow $bucket))
    (result (result $report (error $cap-error)))
    (canon lift (core func $main "run") (memory (core memory $main "memory")) (realloc (core func $main "realloc"))))

  (component $shim
    (import "import-type-runner" (type $runner (sub resource)))
    (import "import-constructor-runner" (func $make (param "number" u32) (result (own $runner))))
    (type $kind' (enum "failed" "denied"))
    (import "import-type-error-kind" (type $kind (eq $kind')))
    (type $cap-error' (record (field "kind" $kind) (field "reason" string)))
    (import "import-type-cap-error" (type $cap-error (eq $cap-error')))
    (type $entry' (record (field "key" string) (field "list" (list u8)) (field "size" u64)))
    (import "import-type-entry" (type $entry (eq $entry')))
    (type $report' (record (field "entries" (list $entry)) (field "changes" u32)))
    (import "import-type-report" (type $report (eq $report')))
    (import "import-type-bucket" (type $bucket (sub resource)))
    (import "import-method-runner-run" (func $run
      (param "self" (borrow $runner)) (param "bucket" (borrow $bucket))
      (result (result $report (error $cap-error)))))
    (export $runner-out "runner" (type $runner))
    (export "[constructor]runner" (func $make)
      (func (param "number" u32) (result (own $runner-out))))
    (export $cap-error-out "cap-error" (type $cap-error))
    (export $entry-out "entry" (type $entry))
    (export $report-out "report" (type $report))
    (export $bucket-out "bucket" (type $bucket))
    (export "[method]runner.run" (func $run)
      (func (param "self" (borrow $runner-out)) (param "bucket" (borrow $bucket-out))
        (result (result $report-out (error $cap-error-out))))))
  (alias export $errors "error-kind" (type $error-kind))
  (instance $exported (instantiate $shim
    (with "import-type-runner" (type $runner))
    (with "import-constructor-runner" (func $make))
    (with "import-type-error-kind" (type $error-kind))
    (with "import-type-cap-error" (type $cap-error))
    (with "import-type-entry" (type $entry))
    (with "import-type-report" (type $report))
    (with "import-type-bucket" (type $bucket))
    (with "import-method-runner-run" (func $run))))
  (export "demo:kv/app-exports-runner@0.1.0" (instance $exported)))
