import { expect, test } from "bun:test";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { sendSigned } from "./signed-by-hand.ts";
import { SocketClient } from "./socket-client.ts";
import { WireNetwork } from "./wire-network.ts";

const PATH = "/publish/demo/demo/0/room/0/%22old%22";
const PAST = "15000000000000000";
const REFUSED = '"Invalid Arguments: ptto"';

const signerOf = (network: WireNetwork): Parameters<typeof sendSigned>[0] => ({
  url: network.url(""),
  publishKey: DEMO_KEYSET.publishKey,
  secretKey: "demo-secret",
  nowMs: () => network.clock.wallMs(),
});
const publishAt = async (network: WireNetwork, ptto: string, more: Record<string, string> = {}): Promise<string> => {
  const answer = await sendSigned(signerOf(network), { path: PATH, query: { ptto, store: "1", ttl: "0", ...more } });
  return `${answer.status} ${await answer.text()}`;
};

test("[PUB13 STO18] a signed ptto keeps a message in the past, once, and nobody is given it live", async () => {
  await using network = await WireNetwork.start();
  const cursor = await network.handshake();
  const held = network.poll("room", `tt=${cursor}`);
  await using client = new SocketClient(network.url(""), "/v2/subscribe/demo/room/0?tt=1");
  await network.holds(1);
  expect(await publishAt(network, PAST)).toBe(`200 [1,"Sent","${PAST}"]`);
  expect(await publishAt(network, PAST)).toMatch(/^409 \[0,"Invalid Arguments: ptto is taken","\d{17}"\]$/);
  const own = await network.publish("room", "1");
  expect(await publishAt(network, own)).toStartWith("409 ");
  expect((await held).body).toContain('"d":1}');
  expect((await held).body).not.toContain("old");
  await client.frame(0);
  expect(client.frames.join("")).not.toContain("old");
  const history = await network.ask("/v2/history/sub-key/demo/channel/room?count=100&include_token=true");
  expect(history.body).toBe(
    `[[{"message":"old","timetoken":${PAST}},{"message":1,"timetoken":${own}}],${PAST},${own}]`,
  );
});

test("[PUB13] everything else with ptto is refused", async () => {
  await using network = await WireNetwork.start();
  const future = String(BigInt(network.now) + 100_000_000_000n);
  for (const ptto of [future, "1", "0", "", "-1", "1500000000000000x", "99999999999999999"]) {
    expect(await publishAt(network, ptto)).toContain(`400 [0,${REFUSED}`);
  }
  expect(await publishAt(network, PAST, { store: "0" })).toContain(`400 [0,${REFUSED}`);
  expect(await network.ask(`${PATH}?ptto=${PAST}`)).toMatchObject({
    status: 400,
    body: expect.stringContaining(REFUSED),
  });
  const forged = await network.ask(`${PATH}?ptto=${PAST}&timestamp=1732605123&signature=v2.forged`);
  expect(forged).toMatchObject({ status: 400, body: expect.stringContaining(REFUSED) });
});
