//! A client of examples/chat in Rust, which does and prints the same as the one in C++; and a server of far.capnp.

use std::cell::RefCell;
use std::rc::Rc;

use capnp_rpc::{rpc_twoparty_capnp::Side, twoparty::VatNetwork, RpcSystem};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

mod node;
#[allow(dead_code)]
mod chat_capnp {
    include!(concat!(env!("OUT_DIR"), "/chat_capnp.rs"));
}
#[allow(dead_code)]
mod far_capnp {
    include!(concat!(env!("OUT_DIR"), "/far_capnp.rs"));
}
use chat_capnp::{listener, room};

/// What the listeners of this process have heard, and whether the guest has dropped one.
type Events = Rc<RefCell<Vec<String>>>;

struct Ears {
    name: &'static str,
    events: Events,
}

impl listener::Server for Ears {
    async fn heard(self: Rc<Self>, params: listener::HeardParams) -> Result<(), capnp::Error> {
        let params = params.get()?;
        let (who, text) = (params.get_who()?.to_str()?, params.get_text()?.to_str()?);
        self.events.borrow_mut().push(format!("{} heard {who}: {text}", self.name));
        Ok(())
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.events.borrow_mut().push(format!("dropped {}", self.name));
    }
}

async fn names(room: &room::Client) -> Result<String, capnp::Error> {
    let answer = room.names_request().send().promise.await?;
    let names = answer.get()?.get_names()?;
    let mut told = String::from("names");
    for name in names.iter() {
        told += " ";
        told += name?.to_str()?;
    }
    Ok(told)
}

/// Ask for names until something has happened: what is pending comes in meanwhile.
async fn until(room: &room::Client, events: &Events, wanted: &str) -> Result<(), capnp::Error> {
    while !events.borrow().iter().any(|event| event == wanted) {
        names(room).await?;
    }
    println!("{wanted}");
    Ok(())
}

async fn talk(address: &str) -> Result<(), Box<dyn std::error::Error>> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (reader, writer) = stream.into_split();
    let network = VatNetwork::new(
        futures::io::BufReader::new(reader.compat()),
        futures::io::BufWriter::new(writer.compat_write()),
        Side::Client,
        Default::default(),
    );
    let mut system = RpcSystem::new(Box::new(network), None);
    let room: room::Client = system.bootstrap(Side::Server);
    tokio::task::spawn_local(system);
    let events = Events::default();
    let join = |name: &'static str| {
        let mut request = room.join_request();
        request.get().set_name(name);
        let ears = Ears { name, events: events.clone() };
        request.get().set_listener(capnp_rpc::new_client(ears));
        request.send()
    };

    let joined = join("ann");
    let mut early = joined.pipeline.get_seat().say_request();
    early.get().set_text("is anybody here");
    println!("early {}", early.send().promise.await?.get()?.get_listeners());
    let ann = joined.promise.await?.get()?.get_seat()?;
    drop(joined.pipeline); // it is a reference to the seat, too

    let bob = join("bob").promise.await?.get()?.get_seat()?;
    println!("{}", names(&room).await?);
    let mut say = bob.say_request();
    say.get().set_text("hi");
    println!("said {}", say.send().promise.await?.get()?.get_listeners());
    until(&room, &events, "ann heard bob: hi").await?;

    drop(bob);
    until(&room, &events, "dropped bob").await?;
    println!("{}", names(&room).await?);
    match join("").promise.await {
        Ok(_) => println!("whoever it is was let in"),
        Err(error) => println!("refused: {}", error.to_string().contains("who are you?")),
    }
    drop(ann);
    until(&room, &events, "dropped ann").await?;
    println!("{}", names(&room).await?);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).expect("usage: native-rpc HOST:PORT | unix:PATH");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let local = tokio::task::LocalSet::new();
    match address.strip_prefix("unix:") {
        Some(path) => local.block_on(&runtime, node::serve(path)),
        None => local.block_on(&runtime, talk(&address)),
    }
}
