/**
 * Opens the room of access at a start: what was kept, the keysets that everybody knows, the admin API's door.
 *
 * Called by `main.ts` alone, which brings the store and the master key. Rules: spec/ACCESS.md ACC10, ACC13, ACC70, ACC71.
 *
 * @module
 */
import { isLoopback } from "../loopback.ts";
import type { Log } from "../observe/log.ts";
import type { ServerOptions } from "../options.ts";
import type { KeysetStore } from "../ports/keyset-store.ts";
import { StartupError } from "../startup-error.ts";
import { Access, type AccessPorts } from "./access.ts";
import { ADMIN_TOKEN_CHARACTERS_MIN, AdminDoor, hashAdminToken, makeAdminToken } from "./admin-door.ts";
import { KeysetOffice } from "./keyset-office.ts";
import type { KeysetDirectory } from "./keysets.ts";

/** What the admin API works with. */
export interface AdminRoom {
  readonly office: KeysetOffice;
  readonly door: AdminDoor;
}

/** The room, open. */
export interface AccessRoom {
  readonly access: Access;
  /** Whether there is a keyset of this key, one included that this start left out. */
  readonly isKept: (subscribeKey: string) => boolean;
  /** Nothing where the admin API is off. */
  readonly admin: AdminRoom | undefined;
  /** The admin token, where it was made at this start. */
  readonly madeAdminToken: string | undefined;
}

/** What opening takes besides the ports of access. */
export interface AccessRoomParts extends AccessPorts {
  /** 32 bytes, kept outside the store. */
  readonly masterKey: Uint8Array;
  /** Filled here; empty before. */
  readonly directory: KeysetDirectory;
}

const NOTE_ADMIN_TOKEN = "admin-token-hash";

/**
 * Opens the room.
 *
 * @throws {StartupError} when the master key does not open what was kept, or the given admin token is too short.
 */
export async function openAccess(parts: AccessRoomParts, settings: ServerOptions): Promise<AccessRoom> {
  const kept = await parts.store.load();
  const access = new Access(parts, parts.directory);
  const office = new KeysetOffice(access, parts.masterKey);
  await office.open(kept, settings.demoKeys);
  const isKept = (subscribeKey: string): boolean => office.isKept(subscribeKey);
  const isOn = settings.admin === "on" || (settings.admin === "auto" && isLoopback(settings.host));
  if (!isOn) return { access, isKept, admin: undefined, madeAdminToken: undefined };
  const { door, made } = await openDoor(parts.store, kept.notes.get(NOTE_ADMIN_TOKEN), settings.adminToken);
  return { access, isKept, admin: { office, door }, madeAdminToken: made };
}

/** Says in the log how many keysets are open. */
export function tellOpenKeysets({ directory: { all } }: Access, log: Log): void {
  const open = all.filter(({ accessManager }) => !accessManager).length;
  log.info("keysets without Access Manager are open to whoever knows their keys", { keysets: all.length, open });
}

async function openDoor(
  store: KeysetStore,
  keptHash: string | undefined,
  given: string | undefined,
): Promise<{ readonly door: AdminDoor; readonly made: string | undefined }> {
  if (given !== undefined && given.length < ADMIN_TOKEN_CHARACTERS_MIN) {
    throw new StartupError(`--admin-token must have at least ${ADMIN_TOKEN_CHARACTERS_MIN} characters.`);
  }
  const hash = given === undefined ? keptHash : hashAdminToken(given);
  if (hash !== undefined) return { door: new AdminDoor(hash), made: undefined };
  const made = makeAdminToken();
  // Where the disk refuses, the token counts until the stop, and the next start makes another.
  await store.keep([{ kind: "note", name: NOTE_ADMIN_TOKEN, value: hashAdminToken(made) }]);
  return { door: new AdminDoor(hashAdminToken(made)), made };
}
