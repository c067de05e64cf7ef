/**
 * What the names of channels, groups and namespaces have in common: which characters they hold, and how many.
 *
 * Pure, and no part of the package's interface: channel-name.ts and group-name.ts say what is a name.
 *
 * @module
 */

/**
 * Whether a text holds a control character of ASCII: what no name may hold, since names reach logs and lines of text.
 *
 * A loop rather than a regular expression: it runs for every request, on texts that are new each time.
 */
export function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

/** Whether a name holds a space, a control character of ASCII, or one of `forbidden`, which are all below 0x60. */
export function hasForbidden(name: string, forbidden: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at);
    if (unit <= 0x20 || unit === 0x7f) return true;
    if (unit < 0x60 && forbidden.includes(name.charAt(at))) return true;
  }
  return false;
}

/** Whether a name has more characters (code points) than `charactersMax`. */
export function isTooLong(name: string, charactersMax: number): boolean {
  if (name.length <= charactersMax) return false; // code points are never more than UTF-16 units
  return name.length > charactersMax * 2 || [...name].length > charactersMax;
}

/** Whether a text can be no name at all: a URL resolves `.` and `..` away before any server sees them. */
export function isUnusable(name: string): boolean {
  return name === "" || name === "." || name === ".." || !name.isWellFormed();
}

/** Whether a text can be a name: of 1 to `charactersMax` characters, none of which a name may not hold. */
export function isPossible(name: string, forbidden: string, charactersMax: number): boolean {
  return !isUnusable(name) && !hasForbidden(name, forbidden) && !isTooLong(name, charactersMax);
}
