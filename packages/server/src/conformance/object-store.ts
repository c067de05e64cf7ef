/**
 * The suite that every object store passes.
 *
 * @module
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import type { SortKey } from "../ports/object-listing.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { KEYSET } from "./fixtures.ts";
import { type MakeObjectPlace, NOW_US } from "./object-cases.ts";
import { objectChangeCases } from "./object-changes.ts";
import { ObjectModel } from "./object-model.ts";
import { objectRefusalCases } from "./object-refusals.ts";
import { type Step, steps } from "./object-steps.ts";

/** Registers the suite for an adapter. */
export function objectStoreConformance(adapter: string, makePlace: MakeObjectPlace): void {
  objectChangeCases(adapter, makePlace);
  objectRefusalCases(adapter, makePlace);

  test(`${adapter} [OBJ21 OBJ22 OBJ23 OBJ24 OBJ26 OBJ29 OBJ47] listings are those of a plain model`, async () => {
    const property = fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 60 }), async (all) => {
      await using place = await makePlace();
      const store = await place.open();
      const model = new ObjectModel();
      for (const [at, step] of all.entries()) {
        await perform(store, model, place.isWalking ? inSomeOrder(step) : step, NOW_US + Math.floor(at / 2));
      }
      await store.stop();
    });
    await fc.assert(property, { numRuns: count({ quick: 40, full: 2_000 }), seed: seed() });
  });
}
function inSomeOrder(step: Step): Step {
  if (!("listing" in step) || step.listing.sort.length > 0) return step;
  const sort: readonly SortKey[] = [{ field: { kind: "id", owner: "self" }, direction: "asc" }];
  return { ...step, listing: { ...step.listing, sort } };
}

async function perform(store: ObjectStore, model: ObjectModel, step: Step, nowUs: number): Promise<void> {
  switch (step.kind) {
    case "set": {
      const request = { ...step.request, nowUs };
      await store.setMetadata(request);
      model.set(request);
      const [stored, expected] = [await store.metadata(request), model.metadata(request.kind, request.id)];
      expect(new Map(Object.entries(stored?.texts ?? {}))).toEqual(new Map(expected?.texts));
      expect([JSON.parse(stored?.custom ?? "null"), stored?.updatedUs]).toEqual([
        expected?.custom ?? null,
        expected?.updatedUs,
      ]);
      return;
    }
    case "remove":
      await store.removeMetadata(step.request);
      return model.remove(step.request);
    case "relate": {
      const request = { ...step.request, nowUs };
      await store.changeRelations(request);
      return model.relate(request);
    }
    case "list": {
      const page = await store.listMetadata({ ...step.listing, keyset: KEYSET, kind: step.of });
      const { ids, total } = model.listMetadata(step.of, step.listing);
      expect(page).toMatchObject({ kind: "page", total });
      expect(page.kind === "page" && page.items.map(({ id }) => id)).toEqual([...ids]);
      return;
    }
    case "listRelations": {
      const page = await store.listRelations({
        ...step.listing,
        ...step.place,
        includesOther: step.listing.offset > 0,
      });
      const { ids, total } = model.listRelations(step.place, step.listing);
      const other = step.place.kind === "uuid" ? "channel" : "uuid";
      expect(page).toMatchObject({ kind: "page", total });
      expect(page.kind === "page" && page.items.map(({ relation }) => relation[other])).toEqual([...ids]);
    }
  }
}
