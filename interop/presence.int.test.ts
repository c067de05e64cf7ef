import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { listenTo } from "./inbox.ts";
import { type PresenceEvent, createClient } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

test("[IOP17] a client comes, says how it is, is found and leaves, and another one is told", async () => {
  using inbox = listenTo(network.url, { channels: ["room-pnpres"] }); // of itself it makes nobody present
  using alice = createClient(network.url, { userId: "alice", presenceTimeout: 60, heartbeatInterval: 29 });
  const told: PresenceEvent[] = [];
  inbox.client.addListener({ presence: (event) => told.push(event) });
  const untilTold = (action: string): Promise<void> => {
    return until(() => told.some((event) => event.action === action));
  };
  await inbox.until("it is connected", ({ statuses }) =>
    statuses.some((one) => one.category === "PNConnectedCategory"),
  );
  alice.presence({ connected: true, channels: ["room"] });
  await untilTold("join");
  const state = { mood: "glad", level: 3 };
  expect(await alice.setState({ channels: ["room"], state })).toEqual({ state });
  await untilTold("state-change");
  expect(await alice.getState({ channels: ["room"] })).toEqual({ channels: { room: state } });
  expect(await inbox.client.getState({ channels: ["room", "b"], uuid: "alice" })).toEqual({
    channels: { channels: { room: state } },
  });
  const withState = await inbox.client.hereNow({ channels: ["room"], includeState: true });
  const room = { name: "room", occupancy: 1, occupants: [{ uuid: "alice", state }] };
  expect(withState).toEqual({ totalChannels: 1, totalOccupancy: 1, channels: { room } });
  const named = { room: { ...room, occupants: [{ uuid: "alice", state: null }] } };
  expect((await inbox.client.hereNow({ channels: ["room", "b"] })).channels).toEqual(named);
  expect((await inbox.client.hereNow({})).channels).toEqual(named);
  const counted = await inbox.client.hereNow({ channels: ["room"], includeUUIDs: false });
  expect(counted.channels).toEqual({ room: { ...room, occupants: [] } });
  expect(await inbox.client.whereNow({ uuid: "alice" })).toEqual({ channels: ["room"] });
  expect(await inbox.client.whereNow({ uuid: "nobody" })).toEqual({ channels: [] });
  alice.presence({ connected: false, channels: ["room"] });
  await untilTold("leave");
  expect(told.map(({ action, uuid, occupancy }) => `${action} ${uuid} ${occupancy}`)).toEqual([
    "join alice 1",
    "state-change alice 1",
    "leave alice 0",
  ]);
  expect(told.map((event) => [event.channel, event.state])).toEqual([
    ["room", undefined],
    ["room", state],
    ["room", state],
  ]);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(10); // the test's own limit ends it otherwise
}
