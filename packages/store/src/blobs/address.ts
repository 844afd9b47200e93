// Where blobs lie, as an operator writes it: azure://ACCOUNT/CONTAINER[/PREFIX] or s3://BUCKET[/PREFIX], both with what cannot be guessed after a `?`.
import { inert, PlombeError } from '@plombe/kit';

interface Address {
  /** Address and place without what may change while the blobs stay: the endpoint, the region. Holds no secret. */
  readonly place: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly endpoint: URL;
}

export interface AzureAddress extends Address {
  readonly kind: 'azure';
  readonly account: string;
  readonly container: string;
}

export interface S3Address extends Address {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  /** True where the bucket is in the path of requests and not in the name of the host. */
  readonly isInPath: boolean;
}

export type BlobAddress = AzureAddress | S3Address;

/** Storage accounts, containers and buckets as their owners document them; what is outside would end in another request's path or host. */
const accountName = /^[a-z0-9]{3,24}$/;
const containerName = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;
const bucketName = /^(?=.{3,63}$)[a-z0-9]+(?:[.-][a-z0-9]+)*$/;
const prefixPart = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const regionName = /^[a-z0-9-]{1,40}$/;

/** Reads the address. `region` is used where it names none. Throws `config/invalid`. */
export function parseBlobAddress(text: string, { region }: { readonly region?: string } = {}): BlobAddress {
  const [, scheme, rest = '', query = ''] = /^(azure|s3):\/\/([^?#]*)(?:\?([^#]*))?$/.exec(text) ?? [];
  const parts = rest.replace(/\/$/, '').split('/');
  switch (scheme) {
    case 'azure':
      return azureAddress(parts, parametersOf(query, ['endpoint'], text), text);
    case 's3':
      return s3Address(parts, parametersOf(query, ['endpoint', 'region'], text), text, region);
    default:
      throw invalid(text, 'is no address of an object store');
  }
}

function azureAddress(parts: readonly string[], query: ReadonlyMap<string, string>, text: string): AzureAddress {
  const [account = '', container = '', ...rest] = parts;
  if (!accountName.test(account)) throw invalid(text, 'names no storage account');
  if (!containerName.test(container)) throw invalid(text, 'names no container');
  const prefix = prefixOf(rest, text);
  const endpoint = endpointOf(query.get('endpoint') ?? `https://${account}.blob.core.windows.net`, text);
  return { kind: 'azure', account, container, prefix, endpoint, place: `azure://${account}/${container}/${prefix}` };
}

function s3Address(
  parts: readonly string[],
  query: ReadonlyMap<string, string>,
  text: string,
  usual: string | undefined,
): S3Address {
  const [bucket = '', ...rest] = parts;
  if (!bucketName.test(bucket)) throw invalid(text, 'names no bucket');
  const prefix = prefixOf(rest, text);
  const region = query.get('region') ?? usual ?? (query.has('endpoint') ? 'us-east-1' : '');
  if (!regionName.test(region)) throw invalid(text, 'names no region');
  const endpoint = endpointOf(query.get('endpoint') ?? `https://s3.${region}.amazonaws.com`, text);
  // A certificate for *.s3.REGION.amazonaws.com does not cover a bucket with a dot; other stores seldom have names for buckets at all.
  const isInPath = query.has('endpoint') || bucket.includes('.');
  return { kind: 's3', bucket, region, prefix, endpoint, isInPath, place: `s3://${bucket}/${prefix}` };
}

function parametersOf(query: string, known: readonly string[], text: string): ReadonlyMap<string, string> {
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw invalid(text, `has the parameter ${inert(name)}; there are ${known.join(', ')}`);
  }
  return parameters;
}

function prefixOf(parts: readonly string[], text: string): string {
  if (!parts.every((part) => prefixPart.test(part)))
    throw invalid(text, 'has a prefix of other characters than A–Z a–z 0–9 . _ -');
  return parts.map((part) => `${part}/`).join('');
}

/** Credentials and blobs go over TLS, or stay on this machine. */
function endpointOf(endpoint: string, text: string): URL {
  const url = URL.parse(endpoint);
  const isPlain = url?.protocol === 'http:' && /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url === null || !(url.protocol === 'https:' || isPlain) || `${url.search}${url.hash}${url.username}` !== '') {
    throw invalid(text, 'has an endpoint that is no https address');
  }
  return url;
}

function invalid(text: string, reason: string): PlombeError {
  // A SAS that someone wrote behind the address is not to be repeated.
  const [shown = ''] = text.split('?', 1);
  return new PlombeError('config/invalid', `--blobs ${inert(shown.slice(0, 200))} ${reason}.`, {
    remedy:
      'Write azure://ACCOUNT/CONTAINER[/PREFIX] or s3://BUCKET[/PREFIX]?region=REGION; docs/registry.md, "Blobs elsewhere".',
  });
}
