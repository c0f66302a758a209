// ssmp fs against the real server, used as a shell uses it.

import Foundation
import Testing

@Suite("ssmp fs")
struct DirectoryTests {
  // MARK: Messages

  @Test("A line written to a topic is published, and what is published is a line")
  func topic() throws {
    let server = try ServerProcess()
    let reader = try ToolProcess(["sub", "news", "--ready", "2", "-n", "1", "-F", "%i %p"], server: server)
    try reader.waitForError("\n")
    let directory = try DirectoryUnderTest(topics: ["news"], server: server)
    #expect(directory.content("me") == "amy\n")
    #expect(directory.content("new") == "topic/news\n")
    try directory.shell("echo hello > topic/news/in")
    #expect(try reader.end() == 0)
    #expect(reader.text == "amy hello\n")
    #expect(try ToolProcess.run(["-i", "bob", "pub", "news", #"a\b"#], server: server).status == 0)
    try directory.waitFor("bob", in: "topic/news/out")
    #expect(directory.lines("topic/news/out") == ["amy hello", #"bob a\\b"#])
    let text = try directory.shell(#"read -r time from text < topic/news/out; printf '%s %s' "$from" "$text""#)
    #expect(text == "amy hello")
  }

  @Test("A message makes a directory for its sender, which tail follows")
  func peer() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    let bob = try server.login("bob")
    bob.send("UCAST amy one\n")
    bob.expect("200\n")
    try directory.waitFor("peer/bob\n", in: "new")
    let tail = try Shell("tail -n +1 -f peer/bob/out", in: directory)
    try tail.waitFor("bob one")
    bob.send("UCAST amy two\n")
    bob.expect("200\n")
    try tail.waitFor("bob two")
    try directory.shell("echo hi > peer/bob/in")
    bob.expect("000 amy UCAST bob hi\n")
    try tail.waitFor("amy hi")
    try directory.wait("all files") { directory.names("peer/bob") == ["in", "out", "presence"] }
  }

  @Test("Broadcasts have a directory, and make none")
  func broadcast() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["room"], server: server)
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE room\n")
    bob.expect("200\n")
    bob.send("BCAST all of you\n")
    bob.expect("200\n")
    try directory.waitFor("bob all of you", in: "broadcast/out")
    try directory.shell("echo and you > broadcast/in")
    bob.expect("000 amy BCAST and you\n")
    #expect(directory.names("peer").isEmpty)
  }

  @Test("What cannot be sent is told, and never cut; an empty line is nothing")
  func refused() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["t"], server: server)
    // Whoever makes the FIFO does not have to wait for the program, which may be as fast.
    try directory.shell("mkdir peer/bob; mkfifo peer/bob/in 2>/dev/null || :; echo hi > peer/bob/in")
    try directory.waitFor("# 404 Not Found: hi", in: "peer/bob/out")
    try directory.waitFor("peer/bob 404 Not Found: hi", in: "errors")
    try directory.tool.waitForError("peer/bob: 404 Not Found: hi")
    let longest = String(repeating: "x", count: 1024)
    try directory.shell("{ echo; echo \(longest)x; echo \(longest); } > topic/t/in")
    try directory.waitFor("amy \(longest)\n", in: "topic/t/out")
    #expect(directory.lines("topic/t/out") == ["# line 2: a line of over 1024 bytes was not sent", "amy \(longest)"])
    #expect(directory.content("errors").contains("topic/t line 2: "))
  }

  @Test("A thousand peers, with more of them than the soft limit of descriptors")
  func thousandPeers() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server, after: "ulimit -S -n 256")
    for number in 0..<1000 {
      let peer = try server.login("peer/\(number)")
      peer.send("UCAST amy hello from \(number)\nCLOSE\n")
      peer.expect("200\n200\n")
    }
    try directory.wait("all peers") { directory.names("peer").count == 1000 }
    try directory.wait("all names") { directory.content("new").split(separator: "\n").count == 1000 }
    let last = try server.login("peer/999")
    // Those that are gone are told of; all FIFOs are read.
    try directory.shell("for peer in peer/*; do echo bye > $peer/in; done")
    last.expect("000 amy UCAST peer/999 bye\n")
    try directory.wait("all errors") { directory.lines("errors").count == 999 }
    for number in [0, 500, 998] {
      let lines = directory.lines("peer/peer%2F\(number)/out")
      #expect(lines == ["peer/\(number) hello from \(number)", "# 404 Not Found: bye"])
    }
    try directory.waitFor("amy bye", in: "peer/peer%2F999/out")
  }

  @Test("Hostile names stay in the directory")
  func hostileNames() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    let names = [
      ("..", "%2E%2E"), ("../../x", "%2E%2E%2F..%2Fx"), ("/etc/passwd", "%2Fetc%2Fpasswd"), ("-rf", "%2Drf"),
      (".lock", "%2Elock"), ("~root", "~root"), ("a/../b", "a%2F..%2Fb"),
      (String(repeating: "/", count: 64), String(repeating: "%2F", count: 64)),
    ]
    for (id, _) in names {
      let peer = try server.login(id)
      peer.send("UCAST amy \u{1b}[2J\\\n")
      peer.expect("200\n")
    }
    try directory.wait("all names") { directory.names("peer").count == names.count }
    #expect(directory.names("peer") == names.map(\.1).sorted())
    for (id, name) in names {
      try directory.waitFor("\n", in: "peer/\(name)/out")
      #expect(directory.lines("peer/\(name)/out") == [#"\#(id) \0033[2J\\"#])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.folder) == ["d"])
    #expect(
      directory.names(".") == [".lock", "broadcast", "errors", "me", "new", "peer", "state", "topic"])
    // Names that stand for nothing are told of.
    try directory.shell("mkdir 'peer/no body' topic/.hidden; echo > topic/file")
    try directory.waitFor("'peer/no body' is no identifier", in: "errors")
    try directory.waitFor("'topic/file' is no directory", in: "errors")
    #expect(directory.names("peer/no body").isEmpty)
  }

  @Test("Lines of several writers do not mix")
  func severalWriters() throws {
    let server = try ServerProcess()
    let reader = try ToolProcess(["sub", "t", "--ready", "2", "-n", "800"], server: server)
    try reader.waitForError("\n")
    let directory = try DirectoryUnderTest(topics: ["t"], server: server)
    try directory.shell(
      """
      for letter in a b c d; do
        (line=$(printf '%1000s' '' | tr ' ' $letter)
         i=0; while [ $i -lt 200 ]; do echo $line; i=$((i + 1)); done > topic/t/in) &
      done
      wait
      """)
    #expect(try reader.end() == 0)
    let lines = reader.text.split(separator: "\n")
    for letter in ["a", "b", "c", "d"] {
      #expect(lines.count { $0 == String(repeating: letter, count: 1000) } == 200)
    }
  }

  // MARK: Directories

  @Test("mkdir subscribes and rm -r unsubscribes; members and presence follow")
  func directories() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    try directory.shell("mkdir topic/room%2F1")
    try directory.wait("the subscription") { directory.names("topic/room%2F1").contains("members") }
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE room/1\nUCAST amy hi\n")
    bob.expect("200\n200\n")
    try directory.wait("the member") { directory.content("topic/room%2F1/members") == "bob\n" }
    try directory.wait("the presence") { directory.content("peer/bob/presence") == "room/1\n" }
    bob.send("UNSUBSCRIBE room/1\n")
    bob.expect("200\n")
    try directory.wait("nobody") { directory.content("topic/room%2F1/members").isEmpty }
    try directory.wait("no presence") { directory.content("peer/bob/presence").isEmpty }
    bob.send("SUBSCRIBE room/1 PRESENCE\n")
    bob.expect("200\n000 amy SUBSCRIBE room/1 PRESENCE\n")
    try directory.shell("rm -r topic/room%2F1")
    bob.expect("000 amy UNSUBSCRIBE room/1\n")
    // The same names once more are other directories.
    try directory.shell("rm -r peer/bob; mkdir topic/room%2F1 peer/bob")
    bob.expect("000 amy SUBSCRIBE room/1 PRESENCE\n")
    try directory.wait("the FIFO") { directory.names("peer/bob").contains("in") }
    try directory.shell("echo again > peer/bob/in")
    bob.expect("000 amy UCAST bob again\n")
  }

  @Test("What was written to `in` before it was a FIFO is kept, and told of")
  func early() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    try directory.shell("mkdir early; echo hi > early/in; mv early peer/bob")
    try directory.waitFor("in.unsent", in: "errors")
    #expect(directory.content("peer/bob/in.unsent") == "hi\n")
    try directory.shell("[ -p peer/bob/in ]")
  }

  @Test("Peers beyond the limit get no directory; their messages are in `others`")
  func tooManyPeers() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(["--max-peers", "2"], server: server)
    for id in ["a", "b", "c", "a"] {
      let peer = try server.login(id)
      peer.send("UCAST amy I am \(id)\n")
      peer.expect("200\n")
    }
    try directory.waitFor("c I am c", in: "others")
    #expect(directory.names("peer") == ["a", "b"])
    try directory.shell("mkdir peer/c")
    try directory.wait("the FIFO") { directory.names("peer/c").contains("in") }
    let peer = try server.login("c")
    peer.send("UCAST amy once more\n")
    peer.expect("200\n")
    try directory.waitFor("c once more", in: "peer/c/out")
  }

  @Test("Without descriptors for more FIFOs, messages still come")
  func fewDescriptors() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["t"], server: server, after: "ulimit -n 80")
    try directory.shell("i=10; while [ $i -lt 40 ]; do mkdir peer/user$i; i=$((i + 1)); done")
    try directory.waitFor("'in' cannot be used: Too many open files", in: "errors")
    for id in ["user39", "stranger"] {
      let peer = try server.login(id)
      peer.send("UCAST amy hi\n")
      peer.expect("200\n")
    }
    try directory.waitFor("user39 hi", in: "peer/user39/out")
    try directory.waitFor("stranger hi", in: "others")
    // A descriptor that is free again is used.
    try directory.shell("rm -r peer/user10")
    try directory.wait("the directory's end") { !directory.names("peer").contains("user10") }
    let peer = try server.login("user39")
    try directory.wait("a FIFO") {
      peer.send("UCAST amy hi\n")
      peer.expect("200\n")
      return directory.names("peer/user39").contains("in")
    }
    try directory.shell("echo bye > peer/user39/in")
    peer.expect("000 amy UCAST user39 bye\n")
  }

  @Test("What access rules forbid is told where it was tried")
  func forbidden() throws {
    let rules = try TemporaryFile(
      """
      allow * login open
      allow amy subscribe open
      allow amy subscribe,presence,publish watched
      allow bob publish open
      """)
    let server = try ServerProcess(["--open", "--access", rules.path])
    let directory = try DirectoryUnderTest(topics: ["watched", "open", "closed"], server: server)
    try directory.waitFor("# not subscribed: the server has answered 405", in: "topic/closed/out")
    try directory.waitFor("# the server does not tell of the members", in: "topic/open/out")
    try directory.wait("the members") { directory.names("topic/watched").contains("members") }
    #expect(!directory.names("topic/open").contains("members"))
    try directory.shell(
      "echo hi > topic/open/in; mkdir peer/bob; mkfifo peer/bob/in 2>/dev/null || :; echo hi > peer/bob/in")
    try directory.waitFor("# 405 Not Allowed: hi", in: "topic/open/out")
    try directory.waitFor("# 405 Not Allowed: hi", in: "peer/bob/out")
    let bob = try server.login("bob")
    bob.send("MCAST open news\n")
    bob.expect("200\n")
    try directory.waitFor("bob news", in: "topic/open/out")
  }

  // MARK: Requests

  @Test("The answer to a request is a file that has the name of its tag")
  func requests() throws {
    let server = try ServerProcess()
    let service = try ToolProcess(["-i", "srv", "serve", "upper", "--", "tr", "a-z", "A-Z"], server: server)
    try service.waitForError("serves")
    let directory = try DirectoryUnderTest(topics: ["svc/upper"], server: server)
    try directory.shell(
      "mkdir peer/srv; mkfifo peer/srv/in 2>/dev/null || :; echo '?request1 upper hello' > peer/srv/in")
    try directory.waitFor("200 HELLO\n", in: "peer/srv/answers/request1")
    try directory.shell("echo '?../../etc upper x' > peer/srv/in; echo '?request2 lower x' > peer/srv/in")
    try directory.waitFor("200 X\n", in: "peer/srv/answers/%2E%2E%2F..%2Fetc")
    try directory.waitFor("501", in: "peer/srv/answers/request2")
    #expect(directory.names("peer/srv/answers") == ["%2E%2E%2F..%2Fetc", "request1", "request2"])
    try directory.shell("echo '?request3 ping' > topic/svc%2Fupper/in")
    try directory.waitFor("srv 200\n", in: "topic/svc%2Fupper/answers/request3")
    service.signal(SIGTERM)
    try service.end()
    try directory.shell("echo '?request4 upper x' > peer/srv/in")
    try directory.waitFor("404\n", in: "peer/srv/answers/request4")
  }

  @Test("What answers no request is an ordinary message")
  func foreignAnswers() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    let eve = try server.login("eve")
    eve.send("UCAST amy !request1 200 x\nUCAST amy ?request1 ping\n")
    eve.expect("200\n200\n")
    try directory.waitFor("eve ?request1 ping", in: "peer/eve/out")
    #expect(directory.lines("peer/eve/out") == ["eve !request1 200 x", "eve ?request1 ping"])
    try directory.wait("no answers") { directory.names("peer/eve") == ["in", "out", "presence"] }
  }
}

/// A shell command that runs in a directory until the test has seen enough.
final class Shell: @unchecked Sendable {
  private let process = Process()
  private let output: String
  private let input = Pipe()

  init(_ script: String, in directory: DirectoryUnderTest) throws {
    output = "\(directory.folder)/shell-\(UUID().uuidString)"
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "cd \"$0\"; exec > \"$1\"; \(script)", "\(directory.folder)/d", output]
    process.standardInput = input
    try process.run()
  }

  deinit {
    // `Process` has made a group of it: all that the shell has started ends with it.
    kill(-process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Types lines.
  func type(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

  /// Waits until this has been printed.
  func waitFor(_ part: String) throws {
    let deadline = Date() + TestClient.seconds
    while !printed.contains(part) {
      try #require(Date() < deadline, "'\(part)' was not printed; there is: \(printed.suffix(500))")
      usleep(3000)
    }
  }

  /// What has been printed so far.
  var printed: String {
    FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
