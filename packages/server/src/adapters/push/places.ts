/**
 * A bounded number of places: who finds none waits, first come, first served.
 *
 * @module
 */

/** Places for what is under way at the same time. */
export class Places {
  readonly #placesMax: () => number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param placesMax how many there are now; whoever changes that says so with {@link admit}. */
  constructor(placesMax: () => number) {
    this.#placesMax = placesMax;
  }

  /** How many are taken or wanted. */
  get busy(): number {
    return this.#taken + this.#waiting.length;
  }

  /** Does something as soon as there is a place for it. */
  async hold<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#taken < this.#placesMax()) this.#taken += 1;
    else await new Promise<void>((enter) => this.#waiting.push(enter)); // its place is taken by whoever lets it in
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.admit();
    }
  }

  /** Lets in whoever there is a place for. */
  admit(): void {
    while (this.#waiting.length > 0 && this.#taken < this.#placesMax()) {
      this.#taken += 1;
      this.#waiting.shift()?.();
    }
  }
}
