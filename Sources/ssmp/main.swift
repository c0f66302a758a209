// The entry of the command line client, and of the load generator where that is installed as another name of it.

import BenchTool
import Glibc

let words = CommandLine.arguments
if words.first?.split(separator: "/").last == "ssmp-bench" { exit(BenchProgram.run(Array(words.dropFirst()))) }
exit(await Program.run(Array(words.dropFirst())))
