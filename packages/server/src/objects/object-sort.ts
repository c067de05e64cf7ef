/**
 * Reads the order of a listing: `field`, `field:asc` or `field:desc`, several of them behind commas.
 *
 * Rules: spec/OBJECTS.md OBJ26.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { SortKey } from "../ports/object-listing.ts";
import { type Listed, fieldOf } from "./object-fields.ts";

/**
 * Reads an order.
 *
 * @param listed what is listed, which decides what can be named.
 * @param elements what stood between the commas, in order.
 * @returns the keys, a repeated field only where it came first; nothing where an element is none or there are too many.
 */
export function readObjectSort(listed: Listed, elements: readonly string[]): readonly SortKey[] | undefined {
  if (elements.length > LIMITS.objectSortFieldsMax) return undefined;
  const keys = new Map<string, SortKey>();
  for (const element of elements) {
    const [name = "", direction = "asc", ...more] = element.split(":").map((part) => part.trim());
    const field = fieldOf(listed, name.split("."));
    if (!field || more.length > 0 || !isDirection(direction)) return undefined;
    if (!keys.has(name)) keys.set(name, { field, direction });
  }
  return [...keys.values()];
}

function isDirection(text: string): text is SortKey["direction"] {
  return text === "asc" || text === "desc";
}
