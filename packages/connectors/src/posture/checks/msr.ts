// Checks of Docker Trusted Registry and Mirantis Secure Registry 2.9 and 3.1.
import { bsi, check, cisDocker, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['msr'] as const;
const settings = 'https://docs.mirantis.com/msr/2.10/api-ref/';
const manageUsers = 'https://docs.mirantis.com/msr/3.1/ops/manage-users/authentication-and-authorization.html';
const scanning = 'https://docs.mirantis.com/msr/current/ops/msr-configure/set-up-security-scans/set-scanning-mode.html';
const promotion = 'https://docs.mirantis.com/msr/2.10/ops/promotion-policies/';
/** The vendor publishes the database daily. */
const mostDatabaseDays = 7;
/** One on duty, one deputy, two for an emergency. */
const mostAdministrators = 4;
const dayMs = 86_400_000;

export const msrChecks: readonly PostureCheck[] = [
  check(
    {
      id: 'msr/scanning',
      severity: 'high',
      kinds,
      title: { en: 'Scanning is on', de: 'Das Scannen ist eingeschaltet' },
      description: {
        en: 'No image is scanned, and promotion policies about vulnerabilities hold nothing back.',
        de: 'Kein Image wird geprüft, und Freigaberegeln zu Schwachstellen halten nichts zurück.',
      },
      fix: { en: 'Enable scanning in the settings.', de: 'Das Scannen in den Einstellungen einschalten.' },
      references: [scanning],
      controls: [nist('4.1.1'), iso('8.8'), cisDocker('4.4')],
    },
    ['scanningEnabled'],
    ([enabled]) => !enabled,
  ),
  check(
    {
      id: 'msr/mirror-insecure',
      severity: 'high',
      kinds,
      title: { en: 'Mirroring checks certificates', de: 'Die Spiegelung prüft Zertifikate' },
      description: {
        en: 'Images and the login of the other side go to whoever shows any certificate.',
        de: 'Images und Zugangsdaten gehen an jeden, der irgendein Zertifikat vorlegt.',
      },
      fix: {
        en: 'Name the authority of the other side (remoteCA) instead of skipTLSVerification.',
        de: 'Statt skipTLSVerification die Zertifizierungsstelle der Gegenseite angeben (remoteCA).',
      },
      references: [promotion],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['insecureMirrors'],
    ([mirrors]) => mirrors,
  ),
  check(
    {
      id: 'msr/login-events',
      severity: 'medium',
      kinds,
      title: { en: 'Logins are recorded', de: 'Anmeldungen werden aufgezeichnet' },
      description: {
        en: 'Nobody can tell afterwards who signed in when, and who tried to.',
        de: 'Nachher lässt sich nicht sagen, wer sich wann angemeldet oder es versucht hat.',
      },
      fix: {
        en: 'Set auditAuthLogsEnabled in the settings.',
        de: 'In den Einstellungen auditAuthLogsEnabled einschalten.',
      },
      references: [manageUsers],
      controls: [nist('4.2.3'), iso('8.15')],
    },
    ['loginEventsRecorded'],
    ([recorded]) => !recorded,
  ),
  check(
    {
      id: 'msr/scan-on-push',
      severity: 'medium',
      kinds,
      title: { en: 'Images are scanned when they are pushed', de: 'Images werden beim Hochladen geprüft' },
      description: { en: 'What nobody scans has no findings.', de: 'Was niemand prüft, hat keine Befunde.' },
      fix: {
        en: 'Set scanOnPush for these repositories.',
        de: 'Für diese Repositories scanOnPush einschalten.',
      },
      references: [scanning],
      controls: [nist('4.1.1'), iso('8.8'), cisDocker('4.4')],
    },
    ['repositoriesWithoutScanOnPush'],
    ([repositories]) => repositories,
  ),
  check(
    {
      id: 'msr/scan-database-age',
      severity: 'medium',
      kinds,
      title: { en: 'The vulnerability database is current', de: 'Die Schwachstellendatenbank ist aktuell' },
      description: {
        en: 'Scans compare with data of more than a week ago.',
        de: 'Prüfungen vergleichen mit Daten, die älter als eine Woche sind.',
      },
      fix: {
        en: 'Synchronise online, or upload the database each day.',
        de: 'Online abgleichen oder die Datenbank täglich hochladen.',
      },
      references: [scanning],
      controls: [nist('4.1.1'), iso('8.8')],
    },
    ['scanDatabaseUpdatedAt'],
    ([time], nowMs) => !((nowMs - Date.parse(time)) / dayMs <= mostDatabaseDays),
  ),
  check(
    {
      id: 'msr/promotion-without-cve',
      severity: 'medium',
      kinds,
      title: { en: 'Promotions look at vulnerabilities', de: 'Freigaberegeln betrachten Schwachstellen' },
      description: {
        en: 'These policies promote by tag or time alone, whatever the scanner has found.',
        de: 'Diese Regeln geben allein nach Tag oder Zeit frei, was immer der Scanner gefunden hat.',
      },
      fix: {
        en: 'Add rules such as vulnerability_critical equals 0; or promote through the gate, which judges the digest.',
        de: 'Regeln wie vulnerability_critical gleich 0 ergänzen oder durch das Gate freigeben, das den Digest beurteilt.',
      },
      references: [promotion],
      controls: [nist('4.1.1'), bsi('SYS.1.6.A13')],
    },
    ['promotionsWithoutCveRule'],
    ([policies]) => policies,
  ),
  check(
    {
      id: 'msr/wide-teams',
      severity: 'medium',
      kinds,
      title: { en: 'Teams write where they work', de: 'Teams schreiben, wo sie arbeiten' },
      description: {
        en: 'These teams may write to a whole namespace or administer repositories.',
        de: 'Diese Teams dürfen in einen ganzen Namensraum schreiben oder Repositories verwalten.',
      },
      fix: {
        en: 'Grant read-write per repository, and admin to few.',
        de: 'read-write je Repository vergeben und admin nur wenigen.',
      },
      references: [manageUsers],
      controls: [nist('4.2.3'), iso('5.18'), iso('8.2')],
    },
    ['wideTeams'],
    ([teams]) => teams,
  ),
  check(
    {
      id: 'msr/local-accounts',
      severity: 'medium',
      kinds,
      title: { en: 'People come from the directory', de: 'Personen kommen aus dem Verzeichnis' },
      description: {
        en: 'These accounts were made by hand and stay when people leave.',
        de: 'Diese Konten wurden von Hand angelegt und bleiben, wenn Personen gehen.',
      },
      fix: {
        en: 'Use LDAP, SAML or SCIM, and keep one local account for emergencies.',
        de: 'LDAP, SAML oder SCIM nutzen und ein lokales Konto für Notfälle behalten.',
      },
      references: [manageUsers],
      controls: [nist('4.2.3'), iso('5.16')],
    },
    ['localAccounts'],
    ([accounts]) => (accounts.length > 1 ? accounts : []),
  ),
  check(
    {
      id: 'msr/public-repositories',
      severity: 'medium',
      kinds,
      title: { en: 'Repositories are private', de: 'Repositories sind privat' },
      description: {
        en: 'Everybody can pull from these repositories, also without a login.',
        de: 'Jeder kann aus diesen Repositories laden, auch ohne Anmeldung.',
      },
      fix: { en: 'Make them private and grant teams.', de: 'Privat machen und Teams berechtigen.' },
      references: [manageUsers],
      controls: [nist('4.2.3'), iso('5.15'), iso('8.3')],
    },
    ['publicRepositories'],
    ([repositories]) => repositories,
  ),
  check(
    {
      id: 'msr/create-on-push',
      severity: 'medium',
      kinds,
      title: { en: 'Repositories are made on purpose', de: 'Repositories entstehen mit Absicht' },
      description: {
        en: 'A push makes a repository, without scan on push and with whatever visibility is the default.',
        de: 'Ein Upload legt ein Repository an, ohne Prüfung beim Hochladen und mit der voreingestellten Sichtbarkeit.',
      },
      fix: { en: 'Switch createRepositoryOnPush off.', de: 'createRepositoryOnPush abschalten.' },
      references: [settings],
      controls: [iso('8.9')],
    },
    ['createRepositoryOnPush'],
    ([on]) => on,
  ),
  check(
    {
      id: 'msr/webhook-insecure',
      severity: 'medium',
      kinds,
      title: { en: 'Webhooks go over https', de: 'Webhooks gehen über HTTPS' },
      description: {
        en: 'Events can be read and forged on their way; they carry neither signature nor secret.',
        de: 'Ereignisse können unterwegs gelesen und gefälscht werden; sie tragen weder Signatur noch Geheimnis.',
      },
      fix: {
        en: 'Give the receiver an https address, its certificate in tlsCert, and a path that cannot be guessed.',
        de: 'Dem Empfänger eine HTTPS-Adresse, sein Zertifikat in tlsCert und einen nicht erratbaren Pfad geben.',
      },
      references: ['https://docs.mirantis.com/msr/2.9/ops/manage-webhooks.html'],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['insecureWebhooks'],
    ([webhooks]) => webhooks,
  ),
  check(
    {
      id: 'msr/immutable-tags',
      severity: 'low',
      kinds,
      title: { en: 'Tags cannot be moved', de: 'Tags können nicht verschoben werden' },
      description: {
        en: 'Under the same tag another image can lie tomorrow.',
        de: 'Unter demselben Tag kann morgen ein anderes Image liegen.',
      },
      fix: { en: 'Set immutableTags.', de: 'immutableTags einschalten.' },
      references: [settings],
      controls: [iso('8.32'), bsi('SYS.1.6.A12')],
    },
    ['repositoriesWithoutImmutableTags'],
    ([repositories]) => repositories,
  ),
  check(
    {
      id: 'msr/administrators',
      severity: 'low',
      kinds,
      title: { en: 'There are few administrators', de: 'Es gibt wenige Administratoren' },
      description: {
        en: 'Each of them can read and change every repository.',
        de: 'Jeder davon kann jedes Repository lesen und ändern.',
      },
      fix: {
        en: 'Make organisation owners or team members of those who need no more.',
        de: 'Wer nicht mehr braucht, wird Eigentümer einer Organisation oder Teammitglied.',
      },
      references: [manageUsers],
      controls: [nist('4.2.3'), iso('8.2')],
    },
    ['administrators'],
    ([names]) => (names.length > mostAdministrators ? names : []),
  ),
  check(
    {
      id: 'msr/garbage-collection',
      severity: 'low',
      kinds,
      title: { en: 'Unused blobs are removed', de: 'Unbenutzte Blobs werden entfernt' },
      description: {
        en: 'Deleted images stay on disk, with their secrets.',
        de: 'Gelöschte Images bleiben samt Geheimnissen auf der Platte.',
      },
      fix: { en: 'Schedule garbage collection.', de: 'Die Speicherbereinigung planen.' },
      references: [settings],
      controls: [nist('4.2.2'), iso('8.10')],
    },
    ['garbageCollectionScheduled'],
    ([scheduled]) => !scheduled,
  ),
  check(
    {
      id: 'msr/analytics',
      severity: 'low',
      kinds,
      title: { en: 'No data about use leaves the house', de: 'Keine Nutzungsdaten verlassen das Haus' },
      description: {
        en: 'The registry reports how it is used to its vendor.',
        de: 'Die Registry meldet dem Hersteller, wie sie genutzt wird.',
      },
      fix: { en: 'Switch reportAnalytics off.', de: 'reportAnalytics abschalten.' },
      references: [settings],
      controls: [iso('8.12')],
    },
    ['analyticsEnabled'],
    ([enabled]) => enabled,
  ),
];
