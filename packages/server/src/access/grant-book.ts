/**
 * Grants of the older kind: flags for everybody, for a channel, group or uuid, and for whoever has an auth key.
 *
 * What is permitted is the union over all levels; there is no denial. A wildcard's grant covers what the wildcard matches,
 * and presence names need a grant of their own. In memory; its owner keeps the changes. Rules: spec/ACCESS.md ACC30-ACC36.
 *
 * @module
 */
import { PRESENCE_SUFFIX, LIMITS, NetworkError, WILDCARD_SUFFIX } from "@longwave/protocol";
import type { GrantLevel, GrantRecord, GrantSubject } from "../ports/keyset-store.ts";
import type { ResourceKind } from "./checked-tokens.ts";

/** The grants of all keysets. */
export class GrantBook {
  readonly #byKeyset = new Map<string, Map<string, GrantRecord>>();

  /** Replaces what was granted to the same subject; a mask of 0 is no grant. */
  put(grant: GrantRecord): void {
    const grants = this.#byKeyset.get(grant.keyset) ?? new Map<string, GrantRecord>();
    this.#byKeyset.set(grant.keyset, grants);
    if (grant.mask === 0) grants.delete(keyOf(grant));
    else grants.set(keyOf(grant), grant);
  }

  /** @throws {NetworkError} `grantsTooMany` when a keyset cannot take so many more. */
  assertRoom(keyset: string, more: number, nowMs: number): void {
    const grants = this.#byKeyset.get(keyset);
    if (!grants || grants.size + more <= LIMITS.grantsPerKeysetMax) return;
    for (const [key, grant] of grants) if (isVoid(grant, nowMs)) grants.delete(key);
    if (grants.size + more > LIMITS.grantsPerKeysetMax) throw new NetworkError("grantsTooMany");
  }

  /** Forgets a keyset's grants. */
  forget(keyset: string): void {
    this.#byKeyset.delete(keyset);
  }

  /** The grants of a keyset that are in force. */
  all(keyset: string, nowMs: number): readonly GrantRecord[] {
    return [...(this.#byKeyset.get(keyset)?.values() ?? [])].filter((grant) => !isVoid(grant, nowMs));
  }

  /** What is granted to everybody on everything. */
  keysetMask(keyset: string, nowMs: number): number {
    const grants = this.#byKeyset.get(keyset);
    return grants ? maskAt(grants, WHOLE_KEYSET, nowMs) : 0;
  }

  /** What is granted on a name to whoever has an auth key, or has none. */
  maskOf(keyset: string, asked: { kind: ResourceKind; name: string; auth: string; nowMs: number }): number {
    const grants = this.#byKeyset.get(keyset);
    if (!grants) return 0;
    const { kind, auth, nowMs } = asked;
    let mask = maskAt(grants, WHOLE_KEYSET, nowMs);
    for (const resource of coveringNames(kind, asked.name)) {
      mask |= maskAt(grants, { level: kind, resource, auth: "" }, nowMs);
      if (auth !== "") mask |= maskAt(grants, { level: kind, resource, auth }, nowMs);
    }
    return mask;
  }
}

const WHOLE_KEYSET: GrantSubject = Object.freeze({ level: "subkey", resource: "", auth: "" });

const keyOf = ({ level, resource, auth }: GrantSubject): string => `${level}\n${resource}\n${auth}`;

function isVoid({ expiresMs }: GrantRecord, nowMs: number): boolean {
  return expiresMs > 0 && expiresMs <= nowMs;
}

function maskAt(grants: ReadonlyMap<string, GrantRecord>, subject: GrantSubject, nowMs: number): number {
  const grant = grants.get(keyOf(subject));
  return !grant || isVoid(grant, nowMs) ? 0 : grant.mask;
}

/**
 * The names whose grants cover a name: itself, and the wildcards that match it.
 *
 * `a.b.c` is covered by `a.*` and `a.b.*`; `a.b-pnpres` by `a.*-pnpres` and not by `a.*`; the wildcard `a.b.*` by `a.*`.
 */
export function coveringNames(kind: GrantLevel, name: string): readonly string[] {
  if (kind !== "channel") return [name];
  const isPresence = name.endsWith(PRESENCE_SUFFIX);
  const [base, suffix] = isPresence ? [name.slice(0, -PRESENCE_SUFFIX.length), PRESENCE_SUFFIX] : [name, ""];
  const names = new Set([name]);
  let dot = base.indexOf(".");
  for (let level = 0; level < LIMITS.wildcardDotsMax && dot >= 0; level++) {
    names.add(base.slice(0, dot) + WILDCARD_SUFFIX + suffix);
    dot = base.indexOf(".", dot + 1);
  }
  return [...names];
}
