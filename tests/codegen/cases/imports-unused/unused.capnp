@0xe7039be2c01f43f1;
annotation note (field) :Text;
struct Generic(T) { value @0 :T; }
