// The entry of the command line client.

import Glibc
import SSMPTransport

// Before there is any other thread: all threads begin with the mask of this one. An asynchronous entry would give this thread to
// the runtime, which has it take all signals.
Interruptions.takeSignals()
let status = Handover<Int32>()
Task.detached { status.give(await Program.run(Array(CommandLine.arguments.dropFirst()))) }
exit(status.wait())
