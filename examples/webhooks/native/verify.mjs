import { createHmac, timingSafeEqual } from "node:crypto";

/** Throws unless the message is ours, whole and not old. `headers` have names in lower case, `body` is a Buffer. */
export function verify(secret, headers, body, tolerance = 300) {
  const sentAt = headers["webhook-timestamp"];
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${sentAt}.`), body]);
  const expected = Buffer.from("v1," + createHmac("sha256", key).update(signed).digest("base64"));
  const matches = headers["webhook-signature"].split(" ").map((given) => Buffer.from(given))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!matches) throw new Error("signature does not match");
  if (Math.abs(Date.now() / 1000 - Number(sentAt)) > tolerance) throw new Error("too old");
}
