// Fulcio: asks for a signing certificate with an OpenID token, and reads the answer (fulcio.proto v2). Pure: the caller sends it.
import { textField, type JsonObject } from '@plombe/kit';
import { parsePem } from '@plombe/pki';
import { publicKeyPem } from '../keys/public-key.ts';
import type { Signer } from '../keys/signer.ts';
import { encodeBase64 } from '../parse/base64.ts';
import { decodeUtf8, listOf, optionalObject, optionalText, parseJsonObject, requiredObject } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';

/** Path below the authority's address. */
export const signingCertificatePath = '/api/v2/signingCert';

/** 64 KiB of token (T48), 1 MiB of answer: real ones have 2 KB and 5 KB. */
const maxTokenBytes = 64 * 1024;
const maxAnswerBytes = 1024 * 1024;

/**
 * Returns what the authority wants to see signed as proof of possession: the token's `email` where there is one, which must be
 * verified, else its `sub`. The token's own signature is the authority's to check.
 */
export function subjectOfToken(token: string): Attempt<string> {
  return attempt(() => {
    if (token.length > maxTokenBytes) malformed('the token is too large');
    const parts = token.trim().split('.');
    if (parts.length !== 3) malformed('the token is no JSON Web Token');
    const claims = parseJsonObject(Buffer.from(parts[1] as string, 'base64url'), maxTokenBytes, 'token');
    const email = textField(claims, 'email');
    if (email !== undefined && email !== '') {
      const verified = claims['email_verified'];
      if (verified !== true && verified !== 'true') malformed('the email address of the token is not verified');
      return email;
    }
    const subject = textField(claims, 'sub');
    return subject === undefined || subject === '' ? malformed('the token names no subject') : subject;
  });
}

/** Builds the request body; the signer signs the token's subject. */
export async function signingCertificateRequest(token: string, subject: string, signer: Signer): Promise<JsonObject> {
  const proof = await signer.sign(Buffer.from(subject));
  return {
    credentials: { oidcIdentityToken: token.trim() },
    publicKeyRequest: {
      publicKey: { content: publicKeyPem(signer.publicKey) },
      proofOfPossession: encodeBase64(proof),
    },
  };
}

/**
 * Parses the answer: certificates in DER, leaf first. A detached certificate timestamp is refused, because bundles cannot carry it; an
 * authority without a certificate log answers in that form with none.
 */
export function parseSigningCertificate(answer: Uint8Array | string): Attempt<readonly Uint8Array[]> {
  return attempt(() => {
    const what = 'answer of the certificate authority';
    const json = parseJsonObject(answer, maxAnswerBytes, what);
    const embedded = optionalObject(json, 'signedCertificateEmbeddedSct', what);
    const signed = embedded ?? requiredObject(json, 'signedCertificateDetachedSct', what);
    if (embedded === undefined && (optionalText(signed, 'signedCertificateTimestamp', what) ?? '') !== '') {
      malformed('the certificate authority does not put the timestamp of the certificate log into the certificate');
    }
    const chain = requiredObject(signed, 'chain', what);
    const certificates = listOf(chain, 'certificates', 10, what).flatMap(derOf);
    return certificates.length === 0 ? malformed('the certificate authority answered no certificate') : certificates;
  });
}

function derOf(pem: unknown): readonly Uint8Array[] {
  if (typeof pem !== 'string') malformed('a certificate in the answer is no text');
  const text = decodeUtf8(Buffer.from(pem), 'certificate');
  try {
    return parsePem(text).map(({ label, bytes }) =>
      label === 'CERTIFICATE' ? bytes : malformed('the answer holds no certificate'),
    );
  } catch {
    return malformed('a certificate in the answer is not PEM');
  }
}
