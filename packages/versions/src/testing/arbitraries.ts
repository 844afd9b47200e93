// What each scheme's nasty versions are made of: pieces in the order in which most of them are valid, and pieces to put anywhere.
import { piecesOf } from './pairs.ts';

const texts = (line: string): readonly string[] => line.split(' ');

export const debAnywhere = texts('0 1 9 00 10 010 ~ ~~ + . - a Z rc1 +b1 .0 :');
export const debPieces = piecesOf(texts('0 1 00 1:0 0:1 2:1.2'), debAnywhere, texts('-1 -0 -1~deb12u1'));

export const rpmAnywhere = texts('0 1 9 00 10 010 ~ ^ . _ + .. a A rc b1 - :');
export const rpmPieces = piecesOf(texts('0 1 01 a 1:0 0:1 ~1'), rpmAnywhere, texts('-1 -0 -1.el9_2 -~1'));

export const apkAnywhere = texts('.0 .1 .01 .010 .10 0 1 a b _alpha _rc _pre2 _p _git2021 -r1 ~ab');
export const apkPieces = piecesOf(
  texts('0 1 01 10'),
  texts('.0 .1 .01 .001 .010 .09 .10 .00'),
  texts('a b'),
  texts('_alpha _alpha1 _beta _pre2 _rc1 _rc10'),
  texts('_p _p1 _git20210101 _cvs _svn2 _hg'),
  texts('-r0 -r1 -r10'),
);

export const semverAnywhere = texts('0 1 10 .0 .1 - -0 a B .a1 -rc .x-y +b +01 .01');
export const semverPieces = piecesOf(
  texts('0.0.0 1.0.0 1.2.0 10.0.0 1.10.0 1.0.10 0.0.1'),
  [],
  texts('-0 -1 -alpha -10 -rc -x-y -a1'),
  texts('.0 .1 .beta .10 .a .-'),
  texts('.0 .rc .2'),
  texts('+x +1.2 +01'),
);

export const pep440Anywhere = texts(
  '0 1 10 01 .0 .1 .00 a alpha1 b.2 -c _pre rc1 .preview3 r1 -rev .post post1 -1 .dev dev2 _ - +a +1 +1.b .a ! v',
);
export const pep440Pieces = piecesOf(
  texts('0 1 1.0 01.0.0 1!0 0!1.0 v1'),
  texts('.0 .1 .00 .10 0'),
  texts('a1 rc2 .ALPHA-1 b -beta_2 c0 preview1 _pre.10'),
  texts('.post1 -2 r -rev3 POST_0'),
  texts('.dev3 dev -DEV.10'),
  texts('+ubuntu.1 +1.2 +a-b_c +01 +A +1.a.10'),
);

export const goModuleAnywhere = texts('0 1 10 .0 - -0 a -rc .1 -0.20210101000000-abcdef123456 +incompatible');
export const goModulePieces = piecesOf(
  texts('v0.0.0 v1.0.0 v1.2.0 v2.0.1 v1.10.0 v1.0.0-pre'),
  [],
  texts('-0 -rc -rc.1 -0.20210101000000-abcdef123456 -20200101000000-000000000000'),
  texts('+incompatible'),
);

export const goToolchainAnywhere = texts('0 1 .0 .1 .10 rc1 beta2 rc alpha10 -custom');
export const goToolchainPieces = piecesOf(
  texts('go1.0 go1.9 go1.19 go1.20 go1.21 go1.22 go2.0 go1.2'),
  [],
  texts('.0 .1 .10 rc1 beta2 rc rc10 alpha1'),
  texts('-big'),
);
