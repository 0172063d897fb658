package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify returns an error unless the message is ours, whole and not older than tolerance.
func Verify(secret string, headers http.Header, body []byte, tolerance time.Duration) error {
	parts := strings.Split(headers.Get("Convictional-Signature"), ",")
	sentAt := parts[0]
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sentAt + "."))
	mac.Write(body)
	expected := []byte(hex.EncodeToString(mac.Sum(nil)))
	matches := false
	for _, given := range parts[1:] {
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
