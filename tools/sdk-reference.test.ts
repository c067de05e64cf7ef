import { expect, test } from "bun:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { documentationOf, sdkReference, sentencesOf } from "./sdk-reference.ts";

const PAGE = join(fileURLToPath(new URL("..", import.meta.url)), "docs/reference/sdk.md");

test("[SDK77] the page is what the SDK's documentation says now; write it with `bun tools/sdk-reference.ts`", async () => {
  expect(await Bun.file(PAGE).text()).toBe(await sdkReference());
});

test("[SDK77] every name has a sentence", async () => {
  const page = await sdkReference();
  const names = [...page.matchAll(/^### (\w+)\n\n(.*)\n/gm)];
  expect(names.length).toBeGreaterThan(150);
  for (const [, name, about = ""] of names) expect(about, name).toMatch(/^\p{Lu}.*[.:]$/u);
});

test("[SDK77] docstrings are read up to their tags, with defaults and without links", () => {
  expect(sentencesOf(" Says {@link that},\n *   twice. @defaultValue 2 ")).toBe("Says `that`, twice. Default: 2.");
  expect(sentencesOf("\n * Says.\n *\n * @param a what.\n * @returns b.\n ")).toBe("Says.");
  expect(sentencesOf(" Says. @throws {Error} never. ")).toBe("Says.");
});

const SOURCE = `
interface Kept {
  /** When. */
  readonly at: string;
}

/** A thing. */
export interface Thing extends Kept {
  readonly parts: { readonly id: string };
  /** Called. */
  run?(given: string | undefined): void;
}

/** Makes. @param a what. */
export class Maker {
  readonly #own = 1;
  /** Makes one. */
  static one(
    a: string,
    b: number,
  ): Maker {
    return new Maker();
  }
  undocumented(): void {}
  /** Waits. */
  async wait({ signal }: Options = {}): Promise<string | undefined> {
    return undefined;
  }
}

/** Which. */
export type Which = "a" | "b";
`;
test("[SDK77] declarations are read: members with what is inherited, documented methods, types", () => {
  expect(documentationOf(SOURCE, "Thing")).toEqual({
    name: "Thing",
    kind: "interface",
    signature: "Thing",
    about: "A thing.",
    members: [
      { signature: "at: string", about: "When." },
      { signature: "parts: { id: string }", about: "" },
      { signature: "run?(given: string | undefined): void", about: "Called." },
    ],
  });
  expect(documentationOf(SOURCE, "Maker")?.members).toEqual([
    { signature: "static one(a: string, b: number): Maker", about: "Makes one." },
    { signature: "wait({ signal }: Options = {}): Promise<string | undefined>", about: "Waits." },
  ]);
  expect(documentationOf(SOURCE, "Which")?.signature).toBe('Which = "a" | "b"');
  expect(documentationOf(SOURCE, "Nobody")).toBeUndefined();
});
