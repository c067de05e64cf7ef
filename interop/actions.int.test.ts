import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { GRACE_MS, subscribe } from "./inbox.ts";
import { createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const SMILE = { type: "reaction", value: "smiley_face 🦊" };

test("[IOP16] actions are added and removed, and the listener is told of both", async () => {
  using anna = createClient(network.url, { userId: "anna" });
  using inbox = await subscribe(network.url, { channels: ["actions"] });
  const { timetoken: messageTimetoken } = await anna.publish({ channel: "actions", message: "hi" });
  const place = { channel: "actions", messageTimetoken };
  const { data } = await anna.addMessageAction({ ...place, action: SMILE });
  expect(data).toEqual({ ...SMILE, uuid: "anna", messageTimetoken, actionTimetoken: data.actionTimetoken });
  const { actionTimetoken } = data;
  expect((await anna.removeMessageAction({ ...place, actionTimetoken })).data).toEqual({});
  await inbox.until("both events", ({ messageActions }) => messageActions.length === 2);
  await Bun.sleep(GRACE_MS);
  const event = (name: string): object => ({ channel: "actions", publisher: "anna", event: name, data });
  expect(inbox.messageActions).toMatchObject([event("added"), event("removed")]);
  expect(inbox.payloads()).toEqual(["hi"]);
});

test("[IOP16] a channel's actions are listed page by page, and none is an empty list", async () => {
  using anna = createClient(network.url, { userId: "anna" });
  const channel = "pages";
  const nothing = await anna.getMessageActions({ channel });
  expect(nothing).toMatchObject({ data: [], start: null, end: null });
  const sent: string[] = [];
  for (const value of ["1", "2", "3", "4", "5"]) {
    const added = await anna.addMessageAction({
      channel,
      messageTimetoken: "17326051234567890",
      action: { type: "t", value },
    });
    sent.push(added.data.actionTimetoken);
  }
  const pages: string[] = [];
  let start: string | null | undefined;
  do {
    const page = await anna.getMessageActions({ channel, limit: 2, ...(start ? { start } : {}) });
    if (page.data.length > 0)
      expect([page.start, page.end]).toEqual([
        sent[sent.indexOf(page.data[0]?.actionTimetoken ?? "")] ?? "",
        page.data.at(-1)?.actionTimetoken ?? "",
      ]);
    pages.push(page.data.map(({ value }) => value).join(""));
    start = page.start;
  } while (start);
  expect(pages).toEqual(["45", "23", "1", ""]);
});

test("[IOP16] what is refused is a status with our body", async () => {
  using anna = createClient(network.url, { userId: "anna" });
  using bert = createClient(network.url, { userId: "bert" });
  const place = { channel: "refused", messageTimetoken: "17326051234567890" };
  const { data } = await anna.addMessageAction({ ...place, action: SMILE });
  const again = await failureOf(anna.addMessageAction({ ...place, action: SMILE }));
  expect(again).toMatchObject({
    statusCode: 409,
    errorData: { status: 409, error: { source: "actions", message: "Action Already Added" } },
  });
  const { actionTimetoken } = data;
  const stranger = await failureOf(bert.removeMessageAction({ ...place, actionTimetoken }));
  expect(stranger).toMatchObject({
    category: "PNBadRequestCategory",
    errorData: { error: { message: "Not deleting message action: wrong uuid specified" } },
  });
});
