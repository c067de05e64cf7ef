/**
 * The Longwave network as a library: start it, stop it, read its options.
 *
 * @module
 */
export { KEYSET_SETTINGS, type KeysetSettings } from "./access/keyset-settings.ts";
export { DEMO_KEYSET, type Keyset, isWellKnown } from "./access/keysets.ts";
export { ManualClock } from "./adapters/embedded/manual-clock.ts";
export { type Network, type NetworkParts, startNetwork } from "./main.ts";
export { isLoopback } from "./loopback.ts";
export { type Log, SILENT_LOG } from "./observe/log.ts";
export * from "./options.ts";
export { type Clock } from "./ports/clock.ts";
export { StartupError } from "./startup-error.ts";
