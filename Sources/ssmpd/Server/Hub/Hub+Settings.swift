// Other settings for loops that are running.

import SSMPCore
import Synchronization

/// The settings that were published last, and how many loops have adopted them.
struct PublishedSettings {
  var settings: Settings
  var generation = 0
  /// All of them are needed before the registry may put more into logs than some loop's marks were made for.
  var adoptions = 0
}

extension Hub {
  /// Publishes other settings. The limits of the registry that get smaller are in force at once, those that get larger when
  /// every loop has adopted the marks that belong to them: what logs may hold for one client always fits between them.
  func publish(_ settings: Settings) {
    withRegistry { registry in
      published.settings = settings
      published.generation += 1
      published.adoptions = 0
      registry.limits = settings.registryLimits.tightened(by: registry.limits)
      settingsGeneration.store(published.generation, ordering: .releasing)
    }
  }

  /// The settings that were published last, and their generation.
  func publishedSettings() -> (settings: Settings, generation: Int) {
    withRegistry { _ in (published.settings, published.generation) }
  }

  /// Notes that one more loop has adopted the settings of this generation.
  func noteAdoption(of generation: Int) {
    withRegistry { registry in
      guard generation == published.generation else { return }
      published.adoptions += 1
      if published.adoptions == loops { registry.limits = published.settings.registryLimits }
    }
  }
}

extension RegistryLimits {
  /// These limits, but on what logs hold the smaller ones of these and others.
  fileprivate func tightened(by other: RegistryLimits) -> RegistryLimits {
    RegistryLimits(
      subscriptions: subscriptions, logBytes: min(logBytes, other.logBytes),
      fanOutBytes: min(fanOutBytes, other.fanOutBytes), clientBytes: min(clientBytes, other.clientBytes),
      logVolume: min(logVolume, other.logVolume), logRecipients: min(logRecipients, other.logRecipients),
      rosterSlice: min(rosterSlice, other.rosterSlice), stepBudget: min(stepBudget, other.stepBudget),
      paceOfSlowest: paceOfSlowest || other.paceOfSlowest)
  }
}
