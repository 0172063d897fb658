<?php
/** Throws unless the message is ours and whole. $headers have names in lower case, $body is php://input. */
function verify(string $secret, array $headers, string $body): void
{
    $expected = hash_hmac('sha256', $body, $secret);
    if (!hash_equals($expected, $headers['x-afosto-hmac-sha256'])) {
        throw new RuntimeException('signature does not match');
    }
}
