/**
 * Writes docs/reference/sdk.md from what the SDK exports and how it is documented there. Run it after a change of either.
 *
 * Declarations are read as text, in the one form in which this house writes them: a docstring, and under it the name.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = join(fileURLToPath(new URL("..", import.meta.url)), "packages/client/src");

/** What is said of one name. */
export interface Documented {
  readonly name: string;
  /** `class`, `interface`, `type`, `const` or `function`. */
  readonly kind: string;
  /** How it is declared, without what it does. */
  readonly signature: string;
  /** Its docstring up to the first tag. */
  readonly about: string;
  readonly members: readonly Member[];
}

/** A member of a class or an interface. */
export interface Member {
  readonly signature: string;
  readonly about: string;
}

const EXPORTS = /^export (?:type )?\{([^}]*)\} from "([^"]+)";/gm;
const DOCSTRING = String.raw`/\*\*((?:(?!\*/)[\s\S])*)\*/\n`;

/** The sentences of a docstring: what stands before its first tag, on one line. */
export function sentencesOf(docstring: string): string {
  const lines = docstring.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  const end = lines.findIndex((line) => /^@(?!defaultValue)/.test(line));
  return lines
    .slice(0, end < 0 ? undefined : end)
    .join(" ")
    .replaceAll(/ @(?:see|throws|param|returns)\b.*$/g, "")
    .replaceAll(/\{@link (\w+)\}/g, "`$1`")
    .replaceAll(/@defaultValue (.+?)\s*$/g, "Default: $1.")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** What a module's source says of a name that it exports, or of one that others in it build on. */
export function documentationOf(source: string, name: string, isExported = true): Documented | undefined {
  const declaration = new RegExp(
    String.raw`${isExported ? `${DOCSTRING}export ` : "()\\n"}(class|interface|type|const|function) ${name}\b([^\n]*)`,
  ).exec(source);
  if (declaration === null) return undefined;
  const [found, docstring = "", kind = "", rest = ""] = declaration;
  const text = rest + source.slice(declaration.index + found.length);
  const head = tidied(HEADS[kind]?.exec(text)?.[0] ?? "");
  const bases = kind === "interface" ? [...head.matchAll(/\w+/g)].map(([base]) => base) : [];
  const inherited = bases.flatMap((base) => documentationOf(source, base, false)?.members ?? []);
  const shown = inherited.length > 0 && bases.length === 2 ? "" : head; // what it builds on is no name of the SDK
  const own = kind === "type" || kind === "function" ? [] : membersOf(text.slice(0, text.indexOf("\n}")), kind);
  return {
    name,
    kind,
    signature: `${name}${/^[<(]|^$/.test(shown) ? "" : " "}${shown}`,
    about: sentencesOf(docstring),
    members: [...inherited, ...own],
  };
}

/** What belongs to the declaration behind its name. */
const HEADS: Readonly<Record<string, RegExp>> = {
  class: /^[^{]*/,
  interface: /^[^{]*/,
  type: /^[\s\S]*?;\n/,
  function: /^[^\n]*/,
};

/** The members of a body, in their order: those of an interface or an object all, of a class those that are documented. */
export function membersOf(body: string, kind: string): readonly Member[] {
  const members = [
    ...body.matchAll(
      new RegExp(
        String.raw`^  (?:${DOCSTRING}  )?(?=\S)((?!/\*|//|[})\]])[^\n]*(?:\n {4}[^\n]*|\n  [})][^\n]*)*)`,
        "gm",
      ),
    ),
  ];
  return members.flatMap(([, docstring, code = ""]) => {
    const signature = kind === "class" ? signatureOf(code) : tidied(code).replace(/,$/, "");
    const isHidden = docstring === undefined && kind === "class";
    return isHidden || HIDDEN.test(signature) ? [] : [{ signature, about: sentencesOf(docstring ?? "") }];
  });
}

const HIDDEN = /^(?:#|constructor)/;

// A parameter list may go over several lines; what follows its closing parenthesis on the same line is the result.
function signatureOf(code: string): string {
  const text = code.replaceAll(/^ {2}/gm, "");
  const end = /^(?:[\s\S]*?\)[^\n]*?|[^\n(]*?)(?: \{|;|\n|$)/.exec(text)?.[0] ?? text;
  return tidied(end.replace(/^(?:declare |override |async |readonly )+/, ""));
}

function tidied(code: string): string {
  return code
    .replaceAll(/\s+/g, " ")
    .replace(/^(static )?(?:async|readonly) /, "$1")
    .replace(/ ?[{;]\s*$/, "")
    .replaceAll(/(\?: [^,;)]*) \| undefined/g, "$1")
    .replaceAll(/\breadonly (?=\w+\??:)/g, "")
    .replaceAll("( ", "(")
    .replaceAll(", )", ")")
    .trim();
}

/** What the client inherits, in the order in which it is listed. */
const INHERITED = [
  ["core/client.ts", "CoreClient"],
  ["core/calls.ts", "CoreCalls"],
  ["calls.ts", "Calls"],
  ["secret-calls.ts", "SecretCalls"],
] as const;

// What is there again takes the place of what is inherited.
function withInherited(own: readonly Member[], inherited: readonly Member[]): readonly Member[] {
  const names = new Set(own.map(nameOf));
  return [...own, ...inherited.filter((member) => !names.has(nameOf(member)))];
}

const nameOf = ({ signature }: Member): string => /^[\w ]+/.exec(signature)?.[0] ?? signature;

async function membersIn([path, name]: (typeof INHERITED)[number]): Promise<readonly Member[]> {
  return documentationOf(await Bun.file(join(SOURCE, path)).text(), name)?.members ?? [];
}

/** Where the names of the SDK are listed: what both entries have, and what only the whole package has. */
const LISTS = ["core/exported.ts", "index.ts"] as const;

async function listed(): Promise<readonly { readonly list: string; readonly path: string }[]> {
  const found = LISTS.map(async (name) => {
    const text = await Bun.file(join(SOURCE, name)).text();
    return [...text.matchAll(EXPORTS)].map(([, list = "", path = ""]) => ({
      list,
      path: join(SOURCE, dirname(name), path),
    }));
  });
  return (await Promise.all(found)).flat();
}

/** The page. */
export async function sdkReference(): Promise<string> {
  const inherited = await Promise.all(INHERITED.map(membersIn));
  const documented: Documented[] = [];
  for (const { list, path } of await listed()) {
    const source = await Bun.file(path).text();
    for (const name of list.split(",").map((item) => item.trim().replace(/^type /, ""))) {
      if (name === "" || name.includes(" as ")) continue; // another name of what is listed
      const found = documentationOf(source, name);
      if (found === undefined) throw new Error(`${path} does not document ${name}`);
      documented.push(
        name === "PubNub" ? { ...found, members: withInherited(found.members, inherited.flat()) } : found,
      );
    }
  }
  const isCode = ({ kind }: Documented): boolean => kind === "class" || kind === "const" || kind === "function";
  const sections = [
    ["What is called", documented.filter(isCode)],
    ["What is given and answered", documented.filter((one) => !isCode(one))],
  ] as const;
  return `# The TypeScript SDK, name by name

Written by \`tools/sdk-reference.ts\` from what the SDK exports; do not edit. How it is used is said in the [guides](../guides/README.md), what is
promised in [SDK.md](../../spec/SDK.md). \`Longwave\` is another name of \`PubNub\`.
${sections.map(([title, names]) => `\n## ${title}\n${names.toSorted(byName).map(printed).join("")}`).join("")}`;
}

function byName({ name }: Documented, { name: other }: Documented): number {
  return name.toLowerCase() < other.toLowerCase() ? -1 : 1;
}

function printed({ name, kind, signature, about, members }: Documented): string {
  const head = `\n### ${name}\n\n${about}\n`;
  const isPlain = signature === name || kind === "const" || signature.endsWith("extends SecretCalls");
  const code = isPlain ? "" : `\n\`${signature}\`\n`;
  if (members.length === 0) return head + code;
  const rows = members.map((member) => `| \`${celled(member.signature)}\` | ${celled(member.about)} |\n`);
  return `${head}${code}\n| | |\n|---|---|\n${rows.join("")}`;
}

function celled(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) await Bun.write(join(SOURCE, "../../../docs/reference/sdk.md"), await sdkReference());
