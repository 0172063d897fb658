package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
)

// Verify returns an error unless the message is ours and whole.
func Verify(secret string, headers http.Header, body []byte) error {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	expected := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if !hmac.Equal([]byte(expected), []byte(headers.Get("x-happycolis-webhook-signature"))) {
		return errors.New("signature does not match")
	}
	return nil
}
