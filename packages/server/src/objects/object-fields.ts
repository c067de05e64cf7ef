/**
 * The fields that filters and sorts may name, by what is listed.
 *
 * Rules: spec/OBJECTS.md OBJ22, OBJ26.
 *
 * @module
 */
import type { Field } from "../ports/object-listing.ts";
import { METADATA_TEXTS, type ObjectKind, RELATION_TEXTS, type TextName } from "../ports/object-record.ts";

/** What a listing lists. */
export type Listed =
  | { readonly of: "metadata"; readonly kind: ObjectKind }
  /** Memberships lead to a `channel`, members to a `uuid`. */
  | { readonly of: "relations"; readonly other: ObjectKind };

/** The field that a path of names means; nothing where there is none. @param path as it stands between the dots. */
export function fieldOf(listed: Listed, path: readonly string[]): Field | undefined {
  if (listed.of === "metadata") return ownField(METADATA_TEXTS[listed.kind], path, "self", true);
  const [first, ...rest] = path;
  if (first === listed.other) return ownField(METADATA_TEXTS[listed.other], rest, "other", true);
  return ownField(RELATION_TEXTS, path, "self", false);
}

function ownField(
  texts: readonly TextName[],
  [name, key, ...more]: readonly string[],
  owner: Field["owner"],
  hasId: boolean,
): Field | undefined {
  if (more.length > 0) return undefined;
  if (name === "custom") return key !== undefined && isCustomKey(key) ? { kind: "custom", owner, key } : undefined;
  if (key !== undefined) return undefined;
  if (name === "id" && hasId) return { kind: "id", owner: "self" };
  if (name === "updated") return { kind: "updated", owner };
  const text = texts.find((known) => known === name);
  return text && { kind: "text", owner, name: text };
}

// Stores look members up by a path in which these have a meaning.
function isCustomKey(key: string): boolean {
  return key !== "" && !/["\\]/.test(key);
}
