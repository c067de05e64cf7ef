/**
 * The three standard streams: what a command has to show goes to standard output, what it has to say to standard error.
 *
 * @module
 */
const lost = { out: false };

// Without listeners a reader that has gone (`longwave … | head -1`) would end the process with a stack. The callbacks of
// the writes tell the same, so there is nothing to do here.
process.stdout.on("error", () => {
  lost.out = true;
});
process.stderr.on("error", () => {});

/**
 * Writes to standard output and waits until the text is taken, so that a slow reader slows the command down.
 *
 * @returns whether anybody still reads.
 */
export async function print(text: string): Promise<boolean> {
  const failure = await new Promise<unknown>((resolve) => process.stdout.write(text, resolve));
  return !lost.out && !(failure instanceof Error);
}

/** Writes a sentence to standard error. */
export function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** What arrives on standard input, until it ends or the signal aborts. */
export async function* readInput(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = Bun.stdin.stream().getReader();
  const cancel = (): void => void reader.cancel();
  signal.addEventListener("abort", cancel);
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    yield value;
  }
}

/** How text may be marked: by name, so that plain output stays plain. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = Object.freeze({ bold: 1, dim: 2, green: 32, yellow: 33, cyan: 36 });

/** Marks text where there are colours, and leaves it as it is where there are none. */
export function paintWhere(hasColours: boolean): Paint {
  return hasColours ? (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m` : (_style, text) => text;
}

/** How standard output is marked. */
export function paintOut(): Paint {
  return paintWhere(hasColours(process.stdout.isTTY, process.env));
}

/**
 * Whether a stream shows colours: a terminal, unless the person asked for none.
 *
 * @see https://no-color.org: set to anything but the empty string.
 */
export function hasColours(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}
