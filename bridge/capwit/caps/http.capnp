@0xc2d7915f8ab3e604;
# HTTP by message: who may ask other servers, and who answers requests. A body comes in pieces, as fast as
# both sides go on; nothing is kept whole.
#
# How a request fails. What HTTP, or the way to the server, says is a case of the answer, `error`. An error
# of the call itself (revoked, disconnected, ...) says that nobody knows what became of the request.

using Wit = import "/capwit/wit.capnp";
using Streams = import "/capwit/caps/streams.capnp";
$Wit.package("capwit:http@0.1.0");

enum HttpError {
  # Why there is no answer, or not a whole one. The names are those of WASI 0.2.
  dnsTimeout @0;                      # The name was not found out in time.
  dnsError @1;                        # The name cannot be found out. Text: the resolver's code; number: more.
  destinationNotFound @2;             # There is no such server.
  destinationUnavailable @3;          # The server cannot be reached at present.
  destinationIpProhibited @4;         # The server's address may not be connected to.
  destinationIpUnroutable @5;         # There is no way to the server's address.
  connectionRefused @6;               # Nothing listens there.
  connectionTerminated @7;            # The connection ended in the middle of a message.
  connectionTimeout @8;               # The connection was not made in time.
  connectionReadTimeout @9;           # The other side sent nothing for too long.
  connectionWriteTimeout @10;         # The other side took nothing for too long.
  connectionLimitReached @11;         # As many connections are open as may be.
  tlsProtocolError @12;               # The two sides do not agree on TLS.
  tlsCertificateError @13;            # The server's certificate is not one to trust.
  tlsAlertReceived @14;               # The server ended TLS. Text: the alert; number: its id.
  httpRequestDenied @15;              # The request is not allowed.
  httpRequestLengthRequired @16;      # The length of the request's body must be told beforehand.
  httpRequestBodySize @17;            # The request's body is not as long as was told. Number: its length.
  httpRequestMethodInvalid @18;       # The method is none.
  httpRequestUriInvalid @19;          # Scheme, authority and path make no URI.
  httpRequestUriTooLong @20;          # The URI is too long.
  httpRequestHeaderSectionSize @21;   # The request's headers are too many or too long. Number: bytes.
  httpRequestHeaderSize @22;          # One is too long. Text: its name; number: bytes.
  httpRequestTrailerSectionSize @23;  # The request's trailers are too many or too long. Number: bytes.
  httpRequestTrailerSize @24;         # One is too long. Text: its name; number: bytes.
  httpResponseIncomplete @25;         # The response ended in its middle.
  httpResponseHeaderSectionSize @26;  # The response's headers are too many or too long. Number: bytes.
  httpResponseHeaderSize @27;         # One is too long. Text: its name; number: bytes.
  httpResponseBodySize @28;           # The response's body is not as long as was told. Number: its length.
  httpResponseTrailerSectionSize @29; # The response's trailers are too many or too long. Number: bytes.
  httpResponseTrailerSize @30;        # One is too long. Text: its name; number: bytes.
  httpResponseTransferCoding @31;     # How the body was transferred is not understood. Text: the coding.
  httpResponseContentCoding @32;      # How the body is coded is not understood. Text: the coding.
  httpResponseTimeout @33;            # The response did not begin in time.
  httpUpgradeFailed @34;              # The server does not speak the other protocol.
  httpProtocolError @35;              # The other side does not speak HTTP as it should.
  loopDetected @36;                   # The request came back to where it had been.
  configurationError @37;             # Something on the way is not set up well.
  internalError @38;                  # Anything else. Text: what.
}

struct HttpFailure {
  # What went wrong, and what is known of it.
  error @0 :HttpError;
  text @1 :Text;
  # As the error has it; empty where there is nothing to tell.
  number :union {
    # As the error has it.
    unknown @2 :Void;
    known @3 :UInt64;
  }
}

struct HeaderField {
  # One header or trailer. Of several of one name, the order counts.
  name @0 :Text;
  # In any case; it means the same in all.
  value @1 :Data;
}

struct Ending {
  # How a body ended.
  union {
    trailers @0 :List(HeaderField);  # As a whole, and what followed it.
    error @1 :HttpFailure;           # In its middle.
  }
}

interface Body extends(Streams.ByteSource) {
  # The content of a message, read once by whoever gets the message. Whoever releases it, read or not, has
  # no use for the rest: the sender may stop.
  #
  # A `read` fails as `disconnected` where the content ends before it is whole; then `ending` says why.

  ending @0 () -> Ending;
  # Returns once the content has been read to its end, or has ended before: read first.
}

struct Request {
  # What is asked. Where and how it goes is none of its headers: `host`, `connection`, `keep-alive`,
  # `proxy-authenticate`, `proxy-authorization`, `proxy-connection`, `transfer-encoding`, `upgrade` and
  # `http2-settings` are not among them.
  method @0 :Text;
  # Such as GET: in its own case.
  scheme @1 :Text;
  # `http` or `https`; empty where it is not known.
  authority @2 :Text;
  # The server's name, and its port after a colon where it is not the scheme's own.
  path @3 :Text;
  # With the query.
  headers @4 :List(HeaderField);
  body @5 :Body;
  # None where there is no content.
}

struct Response {
  # What is answered.
  status @0 :UInt16;
  # From 200 to 999: what is said before the answer is not passed on.
  headers @1 :List(HeaderField);
  # As a request's are.
  body @2 :Body $Wit.required;
}

struct Answer {
  # A response, or why there is none.
  union {
    response @0 :Response;
    error @1 :HttpFailure;
  }
}

struct Timeouts {
  # How long to wait, in nanoseconds; 0 means as long as the implementer sees fit.
  connect @0 :UInt64;
  # Until there is a connection to the server.
  firstByte @1 :UInt64;
  # From then on, until the response begins.
  betweenBytes @2 :UInt64;
  # From each piece of the response's content until the next.
}

interface Fetch {
  # Asks servers: those that it allows. It follows no redirect, keeps no cookies, decodes no content.

  send @0 (request :Request, timeouts :Timeouts) -> Answer;
  # Sends a request, and returns once the response has begun. The body of the request may still be on its
  # way then, and the response end before it. `httpRequestDenied` where the server or the method is not
  # allowed. Ending the call, or releasing the response's body, gives the request up.
}

interface HttpEndpoint {
  # Answers requests, as a server does.

  handle @0 (request :Request) -> Answer;
  # Returns once the response has begun. Ending the call, or releasing the response's body, says that nobody
  # waits for it any more.
}
