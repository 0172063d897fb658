import { createHmac, timingSafeEqual } from "node:crypto";

/** Throws unless the message is ours, whole and not old. `headers` have names in lower case, `body` is a Buffer. */
export function verify(secret, headers, body, tolerance = 300) {
  const [sentAt, ...signatures] = headers["convictional-signature"].split(",");
  const signed = Buffer.concat([Buffer.from(`${sentAt}.`), body]);
  const expected = Buffer.from(createHmac("sha256", secret).update(signed).digest("hex"));
  const matches = signatures.map((given) => Buffer.from(given))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!matches) throw new Error("signature does not match");
  if (Math.abs(Date.now() / 1000 - Number(sentAt)) > tolerance) throw new Error("too old");
}
