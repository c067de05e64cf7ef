import { expect, test } from "bun:test";
import { createServer } from "node:http";
import { type FollowEvent, follow } from "./follow.ts";

/** What a scripted network does with a poll: answers, breaks the connection, or stays silent. */
type Turn = { readonly status?: number; readonly text: string } | "break" | "hold";

/** A network that treats one poll after the other as it is told. */
async function scripted(...turns: readonly Turn[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://host");
    asked.push(`${pathname} tt=${searchParams.get("tt")} tr=${searchParams.get("tr")}`);
    const turn = turns[asked.length - 1] ?? "hold";
    if (turn === "hold") return;
    if (turn === "break") {
      response.writeHead(200, { "Content-Length": 100 });
      response.write('{"t":{"t":"99', () => setTimeout(() => request.socket.destroy(), 20));
      return;
    }
    response.writeHead(turn.status ?? 200).end(turn.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const request = {
    origin: `http://127.0.0.1:${port}`,
    subscribeKey: "sub",
    channels: ["a:ü", "b.*"],
    uuid: "me",
    since: undefined,
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { request, asked, [Symbol.asyncDispose]: stop };
}

const envelope = (at: number): string => `{"a":"1","f":0,"p":{"t":"${at}","r":12},"k":"sub","c":"b.c","d":${at}.0}`;
const answer = (cursor: number, ...items: readonly number[]): Turn => ({
  text: `{"t":{"t":"${cursor}","r":12},"m":[${items.map(envelope).join(",")}]}`,
});

/** Follows until there are as many deliveries, or the end, and tells what happened. */
async function watch(request: Parameters<typeof follow>[0], deliveries: number): Promise<readonly string[]> {
  const controller = new AbortController();
  const seen: string[] = [];
  for await (const event of follow(request, controller.signal)) {
    seen.push(...shown(event));
    if (seen.filter((line) => line.endsWith(".0")).length >= deliveries) controller.abort();
  }
  return seen;
}

function shown(event: FollowEvent): readonly string[] {
  switch (event.kind) {
    case "connected":
      return [event.isBack ? "connected again" : "connected"];
    case "deliveries":
      return event.deliveries.map(({ payloadJson }) => payloadJson);
    case "lost":
      return ["lost"];
    case "refused":
      return [`refused: ${event.sentence}`];
  }
}

const PATH = "/v2/subscribe/sub/a%3A%C3%BC,b.*/0";

test("follow() [CLI15] is connected when the handshake is answered, and carries the cursor on", async () => {
  await using network = await scripted(answer(100), answer(102, 101, 102), answer(103, 103));
  expect(await watch(network.request, 3)).toEqual(["connected", "101.0", "102.0", "103.0"]);
  expect(network.asked).toEqual([`${PATH} tt=0 tr=null`, `${PATH} tt=100 tr=12`, `${PATH} tt=102 tr=12`]);
});

test("follow() [CLI14] begins after the timetoken that is given", async () => {
  await using network = await scripted(answer(100), answer(43, 43), answer(44, 44));
  expect(await watch({ ...network.request, since: "42" }, 2)).toEqual(["connected", "43.0", "44.0"]);
  expect(network.asked.slice(1)).toEqual([`${PATH} tt=42 tr=12`, `${PATH} tt=43 tr=12`]);
});

test("follow() [CLI16] comes back with the same cursor from a busy network and from broken answers", async () => {
  const busy = { status: 503, text: '{"status":503,"error":true,"message":"Service Unavailable"}' };
  await using network = await scripted(answer(100), answer(101, 101), "break", busy, answer(102, 102));
  expect(await watch(network.request, 2)).toEqual(["connected", "101.0", "lost", "connected again", "102.0"]);
  expect(network.asked.slice(2)).toEqual([`${PATH} tt=101 tr=12`, `${PATH} tt=101 tr=12`, `${PATH} tt=101 tr=12`]);
});

test("follow() [CLI16] does not wait for a network that it has never reached", async () => {
  const network = await scripted();
  await network[Symbol.asyncDispose]();
  expect(await watch(network.request, 1)).toEqual([expect.stringMatching(/^refused: Nothing listens at http/)]);
});

const ENDS: Readonly<Record<string, readonly [Turn, RegExp]>> = {
  "a refusal": [{ status: 400, text: '{"message":"Invalid Subscribe Key","status":400}' }, /Check --subscribe-key\./],
  "an answer that is none": [{ text: "<html>" }, /does not answer like a Longwave network/],
};
for (const [what, [turn, sentence]] of Object.entries(ENDS)) {
  test(`follow() [CLI5] ends at ${what}, at first and later`, async () => {
    await using first = await scripted(turn);
    expect(await watch(first.request, 1)).toEqual([expect.stringMatching(sentence)]);
    await using later = await scripted(answer(100), turn);
    expect(await watch(later.request, 1)).toEqual(["connected", expect.stringMatching(sentence)]);
  });
}

test("follow() [CLI17] lets a held poll go when it is told to end", async () => {
  await using network = await scripted(answer(100), "hold");
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  const events = await Array.fromAsync(follow(network.request, controller.signal));
  expect(events).toEqual([{ kind: "connected", isBack: false }]);
});
