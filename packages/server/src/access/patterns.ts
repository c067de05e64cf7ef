/**
 * A token's patterns, compiled once: regular expressions on an engine whose time grows with the text and no faster.
 *
 * The engine has RE2's semantics: no back references, no look-around, no pattern that a malicious name could make slow.
 * Rules: spec/ACCESS.md ACC24, ACC25.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import { RE2JS } from "re2js";

/** Tries a name; unanchored unless the pattern says otherwise. */
export type NameTest = (name: string) => boolean;

/** Compiles patterns and remembers those used lately. */
export class Patterns {
  readonly #tests = new Map<string, NameTest | undefined>(); // oldest use first

  /** @returns nothing when the pattern is none, or compiles to more than is allowed. */
  of(pattern: string): NameTest | undefined {
    if (this.#tests.has(pattern)) {
      const known = this.#tests.get(pattern);
      this.#tests.delete(pattern);
      this.#tests.set(pattern, known);
      return known;
    }
    const test = compile(pattern);
    this.#tests.set(pattern, test);
    if (this.#tests.size > LIMITS.compiledPatternsMax) {
      for (const oldest of this.#tests.keys()) {
        this.#tests.delete(oldest);
        break;
      }
    }
    return test;
  }
}

function compile(pattern: string): NameTest | undefined {
  if (pattern.length > LIMITS.patternCharactersMax) return undefined;
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() > LIMITS.patternInstructionsMax) return undefined;
    return (name) => name.length <= LIMITS.patternCharactersMax && compiled.test(name);
  } catch {
    return undefined; // it is no regular expression, or one of those that cannot be matched in linear time
  }
}
