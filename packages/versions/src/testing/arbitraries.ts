// What each scheme's nasty versions are made of.
import { piecesOf } from './pairs.ts';

export const debMiddle = [
  '0',
  '1',
  '9',
  '00',
  '10',
  '010',
  '~',
  '~~',
  '+',
  '.',
  '-',
  'a',
  'Z',
  'rc1',
  '+b1',
  '.0',
  ':',
];
export const debPieces = piecesOf(['0', '1', '00', '1:0', '0:1', '2:1.2'], debMiddle, ['-1', '-0', '-1~deb12u1']);

export const rpmMiddle = [
  '0',
  '1',
  '9',
  '00',
  '10',
  '010',
  '~',
  '^',
  '.',
  '_',
  '+',
  '..',
  'a',
  'A',
  'rc',
  'b1',
  '-',
  ':',
];
export const rpmPieces = piecesOf(['0', '1', '01', 'a', '1:0', '0:1', '~1'], rpmMiddle, [
  '-1',
  '-0',
  '-1.el9_2',
  '-~1',
]);

export const apkMiddle = [
  '.0',
  '.1',
  '.01',
  '.010',
  '.10',
  'a',
  'b',
  '_alpha',
  '_rc',
  '_pre2',
  '_p',
  '_git2021',
  '~ab',
  '-r1',
];
export const apkPieces = piecesOf(['0', '1', '01', '10'], apkMiddle, ['_p1', '_alpha', '~0c'], ['-r0', '-r10']);

export const semverMiddle = ['0', '1', '10', '.0', '.1', '-', '-0', 'a', 'B', '.a1', '-rc', '.x-y', '+b', '+01', '.01'];
export const semverPieces = piecesOf(
  ['0.0.0', '1.0.0', '1.0.10', '1.2', '1.0.0-0', '1.0.0-a', '1.0.0-1', '01.0.0'],
  semverMiddle,
  ['+x', '+1.2'],
);

export const pep440Middle = [
  '0',
  '1',
  '10',
  '01',
  '.0',
  '.1',
  '.00',
  'a',
  'alpha1',
  'b.2',
  '-c',
  '_pre',
  'rc1',
  '.preview3',
  'r1',
  '-rev',
  '.post',
  'post1',
  '-1',
  '.dev',
  'dev2',
  '_',
  '-',
  '+a',
  '+1',
  '+1.b',
  '.a',
  '!',
  'v',
];
export const pep440Pieces = piecesOf(
  ['0', '1', '1.0', '01.0.0', '1!0', '0!1.0', 'v1', '1.0a', '1.0.dev1', '1.0b1.post2', ' 1.0'],
  pep440Middle,
  ['a1', 'rc2'],
  ['.post1', '-2'],
  ['.dev3'],
  ['+ubuntu.1', '+1.2', '+a-b_c'],
);

export const goModuleMiddle = [
  '0',
  '1',
  '10',
  '.0',
  '-',
  '-0',
  'a',
  '-rc',
  '.1',
  '-0.20210101000000-abcdef123456',
  '+incompatible',
];
export const goModulePieces = piecesOf(
  ['v0.0.0', 'v1.0.0', 'v1.0.10', 'v1', 'v1.2', 'v2.0.0-pre', 'v1.0.0-1', 'v01.0.0'],
  goModuleMiddle,
  ['+incompatible'],
);

export const goToolchainMiddle = ['0', '1', '.0', '.1', '.10', 'rc1', 'beta2', 'rc', 'alpha10', '-custom'];
export const goToolchainPieces = piecesOf(
  ['go1', 'go1.20', 'go1.21', 'go1.22', 'go1.9', 'go2', 'go1.21.0', 'go1.22rc1', 'go1.2.3', 'go01'],
  goToolchainMiddle,
  ['-big'],
);
