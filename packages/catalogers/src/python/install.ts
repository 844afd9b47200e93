// How a distribution came to be where it is: by which installer, from which URL, editable or not (PEP 376, 610, 660).
import { decodeText, field, isObject, objectField, textField } from '@plombe/kit';
import type { FileView } from '../cataloger.ts';
import { normalName } from './metadata.ts';

type Facts = Readonly<Record<string, string>>;

/** Returns what INSTALLER and direct_url.json beside a METADATA file say. */
export function installFacts(view: FileView, path: string): Facts {
  if (!path.endsWith('.dist-info/METADATA')) return {};
  const folder = path.slice(0, -'METADATA'.length);
  const installer = view.get(`${folder}INSTALLER`);
  const origin = view.get(`${folder}direct_url.json`);
  const name = installer === undefined ? '' : decodeText(installer.content).trim();
  return {
    ...(/^[\w.+ -]{1,64}$/.test(name) ? { installer: name } : {}),
    ...(origin === undefined ? {} : directFacts(origin.content)),
  };
}

function directFacts(content: Uint8Array): Facts {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(content));
  } catch {
    return {};
  }
  if (!isObject(value)) return {};
  const folder = objectField(value, 'dir_info');
  const commit = textField(objectField(value, 'vcs_info') ?? {}, 'commit_id') ?? '';
  const url = withoutSecrets(textField(value, 'url') ?? '');
  return {
    ...(url === undefined ? {} : { directUrl: url }),
    ...(folder !== undefined && field(folder, 'editable') === true ? { editable: 'true' } : {}),
    ...(/^[0-9a-f]{7,64}$/i.test(commit) ? { commit } : {}),
  };
}

/** A URL may carry a password or token before the host or behind the question mark (T24): neither is kept. */
function withoutSecrets(text: string): string | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Returns a function that tells of a metadata file whether a link or finder of an editable install leads to it. */
export function editableFacts(view: FileView): (path: string, name: string) => Facts {
  const sources = new Set<string>();
  const names = new Set<string>();
  for (const { path, content } of view.files()) {
    const base = path.slice(path.lastIndexOf('/') + 1);
    if (base.endsWith('.egg-link')) {
      sources.add((decodeText(content).split('\n')[0] as string).trim().replace(/^\/+|\/+$/g, ''));
    } else if (base.startsWith('__editable__')) {
      const name = /^__editable__[._]+([A-Za-z0-9._]+?)[-_]\d/.exec(base)?.[1];
      if (name !== undefined) names.add(normalName(name));
    }
  }
  return (path, name): Facts => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/', path.lastIndexOf('.egg-info'))));
    const linked = path.includes('.egg-info') && sources.has(folder);
    return linked || names.has(name) ? { editable: 'true' } : {};
  };
}
