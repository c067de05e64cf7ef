/**
 * A client of files made by hand: asks for forms, fills them in, byte by byte where a case wants it.
 *
 * For tests only.
 *
 * @module
 */

/** A form as it was answered. */
export interface OfferedForm {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly expires: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

interface FormAnswer {
  readonly data: { readonly id: string; readonly name: string };
  readonly file_upload_request: {
    readonly url: string;
    readonly expiration_date: string;
    readonly form_fields: readonly { readonly key: string; readonly value: string }[];
  };
}

/** Asks for a form. @param files the address of the channel: `…/v1/files/demo/channels/room`. */
export async function askForForm(files: string, name: string): Promise<OfferedForm> {
  const response = await fetch(`${files}/generate-upload-url`, { method: "POST", body: JSON.stringify({ name }) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const { data, file_upload_request: request } = JSON.parse(text) as FormAnswer;
  const fields = request.form_fields.map(({ key, value }) => [key, value] as const);
  return { ...data, url: request.url, expires: request.expiration_date, fields };
}

/** Fills a form in. @param given fields instead of the form's own; an undefined one is left out. */
export function filled(
  { fields, name }: OfferedForm,
  content: BlobPart,
  given: Readonly<Record<string, string | undefined>> = {},
): FormData {
  const form = new FormData();
  for (const [key, own] of fields) {
    const value = Object.hasOwn(given, key) ? given[key] : own;
    if (value !== undefined) form.append(key, value);
  }
  form.append("file", new Blob([content]), name);
  return form;
}

/** Uploads. */
export function upload(
  form: OfferedForm,
  content: BlobPart,
  given?: Readonly<Record<string, string | undefined>>,
): Promise<Response> {
  return fetch(form.url, { method: "POST", body: filled(form, content, given) });
}

/** Puts a file into a channel. @returns its form. */
export async function send(files: string, name: string, content: BlobPart): Promise<OfferedForm> {
  const form = await askForForm(files, name);
  const response = await upload(form, content);
  if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
  return form;
}

/** The fields of a form as parts of a body, without its end. */
export function printFields({ fields }: OfferedForm, boundary: string): string {
  return fields
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join("");
}
