// ssmp-soak: clients that do anything at any moment, and a model that judges what the server makes of it.

import Glibc

exit(SoakProgram.run(Array(CommandLine.arguments.dropFirst())))
