import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { type Json, createClient, failureOf } from "./pubnub-client.ts";
import { listenTo } from "./inbox.ts";

const KEYS = { publishKey: "guarded-pub", subscribeKey: "guarded-sub" };
const ADMIN = { ...KEYS, secretKey: "guarded-secret", userId: "the-server" };

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(async () => {
  await network.stop();
});

const FLAGS = { write: false, manage: false, delete: false, get: false, update: false, join: false };

test("[IOP30] the client with the secret key grants a token; another parses it, uses it, and is refused once it is revoked", async () => {
  using server = createClient(network.url, ADMIN);
  using guest = createClient(network.url, { ...KEYS, userId: "guest" });
  const token = await server.grantToken({
    ttl: 15,
    authorized_uuid: "guest",
    resources: { channels: { hall: { read: true, write: true } }, groups: { g: { read: true } } },
    patterns: { channels: { "^room-[0-9]+$": { read: true } } },
    meta: { role: "guest", level: 3 },
  });
  expect(guest.parseToken(token)).toMatchObject({
    version: 2,
    ttl: 15,
    authorized_uuid: "guest",
    resources: {
      channels: { hall: { ...FLAGS, read: true, write: true } },
      groups: { g: { ...FLAGS, read: true } },
    },
    patterns: { channels: { "^room-[0-9]+$": { ...FLAGS, read: true } } },
    meta: { role: "guest", level: 3 },
  });
  guest.setToken(token);
  expect((await guest.publish({ channel: "hall", message: { text: "żółć 🦊" } })).timetoken).toMatch(/^\d{17}$/);
  const denied = await failureOf(guest.publish({ channel: "room-1", message: 1 }));
  expect(denied).toMatchObject({ category: "PNAccessDeniedCategory", statusCode: 403 });
  expect(denied.errorData).toMatchObject({ message: "Forbidden", payload: { channels: ["room-1"] } });
  await server.revokeToken(token);
  const revoked = await failureOf(guest.publish({ channel: "hall", message: 2 }));
  expect(revoked.errorData).toMatchObject({ message: "Token is revoked", status: 403 });
});

const AWKWARD = ["a b", "żółć", "a~b!c'd(e)f", "50%", "a+b&c=d", "ключ"];

test("[IOP31] whatever it sends, the client with the secret key is let through: by GET and POST, with any name and meta", async () => {
  using server = createClient(network.url, ADMIN);
  for (const channel of AWKWARD.filter((name) => !name.includes(" "))) {
    for (const sendByPost of [false, true]) {
      const meta: Json = { text: AWKWARD.join(" ") };
      const message: Json = { text: AWKWARD.join("\n"), sendByPost };
      expect((await server.publish({ channel, message, meta, sendByPost })).timetoken).toMatch(/^\d{17}$/);
    }
  }
  expect((await server.signal({ channel: "signals", message: "s" })).timetoken).toMatch(/^\d{17}$/);
  const wrong = createClient(network.url, { ...ADMIN, secretKey: "not-the-secret" });
  const failure = await failureOf(wrong.publish({ channel: "hall", message: 1 }));
  expect(failure.errorData).toMatchObject({ message: "Signature Does Not Match", status: 403 });
  wrong.stop();
});

test("[IOP32] an older grant by the client lets whoever has the auth key in, until it is taken back", async () => {
  using server = createClient(network.url, ADMIN);
  using guest = createClient(network.url, { ...KEYS, userId: "guest", authKey: "guest-key" });
  await server.grant({ channels: ["club"], authKeys: ["guest-key"], read: true, write: true, ttl: 5 });
  await guest.publish({ channel: "club", message: 1 });
  expect(await server.audit({ channel: "club", authKeys: ["guest-key"] })).toMatchObject({
    level: "user",
    channel: "club",
    auths: { "guest-key": { r: 1, w: 1, ttl: 5 } },
  });
  await server.grant({ channels: ["club"], authKeys: ["guest-key"], read: false, write: false });
  const failure = await failureOf(guest.publish({ channel: "club", message: 2 }));
  expect(failure).toMatchObject({ category: "PNAccessDeniedCategory", statusCode: 403 });
});

test("[IOP33] a client without rights is denied on every operation, and says which names", async () => {
  using guest = createClient(network.url, { ...KEYS, userId: "guest" });
  for (const call of [
    guest.publish({ channel: "hall", message: 1 }),
    guest.publish({ channel: "hall", message: 1, sendByPost: true }),
    guest.signal({ channel: "hall", message: 1 }),
  ]) {
    expect(await failureOf(call)).toMatchObject({
      category: "PNAccessDeniedCategory",
      errorData: { message: "Forbidden", payload: { channels: ["hall"] } },
    });
  }
  using inbox = listenTo(network.url, { channels: ["hall", "room"] }, { ...KEYS, userId: "guest" });
  await inbox.until("it is denied", ({ statuses }) =>
    statuses.some(({ category }) => category === "PNAccessDeniedCategory"),
  );
  expect(inbox.messages).toEqual([]);
});
