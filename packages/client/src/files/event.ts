/**
 * The payload of a message that announces a file.
 *
 * Pure. Rules: spec/SDK.md SDK63.
 *
 * @module
 */
import { isRecord, recordIn } from "../json.ts";
import { isSegment } from "../endpoints/parameters.ts";

/** A file that was announced, and what was said with it. */
export interface FileAnnouncement {
  readonly file: { readonly id: string; readonly name: string };
  readonly message?: unknown;
}

/** Reads a payload; nothing where it is something else. */
export function readAnnouncement(payload: unknown): FileAnnouncement | undefined {
  const { id, name } = recordIn(payload, "file") ?? {};
  if (!isRecord(payload) || !isSegment(id) || !isSegment(name)) return undefined;
  const { message } = payload;
  return { file: { id, name }, ...(message === undefined || message === null ? {} : { message }) };
}
