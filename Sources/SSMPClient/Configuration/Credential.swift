// Secrets.

import CommandLineTools
import Glibc

extension SSMPClient {
  /// The credential of a LOGIN, which is looked up anew for each connection, and never shown: not in errors, not in traces.
  public struct Credential: Sendable {
    private let read: @Sendable () throws(SSMPError) -> [UInt8]

    /// The content of a file; one line end behind it does not count.
    public static func file(_ path: String) -> Credential {
      Credential { () throws(SSMPError) in
        do throws(FileFault) {
          return Array(try FileContent(of: path, limit: 4096).line)
        } catch {
          throw .invalid("the credential's file '\(path)' \(error)")
        }
      }
    }

    /// The content of an environment variable.
    public static func environment(_ name: String) -> Credential {
      Credential { () throws(SSMPError) in
        guard let value = unsafe getenv(name) else { throw .invalid("the environment variable \(name) is not set") }
        return Array(unsafe String(cString: value).utf8)
      }
    }

    /// What `body` returns. It is called for each connection, on a thread that may wait.
    public static func provided(by body: @escaping @Sendable () throws -> String) -> Credential {
      Credential { () throws(SSMPError) in
        do {
          return Array(try body().utf8)
        } catch {
          throw .invalid("the credential is not available: \(error)")
        }
      }
    }

    /// The payload of the LOGIN request.
    func payload() throws(SSMPError) -> Payload {
      let bytes = try read()
      guard let payload = try? Payload(bytes) else {
        // The reason would tell of the secret.
        throw .invalid("the credential is no payload: give 1 to \(Payload.longest) bytes")
      }
      return payload
    }
  }
}
