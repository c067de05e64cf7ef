import { expect } from "bun:test";
import { inPage } from "../tools/chromium.ts";
import { testWith } from "../tools/needs.ts";
import { startQuietly } from "./demo-network.ts";

// A page that subscribes by all three transports with nothing but what every browser has, while another publishes.
const program = (url: string): string => `(async () => {
  const network = ${JSON.stringify(url)};
  const path = "/v2/subscribe/demo/room,news.*/0?uuid=page&tt=1";
  const seen = { poll: [], events: [], socket: [] };
  const take = (list) => (text) => list.push(...JSON.parse(text).m.map(({ c, d }) => [c, d]));
  const until = async (isSo) => { while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5)); };
  const publish = (channel, payload, init) =>
    fetch(network + "/publish/demo/demo/0/" + channel + "/0/" + encodeURIComponent(JSON.stringify(payload)), init);
  await publish("room", { text: "grüße" });
  const events = new EventSource(network + path);
  events.onmessage = ({ data }) => take(seen.events)(data);
  const socket = new WebSocket(network.replace("http", "ws") + path);
  socket.onmessage = ({ data }) => take(seen.socket)(data);
  let isDone = false;
  const poll = (async () => {
    for (let tt = "1"; !isDone && seen.poll.length < 3; ) {
      const answer = await (await fetch(network + path.replace("tt=1", "tt=" + tt))).text();
      take(seen.poll)(answer);
      tt = JSON.parse(answer).t.t;
    }
  })();
  await until(() => Object.values(seen).every((list) => list.length === 1));
  await publish("news.sport", 1);
  await fetch(network + "/publish/demo/demo/0/room/0", { method: "POST", body: "2", headers: { "Content-Type": "application/json" } });
  await until(() => Object.values(seen).every((list) => list.length === 3));
  isDone = true;
  await poll;
  events.close();
  socket.close();
  return seen;
})()`;

testWith(
  "chromium",
  "[STR1 STR10 STR20] a page of another origin subscribes by long poll, EventSource and WebSocket alike",
  async (path) => {
    const network = await startQuietly();
    try {
      await inPage(path, {}, async (page) => {
        const expected = [
          ["room", { text: "grüße" }],
          ["news.sport", 1],
          ["room", 2],
        ];
        expect(await page.evaluate(program(network.url))).toEqual({
          poll: expected,
          events: expected,
          socket: expected,
        });
      });
    } finally {
      await network.stop();
    }
  },
);

const RECONNECTING = (url: string): string => `(async () => {
  const seen = [];
  const events = new EventSource(${JSON.stringify(url)} + "/v2/subscribe/demo/room/0");
  globalThis.seen = seen;
  events.onmessage = ({ data }) => seen.push(...JSON.parse(data).m.map(({ d }) => d));
  await new Promise((resolve) => { events.onopen = resolve; });
})()`;

testWith(
  "chromium",
  "[STR3 STR11] an EventSource whose network restarts comes back by itself and misses nothing",
  async (path) => {
    const first = await startQuietly({ drainSeconds: 0 });
    const port = Number(new URL(first.url).port);
    await inPage(path, {}, async (page) => {
      await page.evaluate(RECONNECTING(first.url));
      const publish = (payload: string): Promise<Response> =>
        fetch(`${first.url}/publish/demo/demo/0/room/0/${payload}`);
      await publish("1");
      await page.waitForFunction("seen.length === 1");
      await first.stop();
      const second = await startQuietly({ port, drainSeconds: 0 });
      try {
        await publish("2");
        await page.waitForFunction("seen.length === 2");
        expect(await page.evaluate("seen")).toEqual([1, 2]);
      } finally {
        await second.stop();
      }
    });
  },
);
