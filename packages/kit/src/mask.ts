// Masks what looks like a credential in text that others wrote: instructions, variables and labels of images. (T24)

/** What a masked value is replaced by. */
const masked = '***';

/** Texts are cut here: an instruction of more says nothing to a reader, and the patterns below look at each character a bounded number of times. */
const maxCharacters = 65_536;

/** Last words of a name of which the value is a credential: of a variable, option, label or query parameter. */
const words = [
  'pass(?:word|wd|phrase|code)?',
  'pwd',
  'secrets?',
  'tokens?',
  'credentials?',
  '(?:api|access|private|secret|encryption|signing|master|account|storage|shared|session|auth)[-_.]?keys?(?:[-_.]?id)?',
  'bearer',
  '_pat',
  'sas',
  'authorization',
  '_auth',
  'connection[-_.]?string',
].join('|');
const secretName = new RegExp(`(?:${words})\\d{0,3}$`, 'i');

/** In quotes, or up to a blank or separator. */
const quoted = `"[^"\\n]{0,4096}"|'[^'\\n]{0,4096}'`;
const bare = `[^\\s"';&|,)}\\]]`;

/** `NAME=value`, `NAME: value`, `"name": "value"`: the name, what is between, the value. Tried once for each word of a text, so that its cost is bounded. */
const assignment = new RegExp(
  `(?<![\\w.-])([\\w.-]{0,100}?(?:${words})\\d{0,3})(["']?\\s{0,4}[=:]\\s{0,4})(${quoted}|${bare}{1,4096})`,
  'gi',
);

/** `--name value`: without a sign between, only an option has a value. */
const option = new RegExp(
  `(?<![\\w.-])(--(?!no-|dis|en|with|ignore|skip|empty)[\\w-]{0,100}?(?:${words})\\d{0,3})(\\s{1,4})(${quoted}|(?!-)${bare}{1,4096})`,
  'gi',
);

/** Credentials in a URL: `https://user:password@host`, `https://token@host`. */
const login = /(?<=\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"']{1,1024}@/gi;

/** Tokens that say what they are, and keys. */
const tokens: readonly RegExp[] = [
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_\w{22,255}\b/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,255}/g,
  /\bxox[abeoprs]-[\w-]{10,255}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bpypi-[\w-]{50,1024}/g,
  /\bdckr_(?:pat|oat)_[\w-]{20,255}/g,
  /\bhf_[A-Za-z0-9]{30,255}\b/g,
  /\bAIza[\w-]{35}/g,
  /\bsk_(?:live|test)_[A-Za-z0-9]{16,255}\b/g,
  /\bSG\.[\w-]{16,64}\.[\w-]{16,128}/g,
  /\beyJ[\w-]{8,4096}\.eyJ[\w-]{8,8192}\.[\w-]{0,4096}/g,
  /(?<=\b(?:Bearer|Basic)\s)[\w.~+/=-]{8,4096}/gi,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,65536}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
];

/** A value that is no credential itself: empty, a variable, or masked before. */
function isNone(value: string): boolean {
  const inner = value.replace(/^["']|["']$/g, '');
  return inner === '' || inner.startsWith('$') || inner === masked;
}

function maskNamed(whole: string, name: string, between: string, value: string): string {
  if (isNone(value) || value.startsWith('//')) return whole;
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${name}${between}${quote}${masked}${quote}`;
}

/**
 * Returns the text with what looks like a credential replaced by `***`: values of variables and options whose names say so, logins in URLs, tokens and keys of
 * known forms. Linear in the length of the text; a long text is cut. What it does not know stays: it is a guard, not a proof.
 */
export function maskCredentials(text: string): string {
  return mask(text, `${masked}@`);
}

/** As `maskCredentials`, for an address that says where something is from: a login in it is left out, so that it stays one address whoever fetched from it. */
export function withoutCredentials(text: string): string {
  return text.includes('://') ? mask(text, '') : text;
}

function mask(text: string, loginShown: string): string {
  let result = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  for (const token of tokens) result = result.replace(token, masked);
  result = result.replace(login, (found) => (/^(?:git|hg|svn)@$/.test(found) ? found : loginShown));
  return result.replace(assignment, maskNamed).replace(option, maskNamed);
}

/** Returns the value of a variable or label, masked where its name or itself says that it is a credential. */
export function maskValue(name: string, value: string): string {
  return secretName.test(name) && !isNone(value) ? masked : maskCredentials(value);
}

/** Returns `NAME=value` of an environment with its value masked where it is a credential. */
export function maskVariable(variable: string): string {
  const at = variable.indexOf('=');
  return at < 0
    ? maskCredentials(variable)
    : `${variable.slice(0, at)}=${maskValue(variable.slice(0, at), variable.slice(at + 1))}`;
}
