/**
 * The admin API: keysets listed, made, set, rotated and deleted, and the trail of who changed what.
 *
 * For the command and the portal. It has a token of its own, is off on addresses that others reach unless it was asked for,
 * and no page of another origin may read it. Rules: spec/ACCESS.md ACC70-ACC76.
 *
 * @module
 */
import { LIMITS, NetworkError, compactJson } from "@longwave/protocol";
import type { AdminRoom } from "../access/access-room.ts";
import { type KeysetSettings, readSettings } from "../access/keyset-settings.ts";
import { type KeysetRequest, type MadeKeyset, type Rotation } from "../access/keyset-office.ts";
import { type Keyset, type KeysetDirectory, isWellKnown } from "../access/keysets.ts";
import { NO_PUSH, readPushCredentials, toldCredentials } from "../access/push-credentials.ts";
import { answerAdmin } from "./answers.ts";
import { readBodyText } from "./body.ts";
import type { Exchange, Handler } from "./exchange.ts";
import type { Services } from "./services.ts";
import { decodeSegment } from "./target.ts";

type AdminHandler = (room: AdminRoom, exchange: Exchange, services: Services) => Promise<Response>;

/** The handlers of these routes. */
export const ADMIN_HANDLERS = {
  adminKeysets: behindDoor(async (_room, _exchange, { keysets }) => {
    return answerAdmin({ keysets: keysets.all.map((keyset) => toldKeyset(keyset, keysets)) });
  }),
  adminCreateKeyset: behindDoor(async ({ office }, exchange, { keysets }) => {
    return answerAdmin(toldMade(await office.create(readCreation(await readJson(exchange)), ACTOR), keysets), 201);
  }),
  adminSetKeyset: behindDoor(async ({ office }, exchange, { keysets }) => {
    const settings = readSettingsOf(await readJson(exchange));
    return answerAdmin({ keyset: toldKeyset(await office.set(subscribeKeyOf(exchange), settings, ACTOR), keysets) });
  }),
  adminSetPush: behindDoor(async ({ office }, exchange, { keysets }) => {
    const outcome = readPushCredentials(await readJson(exchange));
    if (outcome.kind === "refused") throw malformed(outcome.reason);
    const keyset = await office.setPush(subscribeKeyOf(exchange), outcome.change, ACTOR);
    return answerAdmin({ keyset: toldKeyset(keyset, keysets) });
  }),
  adminRotateKeyset: behindDoor(async ({ office }, exchange, { keysets }) => {
    const rotation = readRotation(await readJson(exchange));
    const { keyset, secretKey } = await office.rotate(subscribeKeyOf(exchange), rotation, ACTOR);
    return answerAdmin({ keyset: toldKeyset(keyset, keysets), ...(rotation.what === "secretKey" && { secretKey }) });
  }),
  adminDeleteKeyset: behindDoor(async ({ office }, exchange) => {
    const { connections, request } = exchange;
    connections.setHeld(request, true); // many files take their time
    try {
      await office.delete(subscribeKeyOf(exchange), ACTOR);
    } finally {
      connections.setHeld(request, false);
    }
    return answerAdmin({ deleted: subscribeKeyOf(exchange) });
  }),
  adminAudit: behindDoor(async (_room, { target }, { access }) => {
    const entriesMax = readLimit(target.query.get("limit"));
    return answerAdmin({ entries: await access.readAudit({ keyset: target.query.get("keyset"), entriesMax }) });
  }),
} as const satisfies Record<string, Handler>;

const ACTOR = "admin";

// The door is looked at before anything of the request is.
function behindDoor(handler: AdminHandler): Handler {
  return async (services, exchange) => {
    const { admin } = services;
    if (!admin) throw new NetworkError("adminOff");
    if (!admin.door.opensFor(exchange.request.headers.get("authorization"))) throw new NetworkError("adminTokenWrong");
    return handler(admin, exchange, services);
  };
}

function toldKeyset(keyset: Keyset, keysets: KeysetDirectory): object {
  const { name, publishKey, subscribeKey, ...settings } = keyset;
  const push = toldCredentials(keysets.secretsOf(subscribeKey)?.push ?? NO_PUSH);
  return { name, publishKey, subscribeKey, isWellKnown: isWellKnown(keyset), push, settings };
}

function toldMade({ keyset, secretKey }: MadeKeyset, keysets: KeysetDirectory): object {
  return { keyset: toldKeyset(keyset, keysets), secretKey };
}

type JsonObject = Readonly<Record<string, unknown>>;

const malformed = (reason: string): NetworkError => new NetworkError("adminMalformed", { reason });

async function readJson(exchange: Exchange): Promise<JsonObject> {
  const text = await readBodyText(exchange).catch((refusal: unknown) => {
    const isUnreadable = refusal instanceof NetworkError && refusal.code === "payloadNotJson";
    throw isUnreadable ? malformed("the body is not JSON") : refusal;
  });
  const compact = compactJson(text);
  const value: unknown = compact === undefined ? undefined : JSON.parse(compact);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed("the body is no JSON object");
  return value as JsonObject;
}

const CREATION_NAMES = ["name", "publishKey", "subscribeKey", "secretKey", "settings"];

function readCreation(body: JsonObject): KeysetRequest {
  if (Object.keys(body).some((name) => !CREATION_NAMES.includes(name))) {
    throw malformed(`a keyset is made of ${CREATION_NAMES.join(", ")}`);
  }
  const text = (name: string): string | undefined => {
    const value = body[name];
    if (value !== undefined && typeof value !== "string") throw malformed(`${name} must be a text`);
    return value;
  };
  return {
    name: text("name") ?? "",
    publishKey: text("publishKey"),
    subscribeKey: text("subscribeKey"),
    secretKey: text("secretKey"),
    settings: body["settings"] === undefined ? undefined : readSettingsOf(body["settings"]),
  };
}

function readSettingsOf(value: unknown): Partial<KeysetSettings> {
  const outcome = readSettings(value);
  if (outcome.kind === "refused") throw malformed(outcome.reason);
  return outcome.settings;
}

function readRotation({ what, keepOld = false }: JsonObject): Rotation {
  if (what === "secretKey") return { what };
  if (what !== "tokenKey" || typeof keepOld !== "boolean") {
    throw malformed("what must be secretKey or tokenKey, keepOld true or false");
  }
  return { what, isOldAccepted: keepOld };
}

function readLimit(text: string | undefined): number {
  if (text === undefined || text === "") return 100;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMITS.auditAnswerEntriesMax) {
    throw malformed(`limit must be a whole number from 1 to ${LIMITS.auditAnswerEntriesMax}`);
  }
  return limit;
}

function subscribeKeyOf({ target, places }: Exchange): string {
  return decodeSegment(target.segments[places.get("sub") ?? -1] ?? "");
}
