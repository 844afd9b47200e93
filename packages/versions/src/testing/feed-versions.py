# Prints "scheme TAB feed TAB version" for every version that occurs in a directory of advisory feeds (first argument).
import glob, io, json, os, re, subprocess, sys, tarfile, zipfile

root = sys.argv[1]
seen = set()


def say(scheme, feed, version):
    if isinstance(version, str) and version and (scheme, version) not in seen:
        seen.add((scheme, version))
        print(scheme, feed, json.dumps(version)[1:-1], sep="\t")


def osv(folder, scheme):
    path = f"{root}/osv/{folder}/all.zip"
    if not os.path.exists(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            record = json.loads(archive.read(name))
            for affected in record.get("affected", []):
                for version in affected.get("versions", []) or []:
                    say(scheme, folder, version)
                for span in affected.get("ranges", []) or []:
                    if span.get("type") == "GIT":
                        continue
                    for event in span.get("events", []):
                        for version in event.values():
                            say(scheme, folder, version)


for folder, scheme in {
    "Go": "go", "PyPI": "pep440", "crates.io": "semver", "AlmaLinux": "rpm",
    "GHSA-derived-npm": "semver", "GHSA-derived-Maven": "maven", "GHSA-derived-NuGet": "nuget", "Bitnami": "semver", "Kubernetes": "semver",
}.items():
    osv(folder, scheme)

for family in ("alpine-secdb", "alpine-secdb-approx", "wolfi"):
    for folder, _, files in os.walk(f"{root}/{family}"):
        for file in files:
            if file.endswith(".json"):
                with open(f"{folder}/{file}") as stream:
                    for entry in json.load(stream).get("packages", []):
                        for version in entry["pkg"].get("secfixes", {}):
                            say("apk", family, version)

for file in ("DSA.list", "DLA.list"):
    with open(f"{root}/debian/{file}") as stream:
        for line in stream:
            found = re.match(r"\s+\[\w+\] - \S+ (\S+)", line)
            if found and not found[1].startswith("<"):
                say("deb", file, found[1])
with open(f"{root}/debian/tracker-derived-from-changelogs.json") as stream:
    for vulnerabilities in json.load(stream).values():
        for vulnerability in vulnerabilities.values():
            if isinstance(vulnerability, dict):
                for release in vulnerability.get("releases", {}).values():
                    say("deb", "tracker", release.get("fixed_version"))

for file in os.listdir(f"{root}/azurelinux"):
    with open(f"{root}/azurelinux/{file}") as stream:
        for found in re.finditer(r'datatype="evr_string"[^>]*>([^<]+)<', stream.read()):
            say("rpm", file, found[1])

# Bounds in the requirements of two databases that are YAML in a compressed archive.
for family, scheme, line in (
    ("rubysec", "gem", re.compile(r"""^\s+- ["']?([~<>=!].*)$""", re.M)),
    ("friendsofphp", "composer", re.compile(r"versions:(.*)$", re.M)),
):
    for path in glob.glob(f"{root}/{family}/*.tar.zst"):
        unpacked = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE)
        if unpacked.returncode != 0:
            continue
        with tarfile.open(fileobj=io.BytesIO(unpacked.stdout)) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith((".yml", ".yaml")):
                    text = archive.extractfile(member).read().decode()
                    for found in line.finditer(text):
                        for version in re.findall(r"[~<>=!]+ *v?([0-9][0-9A-Za-z.+-]*)", found[1]):
                            say(scheme, family, version)
