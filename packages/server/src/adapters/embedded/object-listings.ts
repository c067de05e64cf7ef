/**
 * Lists objects: chooses the way to a page that looks at the fewest rows, and bounds how many that may be.
 *
 * A page is *walked* where an index has its order: rows are read in that order and tested until the page is full. It is
 * *sorted* where a range of an index is small enough to be read as a whole. Where neither gets there within the bound, the
 * listing is refused. Rules: spec/OBJECTS.md OBJ27, OBJ28; the plans are shown by object-listings.int.test.ts.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import type { Condition, Field, Listing, SortKey } from "../../ports/object-listing.ts";
import type { PageOutcome } from "../../ports/object-store.ts";
import { conditionSql, sortSql } from "./object-conditions.ts";
import { type Indexed, type Path, conditionPath, orderSql, sortPath, wholePath } from "./object-paths.ts";
import { type SqlText, type SqlValue, joined, raw, sql } from "./sql-text.ts";

/** What a listing is about. */
export interface ListingTarget {
  readonly self: Indexed;
  /** The metadata at the other ends, for relations. */
  readonly other: Indexed | undefined;
  /** What to select. */
  readonly columns: string;
  /** `FROM …` with the candidates, a statement in parentheses, as `r`; those of an `other` path by their ids. */
  readonly join: (candidates: SqlText, owner: Path["owner"]) => SqlText;
  /** How many there are without a condition. */
  readonly total: number;
}

/** How many rows a listing may look at. */
export interface ListingBounds {
  /** A range that is read and sorted as a whole without looking for anything better. */
  readonly smallRows: number;
  /** Rows that are looked at one by one. */
  readonly rowsMax: number;
  /** Entries of an index that are counted. */
  readonly countedMax: number;
}

/** The bounds of a network; tests have smaller ones. */
export const LISTING_BOUNDS: ListingBounds = Object.freeze({
  smallRows: 1_000,
  rowsMax: LIMITS.objectRowsPerListingMax,
  countedMax: LIMITS.objectRowsPerCountMax,
});

/** Ranges that are weighed against each other; the others are only tested. */
const PATHS_MAX = 8;

/** One listing under way, on one connection. */
export class ObjectListing<Row> {
  readonly #database: Database;
  readonly #target: ListingTarget;
  readonly #listing: Listing;
  readonly #bounds: ListingBounds;
  readonly #paths: readonly Path[];

  constructor(database: Database, target: ListingTarget, listing: Listing, bounds: ListingBounds) {
    this.#database = database;
    this.#target = target;
    this.#listing = { ...listing, sort: withoutIdle(listing.sort) };
    this.#bounds = bounds;
    this.#paths = pathsOf(target, listing.condition);
  }

  /** The page. */
  run(): PageOutcome<Row> {
    const total = this.#listing.counts ? this.#count() : undefined;
    const items = total === "tooManyRows" ? undefined : this.#page();
    return items && total !== "tooManyRows" ? { kind: "page", items, total } : { kind: "tooManyRows" };
  }

  #page(): readonly Row[] | undefined {
    const { limit } = this.#listing;
    if (limit === 0) return [];
    const walks = this.#walks();
    const exact = walks.find((path) => this.#isExact(path));
    if (exact) return this.#rows(this.#exactWalk(exact));
    const small = this.#smallest(this.#bounds.smallRows);
    if (small) return this.#rows(this.#sorted(small));
    for (const path of [...this.#ownOrders(), ...walks]) {
      if (this.#isExact(path)) return this.#rows(this.#exactWalk(path));
      const rows = this.#rows(this.#testingWalk(path));
      if (rows.length === limit || this.#isWholeWithin(path)) return rows;
    }
    const readable = this.#smallest(this.#bounds.rowsMax);
    return readable ? this.#rows(this.#sorted(readable)) : this.#groupedPage();
  }

  // Several keys: what an index has in the order of the first one is read as far as a bound and then sorted by all of them.
  // The group that the bound may have cut is left out, so the page is right if it is full without it.
  #groupedPage(): readonly Row[] | undefined {
    const [first, second] = this.#listing.sort;
    if (!first || !second) return undefined;
    const lead = this.#leads(first)[0];
    if (!lead) return undefined;
    for (const rowsMax of [this.#bounds.smallRows, this.#bounds.rowsMax]) {
      const order = orderSql(lead, first.direction);
      const edge = this.#all<{ readonly edge: SqlValue }>(
        sql`SELECT ${raw(lead.orderTerm ?? lead.idColumn)} AS edge ${lead.from} ORDER BY ${order} LIMIT 1 OFFSET ${rowsMax - 1}`,
      )[0]?.edge;
      if (edge === undefined) return undefined;
      const candidates = sql`${lead.from} ORDER BY ${order} LIMIT ${rowsMax}`;
      const isWithin = sql`${raw(`${lead.owner === "self" ? "r" : "o"}.${lead.orderTerm}`)} IS NOT ${edge}`;
      const rows = this.#rows(this.#sortedBy(lead, candidates, isWithin));
      if (rows.length === this.#listing.limit) return rows;
    }
    return undefined;
  }

  #leads(first: SortKey): readonly Path[] {
    const own = sortPath(this.#target.self, first);
    const other = this.#target.other && sortPath(this.#target.other, first);
    const ranges = this.#paths.filter((path) => isInOrder(path, first));
    return [...ranges, own, other].filter((path) => path?.orderTerm !== undefined).filter((path) => path !== undefined);
  }

  /** Whether a path leads to what was asked for and nothing else. */
  #isExact({ used, owner }: Path): boolean {
    return used === this.#listing.condition && owner === "self";
  }

  // Who has not said an order gets that of the filter's field, where its range is too large to be read and ordered by ids.
  #ownOrders(): readonly Path[] {
    if (this.#listing.sort.length > 0) return [];
    return this.#paths.filter(({ orderTerm }) => orderTerm !== undefined);
  }

  // A walk by the metadata of the other ones does not meet relations whose other one has none, unless these cannot match.
  #isWholeWithin(path: Path): boolean {
    if (path.owner === "other" && path.used === undefined) return false;
    return this.#rowsOf(path, this.#bounds.rowsMax + 1) <= this.#bounds.rowsMax;
  }

  #walks(): readonly Path[] {
    const wanted = singleOrder(this.#listing.sort);
    if (!wanted) return [];
    const own = sortPath(this.#target.self, wanted);
    const other = this.#target.other && sortPath(this.#target.other, wanted);
    return [...this.#paths.filter((path) => isInOrder(path, wanted)), own, other].filter((path) => path !== undefined);
  }

  #smallest(rowsMax: number): Path | undefined {
    const whole = wholePath(this.#target.self);
    let best: { readonly path: Path; readonly rows: number } | undefined;
    for (const path of [...this.#paths, whole]) {
      const rows = this.#rowsOf(path, rowsMax + 1);
      if (rows <= rowsMax && (!best || rows < best.rows)) best = { path, rows };
    }
    return best?.path;
  }

  #rowsOf(path: Path, rowsMax: number): number {
    if (path.used === undefined) return Math.min(this.#target.total, rowsMax);
    return this.#number(sql`SELECT count(*) AS n FROM (SELECT 1 ${path.from} LIMIT ${rowsMax})`);
  }

  #count(): number | "tooManyRows" {
    const { condition } = this.#listing;
    if (condition === undefined) return this.#target.total;
    const exact = this.#paths.find((path) => this.#isExact(path) && !path.isCut);
    if (exact) {
      const rows = this.#rowsOf(exact, this.#bounds.countedMax + 1);
      return rows > this.#bounds.countedMax ? "tooManyRows" : rows;
    }
    const path = this.#smallest(this.#bounds.rowsMax);
    if (!path) return "tooManyRows";
    const from = this.#target.join(sql`SELECT ${this.#candidate(path)} ${path.from}`, path.owner);
    return this.#number(sql`SELECT count(*) AS n ${from} WHERE ${this.#condition()}`);
  }

  #exactWalk(path: Path): SqlText {
    const { limit, offset } = this.#listing;
    const page = sql`SELECT * ${path.from} ORDER BY ${this.#order(path)} LIMIT ${limit} OFFSET ${offset}`;
    return sql`SELECT ${raw(this.#target.columns)} ${this.#target.join(page, path.owner)}`;
  }

  #testingWalk(path: Path): SqlText {
    const { limit, offset } = this.#listing;
    const { rowsMax } = this.#bounds;
    const candidates = sql`SELECT ${this.#candidate(path)} ${path.from} ORDER BY ${this.#order(path)} LIMIT ${rowsMax}`;
    const from = this.#target.join(candidates, path.owner);
    return sql`SELECT ${raw(this.#target.columns)} ${from} WHERE ${this.#condition()} LIMIT ${limit} OFFSET ${offset}`;
  }

  #sorted(path: Path): SqlText {
    return this.#sortedBy(path, path.from, raw("true"));
  }

  #sortedBy(path: Path, candidates: SqlText, isWithin: SqlText): SqlText {
    const { limit, offset, sort } = this.#listing;
    const { self, columns } = this.#target;
    const from = this.#target.join(sql`SELECT ${this.#candidate(path)} ${candidates}`, path.owner);
    const last = sort.at(-1)?.direction ?? "asc";
    const keys = [...sort, { field: { kind: "id", owner: "self" }, direction: last } as const];
    const order = joined(
      keys.map((key) => sortSql(key, self.idColumn)),
      ", ",
    );
    const where = sql`WHERE ${this.#condition()} AND ${isWithin}`;
    return sql`SELECT ${raw(columns)} ${from} ${where} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`;
  }

  #candidate({ owner }: Path): SqlText {
    return raw(owner === "self" ? "*" : "id");
  }

  #condition(): SqlText {
    const { condition } = this.#listing;
    return condition ? conditionSql(condition, this.#target.self.idColumn) : raw("true");
  }

  #order(path: Path): SqlText {
    return orderSql(path, this.#listing.sort.at(-1)?.direction ?? "asc");
  }

  #number(text: SqlText): number {
    const [row] = this.#all<{ readonly n: bigint }>(text);
    return Number(row?.n ?? 0);
  }

  #rows(text: SqlText): readonly Row[] {
    return this.#all<Row>(text);
  }

  // Prepared each time: clients make up as many texts as they like, and none may stay.
  #all<Result>({ sql: text, values }: SqlText): Result[] {
    const statement: Statement<Result> = this.#database.prepare(text);
    try {
      return statement.all(...values);
    } finally {
      statement.finalize();
    }
  }
}

/** The statements by which a listing could find its candidates, the likely ones first. */
function pathsOf({ self, other }: ListingTarget, condition: Condition | undefined): readonly Path[] {
  const paths: Path[] = [];
  for (const conjunct of conjunctsOf(condition)) {
    const path = conditionPath(self, conjunct) ?? (other && conditionPath(other, conjunct));
    if (path && (path.owner === "self" || isOfThoseWithMetadata(conjunct))) paths.push(path);
    if (paths.length === PATHS_MAX) break;
  }
  return paths;
}

// Relations whose other one has no metadata satisfy no condition on it but that something is not there.
function isOfThoseWithMetadata(condition: Condition): boolean {
  return condition.kind === "or" ? condition.conditions.every(isOfThoseWithMetadata) : condition.kind !== "presence";
}

function conjunctsOf(condition: Condition | undefined): readonly Condition[] {
  if (condition === undefined) return [];
  return condition.kind === "and" ? condition.conditions.flatMap(conjunctsOf) : [condition];
}

// Nothing is equal in its id, so what is sorted by behind that is not looked at.
function withoutIdle(sort: readonly SortKey[]): readonly SortKey[] {
  const at = sort.findIndex(({ field }) => field.kind === "id");
  return at < 0 ? sort : sort.slice(0, at + 1);
}

const BY_ID: SortKey = { field: { kind: "id", owner: "self" }, direction: "asc" };

/** The one key that an index must have to be in a listing's order; nothing where it would take several. */
function singleOrder(sort: readonly SortKey[]): SortKey | undefined {
  const [first = BY_ID, second, ...rest] = sort;
  if (second === undefined) return first;
  const isOnlyId = second.field.kind === "id" && second.field.owner === "self" && second.direction === first.direction;
  return isOnlyId && rest.length === 0 ? first : undefined;
}

function isInOrder({ order, used, owner }: Path, { field }: SortKey): boolean {
  if (order === "none" || owner !== field.owner) return false;
  if (order === "id") return field.kind === "id" || (used?.kind === "compare" && isSameField(used.field, field));
  return isSameField(order, field);
}

function isSameField(one: Field, other: Field): boolean {
  if (one.kind !== other.kind || one.owner !== other.owner) return false;
  return one.kind !== "text" || (other.kind === "text" && one.name === other.name);
}
