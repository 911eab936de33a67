@0xf1d2c7a3b4e59871;

annotation note (field) :Text;
