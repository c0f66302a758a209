// Measures SSMPClient beside raw sockets. Benchmarks/client runs it.

import CommandLineTools
import Glibc

do {
  try await ClientBench.run(Array(CommandLine.arguments.dropFirst()))
} catch {
  Output.writeError("ssmp-client-bench: \(error)\n")
  exit(error is Usage ? 2 : 3)
}
