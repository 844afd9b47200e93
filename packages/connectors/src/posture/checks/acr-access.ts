// Checks of Azure Container Registry: who gets in.
import { bsi, check, cisAks, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['acr'] as const;
const docs = 'https://learn.microsoft.com/azure/container-registry';
/** 65,536 IPv4 addresses. */
const widestRange = 16;

export const acrAccessChecks: readonly PostureCheck[] = [
  check(
    {
      id: 'acr/admin-user',
      severity: 'high',
      kinds,
      title: { en: 'The admin user is off', de: 'Der Admin-Benutzer ist abgeschaltet' },
      description: {
        en: 'It is one shared account with all rights that no log tells apart; readers of the configuration can fetch its password.',
        de: 'Ein gemeinsames Konto mit allen Rechten, das kein Protokoll unterscheidet; wer die Konfiguration liest, kann das Passwort abrufen.',
      },
      fix: {
        en: 'az acr update --name NAME --admin-enabled false; let services use managed identities.',
        de: 'az acr update --name NAME --admin-enabled false; Dienste mit verwalteten Identitäten betreiben.',
      },
      references: [`${docs}/container-registry-authentication#admin-account`],
      controls: [nist('4.2.3'), iso('5.16'), iso('8.2'), cisAks('5.1.2')],
    },
    ['adminUserEnabled'],
    ([enabled]) => enabled,
  ),
  check(
    {
      id: 'acr/anonymous-pull',
      severity: 'high',
      kinds,
      title: { en: 'Anonymous pull is off', de: 'Anonymes Herunterladen ist abgeschaltet' },
      description: {
        en: 'Every image of the registry can be read by everybody who reaches it.',
        de: 'Jedes Image der Registry ist für alle lesbar, die sie erreichen.',
      },
      fix: {
        en: 'az acr update --name NAME --anonymous-pull-enabled false',
        de: 'az acr update --name NAME --anonymous-pull-enabled false',
      },
      references: [`${docs}/anonymous-pull-access`],
      controls: [nist('4.2.3'), iso('5.15'), iso('8.3'), cisAks('5.1.2')],
    },
    ['anonymousPullEnabled'],
    ([enabled]) => enabled,
  ),
  check(
    {
      id: 'acr/token-expiry',
      severity: 'high',
      kinds,
      title: { en: 'Passwords of tokens expire', de: 'Passwörter von Tokens laufen ab' },
      description: {
        en: 'A token without an end outlives people, pipelines and its last use.',
        de: 'Ein Token ohne Ende überlebt Personen, Pipelines und seine letzte Nutzung.',
      },
      fix: {
        en: 'az acr token credential generate --expiration-in-days 30, and delete the password without an end.',
        de: 'az acr token credential generate --expiration-in-days 30 und das Passwort ohne Ablauf löschen.',
      },
      references: [`${docs}/container-registry-token-based-repository-permissions`],
      controls: [nist('4.2.3'), iso('5.17'), iso('5.18')],
    },
    ['tokensWithoutExpiry'],
    ([tokens]) => tokens,
  ),
  check(
    {
      id: 'acr/wide-tokens',
      severity: 'high',
      kinds,
      title: { en: 'No token may write everywhere', de: 'Kein Token darf überall schreiben' },
      description: {
        en: 'Its scope map allows writing to all repositories: one leaked pipeline secret reaches every image.',
        de: 'Seine Bereichszuordnung erlaubt Schreiben in alle Repositories: Ein verlorenes Pipeline-Geheimnis erreicht jedes Image.',
      },
      fix: {
        en: 'Give each pipeline a scope map of its own repositories.',
        de: 'Jeder Pipeline eine Bereichszuordnung nur für ihre Repositories geben.',
      },
      references: [`${docs}/container-registry-token-based-repository-permissions`],
      controls: [nist('4.2.3'), iso('5.18'), iso('8.3')],
    },
    ['wideTokens'],
    ([tokens]) => tokens,
  ),
  check(
    {
      id: 'acr/admin-password-readers',
      severity: 'high',
      kinds,
      title: {
        en: 'No reader can fetch the admin password',
        de: 'Kein lesendes Konto kann das Admin-Passwort abrufen',
      },
      description: {
        en: 'These identities hold listCredentials: where the admin user is on, reading the configuration becomes pushing images.',
        de: 'Diese Identitäten besitzen listCredentials: Ist der Admin-Benutzer an, wird aus Lesen der Konfiguration das Hochladen von Images.',
      },
      fix: {
        en: 'Assign a custom role without Microsoft.ContainerRegistry/registries/listCredentials/action.',
        de: 'Eine eigene Rolle ohne Microsoft.ContainerRegistry/registries/listCredentials/action zuweisen.',
      },
      references: [`${docs}/container-registry-rbac-built-in-roles-directory-reference`],
      controls: [nist('4.2.3'), iso('8.2'), cisAks('5.1.2')],
    },
    ['adminPasswordReaders', 'adminUserEnabled'],
    ([readers, enabled]) => (enabled ? readers : []),
  ),
  check(
    {
      id: 'acr/legacy-roles',
      severity: 'medium',
      kinds,
      title: {
        en: 'Roles may be limited to repositories (ABAC)',
        de: 'Rollen lassen sich auf Repositories begrenzen (ABAC)',
      },
      description: {
        en: 'With legacy registry permissions every role holds for all repositories, and roles such as Reader pull every image.',
        de: 'Mit den alten Registry-Berechtigungen gilt jede Rolle für alle Repositories, und Rollen wie Reader laden jedes Image.',
      },
      fix: {
        en: 'Assign the Container Registry Repository roles first, then: az acr update --role-assignment-mode rbac-abac. AcrPull and AcrPush count for nothing afterwards.',
        de: 'Zuerst die Rollen „Container Registry Repository …“ zuweisen, dann: az acr update --role-assignment-mode rbac-abac. AcrPull und AcrPush gelten danach nicht mehr.',
      },
      references: [`${docs}/container-registry-rbac-abac-repository-permissions`],
      controls: [nist('4.2.3'), iso('5.15'), iso('5.18'), cisAks('5.1.2')],
    },
    ['roleAssignmentMode'],
    ([mode]) => mode !== 'AbacRepositoryPermissions',
  ),
  check(
    {
      id: 'acr/broad-readers',
      severity: 'medium',
      kinds,
      title: {
        en: 'Only roles of the registry can pull',
        de: 'Nur Rollen der Registry können herunterladen',
      },
      description: {
        en: 'These identities pull every image by a role that says nothing of registries.',
        de: 'Diese Identitäten laden jedes Image über eine Rolle, die Registries gar nicht nennt.',
      },
      fix: {
        en: 'Switch to ABAC repository permissions, where such roles count for nothing, or assign narrower roles.',
        de: 'Auf ABAC-Berechtigungen umstellen, in denen solche Rollen nicht gelten, oder engere Rollen zuweisen.',
      },
      references: [`${docs}/container-registry-rbac-built-in-roles-overview`],
      controls: [nist('4.2.3'), iso('5.18'), cisAks('5.1.2')],
    },
    ['broadReaders'],
    ([readers]) => readers,
  ),
  check(
    {
      id: 'acr/arm-audience-tokens',
      severity: 'medium',
      kinds,
      title: { en: 'Tokens for ARM do not open the registry', de: 'ARM-Tokens öffnen die Registry nicht' },
      description: {
        en: 'A token made for managing Azure is taken for pulling and pushing too, so that Conditional Access for registries can be passed by.',
        de: 'Ein Token zur Verwaltung von Azure gilt auch zum Herunter- und Hochladen; bedingter Zugriff auf Registries wird so umgangen.',
      },
      fix: {
        en: 'az acr config authentication-as-arm update --registry NAME --status disabled',
        de: 'az acr config authentication-as-arm update --registry NAME --status disabled',
      },
      references: [`${docs}/container-registry-disable-authentication-as-arm`],
      controls: [nist('4.2.3'), iso('8.5')],
    },
    ['armAudienceTokens'],
    ([enabled]) => enabled,
  ),
  check(
    {
      id: 'acr/public-network',
      severity: 'medium',
      kinds,
      title: {
        en: 'The registry is not open to every network',
        de: 'Die Registry steht nicht jedem Netz offen',
      },
      description: {
        en: 'It is reached from the whole Internet: a leaked credential is enough.',
        de: 'Sie ist aus dem ganzen Internet erreichbar: Verlorene Zugangsdaten genügen.',
      },
      fix: {
        en: 'Use private endpoints and switch public access off, or set the default action to Deny with the ranges that need it (Premium).',
        de: 'Private Endpunkte nutzen und den öffentlichen Zugriff abschalten oder als Standardaktion Deny mit den nötigen Bereichen setzen (Premium).',
      },
      references: [`${docs}/container-registry-private-link`, `${docs}/container-registry-access-selected-networks`],
      controls: [iso('8.20'), iso('8.22'), bsi('SYS.1.6.A5')],
    },
    ['publicNetworkAccess', 'networkDefaultAction'],
    ([open, action]) => open && action !== 'Deny',
  ),
  check(
    {
      id: 'acr/wide-ranges',
      severity: 'medium',
      kinds,
      title: { en: 'Network rules let in no large ranges', de: 'Netzregeln lassen keine großen Bereiche ein' },
      description: {
        en: 'A range of a /16 and more is no company’s own: with it the rule is hardly one.',
        de: 'Ein Bereich ab /16 gehört kaum einem Unternehmen allein: Damit ist die Regel fast keine.',
      },
      fix: {
        en: 'Name the addresses that are needed, or use private endpoints.',
        de: 'Die nötigen Adressen nennen oder private Endpunkte nutzen.',
      },
      references: [`${docs}/container-registry-access-selected-networks`],
      controls: [iso('8.20'), iso('8.22')],
    },
    ['networkAllowedRanges'],
    ([ranges]) => ranges.filter((range) => Number(/\/(\d{1,2})$/.exec(range)?.[1] ?? 32) <= widestRange),
  ),
  check(
    {
      id: 'acr/credential-sets',
      severity: 'medium',
      kinds,
      title: { en: 'Logins to other registries work', de: 'Anmeldungen bei anderen Registries funktionieren' },
      description: {
        en: 'The cache cannot log in upstream: what is served is what it had, with holes that are mended there.',
        de: 'Der Cache kann sich nicht anmelden: Er liefert, was er hatte, mit Lücken, die dort geschlossen sind.',
      },
      fix: {
        en: 'Renew the secrets in the key vault, and the identity’s access to them.',
        de: 'Die Geheimnisse im Schlüsseltresor und den Zugriff der Identität darauf erneuern.',
      },
      references: [`${docs}/artifact-cache-overview`],
      controls: [nist('4.2.2'), iso('5.17')],
    },
    ['unhealthyCredentialSets'],
    ([sets]) => sets,
  ),
  check(
    {
      id: 'acr/trusted-services',
      severity: 'low',
      kinds,
      title: {
        en: "Azure's services do not pass by the network rules",
        de: 'Azure-Dienste umgehen die Netzregeln nicht',
      },
      description: {
        en: 'Trusted services of any tenant reach the registry past its network rules, though they still need a role.',
        de: 'Vertrauenswürdige Dienste erreichen die Registry an den Netzregeln vorbei, brauchen aber weiterhin eine Rolle.',
      },
      fix: {
        en: 'Set the bypass to None where Tasks, Defender and the like are not used.',
        de: 'Die Umgehung auf None setzen, wo Tasks, Defender und Ähnliches nicht genutzt werden.',
      },
      references: [`${docs}/allow-access-trusted-services`],
      controls: [iso('8.20')],
    },
    ['networkBypass', 'networkDefaultAction'],
    ([bypass, action]) => bypass !== 'None' && action === 'Deny',
  ),
];
