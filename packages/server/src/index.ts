/**
 * The Longwave network as a library: start it, stop it, read its options.
 *
 * @module
 */
export { KEYSET_SETTINGS, type KeysetSettings } from "./access/keyset-settings.ts";
export { DEMO_KEYSET, type Keyset, isWellKnown } from "./access/keysets.ts";
export { ManualClock } from "./adapters/embedded/manual-clock.ts";
export { systemClock } from "./adapters/embedded/system-clock.ts";
export { type Backup, type BackupReport, startBackup } from "./adapters/embedded/upkeep/backup.ts";
export { type Findings } from "./adapters/embedded/upkeep/check-database.ts";
export { checkDataDirectory } from "./adapters/embedded/upkeep/check-directory.ts";
export { parseExportLine } from "./adapters/embedded/upkeep/export-line.ts";
export {
  type ExportPosition,
  type ExportRequest,
  type Exporter,
  openExporter,
} from "./adapters/embedded/upkeep/export.ts";
export { type ImportOutcome, type Importer, openImporter } from "./adapters/embedded/upkeep/import.ts";
export { type Network, type NetworkParts, startNetwork } from "./main.ts";
export { isLoopback } from "./loopback.ts";
export { type Log, SILENT_LOG } from "./observe/log.ts";
export * from "./options.ts";
export * from "./print-options.ts";
export * from "./read-options.ts";
export { type Clock } from "./ports/clock.ts";
export { StartupError } from "./startup-error.ts";
