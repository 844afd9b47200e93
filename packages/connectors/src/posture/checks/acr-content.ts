// Checks of Azure Container Registry: what becomes of images, and what is known of it.
import { bsi, check, cisAks, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['acr'] as const;
const docs = 'https://learn.microsoft.com/azure/container-registry';
/** What Microsoft's own examples keep: long enough to notice a wrong deletion after a weekend. */
const leastSoftDeleteDays = 7;

export const acrContentChecks: readonly PostureCheck[] = [
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
