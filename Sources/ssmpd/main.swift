// The entry of the daemon.

import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
