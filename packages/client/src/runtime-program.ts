/**
 * A program that makes calls of every kind, for runtimes other than the one in which tests run. For tests only.
 *
 * It needs `clientOf(options)`, which makes a client of a network whose guarded keyset has its well-known keys.
 *
 * @module
 */

/** The body of an async function. */
export const EVERY_KIND_OF_CALL = `
  const keys = { subscribeKey: "guarded-sub", publishKey: "guarded-pub" };
  const server = clientOf({ ...keys, userId: "server", secretKey: "guarded-secret" });
  const all = { read: true, write: true, delete: true, get: true, update: true, join: true };
  const token = await server.grantToken({
    ttl: 5,
    resources: { channels: { room: all }, uuids: { anna: all } },
  });
  const anna = clientOf({ ...keys, userId: "anna" });
  const denied = await anna.listFiles({ channel: "room" }).catch(({ category }) => category);
  anna.setToken(token);

  const content = new File(["grüße 🦊"], "grüße.txt", { type: "text/plain;charset=utf-8" });
  const { id, name } = await anna.sendFile({ channel: "room", file: content, cipherKey: "enigma", message: "look" });
  const file = await anna.downloadFile({ channel: "room", id, name, cipherKey: "enigma" });
  const wrong = await anna.downloadFile({ channel: "room", id, name, cipherKey: "wrong" }).catch(({ category }) => category);
  const address = await fetch(anna.getFileUrl({ channel: "room", id, name }));
  const { size } = await address.blob();
  await anna.deleteFile({ channel: "room", id, name });
  const { data: files } = await server.listFiles({ channel: "room" });

  const { data: user } = await anna.objects.setUUIDMetadata({ data: { name: "Anna" } });
  const late = await anna.objects.setUUIDMetadata({ data: { name: "B" }, ifMatchesEtag: "x" }).catch(({ status }) => status);
  const { data: memberships } = await anna.objects.setMemberships({ channels: ["room"] });
  const { data: gone } = await anna.objects.removeUUIDMetadata();
  return {
    denied,
    file: [file.name, file.type, await file.text()],
    wrong,
    address: [address.status, size],
    files,
    objects: [user.name, late, memberships.map(({ channel }) => channel.id), gone],
  };
`;

/** What it returns. */
export const EVERY_KIND_OF_RESULT = {
  denied: "PNAccessDeniedCategory",
  file: ["grüße.txt", "text/plain;charset=utf-8", "grüße 🦊"],
  wrong: "PNDecryptionErrorCategory",
  address: [200, 32],
  files: [],
  objects: ["Anna", 412, ["room"], null],
};
