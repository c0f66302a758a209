// The entry of the load generator.

import BenchTool
import Glibc

exit(BenchProgram.run(Array(CommandLine.arguments.dropFirst())))
