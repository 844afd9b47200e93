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

export const mavenAnywhere = texts('0 1 01 .0 .1 -0 -1 .Final -GA -sp -foo .x a1 b -rc-1 -SNAPSHOT _1 +b . -');
export const mavenPieces = piecesOf(
  texts('0 1 1.0 1.2 2.0.0 10 1.0.1'),
  texts('.0 .1 .00 .10 -1 -0'),
  texts(
    '-alpha-1 -a1 b2 -beta.2 -M3 .RC1 -cr2 -milestone-10 -SNAPSHOT .Final -GA .RELEASE -sp -sp1 .foo -jre rc -foo1',
  ),
  texts('-SNAPSHOT -1 .1 -redhat-2 -20240101.123456-7'),
);

export const gemAnywhere = texts('0 1 01 .0 .1 .a .A .b1 a -1 -rc1 -a.b .0.0 .pre - . -- .-');
export const gemPieces = piecesOf(
  texts('0 1 1.0 01.2 1.0.0 2'),
  texts('.0 .1 .00 .10 .2'),
  texts('.a .b .pre .rc1 .beta2 .A .1a .a0 -rc -1 -a-b -x.y'),
  texts('.0 .1 .0.0 .10 .a .b0c'),
  texts('.0 .1 .a -2'),
);

export const nugetAnywhere = texts('0 1 01 .0 .1 - -0 -A a .b .a1 +x +X.1 --5 -2147483648 .x-y');
export const nugetPieces = piecesOf(
  texts('0 1 1.0 1.0.0 01.2 1.2.3.4 1.0.0.0 2.0.10'),
  [],
  texts('.1 .0'),
  texts('-alpha -Beta -BETA -rc1 -0 -10 -x-y -20240101123456 -a1'),
  texts('.1 .0 .10 .a .B --3'),
  texts('+abc +1.2'),
);

export const composerAnywhere = texts(
  '0 1 10 .0 .1 -a -beta2 RC1 -dev dev .x -p1 pl2 +m -stable alpha.1-2 v - _b @beta',
);
export const composerPieces = piecesOf(
  texts('0 1 v1 1.0 v1.2.3 1.2.3.4 01.2 2024 20240101 2024-01-02 2010.01.02.03.04 2024010203'),
  [],
  texts('.0 .1 .10 .x .*'),
  texts('-alpha -alpha1 a2 b -beta.3 _RC2 .rc-1 -p1 -pl2 patch3 -patch.1.2 -stable stable -beta10'),
  texts('-dev dev .dev'),
  texts('+build.1 @beta'),
);

export const pubAnywhere = texts('0 1 10 .0 .1 - -0 a B .a1 -rc .x-y +b +1 +a.1 .01');
export const pubPieces = piecesOf(
  texts('0.0.0 1.0.0 1.2.0 10.0.0 1.10.0 1.0.10 0.0.1 01.2.0'),
  [],
  texts('-0 -1 -alpha -10 -rc -x-y -01'),
  texts('.0 .1 .beta .10 .a .-'),
  texts('+1 +2 +10 +a +b +1.a'),
  texts('.0 .rc .2'),
);

export const numbersAnywhere = texts('0 1 01 10 .0 .1 -1 -0 .10 . - a');
export const numbersPieces = piecesOf(texts('0 1 01 1.0 10'), texts('.0 .1 .2 .10 .01'), texts('.0 .1 .20240101 .99'));
export const cranPieces = piecesOf(texts('0.1 1.0 1-0 10.2'), texts('.0 .1 -1 -2 .10 .01'), texts('-0 -1 .9000'));

export const tagPieces = piecesOf(
  texts('v1 1 1.0 curl-8_5 release/2.0 OpenSSL_1_1_1 2024.03 2024-03-04 v0'),
  texts('.0 .1 _10 -2'),
  texts('a w z za zn -rc1 rc.2 -beta -alpha3 b1 -pre _p1 p2 -final .RELEASE -dev'),
  texts('.1 .0 -2'),
);

export const alpmAnywhere = texts('0 1 9 00 10 010 . _ + .. a A rc b1 .r5 .gab1 .a');
export const alpmPieces = piecesOf(texts('0 1 01 a 1:0 0:1 2:1'), alpmAnywhere, texts('-1 -2 -10 -1.1'));

export const ebuildAnywhere = texts('0 1 01 10 .0 .1 .01 .010 .10 a b _alpha _rc1 _p _p2 -r1 -r0 _ -');
export const ebuildPieces = piecesOf(
  texts('0 1 01 10'),
  texts('.0 .1 .01 .001 .010 .09 .10 .00'),
  texts('a b z'),
  texts('_alpha _alpha1 _beta _pre2 _rc1 _rc10 _p'),
  texts('_p _p1 _p20240101 _alpha _rc'),
  texts('-r0 -r1 -r10 -r01'),
);

export const condaAnywhere = texts('0 1 01 10 .0 .1 a b1 rc dev post _ .dev1 .post1 0a .a +1 -1 A 1!');
export const condaPieces = piecesOf(
  texts('0 1 1.0 01.2 1!0 0!1 2!1.0'),
  texts('.0 .1 .00 .10 .20240101'),
  texts('a b1 rc2 .rc .a1 dev dev1 .dev0 post post1 .post0 _ _1 -1 .0a .0.0.b'),
  texts('.0 .1 .0.1 .a .dev'),
  texts('+1 +0 +1.0 +a.1 +1_0'),
);
