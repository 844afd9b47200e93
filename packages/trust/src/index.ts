// Sigstore bundles and cosign signatures, keys, in-toto statements, and the custody ledger.
export {};
