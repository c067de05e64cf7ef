import { expect, test } from "bun:test";
import { NOW, ObjectsWire } from "./objects-wire.ts";

const event = (name: string, type: string, data: string): string =>
  `{"source":"objects","version":"2.0","event":"${name}","type":"${type}","data":${data}}`;
const tagIn = (data: string): string => (JSON.parse(data) as { readonly eTag: string }).eTag;

test("[OBJ30 OBJ35] a channel's event goes to the channel and has what is different, null where it was cleared", async () => {
  await using wire = await ObjectsWire.start();
  const first = await wire.set("/channels/c", { name: "Room", custom: { b: 1, a: 2 }, type: "t" });
  const second = await wire.set("/channels/c", { name: "Room", custom: null, description: "d", status: null });
  await wire.ask("DELETE", "/channels/c");
  expect(await wire.events("c")).toEqual([
    [
      "c",
      event(
        "set",
        "channel",
        `{"custom":{"b":1,"a":2},"eTag":"${tagIn(first)}","id":"c","name":"Room","type":"t","updated":"${NOW}"}`,
      ),
    ],
    [
      "c",
      event(
        "set",
        "channel",
        `{"custom":null,"description":"d","eTag":"${tagIn(second)}","id":"c","updated":"2024-11-26T07:12:03.456001Z"}`,
      ),
    ],
    ["c", event("delete", "channel", '{"id":"c"}')],
  ]);
});

test("[OBJ30 OBJ35] a user's events go to its own channel and to those that it is a member of, to no others", async () => {
  await using wire = await ObjectsWire.start({ announcesMemberships: false });
  const set = [{ channel: { id: "c-1" } }, { channel: { id: "c-2" } }, { channel: { id: "u" } }];
  await wire.ask("PATCH", "/uuids/u/channels", JSON.stringify({ set }));
  await wire.ask("PATCH", "/uuids/u/channels", JSON.stringify({ delete: [{ channel: { id: "c-2" } }] }));
  const full = { name: "N", email: "e@x", externalId: "i", profileUrl: "a:b", type: "t", status: "s" };
  const data = await wire.set("/uuids/u", full);
  await wire.set("/uuids/other", full);
  await wire.ask("DELETE", "/uuids/u");
  await wire.ask("DELETE", "/uuids/u");
  const changed = event(
    "set",
    "uuid",
    `{"eTag":"${tagIn(data)}","email":"e@x","externalId":"i","id":"u","name":"N","profileUrl":"a:b","status":"s","type":"t","updated":"${NOW}"}`,
  );
  const gone = event("delete", "uuid", '{"id":"u"}');
  expect(await wire.events("u", "c-1", "c-2", "c-3")).toEqual([
    ["u", changed],
    ["c-1", changed],
    ["u", gone],
    ["c-1", gone],
  ]);
});

test("[OBJ35] wildcards and channel groups see the events of their channels", async () => {
  await using wire = await ObjectsWire.start();
  await wire.network.ask("/v1/channel-registration/sub-key/demo/channel-group/g?add=a.b");
  const handshake = await wire.network.handshake();
  await wire.set("/channels/a.b", { name: "x" });
  const { body: byGroup } = await wire.network.poll(",", `tt=${handshake}&channel-group=g`);
  const { body: byWildcard } = await wire.network.poll("a.*", `tt=${handshake}`);
  for (const body of [byGroup, byWildcard]) expect(body).toContain('"e":2,"p"');
});

test("[OBJ12 OBJ36] what changed nothing, or was refused, is told to nobody", async () => {
  await using wire = await ObjectsWire.start();
  await wire.set("/uuids/u", { name: "N" });
  await wire.ask("PATCH", "/uuids/u/channels", '{"set":[{"channel":{"id":"c"}}]}');
  const before = (await wire.events("u", "c")).length;
  await wire.set("/uuids/u", { name: "N", email: null });
  await wire.ask("PATCH", "/uuids/u", '{"name":""}');
  await wire.ask("PATCH", "/uuids/u", '{"name":"M"}', { "If-Match": "x" });
  await wire.ask("PATCH", "/uuids/u/channels", '{"set":[{"channel":{"id":"c"}}],"delete":[{"channel":{"id":"d"}}]}');
  await wire.ask("DELETE", "/uuids/nobody");
  await wire.ask("DELETE", "/channels/c");
  expect(await wire.events("u", "c", "nobody", "d")).toHaveLength(before);
});

test("[OBJ36] a keyset switches off the events of users, of channels and of memberships", async () => {
  const cases = [
    [{ announcesUsers: false }, "channel membership"],
    [{ announcesChannels: false }, "uuid membership"],
    [{ announcesMemberships: false }, "uuid channel"],
    [{ announcesUsers: false, announcesChannels: false, announcesMemberships: false }, ""],
  ] as const;
  for (const [settings, told] of cases) {
    await using wire = await ObjectsWire.start(settings);
    await wire.set("/uuids/x", {});
    await wire.set("/channels/x", {});
    await wire.ask("PATCH", "/uuids/x/channels", '{"set":[{"channel":{"id":"x"}}]}');
    const payloads = (await wire.events("x")).map(([, payload]) => payload);
    expect(payloads.map((payload) => (JSON.parse(payload) as { readonly type: string }).type).join(" ")).toBe(told);
  }
});

test("[OBJ36] events of changes at the same time leave in the order of the changes", async () => {
  await using wire = await ObjectsWire.start();
  const set = Array.from({ length: 20 }, (_, at) => ({ channel: { id: `c-${at}` } }));
  await wire.ask("PATCH", "/uuids/u/channels?limit=0", JSON.stringify({ set }));
  await Promise.all(Array.from({ length: 10 }, (_, at) => wire.set("/uuids/u", { name: `${at}` })));
  const last = JSON.parse(await wire.set("/uuids/u", {})) as { readonly eTag: string };
  const instants = (await wire.events("c-19"))
    .map(
      ([, payload]) =>
        JSON.parse(payload) as { readonly type: string; readonly data: Readonly<Record<string, string>> },
    )
    .filter(({ type }) => type === "uuid")
    .map(({ data }) => data);
  expect(instants).toHaveLength(10);
  const updated = instants.map((data) => (data["updated"] ?? "").slice(0, -1));
  expect(updated).toEqual(updated.toSorted());
  expect(instants.at(-1)?.["eTag"]).toBe(last.eTag);
});
