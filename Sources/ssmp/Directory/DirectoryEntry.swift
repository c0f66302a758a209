// One directory with `in` and `out`.

import SSMPClient

/// What the program knows of the directory of a place.
final class DirectoryEntry {
  let place: Place
  /// What the directory is called while it is there; another one of the same name has another number.
  let number: UInt64
  /// The path.
  let folder: String
  /// The FIFO `in`; `nil` if it could not be made.
  var input: InputFIFO?
  /// Why it could not, as `errno` says.
  var inputFault: Int32?
  var lines = DirectoryEntry.splitter
  var out: AppendedFile
  /// `members` of a topic, `presence` of a peer.
  var listing: ReplacedFile
  /// The server does not let this client into the topic.
  var isRefused = false
  /// The listing is to be written: of a topic only if the server tells of members.
  var isListed: Bool

  init(_ place: Place, number: UInt64, root: String, limit: Int) {
    (self.place, self.number) = (place, number)
    folder = "\(root)/\(place.path)"
    out = AppendedFile("\(folder)/out", limit: limit)
    switch place {
    case .peer: (listing, isListed) = (ReplacedFile("\(folder)/presence"), true)
    case .topic, .broadcast: (listing, isListed) = (ReplacedFile("\(folder)/members"), false)
    }
  }

  /// A message a line. An empty line is none.
  private static var splitter: LineSplitter {
    var splitter = LineSplitter(end: UInt8(ascii: "\n"))
    splitter.payload = { line in
      guard !line.isEmpty else { return nil }
      guard line.count <= Payload.longest else {
        return .failure(.invalid("a line of over \(Payload.longest) bytes was not sent"))
      }
      do throws(SSMPError) {
        return .success(try Payload(line))
      } catch {
        return .failure(error)
      }
    }
    return splitter
  }
}
