// The products whose records are kept: those that the catalogers give a CPE of.

/**
 * `vendor:product` as NVD writes them, sorted: software that is found without a package manager. All of NVD names tens of thousands of products that
 * nothing here finds. test/nvd-products.test.ts compares this with what the catalogers say.
 */
const names = `
amazon:corretto aomedia:aomedia apache:http_server apache:subversion apple:cups arm:mbed_tls avahi:avahi azul:zulu bun:bun
busybox:busybox bzip2:bzip2 bzip:bzip2 c-ares:c-ares c-ares_project:c-ares collectd:collectd crun_project:crun
cryptsetup_project:cryptsetup cyrusimap:cyrus-sasl dart:dart_software_development_kit deno:deno dovecot:dovecot
dropbear_ssh_project:dropbear_ssh eclipse:mosquitto eclipse:openj9 eclipse:temurin elfutils_project:elfutils elixir-lang:elixir
envoyproxy:envoy erlang:erlang/otp exim:exim exiv2:exiv2 f5:nginx facebook:zstandard ffmpeg:ffmpeg file_project:file
flac_project:flac freedesktop:dbus freedesktop:poppler freeradius:freeradius git-scm:git git:git gnu:bash gnu:binutils
gnu:coreutils gnu:findutils gnu:gawk gnu:gcc gnu:glibc gnu:gnutls gnu:grep gnu:gzip gnu:nano gnu:ncurses gnu:patch gnu:tar
gnu:wget gnu:zlib gnupg:gnupg gnupg:libgcrypt golang:go google:brotli graphicsmagick:graphicsmagick haproxy:haproxy
harfbuzz_project:harfbuzz haxx:curl haxx:libcurl hdfgroup:hdf5 ibm:semeru_runtime icu-project:international_components_for_unicode
imagemagick:imagemagick isc:bind jq_project:jq jqlang:jq julialang:julia keepalived:keepalived kernel:util-linux landley:toybox
lfprojects:valkey libarchive:libarchive libevent_project:libevent libexpat_project:libexpat libjpeg-turbo:libjpeg-turbo
libjxl_project:libjxl libpng:libpng libraw:libraw libsndfile_project:libsndfile libsodium:libsodium libssh2:libssh2 libssh:libssh
libtiff:libtiff lighttpd:lighttpd logrotate_project:logrotate lua:lua luajit:luajit lz4_project:lz4 mariadb:mariadb
memcached:memcached microsoft:build_of_openjdk mit:kerberos_5 mmonit:monit mozilla:network_security_services mozilla:nss
musl-libc:musl nginx:nginx nic:knot_dns nlnetlabs:name_server_daemon nlnetlabs:unbound nmap:nmap nodejs:node.js openbsd:openssh
openldap:openldap openprinting:cups openssl:openssl openvpn:openvpn opus-codec:opus oracle:graalvm oracle:jdk oracle:jre
oracle:openjdk oven:bun owasp:modsecurity pcre:pcre pcre:pcre2 perl:perl php:php postfix:postfix postgresql:postgresql
powerdns:recursor privoxy:privoxy proftpd:proftpd pypy:pypy python:python qemu:qemu qt:qt r-project:r redis:redis redislabs:redis
ruby-lang:ruby samba:rsync samba:samba sqlite:sqlite squid-cache:squid struktur:libheif stunnel:stunnel sudo_project:sudo
systemd_project:systemd tats:w3m tcl:tcl tcpdump:libpcap tcpdump:tcpdump thekelleys:dnsmasq tini_project:tini tmux_project:tmux
todd_miller:sudo torproject:tor trustedfirmware:mbed_tls trustwave:modsecurity tukaani:xz tuxfamily:chrony uclouvain:openjpeg
unicode:international_components_for_unicode varnish-cache:varnish_cache varnish_cache_project:varnish_cache vsftpd_project:vsftpd
w1.fi:wpa_supplicant webmproject:libvpx wolfssl:wolfssl wordpress:wordpress xiph.org:libvorbis xiph:flac xiph:libvorbis xiph:opus
xmlsoft:libxml2 xmlsoft:libxslt zlib:zlib zsh:zsh
`;

/** The products that the shard is a statement of, sorted. What is not among them is not assessed. */
export const nvdProducts: readonly string[] = names.trim().split(/\s+/);

const known: ReadonlySet<string> = new Set(nvdProducts);

/** True for a product that the shard is a statement of. */
export function isNvdProduct(name: string): boolean {
  return known.has(name);
}
