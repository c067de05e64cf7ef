/**
 * The keyset-store port: keeps keysets, what has been granted and revoked in them, and the trail of who changed what.
 *
 * Everything is read once, at the start; from then on the network's memory leads and the store follows. Atomicity: the
 * changes of one call become durable together, or none does. It is given secrets only in sealed form.
 * Rules: spec/ACCESS.md ACC14-ACC16; suite: conformance/keyset-store.ts.
 *
 * @module
 */

/** A keyset as it is kept. */
export interface KeysetRecord {
  /** Unique. */
  readonly subscribeKey: string;
  readonly publishKey: string;
  /** Unique. */
  readonly name: string;
  /** JSON text of the settings. */
  readonly settings: string;
  /** The secrets, which only the master key opens. */
  readonly sealed: string;
}

/** What a grant of the older kind is about; the empty resource for all of a keyset. */
export type GrantLevel = "subkey" | "channel" | "group" | "uuid";

/** Whom a grant is about. */
export interface GrantSubject {
  readonly level: GrantLevel;
  /** A channel, group or uuid; empty at the level of the keyset. */
  readonly resource: string;
  /** The auth key that it is for; empty for everybody. */
  readonly auth: string;
}

/** A grant of the older kind. */
export interface GrantRecord extends GrantSubject {
  readonly keyset: string;
  readonly mask: number;
  /** 0 for ever. */
  readonly ttlMinutes: number;
  /** Milliseconds since the Unix epoch from which on it is void; 0 for never. */
  readonly expiresMs: number;
}

/** A token that was revoked, until it would have expired anyway. */
export interface RevokedRecord {
  readonly keyset: string;
  /** What the network knows the token by; not the token. */
  readonly tokenId: string;
  readonly expiresMs: number;
}

/** A line of the trail. */
export interface AuditEntry {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Who: `admin`, `start`, or `secret key`. */
  readonly actor: string;
  /** What was done: `keyset created`, `secret key rotated`, … */
  readonly action: string;
  /** The subscribe key. */
  readonly keyset: string;
  /** What exactly, without any secret. */
  readonly detail: string;
}

/** Something to keep. */
export type AccessChange =
  | { readonly kind: "keyset"; readonly record: KeysetRecord }
  /** With its grants and revoked tokens, so that a later keyset of the same key inherits none. */
  | { readonly kind: "keysetRemoved"; readonly subscribeKey: string }
  /** Replaces what was granted to the same subject. */
  | { readonly kind: "grant"; readonly grant: GrantRecord }
  | { readonly kind: "grantRemoved"; readonly keyset: string; readonly subject: GrantSubject }
  | { readonly kind: "revoked"; readonly revoked: RevokedRecord }
  /** Drops grants and revoked tokens that are void by then. */
  | { readonly kind: "expired"; readonly nowMs: number }
  | { readonly kind: "audit"; readonly entry: AuditEntry }
  /** A small fact about the network itself. */
  | { readonly kind: "note"; readonly name: string; readonly value: string };

/** Everything that is kept, but for the trail. */
export interface KeptAccess {
  /** In the order in which they were made. */
  readonly keysets: readonly KeysetRecord[];
  readonly grants: readonly GrantRecord[];
  readonly revoked: readonly RevokedRecord[];
  readonly notes: ReadonlyMap<string, string>;
}

/** A request for the trail. */
export interface AuditRequest {
  /** Only of this subscribe key. */
  readonly keyset?: string | undefined;
  /** At most this many, the newest. */
  readonly entriesMax: number;
}

/** Keeps what decides about access. */
export interface KeysetStore {
  load(): Promise<KeptAccess>;
  /** Keeps changes, in their order, in one step. `unavailable`: the disk refused, and none is kept. */
  keep(changes: readonly AccessChange[]): Promise<"kept" | "unavailable">;
  /** The trail, newest first. */
  readAudit(request: AuditRequest): Promise<readonly AuditEntry[]>;
}
