/**
 * The properties of a configuration that are about files.
 *
 * Rules: spec/SDK.md SDK60, SDK61.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { type Setting, invalid, readSeconds } from "../setting.ts";

/** Times that a message about a file may be sent again, at most. */
const REPEATS_MAX = 100;

/** Reads them. */
export function readFileSettings(
  timeout: Setting,
  { name, value }: Setting,
): Pick<Configuration, "fileTimeoutMs" | "announcementRepeatsMax"> {
  const announcementRepeatsMax = Number(value);
  if (
    !Number.isSafeInteger(announcementRepeatsMax) ||
    announcementRepeatsMax < 0 ||
    announcementRepeatsMax > REPEATS_MAX
  ) {
    throw invalid(`${name} is ${announcementRepeatsMax}; it is a whole number from 0 to ${REPEATS_MAX}`);
  }
  return { fileTimeoutMs: readSeconds(timeout), announcementRepeatsMax };
}
