// The entry of the measurement of scale.

import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
