// Certificates, ASN.1, signature algorithms, time stamps and revocation: bytes → structs → verdicts.
export {};
