// Checks of Harbor: who gets in, and what leaves it.
import { check, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['harbor'] as const;
const docs = 'https://goharbor.io/docs/main';
/** The project mends its three newest minor releases; 2.15 is the newest known. */
const oldestMendedMinor = 13;
/** One on duty, one deputy, two for an emergency. */
const mostAdministrators = 4;

export const harborAccessChecks: readonly PostureCheck[] = [
  check(
    {
      id: 'harbor/default-password',
      severity: 'critical',
      kinds,
      title: {
        en: 'The first administrator has a password of its own',
        de: 'Der erste Administrator hat ein eigenes Passwort',
      },
      description: {
        en: 'The password that the installer publishes opens the account admin.',
        de: 'Das veröffentlichte Passwort des Installationsprogramms öffnet das Konto admin.',
      },
      fix: {
        en: 'Change it now, and look through the audit log.',
        de: 'Sofort ändern und das Audit-Protokoll durchsehen.',
      },
      references: [`${docs}/install-config/configure-yml-file/`],
      controls: [nist('4.2.3'), iso('5.17'), iso('8.2')],
    },
    ['defaultAdminPassword'],
    ([works]) => works,
  ),
  check(
    {
      id: 'harbor/self-registration',
      severity: 'high',
      kinds,
      title: { en: 'Nobody can register themselves', de: 'Niemand kann sich selbst registrieren' },
      description: {
        en: 'Everybody who reaches the web page can have an account.',
        de: 'Jeder, der die Webseite erreicht, bekommt ein Konto.',
      },
      fix: { en: 'Switch self-registration off.', de: 'Die Selbstregistrierung abschalten.' },
      references: [`${docs}/administration/configure-authentication/db-auth/`],
      controls: [nist('4.2.3'), iso('5.16'), iso('5.18')],
    },
    ['selfRegistration'],
    ([on]) => on,
  ),
  check(
    {
      id: 'harbor/robot-expiry',
      severity: 'high',
      kinds,
      title: { en: 'Robots expire', de: 'Robot-Konten laufen ab' },
      description: {
        en: 'A robot without an end keeps its access when the people who know its secret have left.',
        de: 'Ein Robot-Konto ohne Ablauf behält den Zugriff, wenn die Mitwisser gegangen sind.',
      },
      fix: {
        en: 'Give each robot a duration, and renew its secret in the pipeline.',
        de: 'Jedem Robot-Konto eine Laufzeit geben und sein Geheimnis in der Pipeline erneuern.',
      },
      references: [`${docs}/administration/robot-accounts/`],
      controls: [nist('4.2.3'), iso('5.17'), iso('5.18')],
    },
    ['robotsWithoutExpiry'],
    ([robots]) => robots,
  ),
  check(
    {
      id: 'harbor/wide-robots',
      severity: 'high',
      kinds,
      title: { en: 'No robot may write in many projects', de: 'Kein Robot-Konto schreibt in viele Projekte' },
      description: {
        en: 'Harbor cannot limit a robot to repositories; one for several projects reaches every image in them.',
        de: 'Harbor kann Robot-Konten nicht auf Repositories begrenzen; eines für mehrere Projekte erreicht dort jedes Image.',
      },
      fix: {
        en: 'Use one robot per project and purpose; or the repository-scoped robots of the gate.',
        de: 'Je Projekt und Zweck ein Robot-Konto verwenden, oder die auf Repositories begrenzten des Gates.',
      },
      references: [`${docs}/administration/robot-accounts/`, 'https://github.com/goharbor/harbor/issues/9565'],
      controls: [nist('4.2.3'), iso('5.18'), iso('8.3')],
    },
    ['wideRobots'],
    ([robots]) => robots,
  ),
  check(
    {
      id: 'harbor/replication-insecure',
      severity: 'high',
      kinds,
      title: { en: 'Replication checks certificates', de: 'Die Replikation prüft Zertifikate' },
      description: {
        en: 'Images and the login of the other side go over http, or to whoever shows any certificate.',
        de: 'Images und Zugangsdaten gehen über HTTP oder an jeden, der irgendein Zertifikat vorlegt.',
      },
      fix: {
        en: 'Use https and switch "Verify Remote Cert" on for the endpoint.',
        de: 'HTTPS verwenden und für den Endpunkt „Verify Remote Cert“ einschalten.',
      },
      references: [`${docs}/administration/configuring-replication/create-replication-endpoints/`],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['insecureReplication'],
    ([endpoints]) => endpoints,
  ),
  check(
    {
      id: 'harbor/public-projects',
      severity: 'medium',
      kinds,
      title: { en: 'Projects are private', de: 'Projekte sind privat' },
      description: {
        en: 'Everybody can pull every image of these projects without a login.',
        de: 'Jeder kann jedes Image dieser Projekte ohne Anmeldung laden.',
      },
      fix: { en: 'Make them private.', de: 'Privat machen.' },
      references: [`${docs}/working-with-projects/project-configuration/`],
      controls: [nist('4.2.3'), iso('5.15'), iso('8.3')],
    },
    ['publicProjects'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/local-accounts',
      severity: 'medium',
      kinds,
      title: {
        en: 'People sign in with their central account',
        de: 'Personen melden sich mit ihrem zentralen Konto an',
      },
      description: {
        en: 'Accounts in Harbor’s own database stay when people leave, and have no second factor.',
        de: 'Konten in Harbors eigener Datenbank bleiben, wenn Personen gehen, und haben keinen zweiten Faktor.',
      },
      fix: { en: 'Use OIDC with your identity provider.', de: 'OIDC mit dem eigenen Identitätsanbieter nutzen.' },
      references: [`${docs}/administration/configure-authentication/oidc-auth/`],
      controls: [nist('4.2.3'), iso('5.16'), iso('8.5')],
    },
    ['authMode'],
    ([mode]) => mode === 'db_auth',
  ),
  check(
    {
      id: 'harbor/webhook-insecure',
      severity: 'medium',
      kinds,
      title: { en: 'Webhooks go over https', de: 'Webhooks gehen über HTTPS' },
      description: {
        en: 'Events and their secret can be read and forged on their way.',
        de: 'Ereignisse und ihr Geheimnis können unterwegs gelesen und gefälscht werden.',
      },
      fix: {
        en: 'Give the receiver an https address and let Harbor check its certificate.',
        de: 'Dem Empfänger eine HTTPS-Adresse geben und Harbor das Zertifikat prüfen lassen.',
      },
      references: [`${docs}/working-with-projects/project-configuration/configure-webhooks/`],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['insecureWebhooks'],
    ([webhooks]) => webhooks,
  ),
  check(
    {
      id: 'harbor/version',
      severity: 'medium',
      kinds,
      title: { en: 'Harbor is a release that is mended', de: 'Harbor ist eine gepflegte Version' },
      description: {
        en: 'The project mends the three newest minor releases only.',
        de: 'Das Projekt pflegt nur die drei neuesten Nebenversionen.',
      },
      fix: { en: 'Update to the newest release.', de: 'Auf die neueste Version aktualisieren.' },
      references: ['https://github.com/goharbor/harbor/blob/main/RELEASES.md'],
      controls: [iso('8.8')],
    },
    ['version'],
    ([version]) => {
      const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
      return Number(major) < 2 || (Number(major) === 2 && Number(minor) < oldestMendedMinor);
    },
  ),
  check(
    {
      id: 'harbor/webhook-secret',
      severity: 'low',
      kinds,
      title: { en: 'Webhooks carry a secret', de: 'Webhooks tragen ein Geheimnis' },
      description: {
        en: 'Their receivers cannot tell Harbor’s events from others.',
        de: 'Ihre Empfänger können Harbors Ereignisse nicht von anderen unterscheiden.',
      },
      fix: { en: 'Set an authorization header.', de: 'Einen Authorization-Header setzen.' },
      references: [`${docs}/working-with-projects/project-configuration/configure-webhooks/`],
      controls: [iso('8.5')],
    },
    ['webhooksWithoutSecret'],
    ([webhooks]) => webhooks,
  ),
  check(
    {
      id: 'harbor/project-creation',
      severity: 'low',
      kinds,
      title: { en: 'Only administrators create projects', de: 'Nur Administratoren legen Projekte an' },
      description: {
        en: 'Everybody can open a project with settings of their own.',
        de: 'Jeder kann ein Projekt mit eigenen Einstellungen eröffnen.',
      },
      fix: { en: 'Limit project creation to administrators.', de: 'Das Anlegen auf Administratoren beschränken.' },
      references: [`${docs}/administration/general-settings/`],
      controls: [iso('5.15')],
    },
    ['projectCreationByEveryone'],
    ([everyone]) => everyone,
  ),
  check(
    {
      id: 'harbor/administrators',
      severity: 'low',
      kinds,
      title: { en: 'There are few administrators', de: 'Es gibt wenige Administratoren' },
      description: {
        en: 'Each of them can read and change every project.',
        de: 'Jeder davon kann jedes Projekt lesen und ändern.',
      },
      fix: {
        en: 'Make project administrators of those who need no more.',
        de: 'Wer nicht mehr braucht, wird Projekt-Administrator.',
      },
      references: [`${docs}/administration/managing-users/`],
      controls: [nist('4.2.3'), iso('8.2')],
    },
    ['systemAdministrators'],
    ([names]) => (names.length > mostAdministrators ? names : []),
  ),
  check(
    {
      id: 'harbor/audit-forward',
      severity: 'low',
      kinds,
      title: { en: 'The audit log leaves Harbor', de: 'Das Audit-Protokoll verlässt Harbor' },
      description: {
        en: 'It is a table that an administrator of the database can change.',
        de: 'Es ist eine Tabelle, die Administratoren der Datenbank ändern können.',
      },
      fix: {
        en: 'Forward it to a log that others keep.',
        de: 'In ein Protokoll weiterleiten, das andere führen.',
      },
      references: [`${docs}/administration/log-rotation/`],
      controls: [iso('8.15')],
    },
    ['auditLogForwarded'],
    ([forwarded]) => !forwarded,
  ),
];
