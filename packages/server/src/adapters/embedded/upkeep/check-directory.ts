/**
 * Checks a data directory: who uses it, its log, and everything in its database.
 *
 * Called by `longwave check`. Changes nothing, and may run beside the server. Rules: spec/OPERATIONS.md OPS20-OPS22.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { StartupError } from "../../../startup-error.ts";
import { DATABASE, UNFINISHED_DATABASE, isInUse } from "../data-directory.ts";
import { FILES_DIRECTORY } from "../disk-blob-store.ts";
import { type LogState, readLog } from "../write-ahead-log.ts";
import { type CheckListener, type Findings, checkDatabase } from "./check-database.ts";
import { describeLack, lossOf } from "./damage.ts";

/**
 * Checks a data directory.
 *
 * @param directory its path.
 * @param listen told how far it has come.
 * @throws {StartupError} when there is no data directory to check, in a sentence.
 */
export function checkDataDirectory(directory: string, listen?: CheckListener): Findings {
  const path = requireDataDirectory(directory);
  const file = join(path, DATABASE);
  const isServed = isInUse(path);
  const log: LogState = isServed ? { kind: "none" } : readLog(file); // one that is written now is read by its writer
  // A server that keeps content in a bucket makes no directory for it; one that keeps it here does at its start.
  const hasContent = existsSync(join(path, FILES_DIRECTORY));
  const filesDirectory = hasContent ? join(path, FILES_DIRECTORY) : undefined;
  const { facts, problems } = checkDatabase(file, { listen, filesDirectory });
  const lack = isServed ? undefined : describeLack(file, log);
  return {
    facts: [
      ["directory", path],
      ["in use", isServed ? "by a running server" : "no"],
      ["log", isServed ? "in use" : printLog(log)],
      ...facts,
      ...(hasContent || isWithoutFiles(facts) ? [] : [CONTENT_ELSEWHERE]),
    ],
    problems: [
      ...(log.kind === "damaged" ? [`The log is damaged: ${log.what}. ${lossOf(log)}`] : []),
      ...(lack === undefined ? [] : [`The database is cut short: ${lack}.`]),
      ...problems,
    ],
  };
}

/**
 * Finds a data directory that is to be read.
 *
 * @returns its whole path.
 * @throws {StartupError} when it is none, or a backup that was not finished.
 */
export function requireDataDirectory(directory: string): string {
  const path = resolve(directory);
  if (existsSync(join(path, UNFINISHED_DATABASE))) {
    throw new StartupError(
      `${path} is a backup that was not finished, so it is not whole. Delete it and make it again.`,
    );
  }
  if (existsSync(join(path, DATABASE))) return path;
  throw new StartupError(`There is no Longwave data in ${path}. Name the data directory with --data-dir.`);
}

const CONTENT_ELSEWHERE = ["content of files", "not in the directory, so not checked: in a bucket, or lost"] as const;

function isWithoutFiles(facts: Findings["facts"]): boolean {
  return facts.some(([name, value]) => name === "files" && value === "0");
}

function printLog(log: LogState): string {
  switch (log.kind) {
    case "none":
      return "empty";
    case "whole":
      return `whole, ${log.commits} ${log.commits === 1 ? "commit" : "commits"}`;
    case "damaged":
      return "damaged";
  }
}
