// The facts about a Harbor that posture checks look at, each read with what the account may see.
import { objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import { unknown, type FactsOf } from '../../posture/facts.ts';
import type { CallOptions, Known } from '../connector.ts';
import { isAdministrator, readPeople, robotPermissions } from './access.ts';
import { pathPart, type HarborApi } from './api.ts';
import { attempt } from '../known.ts';
import { openGaps } from './gaps.ts';
import { listProjects, notePartialView, readAllRobots, type HarborProject, type HarborRobot } from './projects.ts';

export interface FactsOptions extends CallOptions {
  /** The name that `credential` authenticates, to tell a partial view. */
  readonly account?: string;
  /** Tries Harbor's published default password for `admin`; absent: it is not tried. */
  readonly tryDefaultPassword?: () => Promise<boolean>;
}

const administrator = 'a system administrator, or a system robot with the permission to read this';

/** Reads every fact. Throws only where the network or the server fails. */
export async function readFacts(api: HarborApi, options: FactsOptions): Promise<FactsOf<'harbor'>> {
  const { signal, account, tryDefaultPassword } = options;
  const info = await attempt('an account of any kind', () => api.read({ path: '/systeminfo', signal }));
  const configuration = await attempt(administrator, () => api.read({ path: '/configurations', signal }));
  const view = openGaps();
  await notePartialView(api, account, view, options);
  const all = await listProjects(api, options);
  const projects = view.known(all);
  const atRobots = openGaps(reasonsOf(projects));
  const robots = atRobots.known(await readAllRobots(api, all, atRobots, options));
  const people = await attempt(administrator, () => readPeople(api, options));

  const named = (wanted: (project: HarborProject) => boolean): Known<readonly string[]> =>
    mapKnown(projects, (found) => found.filter(wanted).map(({ name }) => name));
  const lacks = (...keys: readonly string[]): ((project: HarborProject) => boolean) => {
    return ({ metadata }) => !keys.some((key) => textField(metadata, key) === 'true');
  };
  /** Reads something of each project; those that may not be read are gaps. */
  const ofEach = async <T>(read: (project: HarborProject) => Promise<readonly T[]>): Promise<Known<readonly T[]>> => {
    const gaps = openGaps(reasonsOf(projects));
    const found = await eachOf(all, (project) => gaps.read(administrator, [], () => read(project)));
    return gaps.known(found.flat());
  };
  const webhooks = await ofEach((project) => readWebhooks(api, project, options));
  const webhookNames = (wanted: (target: JsonObject) => boolean): Known<readonly string[]> =>
    mapKnown(webhooks, (found) => [...new Set(found.filter(({ target }) => wanted(target)).map(({ name }) => name))]);

  return {
    version: textFact(info, 'harbor_version', 'Harbor tells its version only to those who are signed in.'),
    authMode: textFact(info, 'auth_mode', 'Harbor did not tell how people sign in.'),
    selfRegistration: mapKnown(info, (all) => all['self_registration'] === true),
    projectCreationByEveryone: whenText(info, 'project_creation_restriction', (text) => text !== 'adminonly'),
    defaultAdminPassword:
      tryDefaultPassword === undefined
        ? unknown('Not tried: it would be a sign-in with the default password.')
        : await attempt('an account of any kind', tryDefaultPassword),
    publicProjects: named(({ isPublic }) => isPublic),
    proxyCacheProjects: named(({ isProxyCache }) => isProxyCache),
    projectsWithoutAutoScan: named(lacks('auto_scan')),
    projectsWithoutAutoSbom: named(lacks('auto_sbom_generation')),
    projectsWithoutSignatures: named(lacks('enable_content_trust', 'enable_content_trust_cosign')),
    projectsWithPresenceOnlySignature: named(
      (project) => !lacks('enable_content_trust', 'enable_content_trust_cosign')(project),
    ),
    projectsWithoutCveGate: named(lacks('prevent_vul')),
    projectsWithoutRetention: named(({ metadata }) => (textField(metadata, 'retention_id') ?? '') === ''),
    projectsWithoutImmutability: await ofEach(async ({ name }) => {
      const rules = api.list({ path: `/projects/${pathPart(name)}/immutabletagrules`, signal });
      for await (const rule of rules) if (rule['disabled'] !== true) return [];
      return [name];
    }),
    projectsWithoutQuota: await whenKnown(projects, (all) =>
      attempt(administrator, () => readUnlimited(api, all, options)),
    ),
    allowlistsWithoutExpiry: await whenKnown(projects, (all) =>
      attempt(administrator, async () => {
        const system = await api.read({ path: '/system/CVEAllowlist', signal });
        const own = all.filter(({ metadata }) => textField(metadata, 'reuse_sys_cve_allowlist') === 'false');
        return [
          ...(isEndless(system) ? ['system'] : []),
          ...own.filter(({ allowlist }) => isEndless(allowlist)).map(({ name }) => name),
        ];
      }),
    ),
    robotsWithoutExpiry: mapKnown(robots, (all) =>
      all.filter(({ expiresAtMs, isDisabled }) => expiresAtMs === undefined && !isDisabled).map(({ name }) => name),
    ),
    wideRobots: mapKnown(robots, (all) => all.filter(isWide).map(({ name }) => name)),
    insecureWebhooks: webhookNames(
      (target) => isHttp(textField(target, 'address')) || target['skip_cert_verify'] === true,
    ),
    webhooksWithoutSecret: webhookNames((target) => (textField(target, 'auth_header') ?? '') === ''),
    webhooks: mapKnown(webhooks, (found) =>
      // An address may hold a secret in its path: only the host is told.
      found.map(({ name, target }) => `${name} → ${hostOf(textField(target, 'address'))}`),
    ),
    replicationPolicies: await attempt(administrator, async () => {
      const policies = await Array.fromAsync(api.list({ path: '/replication/policies', signal }));
      return policies.map(replicationText);
    }),
    insecureReplication: await attempt(administrator, async () => {
      const endpoints = await Array.fromAsync(api.list({ path: '/registries', signal }));
      const insecure = endpoints.filter((entry) => isHttp(textField(entry, 'url')) || entry['insecure'] === true);
      return insecure.flatMap((entry) => textField(entry, 'name') ?? []);
    }),
    systemAdministrators: mapKnown(people, (all) =>
      all.filter(isAdministrator).flatMap((person) => textField(person, 'username') ?? []),
    ),
    scannerConfigured: await attempt(administrator, async () => {
      for await (const scanner of api.list({ path: '/scanners', signal })) {
        if (scanner['is_default'] === true && scanner['disabled'] !== true) return true;
      }
      return false;
    }),
    auditLogForwarded: mapKnown(configuration, (all) => {
      const endpoint = objectField(all, 'audit_log_forward_endpoint');
      return endpoint !== undefined && (textField(endpoint, 'value') ?? '') !== '';
    }),
  };
}

function reasonsOf(answer: Known<unknown>): readonly string[] {
  return answer.kind === 'known' ? (answer.incomplete ?? []) : [answer.reason];
}

function mapKnown<A, B>(answer: Known<A>, map: (value: A) => B): Known<B> {
  return answer.kind === 'known' ? { ...answer, value: map(answer.value) } : answer;
}

/** What is read of something that was read in part is read in part. */
async function whenKnown<A, B>(answer: Known<A>, read: (value: A) => Promise<Known<B>>): Promise<Known<B>> {
  if (answer.kind === 'unknown') return answer;
  const result = await read(answer.value);
  if (result.kind === 'unknown' || answer.incomplete === undefined) return result;
  return { ...result, incomplete: [...answer.incomplete, ...(result.incomplete ?? [])] };
}

function textFact(info: Known<JsonObject>, key: string, otherwise: string): Known<string> {
  return whenText(info, key, (text) => text, otherwise);
}

/** Harbor leaves out of its information what the caller may not see. */
function whenText<T>(
  info: Known<JsonObject>,
  key: string,
  map: (text: string) => T,
  otherwise = 'Harbor tells this only to those who are signed in.',
): Known<T> {
  if (info.kind === 'unknown') return info;
  const text = textField(info.value, key) ?? '';
  return text === '' ? unknown(otherwise) : { kind: 'known', value: map(text) };
}

interface WebhookTarget {
  /** `project/policy`. */
  readonly name: string;
  readonly target: JsonObject;
}

async function readWebhooks(
  api: HarborApi,
  { name }: HarborProject,
  { signal }: CallOptions,
): Promise<readonly WebhookTarget[]> {
  const policies = await Array.fromAsync(api.list({ path: `/projects/${pathPart(name)}/webhook/policies`, signal }));
  return policies
    .filter((policy) => policy['enabled'] !== false)
    .flatMap((policy) =>
      objectsField(policy, 'targets').map((target) => ({ name: `${name}/${textField(policy, 'name') ?? ''}`, target })),
    );
}

/** Projects whose storage is unlimited (-1), or that have no quota at all. */
async function readUnlimited(
  api: HarborApi,
  projects: readonly HarborProject[],
  { signal }: CallOptions,
): Promise<readonly string[]> {
  const limited = new Set<unknown>();
  for await (const quota of api.list({ path: '/quotas', query: { reference: 'project' }, signal })) {
    const storage = objectField(quota, 'hard')?.['storage'];
    if (typeof storage === 'number' && storage > 0) limited.add(objectField(quota, 'ref')?.['id']);
  }
  return projects.filter(({ id }) => !limited.has(id)).map(({ name }) => name);
}

/** An allowlist with entries and without an end; Harbor writes "never" as nothing or 0. */
function isEndless(allowlist: JsonObject): boolean {
  const expires = allowlist['expires_at'];
  return objectsField(allowlist, 'items').length > 0 && !(typeof expires === 'number' && expires > 0);
}

/** A robot of the system itself, of all projects, or that writes in more than one. */
function isWide({ permissions, isDisabled }: HarborRobot): boolean {
  if (isDisabled) return false;
  if (permissions.some(({ kind, namespace }) => kind === 'system' || namespace === '*')) return true;
  const writing = permissions.filter(({ access }) =>
    robotPermissions(access).some((permission) => permission !== 'list' && permission !== 'pull'),
  );
  return new Set(writing.map(({ namespace }) => namespace)).size > 1;
}

function isHttp(address: string | undefined): boolean {
  return /^http:/i.test(address ?? '');
}

function hostOf(address: string | undefined): string {
  return address !== undefined && URL.canParse(address) ? new URL(address).host : 'unreadable address';
}

/** `nightly: Harbor → branch, scheduled`; Harbor itself is the side that has no registry of its own, or number 0. */
function replicationText(policy: JsonObject): string {
  const side = (key: string): string => {
    const registry = objectField(policy, key) ?? {};
    return registry['id'] === 0 ? 'Harbor' : (textField(registry, 'name') ?? 'Harbor');
  };
  const trigger = textField(objectField(policy, 'trigger') ?? {}, 'type') ?? 'manual';
  const off = policy['enabled'] === false ? ' (off)' : '';
  return `${textField(policy, 'name') ?? ''}: ${side('src_registry')} → ${side('dest_registry')}, ${trigger}${off}`;
}

/** As many at a time as a client keeps connections to one host. */
const atATime = 6;

async function eachOf<A, B>(values: readonly A[], read: (value: A) => Promise<B>): Promise<readonly B[]> {
  const results: B[] = [];
  for (let start = 0; start < values.length; start += atATime) {
    results.push(...(await Promise.all(values.slice(start, start + atATime).map(read))));
  }
  return results;
}
