<?php
/** Throws unless the message is ours, whole and not old. $headers have names in lower case, $body is php://input. */
function verify(string $secret, array $headers, string $body, int $tolerance = 300): void
{
    $sentAt = $headers['webhook-timestamp'];
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $signed = $headers['webhook-id'] . '.' . $sentAt . '.' . $body;
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    $matches = array_filter(explode(' ', $headers['webhook-signature']), fn ($given) => hash_equals($expected, $given));
    if (!$matches) {
        throw new RuntimeException('signature does not match');
    }
    if (abs(time() - (int) $sentAt) > $tolerance) {
        throw new RuntimeException('too old');
    }
}
