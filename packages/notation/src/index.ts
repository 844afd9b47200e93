// Notary Project signatures: envelopes, trust store, trust policy, signing and verification.
export {};
