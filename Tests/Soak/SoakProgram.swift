// The program: options, the runs, the verdict.

import CommandLineTools
import Glibc
import SSMPTransport

enum SoakProgram {
  /// Runs with these arguments and returns the exit status: 0 when nothing was found, 1 with a finding, 2 when the run could
  /// not be made.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try SoakOptions(arguments)
      if options.wantsHelp {
        Output.write(SoakOptions.help.summary)
        return 0
      }
      _ = DescriptorLimit.raise()
      ChildGuard.install()
      for loops in options.loops {
        guard try run(loops, options) else { return 1 }
      }
      say("soak: nothing was found, seed \(options.seed)")
      return 0
    } catch {
      say("soak: \(error)")
      return 2
    }
  }

  private static func run(_ loops: Int, _ options: SoakOptions) throws -> Bool {
    var template = Array("/tmp/ssmp-soak-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SoakError("no folder: \(String(cString: strerror(errno)))") }
    let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    let seconds = options.seconds / Double(options.loops.count)
    say("soak: \(loops) loops, \(Int(seconds)) s, seed \(options.seed), files in \(folder)")
    let run = try SoakRun(loops: loops, seconds: seconds, folder: folder, options)
    guard let failure = run.run() else {
      say(run.summary.map { "  \($0)" }.joined(separator: "\n"))
      removeFolder(folder)
      return true
    }
    say("soak: FAILED, seed \(options.seed), \(loops) loops, server \(run.describeServer)")
    say(failure.joined(separator: "\n"))
    say("the end of \(run.logPath):")
    say(readFile(run.logPath).split(separator: "\n").suffix(20).joined(separator: "\n"))
    say("once more: make soak SEED=\(options.seed) LOOPS=\(loops)")
    return false
  }

  private static func removeFolder(_ path: String) {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
  }
}

/// Writes a line at once, whatever standard output is.
func say(_ text: String) {
  Output.write("\(text)\n")
}

/// Sees to it that the server does not outlive a run that is broken off.
enum ChildGuard {
  /// The server's process; 0 when there is none. A signal handler reads it, which may see an old value and no half one.
  nonisolated(unsafe) static var pid: pid_t = 0

  static func install() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in
        if ChildGuard.pid > 0 { kill(ChildGuard.pid, SIGKILL) }
        _exit(130)
      }
    }
  }
}
