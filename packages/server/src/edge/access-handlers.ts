/**
 * The handlers of Access Manager: tokens granted and revoked, grants of the older kind made and told.
 *
 * Whoever comes here has been found to hold the secret key. Rules: spec/ACCESS.md ACC60-ACC68.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";
import { auditPayload, grantPayload, grantsOf, readGrantNames, readGrantRequest } from "../access/grant-request.ts";
import type { Keyset, KeysetSecrets } from "../access/keysets.ts";
import { readTokenRequest } from "../access/token-request.ts";
import { answerPrivate } from "./answers.ts";
import { readBodyText } from "./body.ts";
import type { Exchange, Handler } from "./exchange.ts";
import type { Services } from "./services.ts";
import { decodeSegment } from "./target.ts";

/** The handlers of these routes. */
export const ACCESS_HANDLERS = {
  grantToken: answerGrantToken,
  revokeToken: answerRevokeToken,
  grant: answerGrant,
  audit: answerAudit,
} as const satisfies Record<string, Handler>;

async function answerGrantToken({ access }: Services, exchange: Exchange): Promise<Response> {
  const { keyset, secrets } = partsOf(access, exchange);
  const draft = readTokenRequest(await readJsonText(exchange));
  const token = access.grantToken(keyset, secrets, draft);
  return answerJson({ data: { message: "Success", token }, service: "Access Manager", status: 200 });
}

// Whatever is wrong with a body here is told in this service's own form.
async function readJsonText(exchange: Exchange): Promise<string> {
  try {
    return await readBodyText(exchange);
  } catch (refusal) {
    const isUnreadable = refusal instanceof NetworkError && refusal.code === "payloadNotJson";
    throw isUnreadable ? new NetworkError("grantNotJson") : refusal;
  }
}

async function answerRevokeToken({ access }: Services, exchange: Exchange): Promise<Response> {
  const { keyset, secrets } = partsOf(access, exchange);
  if (!keyset.revokesTokens) throw new NetworkError("revokeOff");
  await access.revokeToken(keyset, secrets, decodeSegment(segmentOf(exchange, "token")));
  return answerJson({ data: { message: "Success" }, service: "Access Manager", status: 200 });
}

async function answerGrant({ access, clock }: Services, exchange: Exchange): Promise<Response> {
  const { keyset } = partsOf(access, exchange);
  const request = readGrantRequest((name) => exchange.target.query.get(name));
  await access.grant(keyset.subscribeKey, grantsOf(keyset.subscribeKey, request, clock.wallMs()));
  return answerPayload(keyset, grantPayload(keyset.subscribeKey, request));
}

async function answerAudit({ access, clock }: Services, exchange: Exchange): Promise<Response> {
  const { keyset } = partsOf(access, exchange);
  const names = readGrantNames((name) => exchange.target.query.get(name));
  const { subscribeKey } = keyset;
  return answerPayload(keyset, auditPayload(subscribeKey, names, access.grantsOf(subscribeKey), clock.wallMs()));
}

// Grants can be made while Access Manager is off; they count from when it is on, and the answer says so.
function answerPayload({ accessManager }: Keyset, payload: object): Response {
  const service = { service: "Access Manager", status: 200 };
  if (accessManager) return answerJson({ message: "Success", payload, ...service });
  const message = "WARNING: Access manager is not enabled for this sub key.";
  return answerJson({ message, payload, ...service, warning: true });
}

function answerJson(value: object): Response {
  return answerPrivate(JSON.stringify(value));
}

function partsOf(
  { directory }: Services["access"],
  exchange: Exchange,
): { readonly keyset: Keyset; readonly secrets: KeysetSecrets } {
  const subscribeKey = decodeSegment(segmentOf(exchange, "sub"));
  const keyset = directory.find(subscribeKey);
  const secrets = directory.secretsOf(subscribeKey);
  if (!keyset || !secrets) throw new NetworkError("subscribeKeyInvalid");
  return { keyset, secrets };
}

function segmentOf({ target, places }: Exchange, name: string): string {
  return target.segments[places.get(name) ?? -1] ?? "";
}
