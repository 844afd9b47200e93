// Who a Fulcio certificate names: the subject in its alternative name, and the issuer of the token (Fulcio's oid-info.md).
import { isPlombeError } from '@plombe/kit';
import { isText, oid, parseDer, readText, type Certificate } from '@plombe/pki';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';
import { decodeUtf8 } from '../parse/fields.ts';

/** The identity in a certificate. Texts are as written in it, not inert. */
export interface Identity {
  /** An email address, a URI, or the text of Fulcio's other name. */
  readonly subject: string;
  /** The issuer of the OpenID token. Absent in certificates that are not Fulcio's. */
  readonly issuer?: string;
}

const issuerV1 = '1.3.6.1.4.1.57264.1.1';
const issuerV2 = '1.3.6.1.4.1.57264.1.8';

/**
 * Reads a certificate's identity. Malformed: no or several alternative names, and issuers that differ between Fulcio's first (raw
 * text) and second (DER) extension.
 */
export function identityOf(certificate: Certificate): Attempt<Identity> {
  return attempt(() => {
    const names = certificate.subjectAltNames.map((name) => {
      if (name.kind === 'email' || name.kind === 'uri') return name.value;
      return name.kind === 'other' && name.oid === oid.fulcioOtherName ? name.value : undefined;
    });
    const subject = names[0];
    if (names.length !== 1 || subject === undefined || subject === '') {
      malformed('the certificate does not name exactly one email address, URI or user');
    }
    const first = certificate.extensions.get(issuerV1);
    const second = certificate.extensions.get(issuerV2);
    const raw = first === undefined ? undefined : decodeUtf8(first.value, 'issuer of the certificate');
    const text = second === undefined ? undefined : derText(second.value);
    if (raw !== undefined && text !== undefined && raw !== text) malformed('the certificate names two issuers');
    const issuer = text ?? raw;
    return issuer === undefined ? { subject } : { subject, issuer };
  });
}

function derText(value: Uint8Array): string {
  try {
    const node = parseDer(value);
    if (isText(node)) return readText(node);
  } catch (error) {
    if (!isPlombeError(error)) throw error;
  }
  return malformed('the issuer in the certificate is not text');
}
