// Checks of Azure Container Registry.
import { bsi, check, cisAks, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['acr'] as const;
const docs = 'https://learn.microsoft.com/azure/container-registry';
/** What Microsoft's own examples keep: long enough to notice a wrong deletion after a weekend. */
const leastSoftDeleteDays = 7;

export const acrChecks: readonly PostureCheck[] = [
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
      id: 'acr/quarantine',
      severity: 'medium',
      kinds,
      title: {
        en: 'Images are held back until they are judged',
        de: 'Images werden bis zur Freigabe zurückgehalten',
      },
      description: {
        en: 'What is pushed can be pulled at once, before anybody has scanned it.',
        de: 'Hochgeladenes ist sofort ladbar, bevor es jemand geprüft hat.',
      },
      fix: {
        en: 'Let pushes go through the gate (plombe serve --upstream) or to quarantine/** only; the quarantine policy of the registry itself is a preview.',
        de: 'Uploads durch das Gate (plombe serve --upstream) oder nur nach quarantine/** leiten; die Quarantäne der Registry selbst ist eine Vorschau.',
      },
      references: ['https://github.com/Azure/acr/tree/main/docs/preview/quarantine'],
      controls: [nist('4.1.1'), nist('4.1.5'), bsi('SYS.1.6.A13'), cisAks('5.1.1')],
    },
    ['quarantinePolicyEnabled'],
    ([enabled]) => !enabled,
  ),
  check(
    {
      id: 'acr/diagnostic-logs',
      severity: 'medium',
      kinds,
      title: { en: 'Logins, pulls and pushes are logged', de: 'Anmeldungen, Down- und Uploads werden protokolliert' },
      description: {
        en: 'Without diagnostic settings nobody can tell afterwards who pushed or pulled what.',
        de: 'Ohne Diagnoseeinstellungen lässt sich nachher nicht sagen, wer was hoch- oder heruntergeladen hat.',
      },
      fix: {
        en: 'Send ContainerRegistryLoginEvents and ContainerRegistryRepositoryEvents to a workspace that administrators of the registry cannot delete.',
        de: 'ContainerRegistryLoginEvents und ContainerRegistryRepositoryEvents in einen Arbeitsbereich leiten, den Administratoren der Registry nicht löschen können.',
      },
      references: [`${docs}/monitor-container-registry`],
      controls: [nist('4.2.3'), iso('8.15'), iso('8.16')],
    },
    ['diagnosticLogs'],
    ([kept]) => !kept,
  ),
  check(
    {
      id: 'acr/webhook-http',
      severity: 'medium',
      kinds,
      title: { en: 'Webhooks go over https', de: 'Webhooks gehen über HTTPS' },
      description: {
        en: 'Events and the secret header can be read and forged on their way; webhooks of the registry carry no signature.',
        de: 'Ereignisse und der geheime Header können unterwegs gelesen und gefälscht werden; Webhooks der Registry tragen keine Signatur.',
      },
      fix: { en: 'Give the service an https address.', de: 'Dem Dienst eine HTTPS-Adresse geben.' },
      references: [`${docs}/container-registry-webhook`],
      controls: [nist('4.2.1'), iso('8.24')],
    },
    ['webhooksWithHttp'],
    ([webhooks]) => webhooks,
  ),
  check(
    {
      id: 'acr/cache-rules',
      severity: 'medium',
      kinds,
      title: { en: 'No image is served unscanned from a cache', de: 'Kein Image kommt ungeprüft aus einem Cache' },
      description: {
        en: 'Cache rules serve what another registry gives, also the first time.',
        de: 'Cache-Regeln liefern aus, was eine andere Registry gibt, auch beim ersten Mal.',
      },
      fix: {
        en: 'Pull through the gate, which scans before the first serve, or let workloads pull only from promoted repositories.',
        de: 'Durch das Gate laden, das vor der ersten Auslieferung prüft, oder Workloads nur aus freigegebenen Repositories laden lassen.',
      },
      references: [`${docs}/artifact-cache-overview`],
      controls: [nist('4.1.5'), bsi('SYS.1.6.A6'), bsi('SYS.1.6.A13')],
    },
    ['cacheRules'],
    ([rules]) => rules,
  ),
  check(
    {
      id: 'acr/content-trust',
      severity: 'low',
      kinds,
      title: { en: 'Docker Content Trust is not relied on', de: 'Docker Content Trust wird nicht mehr benutzt' },
      description: {
        en: 'It is deprecated and will be removed on 2028-03-31; nothing in the registry checks whose signature it is.',
        de: 'Es ist abgekündigt und entfällt am 31.03.2028; nichts in der Registry prüft, wessen Signatur es ist.',
      },
      fix: {
        en: 'Sign with Notation or cosign, and verify against your own keys at the gate.',
        de: 'Mit Notation oder cosign signieren und am Gate gegen eigene Schlüssel prüfen.',
      },
      references: [`${docs}/container-registry-content-trust-deprecation`],
      controls: [nist('4.1.5'), bsi('SYS.1.6.A12')],
    },
    ['contentTrustEnabled'],
    ([enabled]) => enabled,
  ),
  check(
    {
      id: 'acr/soft-delete',
      severity: 'low',
      kinds,
      title: { en: 'Deleted images can be brought back', de: 'Gelöschte Images sind wiederherstellbar' },
      description: {
        en: 'A deletion by mistake or by an attacker is final.',
        de: 'Ein Löschen aus Versehen oder durch Angreifer ist endgültig.',
      },
      fix: {
        en: 'az acr config soft-delete update --registry NAME --days 7 --status enabled; or lock released images.',
        de: 'az acr config soft-delete update --registry NAME --days 7 --status enabled; oder freigegebene Images sperren.',
      },
      references: [`${docs}/container-registry-soft-delete-policy`],
      controls: [iso('8.13')],
    },
    ['softDeleteEnabled', 'softDeleteDays'],
    ([enabled, days]) => !enabled || days < leastSoftDeleteDays,
  ),
  check(
    {
      id: 'acr/retention',
      severity: 'low',
      kinds,
      title: { en: 'Untagged manifests are removed', de: 'Manifeste ohne Tag werden entfernt' },
      description: {
        en: 'Old images stay there to be pulled by digest, with their holes.',
        de: 'Alte Images bleiben mit ihren Lücken per Digest ladbar.',
      },
      fix: {
        en: 'az acr config retention update --registry NAME --status enabled --days 30 --type UntaggedManifests (Premium)',
        de: 'az acr config retention update --registry NAME --status enabled --days 30 --type UntaggedManifests (Premium)',
      },
      references: [`${docs}/container-registry-retention-policy`],
      controls: [nist('4.2.2'), iso('8.10'), bsi('SYS.1.6.A14')],
    },
    ['retentionEnabled'],
    ([enabled]) => !enabled,
  ),
  check(
    {
      id: 'acr/export',
      severity: 'low',
      kinds,
      title: { en: 'Images cannot be exported elsewhere', de: 'Images können nicht anderswohin exportiert werden' },
      description: {
        en: 'Whoever may manage the registry can copy all of it to another tenant.',
        de: 'Wer die Registry verwaltet, kann alles in einen anderen Mandanten kopieren.',
      },
      fix: {
        en: 'Set policies.exportPolicy to disabled (Premium, public access off).',
        de: 'policies.exportPolicy auf disabled setzen (Premium, öffentlicher Zugriff aus).',
      },
      references: [`${docs}/data-loss-prevention`],
      controls: [iso('8.12')],
    },
    ['exportEnabled'],
    ([enabled]) => enabled,
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
  check(
    {
      id: 'acr/zone-redundancy',
      severity: 'low',
      kinds,
      title: { en: 'The registry survives the loss of a zone', de: 'Die Registry übersteht den Ausfall einer Zone' },
      description: {
        en: 'When its zone fails, no node can pull and nothing new starts.',
        de: 'Fällt ihre Zone aus, kann kein Knoten laden, und nichts Neues startet.',
      },
      fix: {
        en: 'Use a region with zones, or replicate to a second region (Premium).',
        de: 'Eine Region mit Zonen nutzen oder in eine zweite Region replizieren (Premium).',
      },
      references: [`${docs}/zone-redundancy`],
      controls: [iso('8.14')],
    },
    ['zoneRedundant'],
    ([redundant]) => !redundant,
  ),
  check(
    {
      id: 'acr/customer-managed-key',
      severity: 'low',
      kinds,
      title: {
        en: 'The registry is encrypted with your own key',
        de: 'Die Registry ist mit eigenem Schlüssel verschlüsselt',
      },
      description: {
        en: "Data is encrypted with Microsoft's key, which you can neither withdraw nor see used.",
        de: 'Daten sind mit Microsofts Schlüssel verschlüsselt, den man weder entziehen noch überwachen kann.',
      },
      fix: {
        en: 'Where that is demanded, create the registry with a key of your vault: it cannot be changed afterwards (Premium).',
        de: 'Wo gefordert, die Registry mit einem Schlüssel des eigenen Tresors anlegen: Später ist das nicht änderbar (Premium).',
      },
      references: [`${docs}/tutorial-enable-customer-managed-keys`],
      controls: [iso('8.24')],
    },
    ['customerManagedKey'],
    ([own]) => !own,
  ),
  check(
    {
      id: 'acr/data-endpoint',
      severity: 'low',
      kinds,
      title: { en: 'Blobs come from dedicated endpoints', de: 'Blobs kommen von eigenen Endpunkten' },
      description: {
        en: 'Firewalls must open *.blob.core.windows.net, through which data can leave to any storage account.',
        de: 'Firewalls müssen *.blob.core.windows.net öffnen, worüber Daten in jedes Speicherkonto abfließen können.',
      },
      fix: {
        en: 'az acr update --name NAME --data-endpoint-enabled true (Premium), and narrow the rules of firewalls.',
        de: 'az acr update --name NAME --data-endpoint-enabled true (Premium) und Firewallregeln enger fassen.',
      },
      references: [`${docs}/container-registry-dedicated-data-endpoints`],
      controls: [iso('8.12'), iso('8.20')],
    },
    ['dataEndpointEnabled'],
    ([enabled]) => !enabled,
  ),
];
