fn main() {
    let root = std::env::var("CAPWIT_ROOT").expect("CAPWIT_ROOT: the folder of the repository");
    for (folder, name) in [("examples/chat", "chat"), ("tests/rpc/schemas", "far")] {
        capnpc::CompilerCommand::new()
            .import_path(format!("{root}/codegen"))
            .src_prefix(format!("{root}/{folder}"))
            .file(format!("{root}/{folder}/{name}.capnp"))
            .run()
            .expect("capnp compile");
    }
}
