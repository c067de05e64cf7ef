/**
 * Permissions: the bits of a grant, and the letters that the older grants write them with.
 *
 * Pure. Rules: spec/ACCESS.md ACC1.
 *
 * @module
 */

/** Every permission by its name, as the bit that a token's masks carry. */
export const PERMISSIONS = Object.freeze({
  read: 1,
  write: 2,
  manage: 4,
  delete: 8,
  /** Reserved by the wire; no request needs it. */
  create: 16,
  get: 32,
  update: 64,
  join: 128,
});

/** The name of a permission. */
export type Permission = keyof typeof PERMISSIONS;

/** Everything that a request can need, as one mask. */
export const EVERY_PERMISSION = 239;

/** The largest mask that has any meaning. */
export const PERMISSION_MASK_MAX = 255;

/** The letters of the older grants, in the order of their answers. */
export const PERMISSION_LETTERS = Object.freeze({
  r: "read",
  w: "write",
  m: "manage",
  d: "delete",
  g: "get",
  u: "update",
  j: "join",
} as const satisfies Record<string, Permission>);

/** A letter of {@link PERMISSION_LETTERS}. */
export type PermissionLetter = keyof typeof PERMISSION_LETTERS;

/** Whether a mask grants a permission. */
export function permits(mask: number, permission: Permission): boolean {
  return (mask & PERMISSIONS[permission]) !== 0;
}

/** The mask that grants exactly these permissions. */
export function maskOf(permissions: readonly Permission[]): number {
  return permissions.reduce((mask, permission) => mask | PERMISSIONS[permission], 0);
}

/** What a mask grants, for people and programs: every permission that a request can need, granted or not. */
export function readMask(mask: number): Readonly<Record<Exclude<Permission, "create">, boolean>> {
  return {
    read: permits(mask, "read"),
    write: permits(mask, "write"),
    manage: permits(mask, "manage"),
    delete: permits(mask, "delete"),
    get: permits(mask, "get"),
    update: permits(mask, "update"),
    join: permits(mask, "join"),
  };
}
