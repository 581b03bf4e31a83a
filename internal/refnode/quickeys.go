package refnode

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/quic-go/quic-go"
)

// quicKeys derives from the identity the keys with which a restarted node can reset connections of its predecessor
// (RFC 9000, section 10.3) and recognise its address tokens (section 8.1), by HKDF (RFC 5869).
func quicKeys(key crypto.PrivKey) (reset quic.StatelessResetKey, token quic.TokenGeneratorKey, err error) {
	secret, err := key.Raw()
	if err != nil {
		return reset, token, fmt.Errorf("derive QUIC keys: %w", err)
	}
	for _, derived := range []struct {
		info string
		to   []byte
	}{{"refnode quic stateless reset", reset[:]}, {"refnode quic address token", token[:]}} {
		bytes, err := hkdf.Key(sha256.New, secret, nil, derived.info, len(derived.to))
		if err != nil {
			return reset, token, fmt.Errorf("derive QUIC keys: %w", err)
		}
		copy(derived.to, bytes)
	}
	return reset, token, nil
}
