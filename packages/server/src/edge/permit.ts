/**
 * From a request to the decision about it: reads the names that the table asks for, before any handler runs.
 *
 * The one place that asks. For an open keyset it costs one look into the directory. Rules: spec/ACCESS.md ACC40-ACC51.
 *
 * @module
 */
import { LIMITS, NetworkError, type RouteName } from "@longwave/protocol";
import type { Decision, NamedResource } from "../access/authorise.ts";
import { type AccessRow, type Need, PERMISSION_TABLE } from "../access/permission-table.ts";
import type { SignatureRequest } from "../access/request-signature.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { receiveBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import type { Services } from "./services.ts";
import { decodePathList, decodeSegment, splitQueryList } from "./target.ts";

/**
 * Lets a request through, or not.
 *
 * @returns nothing, at once unless a signed body has to be read first.
 * @throws {NetworkError} the refusal.
 */
export function permit(services: Services, exchange: Exchange): MaybePromise<void> {
  const row = PERMISSION_TABLE[exchange.route];
  if (row.kind === "admin" || row.kind === "link") return undefined;
  if (row.kind === "open" && !exchange.places.has("sub")) return undefined; // of no keyset
  const { keyset } = exchange;
  if (keyset) services.admission.countKeyset(keyset, () => exchange.target.query.get("uuid"));
  if (row.kind === "open") return undefined;
  // Services tell an unknown key in forms of their own, which their handlers know.
  if (row.kind !== "signature" && !keyset?.accessManager) return undefined;
  return after(bodyOf(exchange), (body) => enforce(decideNow(services, exchange, row, body)));
}

const NO_BODY = new Uint8Array();

/** Who asks, and by what right: all that is kept of a request whose connection stays, to be judged again later. */
export interface Claim {
  readonly route: RouteName;
  readonly subscribeKey: string;
  readonly auth: string | undefined;
  readonly uuid: string | undefined;
  readonly signature: SignatureRequest | undefined;
  /** Whom it is counted for; nothing where no limit concerns addresses. */
  readonly address: string | undefined;
}

/** What a request claims. @param body its body, where that is signed. */
export function claimOf(exchange: Exchange, body: Uint8Array = NO_BODY): Claim {
  const { route, address, target } = exchange;
  return {
    route,
    subscribeKey: exchange.keyset?.subscribeKey ?? subscribeKeyOf(exchange),
    auth: target.query.get("auth"),
    uuid: target.query.get("uuid"),
    signature: signatureOf(exchange, body),
    address,
  };
}

/**
 * Whether a request that was let in, and is held, would be let in now: its token may have been revoked or have expired, a
 * grant taken back, a key rotated, its keyset closed.
 *
 * @param resources what it is about by now.
 */
export function isStillAllowed(services: Services, claim: Claim, resources: readonly NamedResource[]): boolean {
  const row = PERMISSION_TABLE[claim.route];
  return isCheckedElsewhere(row) || decide(services, claim, { row, resources, isHeld: true }).kind === "allowed";
}

/**
 * Lets further names through on a connection that stays open, with the credentials of the request that opened it: what a
 * WebSocket's frame publishes to or subscribes to.
 *
 * @param resources what is wanted now.
 * @throws {NetworkError} the refusal.
 */
export function permitFurther(services: Services, claim: Claim, resources: readonly NamedResource[]): void {
  enforce(decide(services, claim, { row: PERMISSION_TABLE[claim.route], resources, isHeld: true }));
}

/**
 * Whether a request is signed with its keyset's secret key, for what nobody else may do whether Access Manager is on or
 * off.
 */
export function isSigned(services: Services, exchange: Exchange): MaybePromise<boolean> {
  if (exchange.target.query.get("signature") === undefined) return false;
  return after(
    bodyOf(exchange),
    (body) => decideNow(services, exchange, { kind: "signature" }, body).kind === "allowed",
  );
}

/**
 * Counts a frame as a request of whoever opened its connection.
 *
 * @throws {NetworkError} `addressRateExceeded`, `uuidRateExceeded`, `keysetRateExceeded`.
 */
export function countFrame(services: Services, { address, subscribeKey, uuid }: Claim): void {
  services.admission.countAddress(address);
  const keyset = services.keysets.find(subscribeKey); // as it is set now
  if (keyset) services.admission.countKeyset(keyset, () => uuid);
}

// Nothing is asked for, or the handler asks for it.
function isCheckedElsewhere({ kind }: AccessRow): boolean {
  return kind === "open" || kind === "admin" || kind === "link";
}

function enforce(decision: Decision): void {
  if (decision.kind === "refused") throw new NetworkError(decision.code, decision.detail);
}

/** What a claim is judged for. */
interface Question {
  readonly row: AccessRow;
  readonly resources: readonly NamedResource[];
  readonly isHeld: boolean;
}

const UNKNOWN_KEYSET: Decision = Object.freeze({ kind: "refused", code: "subscribeKeyInvalid", detail: {} });

function decideNow(services: Services, exchange: Exchange, row: AccessRow, body: Uint8Array): Decision {
  return decide(services, claimOf(exchange, body), { row, resources: resourcesOf(exchange, row), isHeld: false });
}

function decide(services: Services, claim: Claim, { row, resources, isHeld }: Question): Decision {
  const { subscribeKey, auth, uuid, signature } = claim;
  const keyset = services.keysets.find(subscribeKey);
  const secrets = services.keysets.secretsOf(subscribeKey);
  if (!keyset || !secrets) return UNKNOWN_KEYSET;
  return services.access.decide({ keyset, secrets, row, resources, auth, uuid, signature, isHeld });
}

// Bounded before they are judged, because judging is the dearest thing that a name can ask for.
function resourcesOf(exchange: Exchange, row: AccessRow): readonly NamedResource[] {
  const resources = row.kind === "resources" ? row.needs.flatMap((need) => namesOf(exchange, need)) : [];
  if (resources.length > LIMITS.namesPerRequestMax) throw new NetworkError("subscribeTooManyChannels");
  return resources;
}

/** The names that a request means by one need of its row. */
export function namesOf(exchange: Exchange, need: Need): readonly NamedResource[] {
  const { kind, permission, from, name, namespace } = need;
  const prefix = namespace === undefined ? "" : `${decodeSegment(segmentOf(exchange, namespace))}:`;
  const names =
    from === "path" ? decodePathList(segmentOf(exchange, name)) : splitQueryList(exchange.target.query.get(name) ?? "");
  return names.map((one) => ({ kind, permission, name: kind === "group" ? withoutColon(prefix + one) : one }));
}

/** A group's name to be judged by: one of the default namespace may be written `:g`, and is the same group as `g`. */
export function withoutColon(group: string): string {
  return group.startsWith(":") ? group.slice(1) : group;
}

function signatureOf({ request, target }: Exchange, body: Uint8Array): SignatureRequest | undefined {
  const signature = target.query.get("signature");
  if (signature === undefined) return undefined;
  return {
    method: request.method,
    path: `/${target.segments.join("/")}`,
    query: target.query.text,
    body,
    signature,
    timestamp: target.query.get("timestamp"),
  };
}

// Only POST and PATCH sign their bodies, and only a signature asks for one.
function bodyOf(exchange: Exchange): MaybePromise<Uint8Array> {
  const { request, target } = exchange;
  const isBodySigned = request.method === "POST" || request.method === "PATCH";
  return isBodySigned && target.query.get("signature") !== undefined ? receiveBody(exchange) : NO_BODY;
}

function subscribeKeyOf(exchange: Exchange): string {
  return decodeSegment(segmentOf(exchange, "sub"));
}

function segmentOf({ target, places }: Exchange, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
