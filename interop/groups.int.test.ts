import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

for (const channelGroup of ["family", "ns:family", "Grüße&100%", "a.b|c'(d)!~+"]) {
  test(`[IOP15] the client manages the group ${channelGroup}`, async () => {
    using client = createClient(network.url);
    const { channelGroups } = client;
    const channels = ["a", "a:b", "room-pnpres", "Grüße", "100%", "it's(1)!~+"];
    await channelGroups.addChannels({ channelGroup, channels });
    expect((await channelGroups.listChannels({ channelGroup })).channels.toSorted()).toEqual(channels.toSorted());
    const isListed = !channelGroup.includes(":");
    expect((await channelGroups.listGroups()).groups).toEqual(isListed ? [channelGroup] : []);
    await channelGroups.removeChannels({ channelGroup, channels: channels.slice(1) });
    expect((await channelGroups.listChannels({ channelGroup })).channels).toEqual(["a"]);
    await channelGroups.deleteGroup({ channelGroup });
    expect((await channelGroups.listChannels({ channelGroup })).channels).toEqual([]);
    expect((await channelGroups.listGroups()).groups).toEqual([]);
  });
}

test("[IOP15] what the registry refuses the client reports with our body", async () => {
  using client = createClient(network.url);
  const refused = await failureOf(client.channelGroups.addChannels({ channelGroup: "g", channels: ["a.*"] }));
  expect(refused).toMatchObject({ error: true, statusCode: 400 });
  expect(JSON.stringify(refused.errorData)).toContain("Reserved character in input parameters.");
});
