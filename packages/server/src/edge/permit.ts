/**
 * From a request to the decision about it: reads the names that the table asks for, before any handler runs.
 *
 * The one place that asks. For an open keyset it costs one look into the directory. Rules: spec/ACCESS.md ACC40-ACC51.
 *
 * @module
 */
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { AccessRequest, Decision, NamedResource } from "../access/authorise.ts";
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
  const keyset = services.keysets.find(subscribeKeyOf(exchange));
  if (keyset) services.admission.countKeyset(keyset, () => exchange.target.query.get("uuid"));
  if (row.kind === "open") return undefined;
  // Services tell an unknown key in forms of their own, which their handlers know.
  if (row.kind !== "signature" && !keyset?.accessManager) return undefined;
  return after(bodyOf(exchange), (body) => enforce(decide(services, exchange, row, { body, isHeld: false })));
}

/**
 * Whether a request that was let in, and is held, would be let in now: its token may have been revoked or have expired, a
 * grant taken back, a key rotated, its keyset closed.
 *
 * @param resources what it is about by now, where that is no longer what its own path and query name.
 */
export function isStillAllowed(services: Services, exchange: Exchange, resources?: readonly NamedResource[]): boolean {
  const row = PERMISSION_TABLE[exchange.route];
  if (isCheckedElsewhere(row)) return true;
  return decide(services, exchange, row, { body: NO_BODY, isHeld: true, resources }).kind === "allowed";
}

/**
 * Lets further names through on a connection that stays open, with the credentials of the request that opened it: what a
 * WebSocket's frame publishes to or subscribes to.
 *
 * @param resources what is wanted now; what the request itself names where it is left out.
 * @throws {NetworkError} the refusal.
 */
export function permitFurther(services: Services, exchange: Exchange, resources?: readonly NamedResource[]): void {
  const row = PERMISSION_TABLE[exchange.route];
  enforce(decide(services, exchange, row, { body: NO_BODY, isHeld: true, resources }));
}

/**
 * Whether a request is signed with its keyset's secret key, for what nobody else may do whether Access Manager is on or
 * off.
 */
export function isSigned(services: Services, exchange: Exchange): MaybePromise<boolean> {
  if (exchange.target.query.get("signature") === undefined) return false;
  return after(
    bodyOf(exchange),
    (body) => decide(services, exchange, { kind: "signature" }, { body, isHeld: false }).kind === "allowed",
  );
}

/**
 * Counts a frame as a request of whoever opened its connection.
 *
 * @throws {NetworkError} `addressRateExceeded`, `uuidRateExceeded`, `keysetRateExceeded`.
 */
export function countFrame(services: Services, exchange: Exchange): void {
  services.admission.countAddress(exchange.address);
  const keyset = services.keysets.find(subscribeKeyOf(exchange)); // as it is set now
  if (keyset) services.admission.countKeyset(keyset, () => exchange.target.query.get("uuid"));
}

// Nothing is asked for, or the handler asks for it.
function isCheckedElsewhere({ kind }: AccessRow): boolean {
  return kind === "open" || kind === "admin" || kind === "link";
}

function enforce(decision: Decision): void {
  if (decision.kind === "refused") throw new NetworkError(decision.code, decision.detail);
}

interface Circumstances {
  readonly body: Uint8Array;
  readonly isHeld: boolean;
  /** Instead of those that the request itself names. */
  readonly resources?: readonly NamedResource[] | undefined;
}

const NO_BODY = new Uint8Array();
const UNKNOWN_KEYSET: Decision = Object.freeze({ kind: "refused", code: "subscribeKeyInvalid", detail: {} });

function decide(services: Services, exchange: Exchange, row: AccessRow, circumstances: Circumstances): Decision {
  const { body, isHeld } = circumstances;
  const subscribeKey = subscribeKeyOf(exchange);
  const keyset = services.keysets.find(subscribeKey);
  const secrets = services.keysets.secretsOf(subscribeKey);
  if (!keyset || !secrets) return UNKNOWN_KEYSET;
  const { query } = exchange.target;
  const request: AccessRequest = {
    keyset,
    secrets,
    row,
    resources: circumstances.resources ?? resourcesOf(exchange, row),
    auth: query.get("auth"),
    uuid: query.get("uuid"),
    signature: signatureOf(exchange, body),
    isHeld,
  };
  return services.access.decide(request);
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

// A group of the default namespace may be written `:g`; it is the same group as `g`.
function withoutColon(group: string): string {
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
