/**
 * The examples of the SDK's documentation as modules, so that they can be compiled.
 *
 * An example stands in a fence of `ts`, in a docstring or on a page. It may use every name of the SDK, and `pubnub`, without
 * importing it; on a page also what the examples before it declare.
 *
 * @module
 */

const FENCE = /^[ \t]*(?:\* )?```ts\n([\s\S]*?)^[ \t]*(?:\* )?```/gm;
const OWN_IMPORT = /^import .* from "@longwave\/client(?:\/core)?";\n/gm;

/** The examples in a text, without what stands before each of their lines in a docstring. */
export function examplesIn(text: string): readonly string[] {
  return [...text.matchAll(FENCE)].map(([, code = ""]) =>
    code
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, ""))
      .join("\n"),
  );
}

/** The names that a module exports by lists; those of types are marked. */
export function exportsOf(source: string): readonly string[] {
  return [...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = "", names = ""]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/^.* as /, ""))
      .filter((name) => name !== "")
      .map((name) => (type !== "" && !name.startsWith("type ") ? `type ${name}` : name)),
  );
}

/**
 * A module of examples, each in the scope of those before it.
 *
 * @param names what it may use of the SDK.
 */
export function moduleOf(examples: readonly string[], names: readonly string[]): string {
  const scopes = examples.map((example) => `{\n${example.replaceAll(OWN_IMPORT, "")}`).join("\n");
  return `import { ${names.join(", ")} } from "@longwave/client";
declare const pubnub: PubNub;
${scopes}
${"}".repeat(examples.length)}
export {};
`;
}
