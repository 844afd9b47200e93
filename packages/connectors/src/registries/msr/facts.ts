// The posture of MSR: its settings, its repositories one by one with their policies, its accounts and webhooks.
import { field, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { FactsOf } from '../../posture/facts.ts';
import { known, unknown } from '../../posture/facts.ts';
import type { CallOptions, Known } from '../connector.ts';
import { attempt } from '../known.ts';
import { instant, listAccounts, readGrants } from './access.ts';
import { pathOf, type MsrApi } from './api.ts';
import { listRepositories, type MsrRepository } from './contents.ts';

const administrator = 'a system administrator';
const repositoryAdmin = 'admin on each repository';

/** Reads every fact. What one list refuses is unknown in the facts that need it, and in no others. */
export async function readFacts(api: MsrApi, call: CallOptions): Promise<FactsOf<'msr'>> {
  const { signal } = call;
  const settings = await attempt(administrator, () => api.object('/api/v0/meta/settings', signal));
  const features = await attempt('any account', () => api.object('/api/v0/meta/features', signal));
  const repositories = await attempt('any account', () => Array.fromAsync(listRepositories(api, call)));
  const accounts = await attempt(administrator, () => listAccounts(api, call));
  const users = mapped(accounts, (all) => all.filter(({ isOrg, isActive }) => !isOrg && isActive));
  const hooks = await attempt(administrator, () => api.entries('/api/v0/webhooks?webhookType=any', signal));
  const policies = await policyFacts(api, repositories, signal);
  return {
    publicRepositories: named(repositories, ({ isPublic }) => isPublic),
    repositoriesWithoutScanOnPush: named(repositories, ({ scanOnPush }) => !scanOnPush),
    repositoriesWithoutImmutableTags: named(repositories, ({ immutableTags }) => !immutableTags),
    scanningEnabled: flag(features, 'scanningEnabled'),
    scanDatabaseUpdatedAt: await databaseTime(api, signal),
    administrators: mapped(users, (all) => all.filter(({ isAdmin }) => isAdmin).map(({ name }) => name)),
    localAccounts: mapped(users, (all) => all.filter(({ isImported }) => !isImported).map(({ name }) => name)),
    createRepositoryOnPush: flag(settings, 'createRepositoryOnPush'),
    readOnlyMode: flag(settings, 'readOnlyRegistry'),
    loginEventsRecorded: flag(settings, 'auditAuthLogsEnabled'),
    analyticsEnabled: flag(settings, 'reportAnalytics'),
    webhooks: mapped(hooks, (all) =>
      all.map((hook) => `${webhookName(hook)}${offText(field(hook, 'inactive') === true)}`),
    ),
    insecureWebhooks: mapped(hooks, (all) => all.filter(isInsecureWebhook).map(webhookName)),
    garbageCollectionScheduled: await attempt(administrator, async () =>
      objectsField(await api.object('/api/v0/crons', signal), 'crons').some((cron) =>
        /gc/i.test(textField(cron, 'action') ?? ''),
      ),
    ),
    wideTeams: mapped(await readGrants(api, call), (grants) =>
      grants
        .filter(({ principal, permissions, repositories: where }) => {
          if (!principal.startsWith('group:')) return false;
          return permissions.includes('admin') || (where.endsWith('/**') && permissions.includes('push'));
        })
        .map(({ principal, repositories: where }) => `${principal.slice('group:'.length)} → ${where}`),
    ),
    ...policies,
  };
}

function mapped<T, U>(value: Known<T>, map: (value: T) => U): Known<U> {
  return value.kind === 'known' ? { ...value, value: map(value.value) } : value;
}

function named(
  repositories: Known<readonly MsrRepository[]>,
  choose: (repository: MsrRepository) => boolean,
): Known<readonly string[]> {
  return mapped(repositories, (all) => all.filter(choose).map(({ path }) => path));
}

function flag(document: Known<JsonObject>, name: string): Known<boolean> {
  if (document.kind === 'unknown') return document;
  const value = field(document.value, name);
  return typeof value === 'boolean' ? known(value) : unknown(`This version of MSR does not tell ${name}.`);
}

async function databaseTime(api: MsrApi, signal: AbortSignal): Promise<Known<string>> {
  const status = await attempt('any account, and scanning switched on', () =>
    api.object('/api/v0/imagescan/status', signal),
  );
  if (status.kind === 'unknown') return status;
  if (textField(status.value, 'db_updated_at') === undefined) return unknown('This version of MSR does not tell when.');
  return known(instant(status.value, 'db_updated_at') ?? 'never');
}

type PolicyFacts = Pick<
  FactsOf<'msr'>,
  'insecureMirrors' | 'promotionsWithoutCveRule' | 'promotionPolicies' | 'mirroringPolicies'
>;

interface PlacedPolicy {
  /** `engineering/app → hub.example`. */
  readonly name: string;
  readonly policy: JsonObject;
}

/** Policies stand at each repository, so that each is asked. */
async function policyFacts(
  api: MsrApi,
  repositories: Known<readonly MsrRepository[]>,
  signal: AbortSignal,
): Promise<PolicyFacts> {
  const ofEach = async (
    kind: string,
    nameOf: (path: string, policy: JsonObject) => string,
  ): Promise<Known<readonly PlacedPolicy[]>> => {
    if (repositories.kind === 'unknown') return repositories;
    return attempt(repositoryAdmin, async () => {
      const found: PlacedPolicy[] = [];
      for (const { path, namespace, name } of repositories.value) {
        for (const policy of await api.entries(`/api/v0/repositories${pathOf(namespace, name)}/${kind}`, signal)) {
          found.push({ name: nameOf(path, policy), policy });
        }
      }
      return found;
    });
  };
  const remote = (policy: JsonObject): string => textField(policy, 'remoteHost') ?? '';
  const polls = await ofEach('pollMirroringPolicies', (path, policy) => `${path} ← ${remote(policy)}`);
  const pushes = await ofEach('pushMirroringPolicies', (path, policy) => `${path} → ${remote(policy)}`);
  const mirrors = polls.kind === 'unknown' ? polls : mapped(pushes, (all) => [...polls.value, ...all]);
  const promotions = await ofEach(
    'promotionPolicies?source=true',
    (path, policy) => `${path} → ${textField(policy, 'targetRepository') ?? ''}`,
  );
  const told = (all: readonly PlacedPolicy[]): readonly string[] =>
    all.map(({ name, policy }) => `${name}${offText(field(policy, 'enabled') === false)}`);
  const chosen = (all: readonly PlacedPolicy[], which: (policy: JsonObject) => boolean): readonly string[] =>
    all.filter(({ policy }) => which(policy)).map(({ name }) => name);
  return {
    promotionPolicies: mapped(promotions, told),
    mirroringPolicies: mapped(mirrors, told),
    insecureMirrors: mapped(mirrors, (all) => chosen(all, isInsecureMirror)),
    promotionsWithoutCveRule: mapped(promotions, (all) => chosen(all, looksAtNoVulnerability)),
  };
}

function offText(isOff: boolean): string {
  return isOff ? ' (off)' : '';
}

function isInsecureMirror(policy: JsonObject): boolean {
  return field(policy, 'skipTLSVerification') === true || /^http:/i.test(textField(policy, 'remoteHost') ?? '');
}

function looksAtNoVulnerability(policy: JsonObject): boolean {
  const looks = objectsField(policy, 'rules').some((rule) => textField(rule, 'field')?.startsWith('vulnerability_'));
  return field(policy, 'enabled') === true && !looks;
}

function isInsecureWebhook(webhook: JsonObject): boolean {
  if (field(webhook, 'inactive') === true) return false;
  return field(webhook, 'skipTLSVerification') === true || /^http:/i.test(textField(webhook, 'endpoint') ?? '');
}

/** The address may hold a secret in its path: only the host is told. */
function webhookName(webhook: JsonObject): string {
  const endpoint = textField(webhook, 'endpoint') ?? '';
  const host = URL.canParse(endpoint) ? new URL(endpoint).host : 'unreadable address';
  return `${textField(webhook, 'key') || 'all'} ${textField(webhook, 'type') ?? ''} → ${host}`;
}
