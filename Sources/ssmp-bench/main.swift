// The entry of the load generator.

import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
