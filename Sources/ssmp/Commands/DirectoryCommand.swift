// ssmp fs.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

extension Command {
  /// A directory as the interface.
  static let fs = Command(
    name: "fs", operands: "DIR [TOPIC]...", help: "send and receive by files in a directory",
    details: [
      "Each client that sends a message gets a directory DIR/peer/ID, and each topic has one, DIR/topic/NAME. A line that is "
        + "written to the FIFO `in` is a message; received messages are appended to the file `out`: `TIME ID PAYLOAD`, or `TIME # "
        + "TEXT` for a notice. `mkdir DIR/peer/ID` begins a conversation, `mkdir DIR/topic/NAME` subscribes, and `rm -r` ends it. "
        + "docs/fs.md has all files, the escapes, and examples.",
      "Directories of an earlier run are taken over. If another process uses DIR, the command ends with 2.",
    ],
    options: {
      [
        .value("max-out", "rename a file to NAME.1 at this size (default: 16MiB)", "SIZE") {
          (settings, text) throws(OptionError) in
          settings.directory.outSize = try OptionValue.bytes(text, of: "max-out", in: 4096...(1 << 40))
        },
        .number(
          "max-peers", "the most directories of peers that messages make (default: 1000)", 0...1_000_000
        ) { $0.directory.peers = $1 },
      ]
    }, counts: 1...1000
  ) { settings, operands in
    var topics: [ID] = []
    for text in operands.dropFirst() { topics.append(try CommonOptions.id(operand: "topic", text)) }
    return try await follow(root: operands[0], topics, settings)
  }

  private static func follow(root: String, _ topics: [ID], _ settings: Settings) async throws -> ExitStatus {
    // A limit on the size of files is an error of write, and not the end of the program.
    _ = signal(SIGXFSZ, SIG_IGN)
    do throws(SystemError) {
      try FileSystem.makeDirectory(root)
    } catch {
      throw Failure(.usage, "'\(root.printable)' cannot be used: \(error.reason)")
    }
    try DirectoryLock.take(root)
    var configuration = try Session.configuration(settings)
    // Whoever sends to this client alone must not slow down its topics.
    configuration.messageBuffering = .dropOldest(limit: 64 << 10)
    let (occasions, occasion) = AsyncStream.makeStream(of: DirectoryTree.Occasion.self)
    let (listings, listing) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let tree = try DirectoryTree(root, me: configuration.login.id, settings.directory, occasion, listing)
    do throws(SystemError) {
      try await tree.begin(topics)
    } catch {
      throw Failure(.usage, "'\(root.printable)' cannot be used: \(error)")
    }
    do {
      try await SSMPClient.withClient(configuration) { client in
        try await DirectorySession(tree: tree, client: client, occasions: occasions, listings: listings).run()
      }
    } catch {
      await tree.finish(Task.isCancelled ? "offline" : "offline \(Failure(error).message ?? "")")
      throw error
    }
    await tree.finish("offline")
    return .done
  }
}
