<?php
/** Throws unless the message is ours, whole and not old. $headers have names in lower case, $body is php://input. */
function verify(string $secret, array $headers, string $body, int $tolerance = 300): void
{
    $signatures = explode(',', $headers['convictional-signature']);
    $sentAt = array_shift($signatures);
    $expected = hash_hmac('sha256', $sentAt . '.' . $body, $secret);
    if (!array_filter($signatures, fn ($given) => hash_equals($expected, $given))) {
        throw new RuntimeException('signature does not match');
    }
    if (abs(time() - (int) $sentAt) > $tolerance) {
        throw new RuntimeException('too old');
    }
}
