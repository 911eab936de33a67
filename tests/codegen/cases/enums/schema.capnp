@0xc2b210b6539aa642;

using Wit = import "/capwit/wit.capnp";
$Wit.package("case:enums@0.1.0");

enum Suit {
  # The four suits.
  clubs @1;     # Black.
  diamonds @0;  # Red, and declared second although its number is first.
  redHearts @2;
  spades @3;
}
struct Card {
  enum Rank { ace @0; king @1; queen @2; }
  rank @0 :Rank;
  suit @1 :Suit;
}
