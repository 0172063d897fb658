<?php
/** Throws unless the message is ours and whole. $headers have names in lower case, $body is php://input. */
function verify(string $secret, array $headers, string $body): void
{
    $expected = base64_encode(hash_hmac('sha256', $body, $secret, true));
    if (!hash_equals($expected, $headers['x-happycolis-webhook-signature'])) {
        throw new RuntimeException('signature does not match');
    }
}
