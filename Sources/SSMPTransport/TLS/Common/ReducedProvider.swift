// The algorithms that TLS needs here, and no others.

import COpenSSL

/// A provider for library contexts of OpenSSL's: what the default one has, as far as TLS uses it here
/// (`TLSShortcuts.provider`).
///
/// To decode the key of one certificate, OpenSSL 3.0 walks through all key types and decoders that a library context knows,
/// compares them by name, and takes a lock for most of them: a third of a handshake. Of the default provider's 366 algorithms
/// 38 are needed. Nothing is implemented here: each algorithm is the default provider's, out of a library context that has
/// only that.
enum ReducedProvider {
  private static let name = "reduced"

  /// By operation, what is needed; the others are needed as they are.
  private static let needed: [Int32: Set<String>] = [
    // The digests of signatures and cipher suites; SHA-1 only tells certificates from each other.
    OSSL_OP_DIGEST: ["SHA1", "SHA2-256", "SHA2-384", "SHA2-512"],
    // Records, tickets, and random numbers.
    OSSL_OP_CIPHER: ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-256-CBC", "AES-256-CTR"],
    OSSL_OP_MAC: ["HMAC"],
    OSSL_OP_KDF: ["HKDF", "TLS13-KDF", "TLS1-PRF"],
    OSSL_OP_KEYMGMT: ["EC", "RSA", "RSA-PSS", "ED25519", "ED448", "X25519", "HMAC"],
    OSSL_OP_KEYEXCH: ["ECDH", "X25519"],
    // An HMAC is a signature, too, where a session is resumed.
    OSSL_OP_SIGNATURE: ["ECDSA", "RSA", "ED25519", "ED448", "HMAC"],
    OSSL_OP_ASYM_CIPHER: [],
    OSSL_OP_KEM: [],
    OSSL_OP_ENCODER: [],
    OSSL_OP_DECODER: ["DER", "EC", "RSA", "RSA-PSS", "ED25519", "ED448"],
    OSSL_OP_STORE: [],
  ]
  /// Of the decoders, those for the keys in certificates.
  private static let structure = "structure=SubjectPublicKeyInfo"

  /// Gives `library`, a new library context, this provider and no other. False when the default provider cannot be had.
  static func load(into library: OpaquePointer) -> Bool {
    guard unsafe template != nil else { return false }
    return unsafe OSSL_PROVIDER_add_builtin(library, name, initialize) == 1 && OSSL_PROVIDER_load(library, name) != nil
  }

  /// The default provider whose tables are looked at: they are the same in each library context. Never given back.
  private nonisolated(unsafe) static let template = unsafe OSSL_PROVIDER_load(nil, "default")

  /// What OpenSSL calls to load the provider into a library context: once for each of them, each with a default provider of
  /// its own, whose context the algorithms are given. Never given back: they live as long as the loops.
  private static let initialize: Initialize = { _, _, functions, context in
    let inner = unsafe OSSL_LIB_CTX_new()
    guard let provider = unsafe OSSL_PROVIDER_load(inner, "default") else {
      unsafe OSSL_LIB_CTX_free(inner)
      return 0
    }
    unsafe functions?.pointee = unsafe UnsafePointer(Self.functions)
    unsafe context?.pointee = unsafe OSSL_PROVIDER_get0_provider_ctx(provider)
    return 1
  }

  private typealias Initialize =
    @convention(c) (
      OpaquePointer?, UnsafePointer<OSSL_DISPATCH>?, UnsafeMutablePointer<UnsafePointer<OSSL_DISPATCH>?>?,
      UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int32
  private typealias Query =
    @convention(c) (UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<Int32>?) -> UnsafePointer<OSSL_ALGORITHM>?
  private typealias Callback = @convention(c) (UnsafePointer<OSSL_PARAM>?, UnsafeMutableRawPointer?) -> Int32
  private typealias Capabilities =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Callback?, UnsafeMutableRawPointer?
    ) -> Int32
  private typealias Function = @convention(c) () -> Void

  /// The provider's two functions. OpenSSL keeps all of them as pointers to functions without parameters, and calls each by the
  /// type that its number stands for (provider-base(7)).
  private nonisolated(unsafe) static let functions: UnsafeMutablePointer<OSSL_DISPATCH> = {
    let query: Query = { _, operation, _ in unsafe ReducedProvider.tables[operation] }
    let capabilities: Capabilities = { _, capability, callback, argument in
      unsafe OSSL_PROVIDER_get_capabilities(ReducedProvider.template, capability, callback, argument)
    }
    let table = UnsafeMutablePointer<OSSL_DISPATCH>.allocate(capacity: 3)
    unsafe table[0] = unsafe OSSL_DISPATCH(
      function_id: OSSL_FUNC_PROVIDER_QUERY_OPERATION, function: unsafeBitCast(query, to: Function.self))
    unsafe table[1] = unsafe OSSL_DISPATCH(
      function_id: OSSL_FUNC_PROVIDER_GET_CAPABILITIES, function: unsafeBitCast(capabilities, to: Function.self))
    unsafe table[2] = OSSL_DISPATCH()
    return unsafe table
  }()

  /// For each operation the default provider's algorithms that are needed, ended by an empty one.
  private nonisolated(unsafe) static let tables: [Int32: UnsafePointer<OSSL_ALGORITHM>] = {
    var tables: [Int32: UnsafePointer<OSSL_ALGORITHM>] = unsafe [:]
    for operation in OSSL_OP_DIGEST...OSSL_OP__HIGHEST {
      var mayNotCache: Int32 = 0
      guard let all = unsafe OSSL_PROVIDER_query_operation(template, operation, &mayNotCache) else { continue }
      let chosen = unsafe sequence(first: all) { unsafe $0 + 1 }.prefix { unsafe $0.pointee.algorithm_names != nil }
        .map(\.pointee).filter { unsafe isNeeded($0, operation) }
      let table = unsafe UnsafeMutablePointer<OSSL_ALGORITHM>.allocate(capacity: chosen.count + 1)
      unsafe table.initialize(repeating: OSSL_ALGORITHM(), count: chosen.count + 1)
      for unsafe(index, algorithm) in unsafe chosen.enumerated() { unsafe table[index] = unsafe algorithm }
      unsafe tables[operation] = unsafe UnsafePointer(table)
    }
    return unsafe tables
  }()

  private static func isNeeded(_ algorithm: OSSL_ALGORITHM, _ operation: Int32) -> Bool {
    guard let needed = needed[operation] else { return true }
    // An algorithm has several names, of which the first is the usual one.
    let name = unsafe String(cString: algorithm.algorithm_names).prefix { $0 != ":" }
    guard needed.contains(String(name)) else { return false }
    return unsafe operation != OSSL_OP_DECODER || String(cString: algorithm.property_definition).has(structure)
  }
}
