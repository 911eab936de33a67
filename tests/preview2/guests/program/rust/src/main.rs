//! The program, in Rust: see program.py, which prints the same. What the library has not, and files, are by WASI's
//! own crate: Debian 12's libc asks for its folders before its memory can be had.

use std::io::{self, BufRead};
use std::time::{Duration, Instant, SystemTime};

use wasi::exports::http::incoming_handler::Guest;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{DescriptorFlags, ErrorCode as FileError, OpenFlags, PathFlags};
use wasi::http::outgoing_handler;
use wasi::http::types::{
    Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingRequest, OutgoingResponse,
    ResponseOutparam, Scheme,
};
use wasi::io::streams::{InputStream, OutputStream, StreamError};
use wasi::random::random::get_random_bytes;
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::ip_name_lookup::resolve_addresses;
use wasi::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress,
};
use wasi::sockets::tcp::{ShutdownType, TcpSocket};
use wasi::sockets::tcp_create_socket::create_tcp_socket;
use wasi::sockets::udp::{IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket};
use wasi::sockets::udp_create_socket::create_udp_socket;

fn named(error: FileError) -> String {
    match error {
        FileError::NoEntry => "none".into(),
        FileError::Exist => "there".into(),
        _ => format!("{error:?}"),
    }
}

fn refused(error: ErrorCode) -> String {
    match error {
        ErrorCode::AccessDenied => "denied".into(),
        _ => format!("{error:?}"),
    }
}

fn attempt(what: &str, done: Result<(), String>) {
    if let Err(error) = done {
        println!("{what} {error}");
    }
}

fn files() -> Result<(), FileError> {
    let (root, _) = get_directories().into_iter().next().ok_or(FileError::NoEntry)?;
    let open = |path, how, flags| root.open_at(PathFlags::empty(), path, how, flags);
    root.create_directory_at("sub")?;
    let file = open("sub/a", OpenFlags::CREATE, DescriptorFlags::READ | DescriptorFlags::WRITE)?;
    file.write(b"0123456789", 0)?;
    file.write(b"xy", 4)?;
    let (part, _) = file.read(5, 2)?;
    println!("read {} {}", String::from_utf8_lossy(&part), file.stat()?.size);
    file.append_via_stream()?.blocking_write_and_flush(b"!").unwrap();
    root.rename_at("sub/a", &root, "b")?;
    let listing = root.read_directory()?;
    let mut names = Vec::new();
    while let Some(entry) = listing.read_directory_entry()? {
        names.push(entry.name);
    }
    names.sort();
    let (all, _) = open("b", OpenFlags::empty(), DescriptorFlags::READ)?.read(99, 0)?;
    println!("list {} {}", names.join(" "), String::from_utf8_lossy(&all));
    attempt("again", root.create_directory_at("sub").map_err(named));
    let gone = open("gone", OpenFlags::empty(), DescriptorFlags::READ);
    attempt("missing", gone.map(|_| ()).map_err(named));
    root.remove_directory_at("sub")
}

fn at(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (127, 0, 0, 1) })
}

fn port_of(address: IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(address) => address.port,
        IpSocketAddress::Ipv6(address) => address.port,
    }
}

/// Try a step until it need not wait.
fn until<T>(
    pollable: wasi::io::poll::Pollable,
    step: impl Fn() -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    loop {
        match step() {
            Err(ErrorCode::WouldBlock) => pollable.block(),
            done => return done,
        }
    }
}

fn names() -> Result<(), ErrorCode> {
    let found = resolve_addresses(&instance_network(), "localhost")?;
    while let Some(address) = until(found.subscribe(), || found.resolve_next_address())? {
        if let IpAddress::Ipv4((a, b, c, d)) = address {
            println!("localhost {a}.{b}.{c}.{d}");
            break;
        }
    }
    Ok(())
}

fn connect(socket: &TcpSocket, port: u16) -> Result<(InputStream, OutputStream), ErrorCode> {
    socket.start_connect(&instance_network(), at(port))?;
    until(socket.subscribe(), || socket.finish_connect())
}

fn read_all(stream: &InputStream) -> String {
    let mut data = Vec::new();
    loop {
        match stream.blocking_read(65536) {
            Ok(more) => data.extend(more),
            Err(StreamError::Closed) => return String::from_utf8(data).unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn read(stream: &InputStream) -> String {
    String::from_utf8(stream.blocking_read(9).unwrap()).unwrap()
}

fn client() -> Result<(), ErrorCode> {
    let port = std::env::var("ECHO").map_or(1, |port| port.parse().unwrap());
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let (input, output) = connect(&socket, port)?;
    output.blocking_write_and_flush(b"hello\n").unwrap();
    socket.shutdown(ShutdownType::Send)?;
    println!("echo {}", read_all(&input).trim());
    Ok(())
}

fn server() -> Result<(), ErrorCode> {
    let listener = create_tcp_socket(IpAddressFamily::Ipv4)?;
    listener.start_bind(&instance_network(), at(0))?;
    until(listener.subscribe(), || listener.finish_bind())?;
    listener.start_listen()?;
    until(listener.subscribe(), || listener.finish_listen())?;
    let mine = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let (answer, ask) = connect(&mine, port_of(listener.local_address()?))?;
    let (theirs, input, output) = until(listener.subscribe(), || listener.accept())?;
    println!("accepted {}", match port_of(theirs.remote_address()?) == port_of(mine.local_address()?) {
        true => "True",
        false => "False",
    });
    ask.blocking_write_and_flush(b"ping").unwrap();
    println!("heard {}", read(&input));
    output.blocking_write_and_flush(b"pong").unwrap();
    println!("answered {}", read(&answer));
    Ok(())
}

/// A socket and its streams, which are dropped in this order: children first.
struct Datagrams {
    incoming: IncomingDatagramStream,
    outgoing: OutgoingDatagramStream,
    socket: UdpSocket,
}

impl Datagrams {
    fn bound() -> Result<Self, ErrorCode> {
        let socket = create_udp_socket(IpAddressFamily::Ipv4)?;
        socket.start_bind(&instance_network(), at(0))?;
        until(socket.subscribe(), || socket.finish_bind())?;
        let (incoming, outgoing) = socket.stream(None)?;
        Ok(Self { incoming, outgoing, socket })
    }

    fn send(&self, data: &[u8], to: IpSocketAddress) -> Result<(), ErrorCode> {
        while self.outgoing.check_send()? == 0 {
            self.outgoing.subscribe().block();
        }
        let datagram = OutgoingDatagram { data: data.to_vec(), remote_address: Some(to) };
        self.outgoing.send(&[datagram]).map(|_| ())
    }

    fn receive(&self) -> Result<(String, IpSocketAddress), ErrorCode> {
        self.incoming.subscribe().block();
        let found = self.incoming.receive(1)?.remove(0);
        Ok((String::from_utf8(found.data).unwrap(), found.remote_address))
    }
}

fn datagrams() -> Result<(), ErrorCode> {
    let (one, two) = (Datagrams::bound()?, Datagrams::bound()?);
    one.send(b"ask", two.socket.local_address()?)?;
    let (data, whence) = two.receive()?;
    two.send(b"answer", whence)?;
    let same = port_of(whence) == port_of(one.socket.local_address()?);
    println!("datagrams {data} {} {}", one.receive()?.0, if same { "True" } else { "False" });
    Ok(())
}

fn ask(method: Method, path: &str, content: Option<&[u8]>) {
    let request = OutgoingRequest::new(Fields::from_list(&[("x-who".into(), b"me".to_vec())]).unwrap());
    let server = std::env::var("WEB").unwrap_or("127.0.0.1:1".into());
    request.set_method(&method).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(&server)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    let body = content.map(|_| request.body().unwrap());
    let future = match outgoing_handler::handle(request, None) {
        Ok(future) => future,
        Err(outgoing_handler::ErrorCode::HttpRequestDenied) => return println!("web denied"),
        Err(error) => return println!("web {error:?}"),
    };
    if let (Some(body), Some(content)) = (body, content) {
        body.write().unwrap().blocking_write_and_flush(content).unwrap();
        OutgoingBody::finish(body, None).unwrap();
    }
    future.subscribe().block();
    match future.get().unwrap().unwrap() {
        Ok(response) => {
            let mut mixed = response.headers().get(&"x-mixed".to_string());
            mixed.sort();
            let body = response.consume().unwrap();
            let data = read_all(&body.stream().unwrap());
            IncomingBody::finish(body);
            println!("web {} {} {data}", response.status(), String::from_utf8_lossy(&mixed.join(&b' ')));
        }
        Err(error) => println!("web {error:?}"),
    }
}

fn say(truths: &[bool]) -> String {
    truths.iter().map(|&each| if each { " True" } else { " False" }).collect()
}

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    println!("{}", [vec!["args".to_string()], args.clone()].concat().join(" "));
    println!("env {}", std::env::var("COLOUR").unwrap_or("None".into()));
    attempt("files", files().map_err(named));
    println!("random{}", say(&[get_random_bytes(16) != get_random_bytes(16)]));
    attempt("names", names().map_err(refused));
    attempt("client", client().map_err(refused));
    attempt("server", server().map_err(refused));
    attempt("datagrams", datagrams().map_err(refused));
    ask(Method::Get, "/a?b=c", None);
    ask(Method::Post, "/echo", Some(b"hello"));
    for line in io::stdin().lock().lines() {
        match line {
            Ok(line) => println!("{}", line.trim().to_uppercase()),
            Err(_) => {
                println!("no input");
                break;
            }
        }
    }
    eprintln!("to the other stream");
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(2));
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    println!("slept{}", say(&[start.elapsed() >= Duration::from_millis(2), wall > 1_600_000_000]));
    if args.iter().any(|each| each == "fail") {
        std::process::exit(1);
    }
}

struct Handler;

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let response = OutgoingResponse::new(Fields::from_list(&[("x-who".into(), b"me".to_vec())]).unwrap());
        response.set_status_code(203).unwrap();
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let greeting = format!("hello, {}", request.path_with_query().unwrap_or("None".into()));
        body.write().unwrap().blocking_write_and_flush(greeting.as_bytes()).unwrap();
        OutgoingBody::finish(body, None).unwrap();
    }
}

wasi::http::proxy::export!(Handler);
