@0xd7753994f229248b;

struct Thing { a @0 :Text; }
