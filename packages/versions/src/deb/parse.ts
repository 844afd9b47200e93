// Debian versions to order keys: epoch, upstream version, revision (Debian Policy 5.6.12, deb-version(7)).
import { isDigit, isLetter, numberKey, skipDigits, withoutBlanks, type VersionKey } from '../key.ts';

// dpkg keeps the epoch in a C int.
const highestEpoch = 2_147_483_647;
const allowed = /^[A-Za-z0-9.+~:-]+$/;

/**
 * Returns the order key of a Debian version, undefined where dpkg refuses it: empty or with an empty part, a character outside
 * `A-Za-z0-9.+~:-`, an epoch that is no number or too large. What dpkg only warns of is taken: a first letter, a colon in the revision.
 */
export function parseDeb(text: string): VersionKey | undefined {
  const trimmed = withoutBlanks(text);
  if (!allowed.test(trimmed)) return undefined;
  const colon = trimmed.indexOf(':');
  let epoch = '\u0000';
  if (colon >= 0) {
    if (colon === 0 || skipDigits(trimmed, 0) !== colon || Number(trimmed.slice(0, colon)) > highestEpoch)
      return undefined;
    epoch = numberKey(trimmed, 0, colon);
  }
  const dash = trimmed.lastIndexOf('-');
  const hasRevision = dash > colon;
  const upstreamEnd = hasRevision ? dash : trimmed.length;
  if (upstreamEnd === colon + 1) return undefined;
  if (hasRevision && dash === trimmed.length - 1) return undefined;
  const revision = hasRevision ? trimmed.slice(dash + 1) : '';
  return (epoch + partKey(trimmed, colon + 1, upstreamEnd) + partKey(revision, 0, revision.length)) as VersionKey;
}

/**
 * Text and numbers in turn, beginning with (maybe empty) text. In text the tilde sorts before the end, the end before letters,
 * letters before the rest; a missing number is 0. The closing end tells a version from a longer one.
 */
function partKey(text: string, from: number, to: number): string {
  let key = '';
  let at = from;
  do {
    while (at < to && !isDigit(text.charCodeAt(at))) {
      key += characterKey(text.charCodeAt(at));
      at += 1;
    }
    const end = Math.min(skipDigits(text, at), to);
    key += textEnd + numberKey(text, at, end);
    at = end;
  } while (at < to);
  return key + textEnd;
}

const textEnd = '\u0002';

function characterKey(code: number): string {
  if (code === 126) return '\u0001';
  return String.fromCharCode(isLetter(code) ? code : code + 256);
}
