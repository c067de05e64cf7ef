/**
 * Random steps for object stores: changes and listings, of few names and words that fall together often.
 *
 * @module
 */
import fc from "fast-check";
import type { Condition, Field, Listing, SortKey } from "../ports/object-listing.ts";
import { type ContentPatch, METADATA_TEXTS, type ObjectKind, type TextName } from "../ports/object-record.ts";
import type { MetadataRemoval, MetadataSet, RelationsChange, RelationsPlace } from "../ports/object-store.ts";
import { KEYSET } from "./fixtures.ts";
import { NOW_US } from "./object-cases.ts";

/** One step. */
export type Step =
  | { readonly kind: "set"; readonly request: Omit<MetadataSet, "nowUs"> }
  | { readonly kind: "remove"; readonly request: MetadataRemoval }
  | { readonly kind: "relate"; readonly request: Omit<RelationsChange, "nowUs"> }
  | { readonly kind: "list"; readonly of: ObjectKind; readonly listing: Listing }
  | { readonly kind: "listRelations"; readonly place: RelationsPlace; readonly listing: Listing };
const kinds = fc.constantFrom<ObjectKind>("uuid", "channel");
const ids = fc.constantFrom("a", "A", "ab", "B", "ä", "c*");
const words = fc.constantFrom("a", "A", "ab", "Ab", "abc", "b", "ä", "Ä", "*", "[a]", "a?c", "@", "Z", "z", "_");
const patterns = fc.constantFrom("*", "a*", "A", "*b", "*B*", "\\*", "ä", "[*", "*]", "a?*", "@*", "z*", "\\*a", "");
const keys = fc.constantFrom("k", "x y");
const values = fc.oneof(words, fc.integer({ min: -2, max: 2 }), fc.boolean(), fc.constant(0.5));

const customs = fc.oneof(
  fc.constant(null),
  fc
    .dictionary(keys, fc.oneof(values, fc.constant(null)), { maxKeys: 2, noNullPrototype: true })
    .map((custom) => JSON.stringify(custom)),
);

function patchesOf(names: readonly TextName[]): fc.Arbitrary<ContentPatch> {
  const texts = fc.dictionary(fc.constantFrom(...names), fc.option(words), { maxKeys: 3, noNullPrototype: true });
  return fc.record({ texts, custom: fc.option(customs, { nil: undefined, freq: 2 }) });
}

function fieldsOf(self: readonly TextName[], other: readonly TextName[] | undefined): fc.Arbitrary<Field> {
  const text = (owner: Field["owner"], names: readonly TextName[]): fc.Arbitrary<Field> =>
    fc.constantFrom(...names).map((name) => ({ kind: "text", owner, name }));
  const owners = fc.constantFrom<Field["owner"]>(...(other ? (["self", "other"] as const) : (["self"] as const)));
  return fc.oneof(
    fc.constant<Field>({ kind: "id", owner: "self" }),
    text("self", self),
    ...(other ? [text("other", other)] : []),
    owners.map((owner): Field => ({ kind: "updated", owner })),
    fc.record({ kind: fc.constant("custom" as const), owner: owners, key: keys }),
  );
}

const comparisons = fc.constantFrom("==" as const, "!=", "<", "<=", ">", ">=");

function leavesOf(fields: fc.Arbitrary<Field>): fc.Arbitrary<Condition> {
  return fc
    .tuple(fields, comparisons, words, values, patterns, fc.nat(30), fc.nat(9))
    .map(([field, comparison, word, value, pattern, later, die]): Condition => {
      if (die === 0) return { kind: "presence", field, isPresent: later % 2 === 0 };
      if (field.kind === "updated") return { kind: "compare", field, comparison, value: NOW_US + later };
      if (die < 4) return { kind: "like", field, pattern };
      if (field.kind !== "custom") return { kind: "compare", field, comparison, value: word };
      const isOrdered = typeof value !== "boolean";
      return { kind: "compare", field, comparison: isOrdered ? comparison : "!=", value };
    });
}

function listingsOf(fields: fc.Arbitrary<Field>): fc.Arbitrary<Listing> {
  const { condition } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
    leaf: leavesOf(fields),
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      tie("leaf"),
      fc.record({
        kind: fc.constantFrom("and" as const, "or"),
        conditions: fc.array(tie("condition"), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant("not" as const), condition: tie("condition") }),
    ),
  }));
  const sorts: fc.Arbitrary<readonly SortKey[]> = fc.array(
    fc.record({ field: fields, direction: fc.constantFrom("asc" as const, "desc") }),
    { maxLength: 2 },
  );
  return fc.record({
    condition: fc.option(condition, { nil: undefined, freq: 4 }),
    sort: sorts,
    offset: fc.nat(3),
    limit: fc.nat(5),
    counts: fc.constant(true),
  });
}

const RELATION_NAMES = ["type", "status"] as const;
const sets = kinds.chain((kind) =>
  fc.record({
    keyset: fc.constant(KEYSET),
    kind: fc.constant(kind),
    id: ids,
    patch: patchesOf(METADATA_TEXTS[kind]),
    ifMatch: fc.constant(undefined),
  }),
);
const places = fc.record({ keyset: fc.constant(KEYSET), kind: kinds, id: ids });
const relates = fc.record({
  keyset: fc.constant(KEYSET),
  kind: kinds,
  id: ids,
  set: fc.array(fc.record({ id: ids, patch: patchesOf(RELATION_NAMES) }), { maxLength: 4 }),
  remove: fc.array(ids, { maxLength: 2 }),
  requiresMetadata: fc.constant(false),
});
const removals = fc.record({ keyset: fc.constant(KEYSET), kind: kinds, id: ids, cascades: fc.boolean() });

/** Any step. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: sets.map((request): Step => ({ kind: "set", request })) },
  { weight: 1, arbitrary: removals.map((request): Step => ({ kind: "remove", request })) },
  { weight: 4, arbitrary: relates.map((request): Step => ({ kind: "relate", request })) },
  {
    weight: 4,
    arbitrary: kinds.chain((of) =>
      listingsOf(fieldsOf(METADATA_TEXTS[of], undefined)).map((listing): Step => ({ kind: "list", of, listing })),
    ),
  },
  {
    weight: 4,
    arbitrary: places.chain((place) => {
      const other = METADATA_TEXTS[place.kind === "uuid" ? "channel" : "uuid"];
      return listingsOf(fieldsOf(RELATION_NAMES, other)).map((listing): Step => ({
        kind: "listRelations",
        place,
        listing,
      }));
    }),
  },
);
