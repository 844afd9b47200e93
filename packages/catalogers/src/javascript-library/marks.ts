// Which library a version in minified code is of: what its makers wrote right before and behind it, which no bundler takes apart.

/** A place in the code of a library where its version stands as a text, told by what is around it. */
export interface Mark {
  /** Name in npm's registry. */
  readonly npm: string;
  /** Of the code before the quote, ends at it. */
  readonly before?: RegExp;
  /** Of the code behind the quote, begins at it. */
  readonly after?: RegExp;
}

/** Characters before and behind a version that a mark may look at: what is longest, with comments between, has 210. */
export const markCharacters = 280;

const set = /\.version\s*=\s*$/;
const setUpper = /\.VERSION\s*=\s*$/;

/** Seen in what esbuild, rollup, terser and webpack make of the releases named in the tests. Each is tried on a slice of `markCharacters`. */
export const marks: readonly Mark[] = [
  { npm: 'jquery', after: /^,[^"'`]{0,60}\{\s*return new [\w$]{1,12}\.fn\.init\(/ },
  { npm: 'dompurify', before: /\bDOMPurify\.version\s*=\s*$/ },
  { npm: 'backbone', before: /\bBackbone\.VERSION\s*=\s*$/ },
  { npm: 'jquery-migrate', before: /\.migrateVersion\s*=\s*$/ },
  { npm: 'jquery-ui', before: /\.ui\.version\s*=\s*$/ },
  { npm: 'jquery-ui', before: /\.ui,\s*\{\s*version:\s*$/, after: /^,\s*keyCode:/ },
  { npm: 'datatables.net', before: set, after: /^[,;]\s*[\w$]{1,12}\.settings\s*=\s*\[\]/ },
  { npm: 'bootstrap', after: /^[,;]\s*(?:var |let |const )?[\w$]{1,20}\s*=\s*["'`]bs\.[a-z]/ },
  { npm: 'bootstrap', before: setUpper, after: /^[,;\s]\s*[\w$]{1,12}\.TRANSITION_DURATION\s*=\s*1?[56]0/ },
  {
    npm: 'bootstrap',
    before: /get VERSION\(\)\s*\{\s*return\s*$/,
    after:
      /^\s*;?\s*\}\s*(?:static get NAME\(\)\s*\{\s*throw[^}]{0,120}\}\s*)?static get DATA_KEY\(\)\s*\{\s*return\s*["'`]bs\./,
  },
  { npm: 'angular', before: /full:\s*$/, after: /^,\s*major:\s*\d+,\s*minor:\s*\d+,\s*dot:\s*\d+,\s*codeName:/ },
  { npm: 'backbone', before: setUpper, after: /^[,;]\s*[\w$]{1,12}\.\$\s*=/ },
  {
    npm: 'underscore',
    after:
      /^[,;]\s*(?:var )?[\w$]{1,12}\s*=\s*(?:typeof self\s*={2,3}\s*["'`]object["'`]|["'`]object["'`]\s*={2,3}\s*typeof self)\s*&&\s*self\.self/,
  },
  {
    npm: 'underscore',
    before: setUpper,
    after: /^[,;][^"'`]{0,40}function\([\w$, ]{1,60}\)\s*\{\s*if\s*\((?:[\w$]{1,12}\s*={3}\s*void 0|void 0\s*={3})/,
  },
  { npm: 'lodash', after: /^[,;][^"'`]{0,220}["'`]Unsupported core-js use/ },
  {
    npm: 'lodash',
    after:
      /^[,;]\s*[\w$]{1,20}=1,[\w$]{1,20}=2,[\w$]{1,20}=4,[\w$]{1,20}=8,[\w$]{1,20}=16,[\w$]{1,20}=32,[\w$]{1,20}=64,[\w$]{1,20}=128,[\w$]{1,20}=256,/,
  },
  { npm: 'lodash', before: setUpper, after: /^[,;][^"'`]{0,40}["'`]bind["'`],\s*["'`]bindKey["'`]/ },
  {
    npm: 'moment',
    before: set,
    after:
      /^[,;][^"'`]{0,60}\.fn\s*=\s*[\w$]{1,12}[,;]\s*[\w$]{1,12}\.min\s*=\s*(?:[\w$]{1,12}[,;]\s*[\w$]{1,12}\.max\s*=|function\(\)\s*\{\s*return [\w$]{1,12}\(["'`]isBefore)/,
  },
  { npm: 'handlebars', after: /^[,;][^"'`]{0,80}\.COMPILER_REVISION\s*=/ },
  { npm: 'mustache', before: /name\s*[:=]\s*["'`]mustache\.js["'`][,;]\s*(?:[\w$]{1,12}\.)?version\s*[:=]\s*$/ },
  { npm: 'knockout', before: set, after: /^[,;]\s*[\w$]{1,12}\.[\w$]{1,14}\(\s*["'`]version["'`]/ },
  { npm: 'vue', before: /["'`]errorCaptured["'`]\)[^"'`]{0,120}=\s*$/ },
  {
    npm: 'vue',
    after: /^[,;](?:[^"'`]{0,200}\{\s*createComponentInstance:|[^"'`]{0,60}\{\s*sp:\s*["'`]serverPrefetch hook)/,
  },
  { npm: 'vue', before: set, after: /^[,;][^"'`]{0,80}["'`]style,class["'`]/ },
  {
    npm: 'react',
    before: /version:\s*$/,
    after: /^,[^"'`]{0,150}__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED/,
  },
  {
    npm: 'react',
    before:
      /\.use(?:State|Transition)\s*=\s*function\([^)]{0,40}\)\s*\{\s*return [^}]{0,60}\}[,;]\s*[\w$]{1,12}\.version\s*=\s*$/,
  },
  { npm: 'react-dom', before: /version:\s*$/, after: /^,\s*rendererPackageName:\s*["'`]react-dom["'`]/ },
  {
    npm: 'axios',
    after: /^[,;][^"'`]{0,60}\[\s*["'`]object["'`],\s*["'`]boolean["'`],\s*["'`]number["'`],\s*["'`]function["'`]/,
  },
  { npm: 'axios', before: setUpper, after: /^[,;]\s*[\w$]{1,12}\.toFormData\s*=/ },
  { npm: 'dompurify', before: set, after: /^[,;]\s*[\w$]{1,12}\.removed\s*=\s*\[\]/ },
  {
    npm: 'chart.js',
    after:
      /^[,;]\s*(?:const )?[\w$]{1,20}\s*=\s*\[["'`]top["'`],\s*["'`]bottom["'`],\s*["'`]left["'`],\s*["'`]right["'`],\s*["'`]chartArea/,
  },
  { npm: 'chart.js', before: /version:\s*\{\s*enumerable:\s*[\w$!]{1,12},\s*value:\s*$/, after: /^\s*\},\s*getChart:/ },
  { npm: 'chart.js', before: /static version\s*=\s*$/, after: /^;\s*static getChart\s*=/ },
  {
    npm: 'highlight.js',
    after: /^[,;](?:[\w$]{1,12}\s*=)?\s*class(?: [\w$]{1,20})? extends Error\s*\{[^"'`]{0,80}["'`]HTMLInjectionError/,
  },
  { npm: 'highlight.js', before: /\.versionString\s*=\s*$/ },
  { npm: 'quill', before: /static version\s*=\s*$/, after: /^;\s*static imports\s*=\s*\{\s*["'`]?delta/ },
  { npm: 'quill', before: set, after: /^[,;]\s*[\w$]{1,12}\.imports\s*=\s*\{\s*["'`]?delta/ },
  { npm: 'validator', after: /^[,;](?:[^"'`]{0,40}version:\s*[\w$]{1,12},)?\s*toDate:/ },
  { npm: 'next', before: /window\.next\s*=\s*\{\s*version:\s*$/ },
];
