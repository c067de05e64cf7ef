/**
 * Keysets, grants, revoked tokens and the trail in the embedded database.
 *
 * Writes are transactions of the one writer; reads happen at the start, and when somebody asks for the trail.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import type {
  AccessChange,
  AuditEntry,
  AuditRequest,
  GrantLevel,
  GrantRecord,
  KeptAccess,
  KeysetRecord,
  KeysetStore,
  RevokedRecord,
} from "../../ports/keyset-store.ts";
import type { Writer } from "./sqlite-writer.ts";
import type { SqlStatement } from "./sqlite-writes.ts";

/** Notes live among the database's settings, under a beginning of their own. */
const NOTE = "access.";

const PUT_KEYSET = `INSERT INTO keyset (subscribe_key, publish_key, name, settings, sealed) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (subscribe_key) DO UPDATE SET publish_key = excluded.publish_key, name = excluded.name,
  settings = excluded.settings, sealed = excluded.sealed`;
const PUT_GRANT = `INSERT OR REPLACE INTO access_grant (keyset, level, resource, auth, mask, ttl_minutes, expires_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const PUT_NOTE =
  "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/** The embedded keyset store. */
export class SqliteKeysetStore implements KeysetStore {
  readonly #reading: Database;
  readonly #writer: Writer;

  /** @param writer shared with the other stores, and closed by none of them but the message store. */
  constructor(reading: Database, writer: Writer) {
    this.#reading = reading;
    this.#writer = writer;
  }

  async load(): Promise<KeptAccess> {
    return { keysets: this.#keysets(), grants: this.#grants(), revoked: this.#revoked(), notes: this.#notes() };
  }

  async keep(changes: readonly AccessChange[]): Promise<"kept" | "unavailable"> {
    const outcome = await this.#writer.write({ statements: changes.flatMap(statementsOf) });
    return outcome.kind === "written" ? "kept" : "unavailable";
  }

  async readAudit({ keyset, entriesMax }: AuditRequest): Promise<readonly AuditEntry[]> {
    const rows = this.#reading
      .query<AuditRow, [string | null, string | null, number]>(
        `SELECT at_ms, actor, action, keyset, detail FROM audit WHERE ? IS NULL OR keyset = ? ORDER BY id DESC LIMIT ?`,
      )
      .all(keyset ?? null, keyset ?? null, entriesMax);
    return rows.map(({ at_ms, ...rest }) => ({ atMs: Number(at_ms), ...rest }));
  }

  #keysets(): readonly KeysetRecord[] {
    return this.#reading
      .query<KeysetRecord, []>(
        `SELECT subscribe_key AS subscribeKey, publish_key AS publishKey, name, settings, sealed FROM keyset ORDER BY id`,
      )
      .all()
      .map((row) => ({ ...row }));
  }

  #grants(): readonly GrantRecord[] {
    return this.#reading
      .query<GrantRow, []>("SELECT keyset, level, resource, auth, mask, ttl_minutes, expires_ms FROM access_grant")
      .all()
      .map(({ mask, ttl_minutes, expires_ms, ...rest }) => ({
        ...rest,
        mask: Number(mask),
        ttlMinutes: Number(ttl_minutes),
        expiresMs: Number(expires_ms),
      }));
  }

  #revoked(): readonly RevokedRecord[] {
    return this.#reading
      .query<{ keyset: string; tokenId: string; expiresMs: bigint }, []>(
        "SELECT keyset, token_id AS tokenId, expires_ms AS expiresMs FROM revoked_token",
      )
      .all()
      .map((row) => ({ ...row, expiresMs: Number(row.expiresMs) }));
  }

  #notes(): ReadonlyMap<string, string> {
    const rows = this.#reading
      .query<{ name: string; value: unknown }, [string]>("SELECT name, value FROM setting WHERE name GLOB ?")
      .all(`${NOTE}*`);
    return new Map(rows.map(({ name, value }) => [name.slice(NOTE.length), String(value)]));
  }
}

interface AuditRow {
  readonly at_ms: bigint;
  readonly actor: string;
  readonly action: string;
  readonly keyset: string;
  readonly detail: string;
}

interface GrantRow {
  readonly keyset: string;
  readonly level: GrantLevel;
  readonly resource: string;
  readonly auth: string;
  readonly mask: bigint;
  readonly ttl_minutes: bigint;
  readonly expires_ms: bigint;
}

const statement = (sql: string, ...values: SqlStatement["values"]): SqlStatement => ({ sql, values });

function statementsOf(change: AccessChange): readonly SqlStatement[] {
  switch (change.kind) {
    case "keyset": {
      const { subscribeKey, publishKey, name, settings, sealed } = change.record;
      return [statement(PUT_KEYSET, subscribeKey, publishKey, name, settings, sealed)];
    }
    case "keysetRemoved":
      return [
        statement("DELETE FROM keyset WHERE subscribe_key = ?", change.subscribeKey),
        statement("DELETE FROM access_grant WHERE keyset = ?", change.subscribeKey),
        statement("DELETE FROM revoked_token WHERE keyset = ?", change.subscribeKey),
      ];
    case "grant": {
      const { keyset, level, resource, auth, mask, ttlMinutes, expiresMs } = change.grant;
      return [statement(PUT_GRANT, keyset, level, resource, auth, mask, ttlMinutes, expiresMs)];
    }
    case "grantRemoved": {
      const { level, resource, auth } = change.subject;
      const sql = "DELETE FROM access_grant WHERE keyset = ? AND level = ? AND resource = ? AND auth = ?";
      return [statement(sql, change.keyset, level, resource, auth)];
    }
    case "revoked": {
      const { keyset, tokenId, expiresMs } = change.revoked;
      const sql = "INSERT OR REPLACE INTO revoked_token (keyset, token_id, expires_ms) VALUES (?, ?, ?)";
      return [statement(sql, keyset, tokenId, expiresMs)];
    }
    case "expired":
      return [
        statement("DELETE FROM access_grant WHERE expires_ms > 0 AND expires_ms <= ?", change.nowMs),
        statement("DELETE FROM revoked_token WHERE expires_ms <= ?", change.nowMs),
      ];
    case "audit": {
      const { atMs, actor, action, keyset, detail } = change.entry;
      return [
        statement(
          "INSERT INTO audit (at_ms, actor, action, keyset, detail) VALUES (?, ?, ?, ?, ?)",
          atMs,
          actor,
          action,
          keyset,
          detail,
        ),
        statement("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?", LIMITS.auditEntriesMax),
      ];
    }
    case "note":
      return [statement(PUT_NOTE, NOTE + change.name, change.value)];
  }
}
