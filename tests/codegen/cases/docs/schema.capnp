@0xc6b42b4229cd7a39;
# The file: """triple""" quotes, a back\slash and "an end quote"

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:docs@0.1.0");

struct Documented {
  # First line.
  #
  #   indented after an empty line
  # ends with a quote"
  a @0 :Text;  # Same line
               # and the next one.
  b @1 :Text;

  # Belongs to nothing.

  c @2 :Text;
  # ends with a backslash \
  d @3 :Text;
  # A control  character, an override ‮ and a \N{BULLET} \x41 escape.
}  # Too late: there is one above.

enum Late { one @0; }  # Behind the brace.
interface Service {
  # Says """hello""".
  m @0 ();
  #no space
  n @1 ();
  # All but the first line
  #    is indented
  #      by more or less.
}
struct Bare { text @0 :Text; }
# Also behind the brace.
struct Quoted { text @0 :Text; }
# "A quotation
# of two lines."
enum Returned { one @0; two @1; }
# A carriage returnends no line { nor a comment.
struct After { text @0 :Text; }
# What comes behind it is not lost.
