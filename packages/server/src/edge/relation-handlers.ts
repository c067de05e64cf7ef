/**
 * The handlers of memberships and members: read the request, call the service, answer with the list as it is then.
 *
 * Rules: spec/OBJECTS.md OBJ5, OBJ16-OBJ18.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import type { NamedResource } from "../access/authorise.ts";
import { printRelation } from "../objects/object-json.ts";
import { type ObjectKind, otherKind } from "../ports/object-record.ts";
import type { RelationsChangeOutcome } from "../ports/object-store.ts";
import type { Exchange, Handler } from "./exchange.ts";
import { readRelations } from "./object-body.ts";
import { tooLargeError } from "./object-content.ts";
import { STORE_REFUSALS, answerPage, mapPage } from "./object-handlers.ts";
import { refuseFields } from "./object-refusal.ts";
import { readListing, readPlace, readRelationExtras } from "./object-request.ts";
import { claimOf, permitFurther } from "./permit.ts";
import type { Services } from "./services.ts";
import { isOpen } from "./subscribe-exchange.ts";

type RelationRoute = Extract<RouteName, "memberships" | "membershipsSet" | "members" | "membersSet">;

/** The handlers of these rows of the route table. */
export const RELATION_HANDLERS: Readonly<Record<RelationRoute, Handler>> = {
  memberships: (services, exchange) => answerList(services, exchange, "uuid"),
  membershipsSet: (services, exchange) => answerChange(services, exchange, "uuid"),
  members: (services, exchange) => answerList(services, exchange, "channel"),
  membersSet: (services, exchange) => answerChange(services, exchange, "channel"),
};

async function answerList(services: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  return readList(services, exchange, kind).answer();
}

// What the answer shall show is checked before anything is changed.
async function answerChange(services: Services, exchange: Exchange, kind: ObjectKind): Promise<Response> {
  const { place, answer } = readList(services, exchange, kind);
  const change = await readRelations(exchange, kind);
  if (kind === "uuid" && !isOpen(services, place.keyset)) permitFurther(services, claimOf(exchange), joinsOf(change));
  const { objects, traced } = services;
  const outcome = await traced("longwave.object.relate", () => objects.relate({ ...place, ...change }));
  if (outcome.kind !== "kept") throw refusalOf(outcome);
  return answer();
}

function readList({ objects }: Services, exchange: Exchange, kind: ObjectKind) {
  const place = readPlace(exchange, kind);
  const other = otherKind(kind);
  const { query } = exchange.target;
  const listing = readListing(query, { of: "relations", other });
  const extras = readRelationExtras(query, other);
  const answer = async (): Promise<Response> => {
    const includesOther = extras.other !== undefined;
    const keyset = place.keyset.subscribeKey;
    const page = await objects.listRelations({ ...listing, ...place, keyset, includesOther });
    return answerPage(
      exchange,
      listing,
      mapPage(page, (item) => printRelation(other, item, extras)),
    );
  };
  return { place, answer };
}

// Whoever changes a user's memberships joins each of the channels that the body names, which no path tells (ACC40).
function joinsOf({ set, remove }: Awaited<ReturnType<typeof readRelations>>): readonly NamedResource[] {
  const names = [...set.map(({ id }) => id), ...remove];
  return names.map((name) => ({ kind: "channel", permission: "join", name }) as const);
}

type Refused = Exclude<RelationsChangeOutcome, { readonly kind: "kept" }>;

function refusalOf({ kind }: Refused): NetworkError {
  switch (kind) {
    case "metadataMissing":
      return new NetworkError("objectUnknown");
    case "tooMany":
      return new NetworkError("objectMembershipsTooMany");
    case "tooLarge":
      return refuseFields([tooLargeError("relation", "set")]);
    case "unavailable":
    case "overloaded":
      return new NetworkError(STORE_REFUSALS[kind]);
  }
}
