import { createHmac, timingSafeEqual } from "node:crypto";

/** Throws unless the message is ours and whole. `headers` have names in lower case, `body` is a Buffer. */
export function verify(secret, headers, body) {
  const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("base64"));
  const given = Buffer.from(headers["x-shoplazza-hmac-sha256"]);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error("signature does not match");
  }
}
