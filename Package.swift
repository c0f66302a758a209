// swift-tools-version: 6.2
import PackageDescription

// The libraries are held to strict memory safety: every use of an unsafe construct is marked where it stands.
let strict: [SwiftSetting] = [.strictMemorySafety()]

// TESTS=libraries leaves out the tests of the programs: a sanitized build of the others takes half as long.
let programTests = ["ssmpdTests", "ssmpTests", "BenchToolTests", "ssmp-soakTests", "ssmpdIntegrationTests"]

let package = Package(
  name: "ssmpd",
  products: [
    .executable(name: "ssmpd", targets: ["ssmpd"]),
    .executable(name: "ssmp", targets: ["ssmp"]),
    .executable(name: "ssmp-bench", targets: ["ssmp-bench"]),
    .executable(name: "ssmp-million", targets: ["ssmp-million"]),
    .executable(name: "ssmp-client-bench", targets: ["ssmp-client-bench"]),
    .executable(name: "ssmp-soak", targets: ["ssmp-soak"]),
    .library(name: "SSMPClient", targets: ["SSMPClient"]),
    .library(name: "SSMPLoopback", targets: ["SSMPLoopback"]),
  ],
  targets: [
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "Containers", swiftSettings: strict),
    .target(name: "CommandLineTools", swiftSettings: strict),
    .target(name: "SSMPCore", dependencies: ["Containers"], swiftSettings: strict),
    .target(name: "SSMPTransport", dependencies: ["Containers", "CEpoll", "COpenSSL"], swiftSettings: strict),
    .target(
      name: "SSMPClient", dependencies: ["CommandLineTools", "Containers", "SSMPCore", "SSMPTransport"],
      swiftSettings: strict),
    .target(
      name: "SSMPLoopback", dependencies: ["SSMPClient", "SSMPCore", "SSMPTransport"], swiftSettings: strict),
    .executableTarget(name: "ssmpd", dependencies: ["CommandLineTools", "Containers", "SSMPCore", "SSMPTransport"]),
    .executableTarget(
      name: "ssmp-million", dependencies: ["CommandLineTools", "Containers", "SSMPCore", "SSMPTransport"],
      path: "Benchmarks/Million"),
    .executableTarget(
      name: "ssmp",
      dependencies: ["BenchTool", "CEpoll", "CommandLineTools", "SSMPClient", "SSMPCore", "SSMPTransport"],
      swiftSettings: strict),
    .target(name: "BenchTool", dependencies: ["CommandLineTools", "Containers", "SSMPCore", "SSMPTransport"]),
    .executableTarget(name: "ssmp-bench", dependencies: ["BenchTool"]),
    .executableTarget(
      name: "ssmp-client-bench", dependencies: ["CommandLineTools", "SSMPClient", "SSMPCore", "SSMPTransport"],
      path: "Benchmarks/ClientBench"),
    .target(name: "FuzzHarness", dependencies: ["SSMPCore"], path: "Tests/FuzzHarness"),
    .executableTarget(
      name: "ssmp-soak",
      dependencies: [
        "CommandLineTools", "Containers", "SSMPCore", "SSMPTransport", "FuzzHarness", "CertificateHarness",
      ],
      path: "Tests/Soak"),
    .target(name: "CertificateHarness", dependencies: ["COpenSSL"], path: "Tests/CertificateHarness"),
    .target(name: "TLSHarness", dependencies: ["CertificateHarness", "COpenSSL"], path: "Tests/TLSHarness"),
    .testTarget(name: "CommandLineToolsTests", dependencies: ["CommandLineTools"]),
    .testTarget(name: "ContainersTests", dependencies: ["Containers", "SSMPCore", "FuzzHarness"]),
    .testTarget(name: "SSMPCoreTests", dependencies: ["SSMPCore", "FuzzHarness"]),
    .testTarget(
      name: "SSMPClientTests",
      dependencies: ["SSMPClient", "SSMPLoopback", "SSMPCore", "SSMPTransport", "FuzzHarness", "TLSHarness"]),
    .testTarget(
      name: "SSMPTransportTests",
      dependencies: ["Containers", "SSMPTransport", "SSMPCore", "FuzzHarness", "TLSHarness", "COpenSSL"]),
    .testTarget(
      name: "ssmpdTests",
      dependencies: ["ssmpd", "ssmp-million", "CommandLineTools", "SSMPCore", "SSMPTransport", "FuzzHarness"]),
    .testTarget(name: "ssmpTests", dependencies: ["ssmp", "CommandLineTools", "SSMPClient", "FuzzHarness"]),
    .testTarget(name: "BenchToolTests", dependencies: ["BenchTool", "CommandLineTools"]),
    .testTarget(
      name: "ssmp-soakTests", dependencies: ["ssmp-soak", "FuzzHarness", "SSMPCore"], path: "Tests/SoakTests"),
    .testTarget(
      name: "ssmpdIntegrationTests",
      dependencies: ["SSMPClient", "ssmp", "ssmpd", "ssmp-bench", "FuzzHarness", "TLSHarness", "COpenSSL"],
      exclude: ["Vectors"]),
  ],
  swiftLanguageModes: [.v6]
)

if Context.environment["TESTS"] == "libraries" {
  package.targets.removeAll { programTests.contains($0.name) }
}
