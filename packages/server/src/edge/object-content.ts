/**
 * Checks what bodies say about users, channels and memberships: every part that is wrong is named, in its order.
 *
 * Rules: spec/OBJECTS.md OBJ10-OBJ12, OBJ32, OBJ33.
 *
 * @module
 */
import { type FieldError, LIMITS, membersOf } from "@longwave/protocol";
import {
  type ContentPatch,
  METADATA_TEXTS,
  type ObjectKind,
  RELATION_TEXTS,
  type TextName,
} from "../ports/object-record.ts";

/** The members of a JSON object, each as its text. */
export type Members = ReadonlyMap<string, string>;

/** What a patch is of. */
export type Subject = ObjectKind | "relation";

const SUBJECTS: Readonly<Record<Subject, string>> = { uuid: "User", channel: "Channel", relation: "Membership" };
const TEXTS: Readonly<Record<Subject, readonly TextName[]>> = { ...METADATA_TEXTS, relation: RELATION_TEXTS };

/** What a member must be, to be named in a refusal, and whether a text is that. */
interface Demand {
  readonly sentence: string;
  readonly isMet: (text: string) => boolean;
}

const { objectTextCharactersMax, objectEmailCharactersMax, objectLabelCharactersMax } = LIMITS;
const LABEL: Demand = {
  sentence: `be a string of at most ${objectLabelCharactersMax} characters.`,
  isMet: (text) => isWithin(text, objectLabelCharactersMax),
};
const TEXT: Demand = {
  sentence: `be a string of at most ${objectTextCharactersMax} characters.`,
  isMet: (text) => isWithin(text, objectTextCharactersMax),
};
const DEMANDS: Readonly<Record<TextName, Demand>> = {
  name: {
    sentence: `be a string of 1 to ${objectTextCharactersMax} characters, not only white space.`,
    isMet: (text) => text.trim() !== "" && isWithin(text, objectTextCharactersMax),
  },
  externalId: TEXT,
  description: TEXT,
  profileUrl: {
    sentence: `be a valid URI of at most ${objectTextCharactersMax} characters.`,
    isMet: (text) => isWithin(text, objectTextCharactersMax) && URI.test(text),
  },
  email: {
    sentence: "be a valid email address.",
    isMet: (text) => isWithin(text, objectEmailCharactersMax) && EMAIL.test(text),
  },
  type: LABEL,
  status: LABEL,
};

// RFC 3986: a scheme, and then what URIs are made of.
const URI =
  /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?$/;

// RFC 5322 with the letters of RFC 6532: an addr-spec, without comments and folding.
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\u{80}-\\u{10ffff}]+";
const QUOTED = '"(?:[^"\\\\\\p{Cc}]|\\\\[^\\p{Cc}])*"';
const EMAIL = new RegExp(
  `^(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${ATOM}(?:\\.${ATOM})*|\\[[^\\[\\]\\\\\\p{Cc}]*\\])$`,
  "u",
);

/** A patch, or what is wrong with it. */
export interface CheckedPatch {
  readonly patch: ContentPatch;
  readonly wrong: readonly FieldError[];
}

/**
 * Reads the patch of a record; members that it does not have are ignored.
 *
 * @param at where the record is, in front of the names of its members: `user`, `set.0`.
 */
export function readPatch(members: Members, subject: Subject, at: string): CheckedPatch {
  const texts: Partial<Record<TextName, string | null>> = {};
  const wrong: FieldError[] = [];
  for (const name of TEXTS[subject]) {
    const raw = members.get(name);
    if (raw === undefined) continue;
    const value: unknown = JSON.parse(raw);
    if (isText(value, DEMANDS[name])) texts[name] = value;
    else wrong.push(fieldError(subject, `${at}.${name}`, name, DEMANDS[name].sentence));
  }
  const raw = members.get("custom");
  if (raw === undefined) return { patch: { texts }, wrong };
  const custom = readCustom(raw);
  if (custom === undefined) wrong.push(fieldError(subject, `${at}.custom`, "custom", CUSTOM_SENTENCE));
  return { patch: { texts, custom }, wrong };
}

/** The refusal of a record that has become too large. */
export function tooLargeError(subject: Subject, location: string): FieldError {
  const message = `${SUBJECTS[subject]} must not be larger than ${LIMITS.objectBytesMax} bytes.`;
  return { message, location, locationType: "body" };
}

function fieldError(subject: Subject, location: string, name: string, sentence: string): FieldError {
  return { message: `${SUBJECTS[subject]} ${name} must ${sentence}`, location, locationType: "body" };
}

function isText(value: unknown, { isMet }: Demand): value is string | null {
  return value === null || (typeof value === "string" && value.isWellFormed() && isMet(value));
}

function isWithin(text: string, charactersMax: number): boolean {
  return text.length <= charactersMax || (text.length <= 2 * charactersMax && [...text].length <= charactersMax);
}

const CUSTOM_SENTENCE = "be an object of strings, numbers, booleans and nulls, integers within 9007199254740991.";

// Each name stands once, where it came first and with the value that came last, as objects have it everywhere; nothing for
// what is no custom data.
function readCustom(raw: string): string | null | undefined {
  if (raw === "null") return null;
  if (!raw.startsWith("{")) return undefined;
  const members = [...membersOf(raw)];
  if (!members.every(([name, value]) => name.isWellFormed() && isScalar(value))) return undefined;
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

function isScalar(raw: string): boolean {
  if (raw.startsWith("{") || raw.startsWith("[")) return false;
  const value: unknown = JSON.parse(raw);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "number") return true;
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
