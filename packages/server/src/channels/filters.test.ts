import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { draft } from "../conformance/fixtures.ts";
import { Delivery } from "./delivery.ts";
import { Filters } from "./filters.ts";

const deliveryOf = (payload: string, meta?: string): Delivery =>
  new Delivery({ ...draft({ payload, meta }), keyset: "k", timetoken: 1n });

test("[FLT10] an expression is compiled once, and the one longest unused leaves", () => {
  const filters = new Filters();
  const first = filters.of("a == 1");
  expect(filters.of("a == 1")).toBe(first);
  for (let count = 1; count < LIMITS.compiledFiltersMax; count++) filters.of(`a == ${count + 1}`);
  expect(filters.of("a == 1")).toBe(first);
  filters.of("one more");
  expect(filters.size).toBe(LIMITS.compiledFiltersMax);
  expect(filters.of("a == 1")).toBe(first);
});

test("[FLT10] a payload is parsed once, and only for an expression that asks for it", () => {
  const filters = new Filters();
  const broken = deliveryOf("{ no JSON", '{"a":1}'); // would throw if it were parsed
  expect(filters.of("meta.a == 1").passes(broken)).toBe(true);
  expect(filters.of("a == 2 && data.b == 1").passes(broken)).toBe(false);
  const delivery = deliveryOf('{"b":1}');
  expect(filters.of("data.b == 1").passes(delivery)).toBe(true);
  expect(delivery.data).toBe(delivery.data);
});

test("[FLT12] a malformed expression passes nothing and says so", () => {
  const filter = new Filters().of("a ==");
  expect([filter.isMalformed, filter.passes(deliveryOf("1"))]).toEqual([true, false]);
});
