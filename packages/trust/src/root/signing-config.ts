// Sigstore's signing configuration v0.2: which services a signer may use, and how many of each (sigstore_trustroot.proto).
import type { JsonObject } from '@plombe/kit';
import {
  countField,
  objectsOf,
  optionalObject,
  optionalText,
  parseJsonObject,
  requiredObject,
  requiredText,
} from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';
import { isWithin, readWindow, type Window } from './trusted-root.ts';

/** A service that may be used. */
export interface Service {
  readonly url: string;
  readonly apiVersion: number;
  readonly operator: string;
  readonly window: Window;
}

/** How many services to use: one, all, or exactly so many, of distinct operators. */
export type Selector = { readonly kind: 'any' | 'all' } | { readonly kind: 'exact'; readonly count: number };

/** A parsed signing configuration. */
export interface SigningConfig {
  readonly certificateAuthorities: readonly Service[];
  readonly identityProviders: readonly Service[];
  readonly logs: readonly Service[];
  readonly logSelector: Selector;
  readonly timestampAuthorities: readonly Service[];
  readonly timestampSelector: Selector;
}

const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
const maxBytes = 1024 * 1024;
const maxServices = 100;

/** Parses a signing configuration file; it is the signer's own, so unknown fields are let pass. */
export function parseSigningConfig(input: Uint8Array | string): Attempt<SigningConfig> {
  return attempt(() => {
    const json = parseJsonObject(input, maxBytes, 'signing configuration');
    const type = requiredText(json, 'mediaType', 'signing configuration');
    if (type !== mediaType) malformed(`signing configuration has the media type "${type.slice(0, 80)}"`);
    const services = (name: string): readonly Service[] =>
      objectsOf(json, name, maxServices, 'signing configuration').map(readService);
    return {
      certificateAuthorities: services('caUrls'),
      identityProviders: services('oidcUrls'),
      logs: services('rekorTlogUrls'),
      logSelector: readSelector(optionalObject(json, 'rekorTlogConfig', 'signing configuration')),
      timestampAuthorities: services('tsaUrls'),
      timestampSelector: readSelector(optionalObject(json, 'tsaConfig', 'signing configuration')),
    };
  });
}

function readService(object: JsonObject): Service {
  const what = 'service of the signing configuration';
  const url = requiredText(object, 'url', what);
  if (!/^https?:\/\//.test(url)) malformed('the address of a service is not http or https');
  return {
    url: url.replace(/\/+$/, ''),
    apiVersion: countField(object, 'majorApiVersion', what),
    operator: optionalText(object, 'operator', what) ?? '',
    window: readWindow(requiredObject(object, 'validFor', what), what),
  };
}

function readSelector(object: JsonObject | undefined): Selector {
  const selector = object === undefined ? 'ANY' : (optionalText(object, 'selector', 'selector') ?? 'ANY');
  if (selector === 'ALL') return { kind: 'all' };
  if (selector === 'EXACT') {
    const count = countField(object as JsonObject, 'count', 'selector');
    return count === 0 ? malformed('a selector asks for exactly no service') : { kind: 'exact', count };
  }
  return selector === 'ANY' ? { kind: 'any' } : malformed('a selector is unknown');
}

/**
 * Selects the services to use at a moment: of each operator the one with the highest API version we speak, the newest first; then as
 * many as the selector says. Undefined where there are too few.
 */
export function selectServices(
  services: readonly Service[],
  selector: Selector,
  apiVersions: readonly number[],
  atMs: number,
): readonly Service[] | undefined {
  const usable = services
    .filter((service) => apiVersions.includes(service.apiVersion) && isWithin(service.window, atMs))
    .sort((a, b) => b.apiVersion - a.apiVersion || b.window.fromMs - a.window.fromMs);
  const operators = new Set<string>();
  const chosen = usable.filter(({ operator }) => !operators.has(operator) && operators.add(operator).size > 0);
  if (selector.kind === 'all') return chosen.length === 0 ? undefined : chosen;
  const count = selector.kind === 'exact' ? selector.count : 1;
  return chosen.length < count ? undefined : chosen.slice(0, count);
}
