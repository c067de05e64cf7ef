import { expect, test } from "bun:test";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { Filters } from "../channels/filters.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { readSubscribeRequest } from "./subscribe-request.ts";
import { Query } from "./target.ts";

test("[FLT11] a subscribe request's filter-expr decides what arrives", async () => {
  const network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
  const publish = (payload: string, meta: string): Promise<Response> =>
    fetch(`${network.url}/publish/demo/demo/0/room/0/${payload}?meta=${encodeURIComponent(meta)}`);
  await publish("1", '{"lang":"en"}');
  await publish("2", '{"lang":"de"}');
  await publish("3", '{"lang":"en","age":33}');
  const expressions = {
    "lang == 'en'": ["1", "3"],
    "(meta.age >= 32)": ["3"],
    "data < 3": ["1", "2"],
    "lang=de": ["2"],
  };
  for (const [expression, expected] of Object.entries(expressions)) {
    const filter = encodeURIComponent(expression);
    const answer = await fetch(`${network.url}/v2/subscribe/demo/room/0?tt=1&filter-expr=${filter}`);
    const { m } = (await answer.json()) as { m: readonly { d: number }[] };
    expect(m.map(({ d }) => String(d))).toEqual(expected);
  }
  await network.stop();
});

test("[FLT12] a malformed filter holds the poll, or is 481 where the keyset says so", () => {
  const url = "http://h/?tt=1&filter-expr=a+%3D%3D";
  const request = {
    channels: "room",
    query: new Query(url, url.indexOf("?"), url.length),
    filters: new Filters(),
    isStillAllowed: () => true,
  };
  const lenient = readSubscribeRequest({ ...request, keyset: DEMO_KEYSET });
  expect(lenient.filter?.({ meta: { a: 1 }, data: 1 })).toBe(false);
  const keyset = { ...DEMO_KEYSET, refusesMalformedFilters: true };
  expect(() => readSubscribeRequest({ ...request, keyset })).toThrow("filterMalformed");
});
