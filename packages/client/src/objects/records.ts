/**
 * What is known about users and channels, and how answers about it are read.
 *
 * Rules: spec/SDK.md SDK57, SDK58.
 *
 * @module
 */
import { type JsonRecord, isRecord, parseRecord, numberIn, present, textIn } from "../json.ts";

/** Data of an application's own: flat. */
export type CustomData = Readonly<Record<string, string | number | boolean | null>>;

/** What everything has that is kept. */
interface Kept {
  /** What kind it is, to the application; null where nothing is set, absent where it was not asked for. */
  readonly type?: string | null | undefined;
  /** What state it is in, to the application; null where nothing is set, absent where it was not asked for. */
  readonly status?: string | null | undefined;
  /** Null where nothing is set, absent where it was not asked for. */
  readonly custom?: CustomData | null | undefined;
  /** When it was changed last: ISO 8601, UTC. */
  readonly updated: string;
  /** Another one after every change. */
  readonly eTag: string;
}

/** A user. */
export interface UUIDMetadata extends Kept {
  /** The user id. */
  readonly id: string;
  readonly name?: string | null | undefined;
  /** What the user is called elsewhere. */
  readonly externalId?: string | null | undefined;
  readonly profileUrl?: string | null | undefined;
  readonly email?: string | null | undefined;
}

/** A channel. */
export interface ChannelMetadata extends Kept {
  /** The channel's name. */
  readonly id: string;
  /** What people call it. */
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
}

/** Metadata of the other one, where it was asked for and there is any; the id at least. */
export type OrIdAlone<Metadata> = Partial<Metadata> & { readonly id: string };

/** A channel that a user is a member of. */
export interface Membership extends Kept {
  readonly channel: OrIdAlone<ChannelMetadata>;
}

/** A user that is a member of a channel. */
export interface ChannelMember extends Kept {
  readonly uuid: OrIdAlone<UUIDMetadata>;
}

/** One of them. */
export interface ObjectResult<Data> {
  /** The HTTP status. */
  readonly status: number;
  readonly data: Data;
}

/** That one is gone. */
export interface RemovedResult {
  /** The HTTP status. */
  readonly status: number;
  readonly data: null;
}

/** A page of a list. */
export interface ObjectsResult<Data> {
  /** The HTTP status. */
  readonly status: number;
  readonly data: readonly Data[];
  /** How many there are on all pages; where that was asked for. */
  readonly totalCount?: number | undefined;
  /** The `page.next` of the page after this one; there on the last page too, behind which is an empty one. */
  readonly next?: string | undefined;
  /** The `page.prev` of the page before this one; absent on the first. */
  readonly prev?: string | undefined;
}

/** Reads one of them: an object that has an id. */
export function readObject<Data extends { readonly id: string }>(text: string): ObjectResult<Data> | undefined {
  const answer = answerIn(text);
  const data = answer?.["data"];
  if (answer === undefined || !isRecord(data) || typeof data["id"] !== "string") return undefined;
  return { status: answer.status, data: data as unknown as Data };
}

/** Reads that one is gone. */
export function readRemoved(text: string): RemovedResult | undefined {
  const answer = answerIn(text);
  return answer !== undefined && answer["data"] === null ? { status: answer.status, data: null } : undefined;
}

/** Reads a page. */
export function readObjects<Data>(text: string): ObjectsResult<Data> | undefined {
  const answer = answerIn(text);
  const data = answer?.["data"];
  if (answer === undefined || !Array.isArray(data) || !data.every(isRecord)) return undefined;
  const { status, totalCount, next, prev } = answer;
  return present({
    status,
    data: data as unknown as readonly Data[],
    totalCount: numberIn(totalCount),
    next: textIn(next),
    prev: textIn(prev),
  });
}

function answerIn(text: string): (JsonRecord & { readonly status: number }) | undefined {
  const answer = parseRecord(text);
  const { status } = answer;
  return typeof status === "number" ? { ...answer, status } : undefined;
}
