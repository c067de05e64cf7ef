/**
 * The handlers of the metadata of users and channels: read the request, call the service, shape the answer.
 *
 * Rules: spec/OBJECTS.md OBJ1-OBJ8.
 *
 * @module
 */
import { type ErrorCode, NetworkError, type RouteName } from "@longwave/protocol";

import { EncodedBody } from "../channels/encoded-body.ts";
import { printMetadata } from "../objects/object-json.ts";
import type { Listing } from "../ports/object-listing.ts";
import type { ObjectKind } from "../ports/object-record.ts";
import type { MetadataSetOutcome, PageOutcome } from "../ports/object-store.ts";
import { answerJson, answerNotModified } from "./answers.ts";
import type { Exchange, Handler } from "./exchange.ts";
import { SUBJECT_NAMES, readMetadataPatch } from "./object-body.ts";
import { tooLargeError } from "./object-content.ts";
import { refuseFields } from "./object-refusal.ts";
import { printCursor, readExtras, readKeyset, readListing, readPlace } from "./object-request.ts";
import { isSigned } from "./permit.ts";
import type { Services } from "./services.ts";

type MetadataRoute = Extract<
  RouteName,
  "users" | "user" | "userSet" | "userRemove" | "channels" | "channel" | "channelSet" | "channelRemove"
>;

type KindHandler = (services: Services, exchange: Exchange, kind: ObjectKind) => Promise<Response>;

const of =
  (kind: ObjectKind, answer: KindHandler): Handler =>
  (services, exchange) =>
    answer(services, exchange, kind);

/** The handlers of these rows of the route table. */
export const OBJECT_HANDLERS: Readonly<Record<MetadataRoute, Handler>> = {
  users: of("uuid", answerList),
  user: of("uuid", answerGet),
  userSet: of("uuid", answerSet),
  userRemove: of("uuid", answerRemove),
  channels: of("channel", answerList),
  channel: of("channel", answerGet),
  channelSet: of("channel", answerSet),
  channelRemove: of("channel", answerRemove),
};

async function answerList(services: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  const { objects } = services;
  const keyset = readKeyset(exchange);
  const { refusesAllUsers, refusesAllChannels } = keyset;
  const isRefused = kind === "uuid" ? refusesAllUsers : refusesAllChannels;
  if (isRefused && !(await isSigned(services, exchange))) throw new NetworkError("accessDeniedObjects");
  const { query } = exchange.target;
  const listing = readListing(query, { of: "metadata", kind });
  const extras = readExtras(query);
  const outcome = await objects.listMetadata({ ...listing, keyset: keyset.subscribeKey, kind });
  return answerPage(
    exchange,
    listing,
    mapPage(outcome, (metadata) => printMetadata(kind, metadata, extras)),
  );
}

async function answerGet({ objects }: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  const place = readPlace(exchange, kind);
  const metadata = await objects.metadata(place);
  if (!metadata) throw new NetworkError("objectUnknown");
  if (exchange.request.headers.get("if-none-match") === metadata.eTag) return answerNotModified();
  return answerData(exchange, printMetadata(kind, metadata, readExtras(exchange.target.query)));
}

async function answerSet({ objects, traced }: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  const place = readPlace(exchange, kind);
  const extras = readExtras(exchange.target.query);
  const ifMatch = exchange.request.headers.get("if-match") || undefined;
  const patch = await readMetadataPatch(exchange, kind);
  const outcome = await traced("longwave.object.set", () => objects.set({ ...place, patch, ifMatch }));
  if (outcome.kind !== "set" && outcome.kind !== "unchanged") throw refusalOf(outcome, kind);
  return answerData(exchange, printMetadata(kind, outcome.metadata, extras));
}

async function answerRemove({ objects, traced }: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  const place = readPlace(exchange, kind);
  const outcome = await traced("longwave.object.remove", () => objects.remove(place));
  if (outcome.kind === "removed" || outcome.kind === "none") return answerData(exchange, "null");
  throw new NetworkError(STORE_REFUSALS[outcome.kind]);
}

/** The errors of what a store refuses. */
export const STORE_REFUSALS = {
  unavailable: "objectsUnavailable",
  overloaded: "objectsOverloaded",
} as const satisfies Record<string, ErrorCode>;

type Refused = Exclude<MetadataSetOutcome, { readonly kind: "set" | "unchanged" }>;

function refusalOf(outcome: Refused, kind: ObjectKind): NetworkError {
  switch (outcome.kind) {
    case "modified":
      return new NetworkError(kind === "uuid" ? "objectUserModified" : "objectChannelModified");
    case "tooLarge":
      return refuseFields([tooLargeError(kind, SUBJECT_NAMES[kind])]);
    case "unavailable":
    case "overloaded":
      return new NetworkError(STORE_REFUSALS[outcome.kind]);
  }
}

/** The answer with one thing. */
function answerData({ request }: Exchange, data: string): Response {
  return answerJson(new EncodedBody(`{"status":200,"data":${data}}`), request);
}

/** The answer with a page of printed items. @throws {NetworkError} `objectRowsTooMany`. */
export function answerPage({ request }: Exchange, { offset }: Listing, page: PageOutcome<string>): Response {
  if (page.kind === "tooManyRows") throw new NetworkError("objectRowsTooMany");
  const { items, total } = page;
  let text = `{"status":200,"data":[${items.join(",")}]`;
  if (total !== undefined) text += `,"totalCount":${total}`;
  if (items.length > 0) text += `,"next":"${printCursor(offset + items.length)}"`;
  if (offset > 0) text += `,"prev":"${printCursor(offset)}"`;
  return answerJson(new EncodedBody(`${text}}`), request);
}

/** A page of other items. */
export function mapPage<Item, Other>(page: PageOutcome<Item>, map: (item: Item) => Other): PageOutcome<Other> {
  return page.kind === "page" ? { ...page, items: page.items.map((item) => map(item)) } : page;
}
