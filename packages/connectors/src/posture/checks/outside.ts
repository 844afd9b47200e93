// Checks of what anybody can see of a registry from outside; they hold for every kind.
import { bsi, check, cisDocker, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['acr', 'harbor', 'msr', 'oci'] as const;
const distributionSpec = 'https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md';
const dayMs = 86_400_000;
/** Authorities issue again 30 days before the end; who has less left has missed that. */
const leastCertificateDays = 30;

/** Oldest release of a server that its publisher still mends, as of 2026: older ones have known holes. */
const oldestMended: readonly { readonly pattern: RegExp; readonly least: readonly number[] }[] = [
  { pattern: /\bnginx\/(\d+)\.(\d+)/i, least: [1, 28] },
  { pattern: /\bApache\/(\d+)\.(\d+)/i, least: [2, 4] },
  { pattern: /\bMicrosoft-IIS\/(\d+)\.(\d+)/i, least: [10, 0] },
  { pattern: /\bOpenSSL\/(\d+)\.(\d+)/i, least: [3, 0] },
];

export const outsideChecks: readonly PostureCheck[] = [
  check(
    {
      id: 'outside/anonymous-push',
      severity: 'critical',
      kinds,
      title: { en: 'Nobody can push without a login', de: 'Ohne Anmeldung kann niemand hochladen' },
      description: {
        en: 'An upload could be begun without credentials: anybody can place an image there, also over one that is deployed.',
        de: 'Ein Upload ließ sich ohne Zugangsdaten beginnen: Jeder kann dort ein Image ablegen, auch über eines, das im Einsatz ist.',
      },
      fix: {
        en: 'Demand a login for writing, and look for images that nobody knows.',
        de: 'Für das Schreiben eine Anmeldung verlangen und nach Images suchen, die niemand kennt.',
      },
      references: [`${distributionSpec}#push`],
      controls: [nist('4.2.3'), iso('5.15'), iso('8.5'), bsi('SYS.1.6.A12')],
    },
    ['anonymousPush'],
    ([repositories]) => repositories,
  ),
  check(
    {
      id: 'outside/plain-http',
      severity: 'high',
      kinds,
      title: {
        en: 'The API does not answer over plain http',
        de: 'Die API antwortet nicht über unverschlüsseltes HTTP',
      },
      description: {
        en: 'Logins and images can be read and changed on their way.',
        de: 'Zugangsdaten und Images können unterwegs gelesen und verändert werden.',
      },
      fix: {
        en: 'Close the port or answer every request there with a redirect to https.',
        de: 'Den Port schließen oder dort jede Anfrage auf HTTPS umleiten.',
      },
      references: ['https://doi.org/10.6028/NIST.SP.800-190'],
      controls: [nist('4.2.1'), iso('8.20'), iso('8.24'), cisDocker('2.5')],
    },
    ['plainHttpAnswered'],
    ([answered]) => answered,
  ),
  check(
    {
      id: 'outside/tls-old-versions',
      severity: 'high',
      kinds,
      title: { en: 'TLS 1.0 and 1.1 are refused', de: 'TLS 1.0 und 1.1 werden abgelehnt' },
      description: {
        en: 'These versions must not be used any more (RFC 8996).',
        de: 'Diese Versionen dürfen nicht mehr verwendet werden (RFC 8996).',
      },
      fix: { en: 'Allow TLS 1.2 and 1.3 only.', de: 'Nur TLS 1.2 und 1.3 zulassen.' },
      references: ['https://www.rfc-editor.org/rfc/rfc8996'],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['tlsOldVersions'],
    ([versions]) => versions,
  ),
  check(
    {
      id: 'outside/certificate-key',
      severity: 'high',
      kinds,
      title: { en: 'The certificate has a strong key', de: 'Das Zertifikat hat einen starken Schlüssel' },
      description: {
        en: 'RSA keys under 2048 bits and curves under 256 bits can be broken.',
        de: 'RSA-Schlüssel unter 2048 Bit und Kurven unter 256 Bit können gebrochen werden.',
      },
      fix: {
        en: 'Have a certificate issued for ECDSA P-256, or RSA of 3072 bits.',
        de: 'Ein Zertifikat für ECDSA P-256 oder RSA mit 3072 Bit ausstellen lassen.',
      },
      references: ['https://www.rfc-editor.org/rfc/rfc9325'],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['certificateKey'],
    ([{ type, bits }]) => bits < (type === 'RSA' ? 2048 : 255),
  ),
  check(
    {
      id: 'outside/certificate-expiry',
      severity: 'high',
      kinds,
      title: {
        en: 'The certificate is valid for 30 days and more',
        de: 'Das Zertifikat gilt noch mindestens 30 Tage',
      },
      description: {
        en: 'When it ends, pulls fail everywhere, and people switch checks off.',
        de: 'Läuft es ab, scheitern überall die Downloads, und Prüfungen werden abgeschaltet.',
      },
      fix: { en: 'Renew it, and let it be renewed automatically.', de: 'Erneuern und die Erneuerung automatisieren.' },
      references: ['https://www.rfc-editor.org/rfc/rfc8555'],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['certificateExpiresAt'],
    ([end], nowMs) => (Date.parse(end) - nowMs) / dayMs < leastCertificateDays,
  ),
  check(
    {
      id: 'outside/anonymous-pull',
      severity: 'medium',
      kinds,
      title: { en: 'Images need a login to be read', de: 'Images sind nur mit Anmeldung lesbar' },
      description: {
        en: 'Images tell what is deployed with which holes, and often hold secrets. Right for a public registry only.',
        de: 'Images verraten, was mit welchen Lücken läuft, und enthalten oft Geheimnisse. Nur für öffentliche Registries richtig.',
      },
      fix: {
        en: 'Make these repositories private, or keep what is public in a registry of its own.',
        de: 'Diese Repositories privat machen oder Öffentliches in einer eigenen Registry halten.',
      },
      references: ['https://doi.org/10.6028/NIST.SP.800-190'],
      controls: [nist('4.2.3'), iso('5.15'), iso('8.3')],
    },
    ['anonymousPull'],
    ([repositories]) => repositories,
  ),
  check(
    {
      id: 'outside/anonymous-catalog',
      severity: 'medium',
      kinds,
      title: {
        en: 'The list of repositories needs a login',
        de: 'Die Liste der Repositories ist nur mit Anmeldung lesbar',
      },
      description: {
        en: 'Names of repositories tell projects, customers and products to everybody.',
        de: 'Namen von Repositories verraten jedem Projekte, Kunden und Produkte.',
      },
      fix: { en: 'Demand a login for /v2/_catalog.', de: 'Für /v2/_catalog eine Anmeldung verlangen.' },
      references: [distributionSpec],
      controls: [nist('4.2.3'), iso('8.3')],
    },
    ['anonymousCatalog'],
    ([open]) => open,
  ),
  check(
    {
      id: 'outside/docker-v1-api',
      severity: 'medium',
      kinds,
      title: { en: "Docker's API v1 is gone", de: 'Dockers API v1 ist abgeschaltet' },
      description: {
        en: 'Its images are not addressed by content, so that nobody can tell whether they were changed.',
        de: 'Ihre Images sind nicht durch ihren Inhalt adressiert; Änderungen bleiben unbemerkt.',
      },
      fix: { en: 'Switch /v1/ off.', de: '/v1/ abschalten.' },
      references: ['https://docs.docker.com/retired/'],
      controls: [nist('4.2.1'), iso('8.9')],
    },
    ['dockerV1Api'],
    ([there]) => there,
  ),
  check(
    {
      id: 'outside/foreign-token-realm',
      severity: 'medium',
      kinds,
      title: {
        en: 'Logins go to the registry’s own host',
        de: 'Zugangsdaten gehen an den eigenen Host der Registry',
      },
      description: {
        en: 'The registry sends clients with their credentials to a token service on another host; many clients follow unasked.',
        de: 'Die Registry schickt Clients mit ihren Zugangsdaten zu einem Token-Dienst auf einem anderen Host; viele folgen ungefragt.',
      },
      fix: {
        en: 'Serve the token service under the host of the registry; where it is meant, allow it by name (realmAllow).',
        de: 'Den Token-Dienst unter dem Host der Registry anbieten; ist er gewollt, namentlich erlauben (realmAllow).',
      },
      references: ['https://distribution.github.io/distribution/spec/auth/token/'],
      controls: [nist('4.2.3'), iso('5.17')],
    },
    ['foreignTokenRealm'],
    ([host]) => (host === '' ? [] : [host]),
  ),
  check(
    {
      id: 'outside/outdated-server',
      severity: 'medium',
      kinds,
      title: { en: 'No outdated server answers', de: 'Kein veralteter Server antwortet' },
      description: {
        en: 'The version in the headers is one that its publisher mends no more.',
        de: 'Die Version in den Kopfzeilen wird vom Hersteller nicht mehr gepflegt.',
      },
      fix: { en: 'Update the server named.', de: 'Den genannten Server aktualisieren.' },
      references: ['https://endoflife.date/nginx'],
      controls: [iso('8.8')],
    },
    ['versionHeaders'],
    ([headers]) => headers.filter(isOutdated),
  ),
  check(
    {
      id: 'outside/version-headers',
      severity: 'low',
      kinds,
      title: { en: 'Headers tell no version', de: 'Kopfzeilen verraten keine Version' },
      description: {
        en: 'A version tells which known holes to try.',
        de: 'Eine Version verrät, welche bekannten Lücken sich lohnen.',
      },
      fix: {
        en: 'Leave the version away (nginx: server_tokens off).',
        de: 'Die Version weglassen (nginx: server_tokens off).',
      },
      references: ['https://www.rfc-editor.org/rfc/rfc9110#name-server'],
      controls: [iso('8.9')],
    },
    ['versionHeaders'],
    ([headers]) => headers,
  ),
  check(
    {
      id: 'outside/tls-1.3',
      severity: 'low',
      kinds,
      title: { en: 'TLS 1.3 is offered', de: 'TLS 1.3 wird angeboten' },
      description: {
        en: 'TLS 1.3 has no weak options to be configured wrongly.',
        de: 'TLS 1.3 hat keine schwachen Optionen, die falsch eingestellt werden könnten.',
      },
      fix: { en: 'Switch TLS 1.3 on.', de: 'TLS 1.3 einschalten.' },
      references: ['https://www.rfc-editor.org/rfc/rfc9325'],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['tlsVersion'],
    ([version]) => version !== 'TLSv1.3',
  ),
  check(
    {
      id: 'outside/referrers-api',
      severity: 'low',
      kinds,
      title: { en: 'Signatures are listed by the registry', de: 'Die Registry listet Signaturen auf' },
      description: {
        en: 'Without the referrers API clients keep lists under a tag, which writers can lose to one another and anybody who may push can change.',
        de: 'Ohne Referrers-API führen Clients Listen unter einem Tag, die sich gegenseitig überschreiben und die jeder mit Schreibrecht ändern kann.',
      },
      fix: {
        en: 'Update to a registry of the distribution specification 1.1.',
        de: 'Auf eine Registry nach Distribution-Spezifikation 1.1 aktualisieren.',
      },
      references: [`${distributionSpec}#listing-referrers`],
      controls: [nist('4.1.5'), cisDocker('4.5')],
    },
    ['referrersApi'],
    ([there]) => !there,
  ),
  check(
    {
      id: 'outside/sha512',
      severity: 'low',
      kinds,
      title: { en: 'Digests by sha512 are understood', de: 'Digests mit sha512 werden verstanden' },
      description: {
        en: 'Images named by sha512 cannot be kept there.',
        de: 'Mit sha512 benannte Images lassen sich dort nicht ablegen.',
      },
      fix: {
        en: 'Update the registry where such images are used.',
        de: 'Registry aktualisieren, wo solche Images genutzt werden.',
      },
      references: ['https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#registered-algorithms'],
      controls: [iso('8.24')],
    },
    ['sha512'],
    ([understood]) => !understood,
  ),
  check(
    {
      id: 'outside/delete-allowed',
      severity: 'low',
      kinds,
      title: {
        en: 'This login may not delete images',
        de: 'Diese Anmeldung darf keine Images löschen',
      },
      description: {
        en: 'A deletion was not refused for the login of this command; what reads and watches needs no such right.',
        de: 'Ein Löschen wurde für die Anmeldung dieses Befehls nicht abgelehnt; zum Lesen und Beobachten ist dieses Recht unnötig.',
      },
      fix: {
        en: 'Use a login that may only read, and allow deletion to few.',
        de: 'Eine Anmeldung nur mit Leserecht verwenden und das Löschen nur wenigen erlauben.',
      },
      references: [`${distributionSpec}#content-management`],
      controls: [nist('4.2.3'), iso('8.2')],
    },
    ['deleteAllowed'],
    ([allowed]) => allowed,
  ),
];

function isOutdated(header: string): boolean {
  return oldestMended.some(({ pattern, least }) => {
    const found = pattern.exec(header)?.slice(1).map(Number);
    if (found === undefined) return false;
    const differing = least.findIndex((number, index) => found[index] !== number);
    return differing >= 0 && (found[differing] ?? 0) < (least[differing] ?? 0);
  });
}
