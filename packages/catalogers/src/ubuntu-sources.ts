// Which source package a Debian package of Ubuntu's was built from, for the packages that chisel-releases has slices of.

/**
 * `source: packages`. In a package `#` is a number; in a source `$` is the first number of the package's name, `@` the first of its version.
 * Only packages that have the version of their source: others (of .NET, device-mapper, gcc-defaults) cannot be compared without knowing it.
 */
const table = `
acl: libacl#
alsa-lib: libasound#
aom: libaom#
apache2: apache#-bin apache#-data apache2
apparmor: apparmor libapparmor#
apr-util: libaprutil#
apr: libapr#
apt: apt libapt-pkg#
argon2: libargon#-#
at-spi2-core: libatk#-# libatk-bridge#-# libatspi#-#
attr: libattr#
audit: libaudit# libaudit-common
avahi: libavahi-client# libavahi-common#
bind9: bind#-dnsutils bind#-host bind#-libs bind#-utils bind9
binutils: binutils binutils-aarch64-linux-gnu binutils-common binutils-powerpc64le-linux-gnu binutils-s390x-linux-gnu binutils-x86-64-linux-gnu libbinutils libctf# libsframe#
boost$: libboost-context# libboost-coroutine# libboost-filesystem# libboost-log# libboost-program-options# libboost-serialization# libboost-thread#
brotli: libbrotli#
busybox: busybox busybox-static
bzip2: bzip2 libbz#-#
c-ares: libcares#
cairo: libcairo# libcairo-gobject#
chromaprint: libchromaprint#
cjson: libcjson#
codec2: libcodec#-#
cryptsetup: libcryptsetup#
cups: libcups#
curl: curl libcurl# libcurl#-gnutls
cyrus-sasl2: libsasl#-# libsasl#-modules libsasl#-modules-db
dav1d: libdav#d#
db5.3: libdb#
dbus: dbus dbus-bin dbus-daemon dbus-session-bus-common dbus-system-bus-common libdbus-#-#
dlt-daemon: libdlt#
duktape: libduktape#
e2fsprogs: libcom-err# logsave
elfutils: libelf#
erlang: erlang-asn# erlang-base erlang-crypto erlang-eldap erlang-ftp erlang-inets erlang-mnesia erlang-os-mon erlang-parsetools erlang-public-key erlang-runtime-tools erlang-snmp erlang-ssl erlang-syntax-tools erlang-tftp erlang-tools erlang-xmerl
expat: libexpat#
ffmpeg: libavcodec# libavformat# libavutil# libswresample# libswscale#
fftw3: libfftw#-double#
file: file libmagic# libmagic-mgc
flac: libflac#
fontconfig: fontconfig fontconfig-config libfontconfig#
freetype: libfreetype#
fribidi: libfribidi#
game-music-emu: libgme#
gcc-@: gcc-# gcc-#-base libasan# libatomic# libgcc-#-dev libgcc-s# libgomp# libitm# liblsan# libquadmath# libstdc++# libtsan# libubsan#
gdbm: libgdbm# libgdbm-compat#
gdk-pixbuf: libgdk-pixbuf#-common libgdk-pixbuf-#-#
gearmand: gearman-job-server gearman-tools libgearman#
geoip: geoip-bin libgeoip#
gflags: libgflags#
giflib: libgif#
glib2.0: libglib#-#
glibc: libc# libc#-dev libc-bin
gmp: libgmp#
gnupg2: gpg gpgconf gpgv
gnutls28: libgnutls#
golang-$: golang-# golang-#-go golang-#-src
golang-defaults: golang golang-go golang-src
graphite2: libgraphite#-#
harfbuzz: libharfbuzz#b
highway: libhwy#
hiredis: libhiredis#
http-parser: libhttp-parser#
hwloc: libhwloc#
icu: libicu#
iptables: iptables libip#tc# libxtables#
iputils: iputils-ping
isl: libisl#
jansson: libjansson#
jbigkit: libjbig#
jemalloc: libjemalloc#
jpeg-xl: libjxl#
jq: jq libjq#
json-c: libjson-c#
keyutils: libkeyutils#
kmod: libkmod#
krb5: libgssapi-krb#-# libk#crypto# libkrb#-# libkrb#support#
lame: libmp#lame#
lapack: libblas#
lcms2: liblcms#-#
lerc: liblerc#
libarchive: libarchive# libarchive-tools
libassuan: libassuan#
libasyncns: libasyncns#
libbluray: libbluray#
libbpf: libbpf#
libbs2b: libbs#b#
libbsd: libbsd#
libcap-ng: libcap-ng#
libcap2: libcap#-bin libcap2
libcbor: libcbor#
libcdio-paranoia: libcdio-cdda# libcdio-paranoia#
libcdio: libcdio#
libcrypto++: libcrypto++#
libdatrie: libdatrie#
libdeflate: libdeflate#
libdrm: libdrm# libdrm-amdgpu# libdrm-common libdrm-intel# libdrm-nouveau# libdrm-radeon#
libdvdnav: libdvdnav#
libdvdread: libdvdread#
libecap: libecap#
libedit: libedit#
libestr: libestr#
libevent: libevent-#-# libevent-core-#-# libevent-extra-#-# libevent-pthreads-#-#
libexif: libexif#
libfastjson: libfastjson#
libffi: libffi#
libfido2: libfido#-#
libfontenc: libfontenc#
libgit2: libgit#-#
libglvnd: libgl# libglvnd# libglx#
libgpg-error: libgpg-error#
libgsm: libgsm#
libidn2: libidn#-#
libjpeg-turbo: libjpeg-turbo#
liblzf: liblzf#
libmaxminddb: libmaxminddb# mmdb-bin
libmd: libmd#
libmemcached: libhashkit# libmemcached#
libmnl: libmnl#
libnet: libnet#
libnetfilter-conntrack: libnetfilter-conntrack#
libnfnetlink: libnfnetlink#
libnftnl: libnftnl#
libnginx-mod-http-geoip2: libnginx-mod-http-geoip2 libnginx-mod-stream-geoip#
libnl3: libnl-#-# libnl-cli-#-# libnl-genl-#-# libnl-nf-#-# libnl-route-#-#
libnotify: libnotify# libnotify-bin
libnsl: libnsl#
libogg: libogg#
libonig: libonig#
libopenmpt: libopenmpt#
libpciaccess: libpciaccess#
libpgm: libpgm-#-#
libpng1.6: libpng#-#
libproxy: libproxy#v#
libpsl: libpsl#
librabbitmq: librabbitmq#
libraw1394: libraw#-#
librdkafka: librdkafka# librdkafka++#
librist: librist#
librsvg: librsvg#-# librsvg#-common
libsamplerate: libsamplerate#
libseccomp: libseccomp#
libselinux: libselinux#
libsemanage: libsemanage# libsemanage-common
libsepol: libsepol#
libsigsegv: libsigsegv#
libsodium: libsodium#
libsoxr: libsoxr#
libssh2: libssh#-#
libssh: libssh-# libssh-gcrypt-#
libthai: libthai# libthai-data
libtheora: libtheora# libtheoradec# libtheoraenc#
libtirpc: libtirpc# libtirpc-common
libtool: libltdl#
libudfread: libudfread#
libunibreak: libunibreak#
libunistring: libunistring#
libunwind: libunwind#
liburcu: liburcu#
libuv1: libuv#
libva: libva# libva-drm# libva-x#-#
libvdpau: libvdpau#
libvidstab: libvidstab#
libvorbis: libvorbis#a libvorbisenc# libvorbisfile#
libvpx: libvpx#
libwebp: libsharpyuv# libwebp# libwebpmux#
libwebsockets: libwebsockets#
libx11: libx11-6 libx#-data libx#-xcb#
libxau: libxau#
libxcb: libxcb# libxcb-dri#-# libxcb-glx# libxcb-present# libxcb-randr# libxcb-render# libxcb-shape# libxcb-shm# libxcb-sync# libxcb-xfixes#
libxcomposite: libxcomposite#
libxcrypt: libcrypt# libcrypt-dev
libxdamage: libxdamage#
libxdmcp: libxdmcp#
libxext: libxext#
libxfixes: libxfixes#
libxi: libxi#
libxkbcommon: libxkbcommon#
libxml2: libxml#-# libxml#-utils libxml2
libxrandr: libxrandr#
libxrender: libxrender#
libxres: libxres#
libxshmfence: libxshmfence#
libxxf86vm: libxxf#vm#
libyaml: libyaml-#-#
libzstd: libzstd# zstd
lilv: liblilv-#-#
linux: linux-libc-dev
llvm-toolchain-$: libllvm# libunwind-#
lm-sensors: libsensors# libsensors-config
lmdb: liblmdb#
lua5.4: liblua#-# lua5.4
lz4: liblz#-#
lzo2: liblzo#-#
mbedtls: libmbedcrypto#
mesa-amber: libglapi-amber
mesa: libgbm# libgl#-mesa-dri libglapi-mesa libglx-mesa# mesa-libgallium
mosquitto: libmosquitto# mosquitto mosquitto-clients
mpclib3: libmpc#
mpdecimal: libmpdec#
mpeg2dec: libmpeg#-#
mpfr4: libmpfr#
mpg123: libmpg#-#
mysql-8.0: libmysqlclient21
mysql-8.4: libmysqlclient24
ncurses: libncurses# libncursesw# libtinfo# ncurses-base
nettle: libhogweed# libnettle#
nftables: libnftables#
nghttp2: libnghttp#-#
nginx: libnginx-mod-http-geoip libnginx-mod-stream libnginx-mod-stream-geoip nginx nginx-common
nodejs: libnode# nodejs
norm: libnorm#
npth: libnpth#
nspr: libnspr#
nss-mdns: libnss-mdns
nss: libnss# libnss#-tools
numactl: libnuma#
ocl-icd: ocl-icd-libopencl#
onetbb: libtbb# libtbbbind-#-# libtbbmalloc#
onevpl: libvpl#
openjdk-$: openjdk-#-jdk-headless openjdk-#-jre-headless
openjdk-lts: openjdk-11-jdk-headless openjdk-11-jre-headless openjdk-11-jre-zero
openjpeg2: libopenjp#-#
openldap: libldap# libldap-#-# libldap-common
openssh: openssh-client openssh-server openssh-sftp-server
openssl: libssl# openssl openssl-provider-legacy
opus: libopus#
p11-kit: libp#-kit# p#-kit-modules p11-kit
pam: libpam#g libpam#g-dev libpam-modules libpam-modules-bin libpam-runtime
pango1.0: libpango-#-# libpangocairo-#-# libpangoft#-#-#
pcre2: libpcre#-#-#
pcre3: libpcre#
pcsc-lite: libpcsclite#
perl: libperl# perl perl-base perl-modules-#
php$: php# php#-cli php#-common php#-opcache php#-readline
pixman: libpixman-#-#
postgresql-@: libpq#
procps: libproc#-# libprocps# procps
protobuf-c: libprotobuf-c#
python$: libpython# libpython#-minimal libpython#-stdlib python# python#-minimal python#-venv
python-pip: python#-pip python#-pip-whl
python-pyftpdlib: python#-pyftpdlib
python3-defaults: libpython3-stdlib python3 python3-minimal
python3-stdlib-extensions: python#-distutils python#-lib#to#
readline: libreadline# readline-common
redis: redis-server redis-tools
rocksdb: librocksdb#
rtmpdump: librtmp#
rubberband: librubberband#
ruby$: libruby# ruby#
ruby-defaults: libruby ruby
rust-rav1e: librav#e#
scowl: wamerican
serd: libserd-#-#
setuptools: python#-pkg-resources python#-setuptools python#-setuptools-whl
shadow: libsubid# passwd uidmap
shine: libshine#
simdjson: libsimdjson#
simdutf: libsimdutf#
slang2: libslang#
snappy: libsnappy#v#
sord: libsord-#-#
speex: libspeex#
sqlite3: libsqlite#-# sqlite3
squid: squid squid-common
sratom: libsratom-#-#
srt: libsrt#-gnutls
svt-av1: libsvtav#enc#
systemd: libsystemd# libsystemd-shared libudev# systemd systemd-dev
sysvinit: sysvinit-utils
tcp-wrappers: libwrap#
tdb: libtdb#
tiff: libtiff#
tomcat-native: libtcnative-#
tomcat10: libtomcat#-java tomcat#-common tomcat10
twolame: libtwolame#
tzdata: tzdata tzdata-icu tzdata-legacy
ust: liblttng-ust# liblttng-ust-common# liblttng-ust-ctl#
util-linux: bsdextrautils fdisk libblkid# libfdisk# liblastlog#-# libmount# libsmartcols# libuuid# mount rfkill util-linux
vim: vim-common vim-tiny
vulkan-loader: libvulkan#
wayland: libwayland-client# libwayland-egl# libwayland-server#
wheel: python#-wheel
x$: libx#-#
xorg: x11-common
xvidcore: libxvidcore#
xxhash: libxxhash#
xz-utils: liblzma# xz-utils
yajl: libyajl#
zeromq3: libzmq#
zimg: libzimg#
zix: libzix-#-#
zlib: zlib#g zlib#g-dev
zvbi: libzvbi#
`;

/** Sources with one package of the same name. */
const ownNames = `
base-files base-passwd bash bc ca-certificates ca-certificates-java conmon cpio cron crun dash debianutils diffutils distro-info-data dns-
root-data dosfstools dpkg findutils gawk geoip-database geoipupdate git gosu grep gzip hello httping influxdb init-system-helpers iproute2
less libdbi-perl libgcrypt20 libgdiplus libnginx-mod-http-headers-more-filter libnss-extrausers libtasn1-6 mawk media-types memcached
metapixel mime-support netbase netcat-openbsd patch publicsuffix pwgen rabbitmq-server rsyslog ruby-net-telnet ruby-webrick ruby-xmlrpc
sbsigntool secureboot-db sed sensible-utils shared-mime-info squashfs-tools squid-langpack strace tar ubuntu-keyring ucf unzip wget xdg-
user-dirs xfonts-encodings xfonts-utils zip
`;

const sources: ReadonlyMap<string, string> = new Map([
  ...table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [source = '', ...names] = line.split(/:? /);
      return names.map((name): [string, string] => [name, source]);
    }),
  ...ownNames
    .trim()
    .split(/\s+/)
    .map((name): [string, string] => [name, name]),
]);

/** Returns the source package of a package of Ubuntu's, by its name and version; undefined where it is not known. */
export function sourceOfBinary(name: string, version: string): string | undefined {
  // From 25.10 on it is a choice between two others.
  if (name === 'coreutils' && /^(?:[1-8]\.|9\.[0-4]\b)/.test(version)) return name;
  const plain = name.replace(/t64(?=-|$)/, '');
  const source = sources.get(plain) ?? sources.get(plain.replaceAll(/\d+(?:\.\d+)*/g, '#'));
  if (source === undefined) return undefined;
  const number = /\d+(?:\.\d+)*/.exec(plain)?.[0] ?? '';
  const release = /^(?:\d+:)?(\d+)/.exec(version)?.[1] ?? '';
  return source.replace('$', number).replace('@', release);
}
