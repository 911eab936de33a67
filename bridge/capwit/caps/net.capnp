@0xc9d43a86e2b7105f;
# The network, as a program is granted it: the peers that it may reach, the local addresses that it may use,
# the names that it may look up, and sockets that are open already. WASI's two previews stand on these
# interfaces, so whoever implements them, here or on another machine, serves every WASI program.
#
# Addresses are numbers, names are a `Resolver`'s. A `Network` holds each address against what it allows where
# it is used, so that no answer of a name server widens it; one that it does not allow is `accessDenied`. An
# IPv4 address that is written as an IPv6 one (`::ffff:127.0.0.1`) is `invalidArgument` everywhere.
#
# A socket lives as long as somebody holds it. The last reference closes it, without waiting for the peer.
#
# How a call fails. What a network says is a case of the answer, `error`. An error of the call itself
# (revoked, disconnected, ...) says that nobody knows what became of it.

using Wit = import "/capwit/wit.capnp";
using Streams = import "/capwit/caps/streams.capnp";
$Wit.package("capwit:net@0.1.0");

enum NetworkError {
  # Why a network refuses. The names are those of WASI 0.2.
  unknown @0;                    # Something else.
  accessDenied @1;               # The address or name is not allowed.
  notSupported @2;               # The network cannot do this.
  invalidArgument @3;            # An argument makes no sense.
  outOfMemory @4;                # There is no memory left.
  timeout @5;                    # The peer did not answer in time.
  concurrencyConflict @6;        # It is being done already.
  notInProgress @7;              # It was not begun, or has ended.
  wouldBlock @8;                 # It would have to wait, and is not to.
  invalidState @9;               # The socket is not in a state for this.
  newSocketLimit @10;            # As many sockets are open as may be at once.
  addressNotBindable @11;        # It is no address of this machine.
  addressInUse @12;              # Somebody else uses the address, or there is no port left.
  remoteUnreachable @13;         # No way leads to the peer.
  connectionRefused @14;         # Nobody listens there.
  connectionReset @15;           # The peer has ended the connection in the middle.
  connectionAborted @16;         # The connection was ended on this side.
  datagramTooLarge @17;          # More than one datagram can carry.
  nameUnresolvable @18;          # The name does not exist, or has no address.
  temporaryResolverFailure @19;  # The name servers do not answer now.
  permanentResolverFailure @20;  # The name servers cannot answer.
}

struct Ipv6Address {
  # An IPv6 address: its 128 bits as two numbers.
  high @0 :UInt64;
  low @1 :UInt64;
}

struct IpAddress {
  # An IP address.
  union {
    ipv4 @0 :UInt32;         # 127.0.0.1 is 0x7f000001.
    ipv6 @1 :Ipv6Address;    # Never an IPv4 address in another form.
  }
}

struct SocketAddress {
  # One end of a connection.
  ip @0 :IpAddress;
  port @1 :UInt16;
  flow @2 :UInt32;
  # The flow label of an IPv6 address; else 0.
  scope @3 :UInt32;
  # The scope of an IPv6 address; else 0.
}

struct Peer {
  # Whom a socket speaks to.
  union {
    none @0 :Void;                # Nobody in particular; where it is connected, that peer.
    address @1 :SocketAddress;    # The one at this address.
  }
}

struct SocketOptions {
  # How a socket behaves. What is 0 stays as it is, or is the implementer's choice; a number that is too large
  # or too small is brought into range without a word. What is in force has no 0.
  hopLimit @0 :UInt8;
  # How many routers a packet may pass.
  receiveBuffer @1 :UInt64;
  # Bytes that wait to be received.
  sendBuffer @2 :UInt64;
  # Bytes that wait to be sent.
}

struct KeepAlive {
  # How TCP finds out that a peer is gone which says nothing. Zeroes are as in `SocketOptions`.
  enabled @0 :Bool;
  # Whether it asks.
  idle @1 :UInt64;
  # Nanoseconds of silence before it asks first.
  interval @2 :UInt64;
  # Nanoseconds between two questions.
  count @3 :UInt32;
  # How often it asks before it gives up.
}

struct TcpOptions {
  # How TCP behaves.
  socket @0 :SocketOptions;
  keepAlive @1 :KeepAlive;
}

struct Answer {
  # What was done, or why it was not.
  union {
    done @0 :Void;
    error @1 :NetworkError;
  }
}

struct ReceiveAnswer {
  # What was received.
  union {
    data @0 :Data;
    error @1 :NetworkError;
  }
}

struct SendAnswer {
  # How much was sent.
  union {
    count @0 :UInt64;
    error @1 :NetworkError;
  }
}

struct TcpAnswer {
  # A connection.
  union {
    socket @0 :TcpSocket $Wit.required;
    error @1 :NetworkError;
  }
}

struct ListenAnswer {
  # A listener.
  union {
    listener @0 :TcpListener $Wit.required;
    error @1 :NetworkError;
  }
}

struct BindAnswer {
  # An address that TCP has taken.
  union {
    bound @0 :BoundTcp $Wit.required;
    error @1 :NetworkError;
  }
}

struct UdpAnswer {
  # A socket for datagrams.
  union {
    socket @0 :UdpSocket $Wit.required;
    error @1 :NetworkError;
  }
}

struct Datagram {
  # What came in one piece.
  data @0 :Data;
  sender @1 :SocketAddress;
  truncated @2 :Bool;
  # There was more than `data`, which is lost.
}

struct DatagramAnswer {
  # A datagram.
  union {
    datagram @0 :Datagram;
    error @1 :NetworkError;
  }
}

struct ResolveAnswer {
  # The addresses of a name.
  union {
    addresses @0 :List(IpAddress);
    error @1 :NetworkError;
  }
}

interface Network {
  # The peers that may be reached, and the local addresses that may be used.

  connect @0 (to :SocketAddress, options :TcpOptions) -> TcpAnswer;
  # Connects to a peer by TCP; waits for it.

  listen @1 (at :SocketAddress, backlog :UInt32, options :TcpOptions) -> ListenAnswer;
  # Listens for TCP at a local address; port 0 is any that is free, a `backlog` of 0 the implementer's choice.

  bindTcp @2 (at :SocketAddress, options :TcpOptions) -> BindAnswer;
  # Takes a local address for TCP, before it is settled whether it connects or listens.

  bindUdp @3 (at :SocketAddress, options :SocketOptions) -> UdpAnswer;
  # Takes a local address for datagrams. Where `at` is no address that may be listened at, but is unspecified
  # and its port 0, the socket is one to ask peers from: it hears those alone that may be reached.
}

interface Tcp {
  # What sockets of TCP have in common.

  localAddress @0 () -> (address :SocketAddress);
  # Its own address, with the port that it was given.

  options @1 () -> (options :TcpOptions);
  # How it behaves.

  setOptions @2 (options :TcpOptions) -> Answer;
  # Sets how it behaves. What a listener accepts from then on behaves so, too.
}

interface BoundTcp extends(Tcp) {
  # A local address that was taken. It becomes one connection or one listener; then it is `invalidState`.

  connect @0 (to :SocketAddress) -> TcpAnswer;
  # Connects from here; waits for the peer.

  listen @1 (backlog :UInt32) -> ListenAnswer;
  # Listens here.
}

interface TcpListener extends(Tcp) {
  # Where connections come in.

  accept @0 (wait :Bool) -> TcpAnswer;
  # The next connection. Where there is none it waits, or is `wouldBlock` without `wait`.

  acceptable @1 ();
  # Returns once `accept` would not wait.
}

interface TcpSocket extends(Tcp, Streams.ByteSource, Streams.ByteSink) {
  # A connection. As a source and a sink it is the same stream of bytes, and a failure is the call's own:
  # `disconnected` once the connection is gone. `end` ends the sending half, `readable` and `writable` tell
  # of `receive` and `send`, too.

  receive @0 (limit :UInt32, peek :Bool, wait :Bool) -> ReceiveAnswer;
  # Between one byte and `limit`; none exactly if `limit` is 0 or the peer has ended its half. With `peek` they
  # are received again the next time. Where there are none it waits, or is `wouldBlock` without `wait`. An
  # implementer gives at most 1 MiB at once.

  send @1 (data :Data, wait :Bool) -> SendAnswer;
  # Sends a beginning of `data`: at least one byte unless it is empty. Where there is no room it waits, or is
  # `wouldBlock` without `wait`.

  shutdown @2 (receive :Bool, send :Bool) -> Answer;
  # Ends either half, or both. What comes in afterwards is not received; the peer sees the end of what was sent.

  remoteAddress @3 () -> (address :SocketAddress);
  # The peer's address.
}

interface UdpSocket {
  # A local address for datagrams.

  receive @0 (limit :UInt32, peek :Bool, wait :Bool) -> DatagramAnswer;
  # The next datagram, and at most `limit` bytes of it. With `peek` it is received again the next time. Where
  # there is none it waits, or is `wouldBlock` without `wait`.

  send @1 (data :Data, to :Peer, wait :Bool) -> Answer;
  # Sends a datagram: to an address, or to the peer that the socket is connected to (`invalidArgument` without
  # one). Where there is no room it waits, or is `wouldBlock` without `wait`.

  connect @2 (to :Peer) -> Answer;
  # Speaks to one peer alone from now on, and hears no other; or to whoever may be reached.

  readable @3 ();
  # Returns once `receive` would not wait.

  writable @4 ();
  # Returns once `send` would not wait.

  localAddress @5 () -> (address :SocketAddress);
  # Its own address, with the port that it was given.

  remoteAddress @6 () -> (peer :Peer);
  # Whom it is connected to.

  options @7 () -> (options :SocketOptions);
  # How it behaves.

  setOptions @8 (options :SocketOptions) -> Answer;
  # Sets how it behaves.
}

interface Resolver {
  # The names that may be looked up.

  resolve @0 (name :Text) -> ResolveAnswer;
  # The addresses of a name, the best one first; an address that is written as text is itself. A name that is
  # not allowed is `accessDenied`, one that none can have `invalidArgument`.
}
