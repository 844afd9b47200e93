// Checks of Harbor: what becomes of images, also where a gate of Harbor's is weaker than its name.
import { bsi, check, cisDocker, iso, nist, type PostureCheck } from '../check.ts';

const kinds = ['harbor'] as const;
const docs = 'https://goharbor.io/docs/main';

export const harborContentChecks: readonly PostureCheck[] = [
  check(
    {
      id: 'harbor/signature-presence',
      severity: 'medium',
      kinds,
      title: { en: 'Signatures are checked, not only looked for', de: 'Signaturen werden geprüft, nicht nur gesucht' },
      description: {
        en: 'Content trust of these projects is satisfied by any signature of anybody: Harbor checks no key.',
        de: 'Content Trust dieser Projekte genügt irgendeine Signatur von irgendwem: Harbor prüft keinen Schlüssel.',
      },
      fix: {
        en: 'Verify against your own keys at the gate (plombe serve --upstream --policy) or at admission.',
        de: 'Am Gate (plombe serve --upstream --policy) oder bei der Zulassung gegen eigene Schlüssel prüfen.',
      },
      references: [
        `${docs}/working-with-projects/project-configuration/implementing-content-trust/`,
        'https://github.com/goharbor/harbor/issues/18808',
      ],
      controls: [nist('4.1.5'), bsi('SYS.1.6.A12'), cisDocker('4.5')],
    },
    ['projectsWithPresenceOnlySignature'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/no-signatures',
      severity: 'medium',
      kinds,
      title: { en: 'Projects demand signatures', de: 'Projekte verlangen Signaturen' },
      description: {
        en: 'Whoever may push decides alone what is deployed.',
        de: 'Wer hochladen darf, entscheidet allein, was läuft.',
      },
      fix: {
        en: 'Sign in the pipeline and verify at the gate.',
        de: 'In der Pipeline signieren und am Gate prüfen.',
      },
      references: [`${docs}/working-with-projects/project-configuration/implementing-content-trust/`],
      controls: [nist('4.1.5'), bsi('SYS.1.6.A12'), cisDocker('4.5')],
    },
    ['projectsWithoutSignatures'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/cve-gate',
      severity: 'medium',
      kinds,
      title: { en: 'Vulnerable images cannot be pulled', de: 'Verwundbare Images können nicht geladen werden' },
      description: {
        en: 'These projects serve images whatever the scanner has found.',
        de: 'Diese Projekte liefern Images aus, was immer der Scanner gefunden hat.',
      },
      fix: {
        en: 'Prevent vulnerable images from running in the project; it looks at single images, not at indexes, so judge those at the gate.',
        de: '„Prevent vulnerable images from running“ im Projekt einschalten; das betrachtet Einzel-Images, keine Indexe: Diese am Gate beurteilen.',
      },
      references: [`${docs}/working-with-projects/project-configuration/`],
      controls: [nist('4.1.1'), iso('8.8'), bsi('SYS.1.6.A13'), cisDocker('4.4')],
    },
    ['projectsWithoutCveGate'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/auto-scan',
      severity: 'medium',
      kinds,
      title: { en: 'Images are scanned when they are pushed', de: 'Images werden beim Hochladen geprüft' },
      description: {
        en: 'What nobody scans has no findings.',
        de: 'Was niemand prüft, hat keine Befunde.',
      },
      fix: { en: 'Switch automatic scanning on.', de: 'Automatisches Scannen einschalten.' },
      references: [`${docs}/administration/vulnerability-scanning/`],
      controls: [nist('4.1.1'), iso('8.8'), cisDocker('4.4')],
    },
    ['projectsWithoutAutoScan'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/scanner',
      severity: 'medium',
      kinds,
      title: { en: 'A scanner is set up', de: 'Ein Scanner ist eingerichtet' },
      description: { en: 'Nothing is scanned at all.', de: 'Nichts wird geprüft.' },
      fix: {
        en: 'Register a scanner, such as plombe serve, and make it the default.',
        de: 'Einen Scanner, etwa plombe serve, anmelden und zum Standard machen.',
      },
      references: [`${docs}/administration/vulnerability-scanning/pluggable-scanners/`],
      controls: [nist('4.1.1'), iso('8.8'), cisDocker('4.4')],
    },
    ['scannerConfigured'],
    ([there]) => !there,
  ),
  check(
    {
      id: 'harbor/proxy-cache',
      severity: 'medium',
      kinds,
      title: { en: 'No image is served unscanned from a cache', de: 'Kein Image kommt ungeprüft aus einem Cache' },
      description: {
        en: 'The first pull through a proxy cache is served before it is scanned, whatever the project demands.',
        de: 'Der erste Abruf durch einen Proxy-Cache wird ausgeliefert, bevor er geprüft ist, was immer das Projekt verlangt.',
      },
      fix: {
        en: 'Pull through the gate, which scans before the first serve.',
        de: 'Durch das Gate laden, das vor der ersten Auslieferung prüft.',
      },
      references: [`${docs}/administration/configure-proxy-cache/`, 'https://github.com/goharbor/harbor/issues/16218'],
      controls: [nist('4.1.5'), bsi('SYS.1.6.A6'), bsi('SYS.1.6.A13')],
    },
    ['proxyCacheProjects'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/allowlist-expiry',
      severity: 'medium',
      kinds,
      title: { en: 'Exceptions for vulnerabilities end', de: 'Ausnahmen für Schwachstellen enden' },
      description: {
        en: 'A CVE allowlist without an end hides its vulnerabilities for ever and from everybody.',
        de: 'Eine CVE-Ausnahmeliste ohne Ende verbirgt ihre Schwachstellen für immer und vor allen.',
      },
      fix: {
        en: 'Give the list an end; one end holds for the whole list, so single exceptions belong into a policy (docs/policy.md).',
        de: 'Der Liste ein Ende geben; es gilt für die ganze Liste, einzelne Ausnahmen gehören daher in eine Richtlinie (docs/policy.md).',
      },
      references: [`${docs}/administration/vulnerability-scanning/configure-system-allowlist/`],
      controls: [iso('8.8')],
    },
    ['allowlistsWithoutExpiry'],
    ([lists]) => lists,
  ),
  check(
    {
      id: 'harbor/immutable-tags',
      severity: 'low',
      kinds,
      title: { en: 'Released tags cannot be moved', de: 'Freigegebene Tags können nicht verschoben werden' },
      description: {
        en: 'Under the same tag another image can lie tomorrow.',
        de: 'Unter demselben Tag kann morgen ein anderes Image liegen.',
      },
      fix: { en: 'Add a rule for immutable tags.', de: 'Eine Regel für unveränderliche Tags anlegen.' },
      references: [`${docs}/working-with-projects/working-with-images/create-tag-immutability-rules/`],
      controls: [iso('8.32'), bsi('SYS.1.6.A12')],
    },
    ['projectsWithoutImmutability'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/auto-sbom',
      severity: 'low',
      kinds,
      title: { en: 'Images have an SBOM', de: 'Images haben eine SBOM' },
      description: {
        en: 'Nobody can tell which images hold a component that becomes known as vulnerable, without reading them all.',
        de: 'Welche Images eine verwundbar gewordene Komponente enthalten, lässt sich nur durch Lesen aller sagen.',
      },
      fix: {
        en: 'Switch automatic SBOM generation on, or let the gate attach the inventory.',
        de: 'Automatische SBOM-Erzeugung einschalten oder das Gate das Inventar anhängen lassen.',
      },
      references: [`${docs}/working-with-projects/project-configuration/`],
      controls: [iso('5.9'), iso('8.8')],
    },
    ['projectsWithoutAutoSbom'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/retention',
      severity: 'low',
      kinds,
      title: { en: 'Old images are removed', de: 'Alte Images werden entfernt' },
      description: {
        en: 'Images that nobody needs stay there to be pulled, with their holes.',
        de: 'Images, die niemand braucht, bleiben mit ihren Lücken ladbar.',
      },
      fix: { en: 'Add a tag retention rule.', de: 'Eine Regel zur Aufbewahrung von Tags anlegen.' },
      references: [`${docs}/working-with-projects/working-with-images/create-tag-retention-rules/`],
      controls: [nist('4.2.2'), iso('8.10'), bsi('SYS.1.6.A14')],
    },
    ['projectsWithoutRetention'],
    ([projects]) => projects,
  ),
  check(
    {
      id: 'harbor/quota',
      severity: 'low',
      kinds,
      title: { en: 'Projects have a quota', de: 'Projekte haben ein Kontingent' },
      description: {
        en: 'One project can fill the storage of all.',
        de: 'Ein Projekt kann den Speicher aller füllen.',
      },
      fix: { en: 'Set a storage quota per project.', de: 'Je Projekt ein Speicherkontingent setzen.' },
      references: [`${docs}/administration/configure-project-quotas/`],
      controls: [iso('8.6')],
    },
    ['projectsWithoutQuota'],
    ([projects]) => projects,
  ),
];
