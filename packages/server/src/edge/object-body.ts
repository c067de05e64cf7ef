/**
 * Reads the bodies of requests that change objects.
 *
 * Rules: spec/OBJECTS.md OBJ10, OBJ16, OBJ31-OBJ33.
 *
 * @module
 */
import { type FieldError, LIMITS, NetworkError, compactJson, elementsOf, membersOf } from "@longwave/protocol";
import type { RelateCommand } from "../objects/objects.ts";
import { type ContentPatch, type ObjectKind, otherKind } from "../ports/object-record.ts";
import { type BodySource, readBodyText } from "./body.ts";
import { type Members, readPatch } from "./object-content.ts";
import { refuseFields } from "./object-refusal.ts";
import { idSentence, isObjectId } from "./object-request.ts";

/** How a body's parts are called in refusals. */
export const SUBJECT_NAMES: Readonly<Record<ObjectKind, string>> = { uuid: "user", channel: "channel" };

/**
 * Reads a change of metadata.
 *
 * @throws {NetworkError} `objectNotJson`, `objectBodyTooLarge`, or `objectMalformed` with everything that is wrong.
 */
export async function readMetadataPatch(source: BodySource, kind: ObjectKind): Promise<ContentPatch> {
  const at = SUBJECT_NAMES[kind];
  const { patch, wrong } = readPatch(await readObject(source, at), kind, at);
  if (wrong.length > 0) throw refuseFields(wrong);
  return patch;
}

/**
 * Reads a change of a user's memberships or a channel's members.
 *
 * @param kind what the path names; the body names its other ends.
 * @throws {NetworkError} as for metadata.
 */
export async function readRelations(
  source: BodySource,
  kind: ObjectKind,
): Promise<Pick<RelateCommand, "set" | "remove">> {
  const body = await readObject(source, "body");
  const wrong: FieldError[] = [];
  const set = readEntries(body, "set", wrong).map((entry, at) => {
    const id = readOtherId(entry, kind, { at: `set.${at}`, wrong });
    const { patch, wrong: more } = readPatch(entry, "relation", `set.${at}`);
    wrong.push(...more);
    return { id, patch };
  });
  const remove = readEntries(body, "delete", wrong).map((entry, at) =>
    readOtherId(entry, kind, { at: `delete.${at}`, wrong }),
  );
  if (wrong.length > 0) throw refuseFields(wrong.slice(0, WRONG_MAX));
  return { set, remove };
}

/** Parts that one refusal names. */
const WRONG_MAX = 100;

// The entries of a list that may be absent; a list that is none, or too long, has no entries but is wrong.
function readEntries(body: Members, location: string, wrong: FieldError[]): readonly Members[] {
  const raw = body.get(location) ?? "null";
  if (raw === "null") return [];
  const entries = raw.startsWith("[") ? elementsOf(raw) : undefined;
  if (entries && entries.length <= LIMITS.relationsPerChangeMax) return entries.map(membersOrNone);
  const message = `Memberships to ${location} must be a list of at most ${LIMITS.relationsPerChangeMax}.`;
  wrong.push({ message, location, locationType: "body" });
  return [];
}

function membersOrNone(raw: string | undefined): Members {
  return raw?.startsWith("{") ? membersOf(raw) : new Map();
}

interface EntryPlace {
  readonly at: string;
  readonly wrong: FieldError[];
}

function readOtherId(entry: Members, kind: ObjectKind, { at, wrong }: EntryPlace): string {
  const other = otherKind(kind);
  const raw = membersOrNone(entry.get(other)).get("id");
  const id: unknown = raw === undefined ? undefined : JSON.parse(raw);
  if (typeof id === "string" && isObjectId(id)) return id;
  wrong.push({ message: idSentence(other), location: `${at}.${other}.id`, locationType: "body" });
  return "";
}

async function readObject(source: BodySource, at: string): Promise<Members> {
  const text = compactJson(await readText(source));
  if (text === undefined) throw new NetworkError("objectNotJson");
  if (text.startsWith("{")) return membersOf(text);
  throw refuseFields([{ message: "Payload must be an object.", location: at, locationType: "body" }]);
}

// The body reader's refusals are those of a publish; here they take this service's form.
async function readText(source: BodySource): Promise<string> {
  try {
    return await readBodyText(source);
  } catch (refusal) {
    if (!(refusal instanceof NetworkError)) throw refusal;
    throw new NetworkError(refusal.code === "bodyTooLarge" ? "objectBodyTooLarge" : "objectNotJson");
  }
}
