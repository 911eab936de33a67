fn main() {
    let root = std::env::var("CAPWIT_ROOT").expect("CAPWIT_ROOT: the folder of the repository");
    capnpc::CompilerCommand::new()
        .import_path(format!("{root}/codegen"))
        .src_prefix(format!("{root}/examples/chat"))
        .file(format!("{root}/examples/chat/chat.capnp"))
        .run()
        .expect("capnp compile");
}
