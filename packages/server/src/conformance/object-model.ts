/**
 * Objects as a plain model: what a store must come to, written for being read and not for being fast.
 *
 * For tests. It shares nothing with the stores but the shapes of the port.
 *
 * @module
 */
import type { Condition, Field, Listing, SortKey } from "../ports/object-listing.ts";
import type { ContentPatch, ObjectKind, TextName } from "../ports/object-record.ts";
import type { MetadataRemoval, MetadataSet, RelationsChange, RelationsPlace } from "../ports/object-store.ts";

/** A record of the model; custom data as a value. */
export interface ModelRecord {
  readonly texts: ReadonlyMap<TextName, string>;
  readonly custom: Readonly<Record<string, unknown>> | undefined;
  readonly updatedUs: number;
}

interface Row extends ModelRecord {
  readonly id: string;
  readonly other?: ModelRecord | undefined;
}

const NONE: ModelRecord = { texts: new Map(), custom: undefined, updatedUs: 0 };

/** The objects of one keyset. */
export class ObjectModel {
  readonly #metadata = { uuid: new Map<string, ModelRecord>(), channel: new Map<string, ModelRecord>() };
  readonly #relations = new Map<string, ModelRecord & { readonly uuid: string; readonly channel: string }>();

  set({ kind, id, patch, nowUs }: MetadataSet): void {
    this.#metadata[kind].set(id, changed(this.#metadata[kind].get(id), patch, nowUs));
  }

  remove({ kind, id, cascades }: MetadataRemoval): void {
    const existed = this.#metadata[kind].delete(id);
    if (!existed || !cascades) return;
    for (const [key, relation] of this.#relations) if (relation[kind] === id) this.#relations.delete(key);
  }

  relate({ kind, id, set, remove, nowUs }: RelationsChange): void {
    const ends = (other: string): { readonly uuid: string; readonly channel: string } =>
      kind === "uuid" ? { uuid: id, channel: other } : { uuid: other, channel: id };
    const before = new Map(this.#relations);
    for (const { id: other, patch } of set) {
      const key = JSON.stringify(ends(other));
      const relation = changed(this.#relations.get(key), patch, nowUs);
      // However often a request names one, that is one change.
      const updatedUs = relation === this.#relations.get(key) ? relation.updatedUs : instant(before.get(key), nowUs);
      this.#relations.set(key, { ...relation, updatedUs, ...ends(other) });
    }
    for (const [key, relation] of before)
      if (isSame(relation, this.#relations.get(key))) this.#relations.set(key, relation);
    for (const other of remove) this.#relations.delete(JSON.stringify(ends(other)));
  }

  /** The ids of the page, in order, and how many there are in all. */
  listMetadata(kind: ObjectKind, listing: Listing): { readonly ids: readonly string[]; readonly total: number } {
    return page(
      [...this.#metadata[kind]].map(([id, record]) => ({ id, ...record })),
      listing,
    );
  }

  /** The ids of the other ends. */
  listRelations(
    { kind, id }: RelationsPlace,
    listing: Listing,
  ): { readonly ids: readonly string[]; readonly total: number } {
    const other = kind === "uuid" ? "channel" : "uuid";
    const rows = [...this.#relations.values()]
      .filter((relation) => relation[kind] === id)
      .map((relation) => ({ ...relation, id: relation[other], other: this.#metadata[other].get(relation[other]) }));
    return page(rows, listing);
  }

  metadata(kind: ObjectKind, id: string): ModelRecord | undefined {
    return this.#metadata[kind].get(id);
  }
}

function changed(before: ModelRecord | undefined, patch: ContentPatch, nowUs: number): ModelRecord {
  const texts = new Map(before?.texts);
  for (const [name, text] of Object.entries(patch.texts) as [TextName, string | null][]) {
    if (text === null) texts.delete(name);
    else texts.set(name, text);
  }
  const custom =
    patch.custom === undefined
      ? before?.custom
      : ((JSON.parse(patch.custom ?? "null") ?? undefined) as ModelRecord["custom"]);
  if (before && isSame(before, { texts, custom, updatedUs: 0 })) return before;
  return { texts, custom, updatedUs: instant(before, nowUs) };
}

function isSame(one: ModelRecord, other: ModelRecord | undefined): boolean {
  return other !== undefined && Bun.deepEquals([one.texts, one.custom], [other.texts, other.custom]);
}

function instant(before: ModelRecord | undefined, nowUs: number): number {
  return before && nowUs <= before.updatedUs ? before.updatedUs + 1 : nowUs;
}

function page(
  rows: readonly Row[],
  { condition, sort, offset, limit }: Listing,
): { readonly ids: readonly string[]; readonly total: number } {
  const admitted = rows.filter((row) => condition === undefined || evaluate(condition, row) === true);
  const last = sort.at(-1)?.direction ?? "asc";
  const keys: readonly SortKey[] = [...sort, { field: { kind: "id", owner: "self" }, direction: last }];
  const ordered = admitted.toSorted((one, other) => {
    for (const key of keys) {
      const order = compareBy(key, one, other);
      if (order !== 0) return order;
    }
    return 0;
  });
  return { ids: ordered.slice(offset, offset + limit).map(({ id }) => id), total: admitted.length };
}

/** True, false, or nothing where it cannot be said. */
function evaluate(condition: Condition, row: Row): boolean | undefined {
  switch (condition.kind) {
    case "and":
    case "or": {
      const decisive = condition.kind === "or";
      const parts = new Set(condition.conditions.map((part) => evaluate(part, row)));
      if (parts.has(decisive)) return decisive;
      return parts.has(undefined) ? undefined : !decisive;
    }
    case "not": {
      const inner = evaluate(condition.condition, row);
      return inner === undefined ? undefined : !inner;
    }
    case "presence":
      return (valueOf(condition.field, row) !== undefined) === condition.isPresent;
    case "like": {
      const value = valueOf(condition.field, row);
      return typeof value === "string" ? likeness(condition.pattern).test(value) : undefined;
    }
    case "compare":
      return evaluateComparison(condition, row);
  }
}

function evaluateComparison(
  { field, comparison, value }: Extract<Condition, { kind: "compare" }>,
  row: Row,
): boolean | undefined {
  const own = valueOf(field, row);
  if (own === undefined || typeof own !== typeof value) return undefined;
  if (comparison === "==") return own === value;
  if (comparison === "!=") return own !== value;
  const order = compareValues(own, value, field.kind === "id");
  return { "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 }[comparison];
}

function valueOf(field: Field, row: Row): unknown {
  if (field.kind === "id") return row.id;
  if (field.owner === "other" && !row.other) return undefined;
  const record = field.owner === "self" ? row : (row.other ?? NONE);
  if (field.kind === "updated") return record.updatedUs;
  if (field.kind === "text") return record.texts.get(field.name);
  const custom = record.custom && Object.hasOwn(record.custom, field.key) ? record.custom[field.key] : undefined;
  return custom ?? undefined;
}

// The one place with a regular expression of its own for LIKE.
function likeness(pattern: string): RegExp {
  const parts = pattern.split(/(\\\*|\*)/).map((part) => {
    if (part === "*") return "[^]*";
    return part === "\\*" ? "\\*" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "i");
}

function compareBy({ field, direction }: SortKey, one: Row, other: Row): number {
  const [left, right] = [valueOf(field, one), valueOf(field, other)];
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const order = compareValues(left, right, field.kind === "id");
  return direction === "asc" ? order : -order;
}

// Numbers and booleans come before texts; texts by their bytes, in lower case where the case does not count.
function compareValues(one: unknown, other: unknown, isCaseSensitive: boolean): number {
  if (typeof one === "string" && typeof other === "string") {
    const form = (text: string): string =>
      isCaseSensitive ? text : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    return Buffer.compare(Buffer.from(form(one)), Buffer.from(form(other)));
  }
  if (typeof one === "string") return 1;
  return typeof other === "string" ? -1 : Number(one) - Number(other);
}
