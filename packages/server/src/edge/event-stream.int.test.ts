import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Events } from "./event-client.ts";

async function withNetwork(run: (network: Network, clock: ManualClock) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
  try {
    await run(network, clock);
  } finally {
    await network.stop();
  }
}

const publish = async ({ url }: Network, channel: string, payload: string): Promise<string> => {
  const response = await fetch(`${url}/publish/demo/demo/0/${channel}/0/${encodeURIComponent(payload)}?uuid=bert`);
  const [, , timetoken] = (await response.json()) as [number, string, string];
  return timetoken;
};

test("[STR1 STR2 STR10] each event is a subscribe answer, its id the cursor", () =>
  withNetwork(async (network) => {
    await using events = await Events.open(`${network.url}/v2/subscribe/demo/room,a.*/0?uuid=anna`);
    expect(events.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(events.response.headers.get("access-control-allow-origin")).toBe("*");
    await events.until(() => events.seen.length === 1);
    const timetoken = await publish(network, "a.b", '{"text": "grüße"}');
    await events.until(() => events.seen.length === 2);
    const [first, second] = events.seen;
    expect(first?.data).toBe(`{"t":{"t":"${first?.id}","r":12},"m":[]}`);
    expect(second?.id).toBe(timetoken);
    expect(second?.data).toBe(
      `{"t":{"t":"${timetoken}","r":12},"m":[{"a":"1","f":0,"i":"bert","p":{"t":"${timetoken}","r":12},"k":"demo","c":"a.b","d":{"text":"grüße"},"b":"a.*"}]}`,
    );
  }));

test("[STR3 STR11] Last-Event-ID is the cursor and counts more than the address; a poll may go on from an event", () =>
  withNetwork(async (network) => {
    const first = await publish(network, "room", "1");
    const second = await publish(network, "room", "2");
    const url = `${network.url}/v2/subscribe/demo/room/0?tt=1`;
    await using all = await Events.open(url);
    await all.until(() => all.seen.length === 1);
    expect(JSON.parse(all.seen[0]?.data ?? "").m).toHaveLength(2);
    await using rest = await Events.open(url, { "last-event-id": first });
    await rest.until(() => rest.seen.length === 1);
    expect(JSON.parse(rest.seen[0]?.data ?? "").m).toMatchObject([{ d: 2, p: { t: second } }]);
    await publish(network, "room", "3");
    const poll = await (await fetch(`${network.url}/v2/subscribe/demo/room/0?tt=${rest.seen[0]?.id}`)).json();
    expect(poll).toMatchObject({ m: [{ d: 3 }] });
  }));

test("[STR12] a stream that has nothing to say sends a comment every 15 seconds", () =>
  withNetwork(async (network, clock) => {
    await using events = await Events.open(`${network.url}/v2/subscribe/demo/room/0`);
    await events.until(() => events.seen.length === 1);
    clock.advance(14_000);
    await publish(network, "room", "1");
    await events.until(() => events.seen.length === 2);
    clock.advance(14_000); // what was said counts as a sign of life
    expect(events.comments).toEqual([]);
    clock.advance(2_000);
    await events.until(() => events.comments.length === 1);
    clock.advance(15_000);
    await events.until(() => events.comments.length === 2);
  }));

test("[STR6] what a poll is refused with, an event stream is refused with", () =>
  withNetwork(async ({ url }) => {
    const refused = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
      const response = await fetch(url + path, { headers: { accept: "text/event-stream", ...headers } });
      return `${response.status} ${await response.text()}`;
    };
    expect(await refused("/v2/subscribe/unknown/room/0")).toStartWith("400 ");
    expect(await refused("/v2/subscribe/demo/,/0")).toContain("No Channel Specified");
    expect(await refused("/v2/subscribe/demo/,/0?channel-group=none")).toContain("empty subscription set");
    expect(await refused("/v2/subscribe/demo/room/0", { "last-event-id": "x" })).toContain("Invalid Timetoken");
  }));

test("[STR7] draining ends event streams; the client that goes away leaves nothing behind", () =>
  withNetwork(async (network) => {
    const gone = await Events.open(`${network.url}/v2/subscribe/demo/room/0`);
    const stays = await Events.open(`${network.url}/v2/subscribe/demo/room/0`);
    await Promise.all([gone, stays].map((events) => events.until(() => events.seen.length === 1)));
    expect(network.streams).toBe(2);
    await gone[Symbol.asyncDispose]();
    while (network.streams > 1) await Bun.sleep(1);
    await network.stop();
    await stays.ended;
    expect(network.streams).toBe(0);
  }));

test("[STR5 STR13] a reader that takes nothing costs a bounded buffer, and is closed after a minute", () =>
  withNetwork(async (network, clock) => {
    const { port } = new URL(network.url);
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(port),
      socket: {
        open: (open) => {
          open.write("GET /v2/subscribe/demo/room/0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
        },
        data: (open) => {
          open.pause();
          begin();
        },
        close: () => close(),
      },
    });
    await begun;
    const large = JSON.stringify("x".repeat(30_000));
    for (let sent = 0; sent < 400; sent++) {
      await fetch(`${network.url}/publish/demo/demo/0/room/0?store=0`, { method: "POST", body: large });
    }
    expect(await (await fetch(`${network.url}/time/0`)).json()).toBeArray();
    expect(network.streams).toBe(1);
    clock.advance(61_000);
    while (network.streams > 0) await Bun.sleep(1);
    socket.terminate();
    await closed;
  }));
