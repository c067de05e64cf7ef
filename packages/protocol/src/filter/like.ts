/**
 * LIKE: a pattern in which `*` stands for any run of characters, without regard to case.
 *
 * Linear in memory and at worst the product of the lengths in time, both of which are bounded: no pattern can run away.
 *
 * @module
 */
const STAR = 0x2a;
const BACKSLASH = 0x5c;

/**
 * Whether a text is like a pattern.
 *
 * @param pattern `*` for any run, also the empty one; `\*` for a star.
 * @see spec/FILTER.md FLT7
 */
export function isLike(text: string, pattern: string): boolean {
  let [at, position] = [0, 0];
  let [lastStar, retryAt] = [-1, 0]; // where to go on when what follows the last star does not fit here
  while (at < text.length) {
    const unit = pattern.charCodeAt(position);
    if (unit === STAR) {
      lastStar = position;
      retryAt = at;
      position += 1;
      continue;
    }
    const isEscaped = unit === BACKSLASH && pattern.charCodeAt(position + 1) === STAR;
    const wanted = isEscaped ? STAR : unit;
    if (position < pattern.length && isSameLetter(text, at, wanted)) {
      at += 1;
      position += isEscaped ? 2 : 1;
      continue;
    }
    if (lastStar < 0) return false;
    retryAt += 1;
    at = retryAt;
    position = lastStar + 1;
  }
  while (pattern.charCodeAt(position) === STAR) position += 1;
  return position === pattern.length;
}

function isSameLetter(text: string, at: number, wanted: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit === wanted) return true;
  if (unit < 0x80 && wanted < 0x80) return lowerAscii(unit) === lowerAscii(wanted);
  return text.charAt(at).toLowerCase() === String.fromCharCode(wanted).toLowerCase();
}

function lowerAscii(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}
