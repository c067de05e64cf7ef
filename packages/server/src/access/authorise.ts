/**
 * The one decision: may this request do what it asks for?
 *
 * Called by the edge for every request, before its handler; and again for requests that are held, when something has
 * changed. Pure but for what it is given. Rules: spec/ACCESS.md ACC42-ACC50.
 *
 * @module
 */
import {
  type DeniedNames,
  type ErrorCode,
  type ErrorDetail,
  NetworkError,
  type Permission,
  isTokenLike,
  permits,
} from "@longwave/protocol";
import type { CheckedToken, CheckedTokens, ResourceKind } from "./checked-tokens.ts";
import type { GrantBook } from "./grant-book.ts";
import type { Keyset, KeysetSecrets } from "./keysets.ts";
import type { AccessRow } from "./permission-table.ts";
import { type SignatureRequest, checkSignature } from "./request-signature.ts";
import type { RevokedTokens } from "./revoked-tokens.ts";

/** A name in a request, and what its sender has to have on it. */
export interface NamedResource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly permission: Permission;
}

/** A request as far as access is concerned. */
export interface AccessRequest {
  readonly keyset: Keyset;
  readonly secrets: KeysetSecrets;
  readonly row: AccessRow;
  /** Empty where the row needs none. */
  readonly resources: readonly NamedResource[];
  /** The parameter `auth`: a token, an auth key, or nothing. */
  readonly auth: string | undefined;
  /** The parameter `uuid`. */
  readonly uuid: string | undefined;
  /** Nothing where the request carries none. */
  readonly signature: SignatureRequest | undefined;
  /** Whether it was let in earlier, and is held since: then its timestamp may be old. */
  readonly isHeld: boolean;
}

/** What decides. */
export interface AccessParts {
  readonly tokens: CheckedTokens;
  readonly grants: GrantBook;
  readonly revoked: RevokedTokens;
}

/** The decision. */
export type Decision =
  /** `root`: signed with the secret key, and so allowed everything on its keyset. */
  | { readonly kind: "allowed"; readonly isRoot: boolean }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly detail: ErrorDetail };

const ALLOWED: Decision = Object.freeze({ kind: "allowed", isRoot: false });
const ROOT: Decision = Object.freeze({ kind: "allowed", isRoot: true });
const refused = (code: ErrorCode, detail: ErrorDetail = {}): Decision => ({ kind: "refused", code, detail });

/**
 * Decides about a request.
 *
 * @param nowMs the wall clock.
 */
export function authorise(parts: AccessParts, request: AccessRequest, nowMs: number): Decision {
  const { row, keyset } = request;
  switch (row.kind) {
    case "open":
    case "admin": // its own token is looked at by its own handlers
    case "link": // and so is a signature that the network itself made
      return ALLOWED;
    case "signature":
      return decideSigned(request, nowMs);
    case "keyset":
    case "resources":
      if (!keyset.accessManager) return ALLOWED;
      return request.signature ? decideSigned(request, nowMs) : decideGranted(parts, request, nowMs);
  }
}

function decideSigned({ keyset, secrets, signature, isHeld }: AccessRequest, nowMs: number): Decision {
  if (!signature) return refused("signatureWrong");
  const options = { nowMs: isHeld ? undefined : nowMs };
  const outcome = checkSignature(keyset, secrets.secretKey, signature, options);
  switch (outcome) {
    case "valid":
      return ROOT;
    case "wrong":
      return refused("signatureWrong");
    case "timestampInvalid":
      return refused("timestampInvalid");
  }
}

function decideGranted(parts: AccessParts, request: AccessRequest, nowMs: number): Decision {
  const { auth = "", row } = request;
  const { subscribeKey } = request.keyset;
  if (row.kind === "keyset") {
    const mask = parts.grants.keysetMask(subscribeKey, nowMs);
    return permits(mask, row.permission) ? ALLOWED : refused(row.refusal);
  }
  if (request.resources.length === 0) return ALLOWED; // nothing is named, so there is nothing to refuse
  if (isTokenLike(auth)) return decideByToken(parts, request, nowMs);
  return judge(request, ({ kind, name }) => parts.grants.maskOf(subscribeKey, { kind, name, auth, nowMs }));
}

function decideByToken({ tokens, revoked }: AccessParts, request: AccessRequest, nowMs: number): Decision {
  const { keyset, secrets, auth = "", uuid = "" } = request;
  const token = readToken(tokens, keyset, secrets, auth);
  if (!token) return refused("tokenMalformed");
  if (revoked.has(keyset.subscribeKey, token.id)) return refused("tokenRevoked");
  if (token.expiresMs <= nowMs) return refused("tokenExpired");
  if (token.authorizedUuid !== undefined && token.authorizedUuid !== uuid) {
    return deny(request, { uuids: [uuid] });
  }
  return judge(request, ({ kind, name }) => token.maskOf(kind, name));
}

function readToken(
  tokens: CheckedTokens,
  { subscribeKey }: Keyset,
  secrets: KeysetSecrets,
  auth: string,
): CheckedToken | undefined {
  try {
    return tokens.of(subscribeKey, secrets, auth);
  } catch (refusal) {
    if (refusal instanceof NetworkError) return undefined;
    throw refusal;
  }
}

// Every name that is asked for has to be granted; the refusal lists those that are not.
function judge(request: AccessRequest, maskOf: (resource: NamedResource) => number): Decision {
  const denied = request.resources.filter((resource) => !permits(maskOf(resource), resource.permission));
  if (denied.length === 0) return ALLOWED;
  const names = (kind: ResourceKind): readonly string[] | undefined => {
    const ofKind = denied.filter((resource) => resource.kind === kind).map(({ name }) => name);
    return ofKind.length > 0 ? [...new Set(ofKind)] : undefined; // one may be named for two reasons
  };
  return deny(request, dropAbsent({ channels: names("channel"), groups: names("group"), uuids: names("uuid") }));
}

function dropAbsent(names: Record<keyof DeniedNames, readonly string[] | undefined>): DeniedNames {
  return Object.fromEntries(Object.entries(names).filter(([, list]) => list !== undefined));
}

// Only one of the services names what it refused.
function deny({ row }: AccessRequest, denied: DeniedNames): Decision {
  const code = "refusal" in row ? row.refusal : "accessDenied";
  return refused(code, code === "accessDenied" ? { denied } : {});
}
