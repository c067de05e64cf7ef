/**
 * Installs the servers of others into `bench/peers/`, which git ignores, without rights of an administrator.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where they lie. */
export const DIRECTORY = join(import.meta.dir, "../../peers");

/** What installs a server, and what is there afterwards. */
export interface Installation {
  readonly command: readonly string[];
  readonly makes: string;
}

/**
 * Installs a server unless it is there.
 *
 * @throws an error that says what failed.
 */
export async function install(name: string, { command, makes }: Installation): Promise<void> {
  if (existsSync(makes)) return;
  mkdirSync(DIRECTORY, { recursive: true });
  const [program = ""] = command;
  if (Bun.which(program) === null) throw new Error(`${program} is not there to install it`);
  console.error(`Installing ${name} …`);
  const env = { ...process.env, GOBIN: DIRECTORY };
  const running = Bun.spawn([...command], { cwd: DIRECTORY, stdout: "ignore", stderr: "pipe", env });
  const complaints = await new Response(running.stderr).text();
  if ((await running.exited) !== 0)
    throw new Error(`it could not be installed: ${complaints.trim().split("\n").at(-1)}`);
}

/** A program that Go builds. */
export function goModule(module: string, version: string, program: string): Installation {
  return { command: ["go", "install", `${module}@${version}`], makes: join(DIRECTORY, program) };
}

/** Packages of npm, as `name@version`; those of one server have a directory. */
export function npmPackages(directory: string, packages: readonly string[]): Installation {
  const prefix = join(DIRECTORY, directory);
  const command = ["npm", "install", "--prefix", prefix, "--no-audit", "--no-fund", ...packages];
  return { command, makes: join(prefix, "node_modules", packages[0]?.split("@", 1)[0] ?? "") };
}

// What Debian's packages are unpacked into.
const DEBIAN = join(DIRECTORY, "debian");

/**
 * Packages of Debian, unpacked and not installed; all of them, or none.
 *
 * @param packages the server first, then what it needs and few systems have.
 * @param program where the server's program lies.
 */
export function debianPackages(packages: readonly string[], program: string): Installation {
  const unpack = packages.map((name) => `dpkg-deb -x ${name}_*.deb debian`).join(" && ");
  const command = ["sh", "-c", `apt-get download ${packages.join(" ")} && ${unpack}`];
  return { command, makes: debianPath(program) };
}

/** Where a file of an unpacked package lies. */
export function debianPath(path: string): string {
  return join(DEBIAN, path);
}

/** The version of the package that was unpacked. */
export function debianVersion(name: string): string {
  const file = readdirSync(DIRECTORY).find((one) => one.startsWith(`${name}_`) && one.endsWith(".deb")) ?? "";
  return decodeURIComponent(file.split("_")[1] ?? "");
}

/** The environment in which an unpacked program finds the libraries that were unpacked beside it. */
export function debianEnvironment(): Readonly<Record<string, string>> {
  const parents = ["usr/lib", "lib"].map(debianPath).filter((path) => existsSync(path));
  const libraries = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return { LD_LIBRARY_PATH: libraries.join(":") };
}
