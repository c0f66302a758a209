// swift-tools-version: 6.2
import PackageDescription

// Both libraries are held to strict memory safety: every use of an unsafe construct is marked where it stands.
let strict: [SwiftSetting] = [.strictMemorySafety()]

let package = Package(
  name: "ssmpd",
  targets: [
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "SSMPCore", swiftSettings: strict),
    .target(
      name: "SSMPTransport", dependencies: ["SSMPCore", "CEpoll", "COpenSSL"], swiftSettings: strict),
    .executableTarget(name: "ssmpd", dependencies: ["SSMPCore", "SSMPTransport"]),
    .executableTarget(
      name: "ssmp-million", dependencies: ["SSMPCore", "SSMPTransport"], path: "Benchmarks/Million"),
    .executableTarget(name: "ssmp-bench", dependencies: ["SSMPCore", "SSMPTransport"]),
    .target(name: "FuzzHarness", dependencies: ["SSMPCore"], path: "Tests/FuzzHarness"),
    .executableTarget(
      name: "ssmp-soak", dependencies: ["SSMPCore", "SSMPTransport", "FuzzHarness", "CertificateHarness"],
      path: "Tests/Soak"),
    .target(name: "CertificateHarness", dependencies: ["COpenSSL"], path: "Tests/CertificateHarness"),
    .target(name: "TLSHarness", dependencies: ["CertificateHarness", "COpenSSL"], path: "Tests/TLSHarness"),
    .testTarget(name: "SSMPCoreTests", dependencies: ["SSMPCore", "FuzzHarness"]),
    .testTarget(
      name: "SSMPTransportTests", dependencies: ["SSMPTransport", "SSMPCore", "FuzzHarness", "TLSHarness", "COpenSSL"]),
    .testTarget(
      name: "ssmpdTests", dependencies: ["ssmpd", "ssmp-million", "SSMPCore", "SSMPTransport", "FuzzHarness"]),
    .testTarget(name: "ssmp-benchTests", dependencies: ["ssmp-bench"]),
    .testTarget(
      name: "ssmp-soakTests", dependencies: ["ssmp-soak", "FuzzHarness", "SSMPCore"], path: "Tests/SoakTests"),
    .testTarget(
      name: "ssmpdIntegrationTests", dependencies: ["ssmpd", "ssmp-bench", "FuzzHarness", "TLSHarness", "COpenSSL"],
      exclude: ["Vectors"]),
  ],
  swiftLanguageModes: [.v6]
)
