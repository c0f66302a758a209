// The entry of the command line client, and of the load generator where that is installed as another name of it.

import BenchTool
import Glibc
import SSMPTransport

let words = CommandLine.arguments
if words.first?.split(separator: "/").last == "ssmp-bench" { exit(BenchProgram.run(Array(words.dropFirst()))) }
// Before there is any other thread: all threads begin with the mask of this one. An asynchronous entry would give this thread to
// the runtime, which has it take all signals.
Interruptions.takeSignals()
let status = Handover<Int32>()
Task.detached { status.give(await Program.run(Array(words.dropFirst()))) }
exit(status.wait())
