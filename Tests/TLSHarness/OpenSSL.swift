// The OpenSSL that is there.

import COpenSSL

/// The OpenSSL that tests and servers are run with.
public enum OpenSSL {
  /// True for 3.0.x: the one version that all shortcuts have been tried with (docs/tls.md).
  public static var isVersion30: Bool { OpenSSL_version_num() >> 20 == 0x300 }
}
