import { expect, test } from "bun:test";
import { type ClientByHand, clientByHand, turn } from "../by-hand.ts";
import type { PubNub } from "../pubnub.ts";

const COMMON = "uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0";
const T1 = "17326051234567891";
const T2 = "17326051234567893";

type Do = (client: PubNub) => Promise<unknown>;
interface Row {
  readonly call: Do;
  /** Method and target, without the common parameters. */
  readonly asks: string;
  readonly body?: string;
  readonly answer: string;
  readonly result: object;
}

const DONE = '{"status":200,"message":"OK","service":"Presence"}';
const HISTORY_DONE = '{"status":200,"error":false,"error_message":""}';
const ACTION = { messageTimetoken: T1, type: "reaction", uuid: "anna", value: "smile", actionTimetoken: T2 };
const PRESENCE = "/v2/presence/sub-key/sub-key";
const REGISTRY = "/v1/channel-registration/sub-key/sub-key/channel-group";
const ACTIONS = "/v1/message-actions/sub-key/channel/room";

const PRESENCE_CALLS: Readonly<Record<string, Row>> = {
  "hereNow of one channel": {
    call: (client) => client.hereNow({ channels: ["room"] }),
    asks: `GET ${PRESENCE}/channel/room`,
    answer: '{"status":200,"message":"OK","occupancy":2,"uuids":["anna","bert"],"service":"Presence"}',
    result: {
      totalChannels: 1,
      totalOccupancy: 2,
      channels: { room: { name: "room", occupancy: 2, occupants: [{ uuid: "anna" }, { uuid: "bert" }] } },
    },
  },
  "hereNow with states, a page of channels and groups": {
    call: (client) =>
      client.hereNow({ channels: ["a", "b c"], channelGroups: ["g", "h"], includeState: true, limit: 1, offset: 2 }),
    asks: `GET ${PRESENCE}/channel/a,b%20c?state=1&limit=1&offset=2&channel-group=g%2Ch`,
    answer:
      '{"status":200,"payload":{"channels":{"a":{"occupancy":3,"uuids":[{"uuid":"anna","state":{"x":1}},{"uuid":"bert"}]}},' +
      '"total_channels":1,"total_occupancy":3}}',
    result: {
      totalChannels: 1,
      totalOccupancy: 3,
      channels: {
        a: { name: "a", occupancy: 3, occupants: [{ uuid: "anna", state: { x: 1 } }, { uuid: "bert" }] },
      },
    },
  },
  "hereNow everywhere, only counted": {
    call: (client) => client.hereNow({ includeUUIDs: false }),
    asks: `GET ${PRESENCE}?disable_uuids=1`,
    answer: '{"status":200,"payload":{"channels":{"a":{"occupancy":3},"b":{"occupancy":1}}}}',
    result: {
      totalChannels: 2,
      totalOccupancy: 4,
      channels: { a: { name: "a", occupancy: 3, occupants: [] }, b: { name: "b", occupancy: 1, occupants: [] } },
    },
  },
  "hereNow of a group": {
    call: (client) => client.hereNow({ channelGroups: ["g"] }),
    asks: `GET ${PRESENCE}/channel/,?channel-group=g`,
    answer: '{"status":200,"payload":{"channels":{},"total_channels":0,"total_occupancy":0}}',
    result: { totalChannels: 0, totalOccupancy: 0, channels: {} },
  },
  "whereNow of oneself": {
    call: (client) => client.whereNow(),
    asks: `GET ${PRESENCE}/uuid/anna`,
    answer: '{"status":200,"message":"OK","payload":{"channels":["a","b"]},"service":"Presence"}',
    result: { channels: ["a", "b"] },
  },
  "whereNow of somebody who is nowhere": {
    call: (client) => client.whereNow({ uuid: "b/c" }),
    asks: `GET ${PRESENCE}/uuid/b%2Fc`,
    answer: DONE,
    result: { channels: [] },
  },
  "getState on one channel": {
    call: (client) => client.getState({ channels: ["room"] }),
    asks: `GET ${PRESENCE}/channel/room/uuid/anna`,
    answer: '{"status":200,"payload":{"x":1},"uuid":"anna","channel":"room","service":"Presence"}',
    result: { channels: { room: { x: 1 } } },
  },
  "getState of somebody on channels and groups": {
    call: (client) => client.getState({ uuid: "bert", channels: ["a", "b"], channelGroups: ["g"] }),
    asks: `GET ${PRESENCE}/channel/a,b/uuid/bert?channel-group=g`,
    answer: '{"status":200,"payload":{"channels":{"a":{"x":1},"b":{}}},"uuid":"bert"}',
    result: { channels: { a: { x: 1 }, b: {} } },
  },
  "setState on a channel": {
    call: (client) => client.setState({ channels: ["room"], state: { x: 1 } }),
    asks: `GET ${PRESENCE}/channel/room/uuid/anna/data?state=%7B%22x%22%3A1%7D`,
    answer: '{"status":200,"message":"OK","payload":{"x":1},"service":"Presence"}',
    result: { state: { x: 1 } },
  },
  "setState of somebody on a group": {
    call: (client) => client.setState({ uuid: "bert", channelGroups: ["g"], state: {} }),
    asks: `GET ${PRESENCE}/channel/,/uuid/bert/data?state=%7B%7D&channel-group=g`,
    answer: '{"status":200,"payload":{}}',
    result: { state: {} },
  },
  "heartbeat, without presence companions": {
    call: (client) => client.heartbeat({ channels: ["a", "a-pnpres"], channelGroups: ["g", "g-pnpres"] }),
    asks: `GET ${PRESENCE}/channel/a/heartbeat?heartbeat=300&channel-group=g`,
    answer: DONE,
    result: {},
  },
  "heartbeat with state": {
    call: (client) => client.heartbeat({ channels: ["a"], state: { a: { x: 1 } } }),
    asks: `GET ${PRESENCE}/channel/a/heartbeat?heartbeat=300&state=%7B%22a%22%3A%7B%22x%22%3A1%7D%7D`,
    answer: DONE,
    result: {},
  },
  leave: {
    call: (client) => client.leave({ channels: ["a", "b"], channelGroups: ["g"] }),
    asks: `GET ${PRESENCE}/channel/a,b/leave?channel-group=g`,
    answer: '{"status":200,"message":"OK","action":"leave","service":"Presence"}',
    result: {},
  },
};

const GROUP_CALLS: Readonly<Record<string, Row>> = {
  "channelGroups.addChannels": {
    call: (client) => client.channelGroups.addChannels({ channelGroup: "ns:g", channels: ["a", "b"] }),
    asks: `GET ${REGISTRY}/ns%3Ag?add=a%2Cb`,
    answer: DONE,
    result: {},
  },
  "channelGroups.removeChannels": {
    call: (client) => client.channelGroups.removeChannels({ channelGroup: "g", channels: ["a"] }),
    asks: `GET ${REGISTRY}/g?remove=a`,
    answer: DONE,
    result: {},
  },
  "channelGroups.listChannels": {
    call: (client) => client.channelGroups.listChannels({ channelGroup: "g" }),
    asks: `GET ${REGISTRY}/g`,
    answer: '{"status":200,"payload":{"channels":["a","b"],"group":"g"},"service":"channel-registry","error":false}',
    result: { channels: ["a", "b"] },
  },
  "channelGroups.listGroups": {
    call: (client) => client.channelGroups.listGroups(),
    asks: `GET ${REGISTRY}`,
    answer: '{"status":200,"payload":{"namespace":"","groups":["g"]},"service":"channel-registry","error":false}',
    result: { groups: ["g"] },
  },
  "channelGroups.deleteGroup": {
    call: (client) => client.channelGroups.deleteGroup({ channelGroup: "g" }),
    asks: `GET ${REGISTRY}/g/remove`,
    answer: DONE,
    result: {},
  },
};

const HISTORY_CALLS: Readonly<Record<string, Row>> = {
  "history, whose last digits no number holds": {
    call: (client) => client.history({ channel: "room" }),
    asks: "GET /v2/history/sub-key/sub-key/channel/room?count=100&include_token=true",
    answer: `[[{"message":{"n":1e3},"timetoken":${T1}}, {"timetoken":"${T2}","message":"]"}],${T1},${T2}]`,
    result: {
      messages: [
        { entry: { n: 1_000 }, timetoken: T1 },
        { entry: "]", timetoken: T2 },
      ],
      startTimeToken: T1,
      endTimeToken: T2,
    },
  },
  "history with every parameter": {
    call: (client) =>
      client.history({ channel: "a b", start: T1, end: T2, count: 500, reverse: true, includeMeta: true }),
    asks:
      `GET /v2/history/sub-key/sub-key/channel/a%20b?start=${T1}&end=${T2}` +
      "&count=100&reverse=true&include_token=true&include_meta=true",
    answer: `[[{"message":1,"meta":{"l":"en"},"timetoken":${T2}}],"${T2}","${T2}"]`,
    result: { messages: [{ entry: 1, timetoken: T2, meta: { l: "en" } }], startTimeToken: T2, endTimeToken: T2 },
  },
  "history of nothing": {
    call: (client) => client.history({ channel: "room", count: 3 }),
    asks: "GET /v2/history/sub-key/sub-key/channel/room?count=3&include_token=true",
    answer: "[[],0,0]",
    result: { messages: [], startTimeToken: "0", endTimeToken: "0" },
  },
  deleteMessages: {
    call: (client) => client.deleteMessages({ channel: "room", start: T1, end: T2 }),
    asks: `DELETE /v3/history/sub-key/sub-key/channel/room?start=${T1}&end=${T2}`,
    answer: HISTORY_DONE,
    result: {},
  },
  "fetchMessages of several channels": {
    call: (client) => client.fetchMessages({ channels: ["a", "ü"] }),
    asks:
      "GET /v3/history/sub-key/sub-key/channel/a,%C3%BC" +
      "?max=25&include_uuid=true&include_message_type=true&encode_channels=false",
    answer:
      `{"status":200,"error":false,"channels":{"ü":[{"message":1,"timetoken":"${T1}","uuid":"bert","message_type":null}],` +
      `"a":[{"message":{},"timetoken":"${T2}","message_type":4}]},"more":{"url":"/v3","start":"${T1}","max":7}}`,
    result: {
      channels: {
        ü: [{ channel: "ü", timetoken: T1, message: 1, uuid: "bert", messageType: -1 }],
        a: [{ channel: "a", timetoken: T2, message: {}, messageType: 4 }],
      },
      more: { url: "/v3", start: T1, max: 7 },
    },
  },
  "fetchMessages of files, with their addresses": {
    call: (client) => client.fetchMessages({ channels: ["a b"] }),
    asks:
      "GET /v3/history/sub-key/sub-key/channel/a%20b" +
      "?max=100&include_uuid=true&include_message_type=true&encode_channels=false",
    answer:
      `{"status":200,"error":false,"channels":{"a b":[{"message":{"message":"hi","file":{"id":"i/d","name":"n"}},"timetoken":"${T1}",` +
      `"message_type":4},{"message":{"file":{"id":"..","name":"n"}},"timetoken":"${T2}","message_type":4},` +
      `{"message":{"file":{"id":"i","name":"n"}},"timetoken":"${T2}","message_type":null}]}}`,
    result: {
      channels: {
        "a b": [
          {
            channel: "a b",
            timetoken: T1,
            message: {
              message: "hi",
              file: {
                id: "i/d",
                name: "n",
                url: `https://network.test/v1/files/sub-key/channels/a%20b/files/i%2Fd/n?${COMMON}`,
              },
            },
            messageType: 4,
          },
          { channel: "a b", timetoken: T2, message: { file: { id: "..", name: "n" } }, messageType: 4 },
          { channel: "a b", timetoken: T2, message: { file: { id: "i", name: "n" } }, messageType: -1 },
        ],
      },
    },
  },
  "fetchMessages of one channel, without what is there by default": {
    call: (client) =>
      client.fetchMessages({ channels: ["a"], includeUUID: false, includeMessageType: false, start: T2, end: T1 }),
    asks: `GET /v3/history/sub-key/sub-key/channel/a?start=${T2}&end=${T1}&max=100&encode_channels=false`,
    answer: '{"status":200,"error":false,"error_message":"","channels":{}}',
    result: { channels: {} },
  },
  "fetchMessages with actions, meta and types": {
    call: (client) =>
      client.fetchMessages({
        channels: ["a"],
        count: 99,
        includeMessageActions: true,
        includeMeta: true,
        includeCustomMessageType: true,
      }),
    asks:
      "GET /v3/history-with-actions/sub-key/sub-key/channel/a?max=25&include_uuid=true&include_message_type=true" +
      "&include_custom_message_type=true&include_meta=true&encode_channels=false",
    answer:
      `{"status":200,"error":false,"channels":{"a":[{"message":1,"timetoken":"${T1}","meta":"","custom_message_type":"mood",` +
      `"actions":{"reaction":{"smile":[{"uuid":"u","actionTimetoken":"${T2}"}]}}}]}}`,
    result: {
      channels: {
        a: [
          {
            channel: "a",
            timetoken: T1,
            message: 1,
            customMessageType: "mood",
            meta: "",
            actions: { reaction: { smile: [{ uuid: "u", actionTimetoken: T2 }] } },
          },
        ],
      },
    },
  },
  "messageCounts after one instant": {
    call: (client) => client.messageCounts({ channels: ["a", "b"], timetoken: T1 }),
    asks: `GET /v3/history/sub-key/sub-key/message-counts/a,b?timetoken=${T1}`,
    answer: '{"status":200,"error":false,"error_message":"","channels":{"a":2,"b":0}}',
    result: { channels: { a: 2, b: 0 } },
  },
  "messageCounts after one instant each": {
    call: (client) => client.messageCounts({ channels: ["a", "b"], channelTimetokens: [T1, T2] }),
    asks: `GET /v3/history/sub-key/sub-key/message-counts/a,b?channelsTimetoken=${T1}%2C${T2}`,
    answer: '{"status":200,"error":false,"error_message":"","channels":{"a":2,"b":0},"more":{}}',
    result: { channels: { a: 2, b: 0 } },
  },
};

const ACTION_CALLS: Readonly<Record<string, Row>> = {
  addMessageAction: {
    call: (client) =>
      client.addMessageAction({ channel: "room", messageTimetoken: T1, action: { type: "reaction", value: "smile" } }),
    asks: `POST ${ACTIONS}/message/${T1}`,
    body: '{"type":"reaction","value":"smile"}',
    answer: JSON.stringify({ status: 200, data: ACTION }),
    result: { data: ACTION, isAnnounced: true },
  },
  "addMessageAction that could not be announced": {
    call: (client) =>
      client.addMessageAction({ channel: "room", messageTimetoken: T1, action: { type: "reaction", value: "smile" } }),
    asks: `POST ${ACTIONS}/message/${T1}`,
    body: '{"type":"reaction","value":"smile"}',
    answer: JSON.stringify({ status: 207, data: ACTION, error: { message: "Stored but failed to publish." } }),
    result: { data: ACTION, isAnnounced: false },
  },
  removeMessageAction: {
    call: (client) => client.removeMessageAction({ channel: "room", messageTimetoken: T1, actionTimetoken: T2 }),
    asks: `DELETE ${ACTIONS}/message/${T1}/action/${T2}`,
    answer: '{"status":200,"data":{}}',
    result: { data: {}, isAnnounced: true },
  },
  "removeMessageAction that could not be announced": {
    call: (client) => client.removeMessageAction({ channel: "room", messageTimetoken: T1, actionTimetoken: T2 }),
    asks: `DELETE ${ACTIONS}/message/${T1}/action/${T2}`,
    answer: '{"status":207,"error":{"source":"actions"}}',
    result: { data: {}, isAnnounced: false },
  },
  getMessageActions: {
    call: (client) => client.getMessageActions({ channel: "room", start: T2, end: T1, limit: 500 }),
    asks: `GET ${ACTIONS}?start=${T2}&end=${T1}&limit=100`,
    answer: JSON.stringify({ status: 200, data: [ACTION], more: { url: "/v1", start: T2, end: 7, limit: 2 } }),
    result: { data: [ACTION], start: T2, end: T2, more: { url: "/v1", start: T2, limit: 2 } },
  },
  "getMessageActions of none": {
    call: (client) => client.getMessageActions({ channel: "room" }),
    asks: `GET ${ACTIONS}`,
    answer: '{"status":200,"data":[]}',
    result: { data: [], start: null, end: null },
  },
};

/** Makes a call and answers it. */
async function answered(call: Do, text: string): Promise<readonly [ClientByHand["network"]["last"], unknown]> {
  const { client, network } = clientByHand();
  const result = call(client).catch((failure: unknown) => failure);
  await turn();
  network.last.answer(text, text.startsWith('{"status":207') ? 207 : 200);
  return [network.last, await result];
}

function testRow(name: string, { call, asks, body, answer, result }: Row): void {
  test(name, async () => {
    const [request, got] = await answered(call, answer);
    const target = `https://network.test${asks.slice(asks.indexOf("/"))}`;
    expect(`${request.method} ${request.url}`).toBe(
      `${asks.split(" ")[0]} ${target}${target.includes("?") ? "&" : "?"}${COMMON}`,
    );
    expect(request.body).toBe(body);
    expect(request.timeoutMs).toBe(15_000);
    expect(got).toStrictEqual(result);
  });
}
for (const [name, row] of Object.entries(PRESENCE_CALLS)) testRow(`[SDK28 SDK29] ${name}`, row);
for (const [name, row] of Object.entries(GROUP_CALLS)) testRow(`[SDK30] ${name}`, row);
for (const [name, row] of Object.entries(HISTORY_CALLS)) testRow(`[SDK9 SDK31 SDK32 SDK33] ${name}`, row);
for (const [name, row] of Object.entries(ACTION_CALLS)) testRow(`[SDK34] ${name}`, row);

const EVERY = { ...PRESENCE_CALLS, ...GROUP_CALLS, ...HISTORY_CALLS, ...ACTION_CALLS };
for (const [name, { call }] of Object.entries(EVERY)) {
  test(`[SDK23] ${name}: an answer that is something else is no result`, async () => {
    for (const text of ["", "<html>", "7", "null", "[]", '[["Use of the history API"],0,0]', "{}", '{"payload":[]}']) {
      const [, failure] = await answered(call, text);
      expect(failure).toMatchObject({ name: "PubNubError", category: "PNMalformedResponseCategory" });
    }
  });
}

test("[SDK10] each call takes a signal, which reaches the transport and aborts it", async () => {
  const { client, network } = clientByHand();
  const stop = new AbortController();
  const { signal } = stop;
  const at = { channel: "a", messageTimetoken: T1, signal };
  const file = { channel: "a", id: "i", name: "n" };
  const phone = { device: "d", pushGateway: "fcm" } as const;
  const calls = [
    client.hereNow({ signal }),
    client.whereNow({ signal }),
    client.getState({ channels: ["a"], signal }),
    client.setState({ channels: ["a"], state: {}, signal }),
    client.heartbeat({ channels: ["a"], signal }),
    client.leave({ channels: ["a"], signal }),
    client.channelGroups.addChannels({ channelGroup: "g", channels: ["a"], signal }),
    client.channelGroups.removeChannels({ channelGroup: "g", channels: ["a"], signal }),
    client.channelGroups.listChannels({ channelGroup: "g", signal }),
    client.channelGroups.listGroups({ signal }),
    client.channelGroups.deleteGroup({ channelGroup: "g", signal }),
    client.history({ channel: "a", signal }),
    client.fetchMessages({ channels: ["a"], signal }),
    client.messageCounts({ channels: ["a"], timetoken: T1, signal }),
    client.deleteMessages({ channel: "a", signal }),
    client.addMessageAction({ ...at, action: { type: "a", value: "b" } }),
    client.removeMessageAction({ ...at, actionTimetoken: T2 }),
    client.getMessageActions({ channel: "a", signal }),
    client.objects.getAllUUIDMetadata({ signal }),
    client.objects.getUUIDMetadata({ signal }),
    client.objects.setUUIDMetadata({ data: {}, signal }),
    client.objects.removeUUIDMetadata({ signal }),
    client.objects.getAllChannelMetadata({ signal }),
    client.objects.getChannelMetadata({ channel: "a", signal }),
    client.objects.setChannelMetadata({ channel: "a", data: {}, signal }),
    client.objects.removeChannelMetadata({ channel: "a", signal }),
    client.objects.getMemberships({ signal }),
    client.objects.setMemberships({ channels: ["a"], signal }),
    client.objects.removeMemberships({ channels: ["a"], signal }),
    client.objects.getChannelMembers({ channel: "a", signal }),
    client.objects.setChannelMembers({ channel: "a", uuids: ["u"], signal }),
    client.objects.removeChannelMembers({ channel: "a", uuids: ["u"], signal }),
    client.listFiles({ channel: "a", signal }),
    client.downloadFile({ ...file, signal }),
    client.deleteFile({ ...file, signal }),
    client.push.addChannels({ ...phone, channels: ["a"], signal }),
    client.push.removeChannels({ ...phone, channels: ["a"], signal }),
    client.push.listChannels({ ...phone, signal }),
    client.push.deleteDevice({ ...phone, signal }),
  ];
  const outcomes = Promise.allSettled(calls);
  expect(network.requests.map((request) => request.signal)).toEqual(calls.map(() => signal));
  stop.abort();
  const operations = (await outcomes).map((outcome) => {
    expect(outcome).toMatchObject({ status: "rejected", reason: { category: "PNCancelledCategory" } });
    return outcome.status === "rejected" && (outcome.reason as { operation: string }).operation;
  });
  expect(operations).toEqual([
    "PNHereNowOperation",
    "PNWhereNowOperation",
    "PNGetStateOperation",
    "PNSetStateOperation",
    "PNHeartbeatOperation",
    "PNUnsubscribeOperation",
    "PNAddChannelsToGroupOperation",
    "PNRemoveChannelsFromGroupOperation",
    "PNChannelsForGroupOperation",
    "PNChannelGroupsOperation",
    "PNRemoveGroupOperation",
    "PNHistoryOperation",
    "PNFetchMessagesOperation",
    "PNMessageCountsOperation",
    "PNDeleteMessagesOperation",
    "PNAddActionOperation",
    "PNRemoveMessageActionOperation",
    "PNGetMessageActionsOperation",
    "PNGetAllUUIDMetadataOperation",
    "PNGetUUIDMetadataOperation",
    "PNSetUUIDMetadataOperation",
    "PNRemoveUUIDMetadataOperation",
    "PNGetAllChannelMetadataOperation",
    "PNGetChannelMetadataOperation",
    "PNSetChannelMetadataOperation",
    "PNRemoveChannelMetadataOperation",
    "PNGetMembershipsOperation",
    "PNSetMembershipsOperation",
    "PNRemoveMembershipsOperation",
    "PNGetMembersOperation",
    "PNSetMembersOperation",
    "PNRemoveMembersOperation",
    "PNListFilesOperation",
    "PNDownloadFileOperation",
    "PNDeleteFileOperation",
    "PNAddPushNotificationEnabledChannelsOperation",
    "PNRemovePushNotificationEnabledChannelsOperation",
    "PNPushNotificationEnabledChannelsOperation",
    "PNRemoveAllPushNotificationsOperation",
  ]);
});

const LONG = Array.from({ length: 400 }, (_, number) => `${"x".repeat(90)}${number}`);
const REFUSED: Readonly<Record<string, readonly [Do, RegExp]>> = {
  "no channel": [(client) => client.history({} as never), /channel is missing/],
  "a channel that the address would resolve away": [
    (client) => client.history({ channel: ".." }),
    /channel is missing or no name/,
  ],
  "half of a character": [(client) => client.history({ channel: "\ud800" }), /channel is missing or no name/],
  "a comma in a name": [(client) => client.fetchMessages({ channels: ["a,b"] }), /channels is missing or no name/],
  "no list": [(client) => client.hereNow({ channels: "room" as never }), /channels is no list/],
  "an empty list": [(client) => client.fetchMessages({ channels: [] }), /channels is missing or empty/],
  "neither channels nor groups": [(client) => client.leave({}), /channels and channelGroups are both missing/],
  "nothing but companions": [(client) => client.heartbeat({ channels: ["a-pnpres"] }), /are both missing/],
  "no group": [(client) => client.channelGroups.deleteGroup({ channelGroup: "" }), /channelGroup is missing/],
  "a timetoken as a number": [(client) => client.history({ channel: "a", start: 17 as never }), /start is not 17/],
  "half a count": [(client) => client.history({ channel: "a", count: 1.5 }), /count is 1.5; give a whole number/],
  "a count of none": [(client) => client.fetchMessages({ channels: ["a"], count: 0 }), /count is 0/],
  "a limit of none": [(client) => client.getMessageActions({ channel: "a", limit: 0 }), /limit is 0/],
  "a state that is a text": [
    (client) => client.setState({ channels: ["a"], state: "x" as never }),
    /state is no object/,
  ],
  "a state that goes round": [
    (client) => {
      const state: Record<string, unknown> = {};
      state["state"] = state;
      return client.setState({ channels: ["a"], state });
    },
    /state is no object/,
  ],
  "actions of two channels": [
    (client) => client.fetchMessages({ channels: ["a", "b"], includeMessageActions: true }),
    /channels must be one/,
  ],
  "counts since nothing": [(client) => client.messageCounts({ channels: ["a"] }), /one of timetoken/],
  "counts since both": [
    (client) => client.messageCounts({ channels: ["a"], timetoken: T1, channelTimetokens: [T1] }),
    /one of timetoken/,
  ],
  "counts since two instants of three channels": [
    (client) => client.messageCounts({ channels: ["a", "b", "c"], channelTimetokens: [T1, T2] }),
    /as many as there are channels/,
  ],
  "an action without a value": [
    (client) => client.addMessageAction({ channel: "a", messageTimetoken: T1, action: { type: "a" } as never }),
    /action has no type or no value/,
  ],
  "an action with a long type": [
    (client) =>
      client.addMessageAction({ channel: "a", messageTimetoken: T1, action: { type: "x".repeat(16), value: "b" } }),
    /action.type is too long; use at most 15/,
  ],
  "more names than an address holds": [(client) => client.hereNow({ channels: LONG }), /too long for an address/],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK27] nothing is sent: ${why}`, async () => {
    const { client, network } = clientByHand();
    const failure = await call(client).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(String(failure)).toMatch(/^PubNubError: Nothing was sent: .*\.$/);
    expect(network.requests).toEqual([]);
  });
}
