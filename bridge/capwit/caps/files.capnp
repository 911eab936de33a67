@0xdb2f6c0e94a71358;
# Directories and files, as a program is granted them: a directory is all that can be reached through it,
# and nothing above. WASI's two previews stand on these interfaces, so whoever implements them, here or on
# another machine, serves every WASI program.
#
# How a path is read. It is relative to the directory that is asked, with `/` between names. Empty names and
# `.` mean nothing; `..` goes back up, never above the directory that is asked. Links on the way are
# followed. A path or a link that leads out of the directory (`..` at its top, an absolute path, an absolute
# target) is `notPermitted`, whatever is there; an empty path is `noEntry`; a zero byte `invalid`; more than
# 40 links `loop`. A trailing slash means that the last name must be a directory. Where a method follows the
# last name it takes a `follow`; the others act on the last name itself.
#
# How a call fails. What a file system says is a case of the answer, `error`. An error of the call itself
# (revoked, disconnected, ...) says that nobody knows what became of it.

using Wit = import "/capwit/wit.capnp";
using Standard = import "/capwit/caps/standard.capnp";
$Wit.package("capwit:files@0.1.0");

enum FileError {
  # Why a file system refuses. The names are those of WASI 0.2; two more follow.
  access @0;               # The permissions of the file or directory do not allow it.
  wouldBlock @1;           # It would have to wait.
  already @2;              # It is being done already.
  badDescriptor @3;        # The file was not opened for this.
  busy @4;                 # Something else is using it.
  deadlock @5;             # It would wait for itself.
  quota @6;                # The user's share of the disk is used up.
  exist @7;                # There is something of that name already.
  fileTooLarge @8;         # The file would be larger than a file can be.
  illegalByteSequence @9;  # A name that is no text.
  inProgress @10;          # It has begun, and goes on.
  interrupted @11;         # A signal came first.
  invalid @12;             # An argument makes no sense.
  io @13;                  # The device failed.
  isDirectory @14;         # It is a directory.
  loop @15;                # More than 40 links, or a link that is not to be followed.
  tooManyLinks @16;        # The file has as many names as it can have.
  messageSize @17;         # The message is too long.
  nameTooLong @18;         # A name of more than 255 bytes, or a path of more than 4,095.
  noDevice @19;            # There is no such kind of device.
  noEntry @20;             # There is nothing of that name.
  noLock @21;              # There are no locks left.
  insufficientMemory @22;  # There is no memory left.
  insufficientSpace @23;   # There is no space left.
  notDirectory @24;        # It is no directory.
  notEmpty @25;            # The directory is not empty.
  notRecoverable @26;      # The state cannot be recovered.
  unsupported @27;         # The file system cannot do this.
  noTty @28;               # It is no terminal.
  noSuchDevice @29;        # There is no such device.
  overflow @30;            # A number is too large.
  notPermitted @31;        # Nobody may do this here: leave the directory, open a device.
  pipe @32;                # Nobody reads the other end.
  readOnly @33;            # The directory was granted, or opened, for reading only.
  invalidSeek @34;         # It has no positions.
  textFileBusy @35;        # A program that is running.
  crossDevice @36;         # The two places are not of one file system, or not of one implementer.
  tooManyOpen @37;         # As many files are open as may be at once.
  stale @38;               # It is gone from the server that had it.
}

enum Kind {
  # What a name stands for.
  unknown @0;
  regularFile @1;
  directory @2;
  symbolicLink @3;
  blockDevice @4;
  characterDevice @5;
  fifo @6;
  socket @7;
}

struct Stat {
  # What is known of a file, a directory or a link.
  kind @0 :Kind;
  device @1 :UInt64;
  # With `inode`: two of one implementer are the same object exactly if both numbers are the same.
  inode @2 :UInt64;
  links @3 :UInt64;
  # How many names it has.
  size @4 :UInt64;
  # In bytes; of a link, its target's length.
  accessed @5 :Standard.Instant;
  # When it was last read, as well as the file system cares to know.
  modified @6 :Standard.Instant;
  # When its content last changed.
  changed @7 :Standard.Instant;
  # When its content or anything here last changed.
}

struct NewTime {
  # What to set a time to.
  union {
    keep @0 :Void;              # What it is.
    now @1 :Void;               # The file system's own present time.
    at @2 :Standard.Instant;    # A time.
  }
}

enum Advice {
  # How a part of a file is going to be used: a hint, which changes no answer.
  normal @0;
  sequential @1;
  random @2;
  willNeed @3;
  dontNeed @4;
  noReuse @5;
}

struct Access {
  # What may be done through what was opened.
  read @0 :Bool;
  # A file's content may be read. Every directory may be listed.
  write @1 :Bool;
  # A file's content may be changed; of a directory, anything in it and below.
}

struct OpenFlags {
  # How to open. Without `read` and `write` a file can only be examined.
  read @0 :Bool;
  # To read a file's content.
  write @1 :Bool;
  # To change a file's content. A directory is `isDirectory` then.
  mutate @2 :Bool;
  # A directory that is opened may be changed, and all below it; else they are for reading only.
  create @3 :Bool;
  # Make an empty file where there is nothing.
  exclusive @4 :Bool;
  # With `create`: fail with `exist` where there is something, a link to nothing included.
  truncate @5 :Bool;
  # Make the file empty.
  directory @6 :Bool;
  # Fail with `notDirectory` unless it is one. Not together with `create`: `invalid`.
  follow @7 :Bool;
  # Follow the last name if it is a link; else a link is `loop`.
}

struct Answer {
  # What was done, or why it was not.
  union {
    done @0 :Void;
    error @1 :FileError;
  }
}

struct ReadAnswer {
  # What was read.
  union {
    data @0 :Data;
    error @1 :FileError;
  }
}

struct WriteAnswer {
  # How much was written.
  union {
    count @0 :UInt64;
    error @1 :FileError;
  }
}

struct StatAnswer {
  # What is known.
  union {
    stat @0 :Stat;
    error @1 :FileError;
  }
}

struct OpenAnswer {
  # What was opened.
  union {
    file @0 :File $Wit.required;
    directory @1 :Directory $Wit.required;
    error @2 :FileError;
  }
}

struct ListAnswer {
  # A part of a directory.
  union {
    entries @0 :List(Entry);
    error @1 :FileError;
  }
}

struct TargetAnswer {
  # Where a link leads.
  union {
    target @0 :Text;
    error @1 :FileError;
  }
}

struct Entry {
  # One name in a directory.
  name @0 :Text;
  kind @1 :Kind;
  inode @2 :UInt64;
  # As `Stat` has it.
  cookie @3 :UInt64;
  # Goes to `list`, to go on behind this entry. Never 0, and less than 2^63.
}

interface Node {
  # What files and directories have in common.

  access @0 () -> Access;
  # What may be done through this reference: it says so of itself, whoever holds it.

  stat @1 () -> StatAnswer;
  # What is known of it, also when it has no name any more.

  setTimes @2 (accessed :NewTime, modified :NewTime) -> Answer;
  # Sets its times. `readOnly` where the directory that it was opened through is.

  sync @3 (dataOnly :Bool) -> Answer;
  # Returns once what was written is on the medium; with `dataOnly`, what reading it back needs.
}

interface File extends(Node) {
  # An open file. It has no position: whoever needs one keeps it. It lives on when its name is gone.

  read @0 (offset :UInt64, length :UInt32) -> ReadAnswer;
  # Up to `length` bytes from `offset` on. None exactly if `length` is 0 or the file ends there; fewer than
  # `length` do not say that it ends. An implementer gives at most 1 MiB at once.

  write @1 (offset :UInt64, data :Data) -> WriteAnswer;
  # Writes `data` from `offset` on; what the file lacks before it reads as zeroes. The count is less than
  # that of `data` only where space ran out on the way.

  append @2 (data :Data) -> WriteAnswer;
  # Writes `data` at the end of the file, wherever that is by then: two that append do not overwrite each
  # other.

  setSize @3 (size :UInt64) -> Answer;
  # Cuts the file, or lengthens it by zeroes. `invalid` unless it was opened to write.

  allocate @4 (offset :UInt64, length :UInt64) -> Answer;
  # Makes sure of the space for a part of the file, and lengthens the file where it ends before. A `length`
  # of 0 is `invalid`.

  advise @5 (offset :UInt64, length :UInt64, advice :Advice) -> Answer;
  # Tells how a part is going to be used; a `length` of 0 means to the end.
}

interface Directory extends(Node) {
  # An open directory: all that can be reached through it, and nothing above. A directory that was granted
  # or opened for reading only answers `readOnly` to whatever would change anything, and all that is opened
  # through it is for reading only, too.

  open @0 (path :Text, flags :OpenFlags) -> OpenAnswer;
  # Opens a file or a directory; anything else (a device, a socket, a pipe) is `notPermitted`.

  statAt @1 (path :Text, follow :Bool) -> StatAnswer;
  # What is known of what a path leads to.

  setTimesAt @2 (path :Text, follow :Bool, accessed :NewTime, modified :NewTime) -> Answer;
  # Sets the times of what a path leads to.

  list @3 (cookie :UInt64, limit :UInt32) -> ListAnswer;
  # The entries behind the one with this `cookie` (0: from the first on), at most `limit`, in no order; none
  # exactly if `limit` is 0 or there are no more. Without `.` and `..`, and without names that are no UTF-8,
  # which nobody could say. A cookie holds for as long as the directory is open: an entry that is there from
  # the first call to the last is listed once, whatever else comes and goes.

  createDirectory @4 (path :Text) -> Answer;
  # Makes an empty directory.

  removeDirectory @5 (path :Text) -> Answer;
  # Removes an empty directory.

  unlink @6 (path :Text) -> Answer;
  # Removes the name of anything but a directory. What is open lives on without it.

  rename @7 (path :Text, to :Directory, newPath :Text) -> Answer;
  # Gives what `path` names the name `newPath` in the directory `to`, in one step; what had that name is
  # replaced: a directory only by a directory, and only when it is empty. `crossDevice` where `to` is not of
  # the same file system and implementer.

  link @8 (path :Text, follow :Bool, to :Directory, newPath :Text) -> Answer;
  # Gives a file another name. A directory is `notPermitted`; `to` is as it is for `rename`.

  symlink @9 (target :Text, path :Text) -> Answer;
  # Makes a link with this target, which need not exist. An absolute target is `notPermitted`.

  readLink @10 (path :Text) -> TargetAnswer;
  # Where a link leads, as it was made. `invalid` where it is no link.
}
