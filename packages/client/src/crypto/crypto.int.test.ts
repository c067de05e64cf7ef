import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { CryptoModule, PubNub, type PubNubOptions, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const clientOf = (options: Partial<PubNubOptions> = {}): PubNub =>
  new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "anna", origin: network.url, ...options });

const WAYS: Readonly<Record<string, Partial<PubNubOptions>>> = {
  "the older way": { cipherKey: "enigma" },
  "the older way with the fixed vector": { cipherKey: "enigma", useRandomIVs: false },
  "the newer way": { cryptoModule: CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" }) },
};
for (const transport of ["auto", "long-poll"] as const) {
  for (const [way, options] of Object.entries(WAYS)) {
    test(`[SDK49 SDK50] published, received by ${transport} and read from the past in ${way}`, async () => {
      const client = clientOf({ ...options, transport });
      const channel = `sealed-${way}-${transport}`.replaceAll(" ", "-");
      const listener = new SubscribeListener();
      client.addListener(listener);
      client.subscribe({ channels: [channel] });
      await listener.waitForConnect();
      const message = { text: "grüße 🦊", n: [1, null] };
      await client.publish({ channel, message });
      await clientOf().publish({ channel, message: "in clear" });
      expect((await listener.waitForMessageOn([channel])).message).toEqual(message);
      const failed = await listener.waitForMessageOn([channel]);
      expect(failed.message).toBe("in clear");
      expect(failed.error).toStartWith("Error while decrypting message content: ");
      client.destroy();

      const { messages } = await client.history({ channel });
      expect(messages.map(({ entry, error }) => [entry, error === undefined])).toEqual([
        [message, true],
        ["in clear", false],
      ]);
      const fetched = (await client.fetchMessages({ channels: [channel] })).channels[channel] ?? [];
      expect(fetched.map(({ message: each, error }) => [each, error])).toEqual(
        messages.map(({ entry, error }) => [entry, error]),
      );
      const [kept] = (await clientOf().history({ channel })).messages;
      expect(typeof kept?.entry).toBe("string");
      expect(JSON.stringify(kept)).not.toContain("grüße");
    });
  }
}
