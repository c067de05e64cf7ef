/**
 * The credentials of an S3-compatible service: from a file, or from the variables that every tool of that kind reads.
 *
 * They are never logged, printed or kept. Rules: spec/FILES.md FIL54.
 *
 * @module
 */
import { StartupError } from "../../startup-error.ts";

/** What requests are signed with. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that were lent for a while. */
  readonly sessionToken: string | undefined;
}

/** Where credentials come from. */
export interface CredentialSources {
  /** Its path; nothing for the variables. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file; throws where it cannot. */
  readonly readFile: (path: string) => string;
}

/**
 * Reads credentials.
 *
 * A file has lines `aws_access_key_id = …`, `aws_secret_access_key = …` and, for lent ones, `aws_session_token = …`; of one
 * with profiles the profile `default` counts. The variables have the same names in capitals.
 *
 * @throws {StartupError} a sentence that names what is missing, and nothing of what is there.
 */
export function readS3Credentials({ file, env, readFile }: CredentialSources): S3Credentials {
  const given = file === undefined ? env : readProfile(file, readFile);
  const [accessKeyId, secretAccessKey] = [given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]];
  if (!accessKeyId || !secretAccessKey) throw new StartupError(sentenceOfMissing(file));
  return { accessKeyId, secretAccessKey, sessionToken: given["AWS_SESSION_TOKEN"] };
}

function sentenceOfMissing(file: string | undefined): string {
  return file === undefined
    ? "--s3-bucket needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with --s3-credentials-file."
    : `--s3-credentials-file ${file} has no aws_access_key_id and aws_secret_access_key, a line each, in its profile default.`;
}

function readProfile(path: string, readFile: CredentialSources["readFile"]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  let profile = "default";
  for (const line of readLines(path, readFile)) {
    profile = /^\[\s*(.*?)\s*\]$/.exec(line)?.[1] ?? profile;
    const [, name, value] = /^(aws_\w+)\s*=\s*(\S+)$/i.exec(line) ?? [];
    if (profile === "default" && name !== undefined && value !== undefined) values[name.toUpperCase()] = value;
  }
  return values;
}

function readLines(path: string, readFile: CredentialSources["readFile"]): readonly string[] {
  try {
    return readFile(path)
      .split("\n")
      .map((line) => line.trim());
  } catch (refusal) {
    const reason = refusal instanceof Error ? refusal.message : String(refusal);
    throw new StartupError(`--s3-credentials-file ${path} cannot be read: ${reason}. Name a file with credentials.`);
  }
}
