// The entry of the command line client.

import Glibc

exit(Program.runAndWait(Array(CommandLine.arguments.dropFirst())))
