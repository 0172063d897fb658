package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify returns an error unless the message is ours, whole and not older than tolerance.
func Verify(secret string, headers http.Header, body []byte, tolerance time.Duration) error {
	sentAt := headers.Get("webhook-timestamp")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(headers.Get("webhook-id") + "." + sentAt + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	matches := false
	for _, given := range strings.Split(headers.Get("webhook-signature"), " ") {
		matches = matches || hmac.Equal(expected, []byte(given))
	}
	if !matches {
		return errors.New("signature does not match")
	}
	seconds, err := strconv.ParseInt(sentAt, 10, 64)
	if err != nil || math.Abs(time.Since(time.Unix(seconds, 0)).Seconds()) > tolerance.Seconds() {
		return errors.New("too old")
	}
	return nil
}
