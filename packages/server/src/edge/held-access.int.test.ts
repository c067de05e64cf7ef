import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Events } from "./event-client.ts";
import { sendSigned } from "./signed-by-hand.ts";
import { SocketClient } from "./socket-client.ts";

/** A network with Access Manager on, and its secret key at hand. */
class Guarded {
  readonly network: Network;
  readonly clock: ManualClock;

  constructor(network: Network, clock: ManualClock) {
    this.network = network;
    this.clock = clock;
  }

  async token(permissions: object, ttlMinutes = 60): Promise<string> {
    const body = JSON.stringify({ ttl: ttlMinutes, permissions: { resources: permissions } });
    const response = await this.#signed({ method: "POST", path: "/v3/pam/guarded-sub/grant", body });
    return ((await response.json()) as { readonly data: { readonly token: string } }).data.token;
  }

  async revoke(token: string): Promise<void> {
    const path = `/v3/pam/guarded-sub/grant/${encodeURIComponent(token)}`;
    expect((await this.#signed({ method: "DELETE", path })).status).toBe(200);
  }

  async grant(query: Readonly<Record<string, string>>): Promise<void> {
    expect((await this.#signed({ path: "/v2/auth/grant/sub-key/guarded-sub", query })).status).toBe(200);
  }

  #signed(request: Parameters<typeof sendSigned>[1]): Promise<Response> {
    const nowMs = (): number => this.clock.wallMs();
    const signer = { url: this.network.url, publishKey: "guarded-pub", secretKey: "guarded-secret", nowMs };
    return sendSigned(signer, request);
  }

  async held(polls: number, streams: number): Promise<void> {
    while (this.network.heldPolls !== polls || this.network.streams !== streams) await Bun.sleep(2);
  }
}

async function guarded(run: (place: Guarded) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
  try {
    await run(new Guarded(network, clock));
  } finally {
    await network.stop();
  }
}

const PATH = "/v2/subscribe/guarded-sub/room/0";
const READS = { channels: { room: 1 } };
const FAR = "99999999999999999";
const REVOKED = '{"error":true,"status":403,"service":"Access Manager","message":"Token is revoked"}';

test("[SUB22 STR8 ACC51] a revoked token ends what it had opened: a poll, an event stream, a WebSocket; others go on", () =>
  guarded(async (place) => {
    const [token, other] = [await place.token(READS), await place.token(READS)];
    const query = `?uuid=alice&auth=${encodeURIComponent(token)}`;
    const poll = fetch(`${place.network.url}${PATH}${query}&tt=${FAR}`);
    const kept = fetch(`${place.network.url}${PATH}?auth=${encodeURIComponent(other)}&tt=${FAR}`);
    const events = await Events.open(`${place.network.url}${PATH}${query}`);
    const socket = new SocketClient(place.network.url, PATH + query);
    await Promise.all([events.until(() => events.seen.length === 1), socket.frame(0), place.held(2, 2)]);
    await place.revoke(token);
    const refused = await poll;
    expect([refused.status, await refused.text()]).toEqual([403, REVOKED]);
    await events.ended;
    const { code, reason } = await socket.closed;
    expect([code, reason]).toEqual([1008, "Forbidden"]);
    expect(await socket.json(1)).toEqual({ subscribe: JSON.parse(REVOKED), status: 403 });
    await place.held(1, 0);
    place.clock.advance(300_000);
    expect((await kept).status).toBe(200);
  }));

test("[SUB22 STR8] a token that expires ends what it had opened, within a second", () =>
  guarded(async (place) => {
    const token = await place.token(READS, 1);
    const query = `?auth=${encodeURIComponent(token)}`;
    const poll = fetch(`${place.network.url}${PATH}${query}&tt=${FAR}`);
    const socket = new SocketClient(place.network.url, PATH + query);
    await Promise.all([socket.frame(0), place.held(1, 1)]);
    place.clock.advance(59_000);
    await place.held(1, 1);
    place.clock.advance(2_000);
    const refused = await poll;
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("Token is expired")]);
    expect((await socket.closed).code).toBe(1008);
    expect(await socket.frame(1)).toContain("Token is expired");
  }));

test("[SUB22] what is held is judged as it was let in, a group by whichever of its two names", () =>
  guarded(async (place) => {
    const token = await place.token({ channels: { room: 1 }, groups: { g: 1 } });
    const query = `?auth=${encodeURIComponent(token)}&channel-group=:g,g`;
    const poll = fetch(`${place.network.url}${PATH}${query}&tt=${FAR}`);
    const socket = new SocketClient(place.network.url, PATH + query);
    await Promise.all([socket.frame(0), place.held(1, 1)]);
    place.clock.advance(2_000);
    await fetch(`${place.network.url}/time/0`); // a round trip in which an end would have come
    await place.held(1, 1);
    await place.revoke(token);
    expect((await poll).status).toBe(403);
    expect((await socket.closed).code).toBe(1008);
  }));

test("[SUB22] a grant that is taken back ends the poll that it had let in", () =>
  guarded(async (place) => {
    await place.grant({ channel: "room", auth: "key", r: "1" });
    const poll = fetch(`${place.network.url}${PATH}?auth=key&tt=${FAR}`);
    await place.held(1, 0);
    await place.grant({ channel: "room", auth: "key", r: "0" });
    const refused = await poll;
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('"payload":{"channels":["room"]}');
  }));

test("[STR27] a frame is judged by the credentials of the connection and the names of the frame", () =>
  guarded(async (place) => {
    const token = await place.token({ channels: { room: 3, other: 1 } });
    const socket = new SocketClient(place.network.url, `${PATH}?auth=${encodeURIComponent(token)}`);
    await socket.frame(0);
    const publish = (channel: string): void => socket.send({ publish: { key: "guarded-pub", channel, message: 1 } });
    publish("other");
    expect(await socket.json(1)).toMatchObject({ publish: { payload: { channels: ["other"] } }, status: 403 });
    socket.send({ subscribe: { channels: ["secret", "room"] } });
    expect(await socket.json(2)).toMatchObject({ subscribe: { payload: { channels: ["secret"] } }, status: 403 });
    socket.send({ subscribe: { channels: ["room", "other"] } });
    expect(await socket.json(3)).toMatchObject({ m: [] });
    publish("room");
    const frames = [await socket.json(4), await socket.json(5)];
    expect(frames).toContainEqual({ publish: [1, "Sent", expect.any(String)] });
    expect(frames).toContainEqual(expect.objectContaining({ m: [expect.objectContaining({ c: "room" })] }));
    await place.revoke(token);
    expect((await socket.closed).code).toBe(1008);
  }));
