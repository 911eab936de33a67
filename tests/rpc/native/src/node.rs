//! The node of far.capnp, as the tests' `node.py` has it: what a guest is granted of a server in Rust.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use capnp::{Error, ErrorKind};
use capnp_rpc::{rpc_twoparty_capnp::Side, twoparty::VatNetwork, CapabilityServerSet, RpcSystem};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::far_capnp::node;

type Nodes = Rc<RefCell<CapabilityServerSet<Node, node::Client>>>;

struct Node {
    name: String,
    nodes: Nodes,
    below: RefCell<HashMap<String, node::Client>>,
    kept: RefCell<Option<node::Client>>,
    written: Cell<u64>,
}

impl Node {
    fn client(name: String, nodes: &Nodes) -> node::Client {
        let (below, kept, written) = Default::default();
        let node = Node { name, nodes: nodes.clone(), below, kept, written };
        nodes.borrow_mut().new_client(node)
    }

    fn made(&self, name: &str) -> node::Client {
        Node::client(format!("{}/{name}", self.name), &self.nodes)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        println!("dropped {}", self.name);
    }
}

impl node::Server for Node {
    async fn name(self: Rc<Self>, _: node::NameParams, mut results: node::NameResults) -> Result<(), Error> {
        results.get().set_name(&self.name);
        Ok(())
    }

    async fn child(self: Rc<Self>, params: node::ChildParams, mut results: node::ChildResults) -> Result<(), Error> {
        let name = params.get()?.get_name()?.to_str()?;
        let known = self.below.borrow().get(name).cloned();
        results.get().set_node(known.unwrap_or_else(|| self.made(name))); // it is whoever has it
        Ok(())
    }

    async fn find(self: Rc<Self>, params: node::FindParams, mut results: node::FindResults) -> Result<(), Error> {
        let name = params.get()?.get_name()?.to_str()?;
        let mut below = self.below.borrow_mut();
        results.get().set_node(below.entry(name.into()).or_insert_with(|| self.made(name)).clone());
        Ok(())
    }

    async fn same(self: Rc<Self>, params: node::SameParams, mut results: node::SameResults) -> Result<(), Error> {
        let other = capnp::capability::get_resolved_cap(params.get()?.get_other()?).await;
        let found = self.nodes.borrow().get_local_server_of_resolved(&other);
        results.get().set_same(found.is_some_and(|found| Rc::ptr_eq(&found, &self)));
        Ok(())
    }

    async fn hold(self: Rc<Self>, params: node::HoldParams, _: node::HoldResults) -> Result<(), Error> {
        self.kept.replace(Some(params.get()?.get_node()?));
        Ok(())
    }

    async fn held(self: Rc<Self>, _: node::HeldParams, mut results: node::HeldResults) -> Result<(), Error> {
        let kept = self.kept.borrow().clone();
        results.get().set_node(kept.ok_or_else(|| Error::failed("nothing is held".into()))?);
        Ok(())
    }

    async fn ask(self: Rc<Self>, params: node::AskParams, mut results: node::AskResults) -> Result<(), Error> {
        let answer = params.get()?.get_node()?.name_request().send().promise.await?;
        results.get().set_name(answer.get()?.get_name()?);
        Ok(())
    }

    async fn fail(self: Rc<Self>, params: node::FailParams, _: node::FailResults) -> Result<(), Error> {
        use ErrorKind::{Disconnected, Failed, Overloaded, Unimplemented};
        let kind = [Failed, Overloaded, Disconnected, Unimplemented][params.get()?.get_kind() as usize];
        Err(Error { kind, extra: "as it was told".into() })
    }

    async fn wait(self: Rc<Self>, _: node::WaitParams, _: node::WaitResults) -> Result<(), Error> {
        std::future::pending().await
    }

    async fn write(self: Rc<Self>, params: node::WriteParams) -> Result<(), Error> {
        self.written.set(self.written.get() + params.get()?.get_data()?.len() as u64);
        Ok(())
    }

    async fn written(self: Rc<Self>, _: node::WrittenParams, mut results: node::WrittenResults) -> Result<(), Error> {
        results.get().set_bytes(self.written.get());
        Ok(())
    }
}

/// Serve a node, the same one to all who connect to a Unix socket.
pub async fn serve(path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::UnixListener::bind(path)?;
    let node = Node::client("far".into(), &Nodes::default());
    println!("ready");
    loop {
        let (reader, writer) = listener.accept().await?.0.into_split();
        let network = VatNetwork::new(
            futures::io::BufReader::new(reader.compat()),
            futures::io::BufWriter::new(writer.compat_write()),
            Side::Server,
            Default::default(),
        );
        tokio::task::spawn_local(RpcSystem::new(Box::new(network), Some(node.clone().client)));
    }
}
