// The entry of the command line client.

import Glibc

exit(await Program.run(Array(CommandLine.arguments.dropFirst())))
