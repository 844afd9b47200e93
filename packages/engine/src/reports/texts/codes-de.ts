// What the codes of causes and diagnostics mean and what to do, in German: every code that a report can show. The message itself, which names files and packages, stays.
import { errorCodes, type ErrorCode } from '@plombe/kit';
import type { Language } from '../report.ts';

interface CodeText {
  readonly meaning: string;
  readonly remedy: string;
}

/** Sorted; the English ones are in kit's table. */
export const germanCodes: Readonly<Partial<Record<ErrorCode, CodeText>>> = {
  'archive/corrupt': {
    meaning: 'Ein Archiv oder komprimierter Datenstrom ist abgeschnitten oder nicht das, was er vorgibt.',
    remedy: 'Neu holen oder neu bauen; den Digest mit dem vergleichen, den die Registry nennt.',
  },
  'archive/digest-mismatch': {
    meaning: 'Die Bytes eines Blobs haben nicht den Digest, unter dem sie angefordert wurden.',
    remedy: 'Das Image nicht verwenden. Neu hochladen und klären, was die Bytes unterwegs verändert hat.',
  },
  'archive/entry-too-large': {
    meaning: 'Eine gesuchte Datei ist größer als die Grenze für ihre Art; nur ihr Anfang wurde gelesen.',
    remedy: 'Prüfen, warum die Datei so groß ist; ihre Pakete fehlen womöglich im Inventar.',
  },
  'archive/limit': {
    meaning: 'Eine Grenze für Größe, Verhältnis, Einträge oder Tiefe wurde erreicht; dort endete das Lesen.',
    remedy:
      'Das Archiv als feindlich behandeln: Kein Image echter Software kommt diesen Grenzen nahe. docs/sources.md nennt sie.',
  },
  'archive/path-escape': {
    meaning: 'Ein Eintrag nennt einen Pfad außerhalb der Wurzel; er wurde gelesen, als läge er innerhalb.',
    remedy: 'Das Image mit einem Werkzeug neu bauen, das saubere Namen schreibt.',
  },
  'archive/read-by-toc': {
    meaning:
      'Eine Schicht wurde anhand ihres Inhaltsverzeichnisses gelesen; die meisten ihrer Bytes wurden nicht gelesen und nicht geprüft.',
    remedy: 'Nichts, wenn das Image ebenso geholt wird; sonst mit --verify full prüfen.',
  },
  'archive/toc-mismatch': {
    meaning:
      'Das Inhaltsverzeichnis einer Schicht stimmt nicht mit ihren Bytes überein: Verzögert geholt hätte das Image andere Dateien.',
    remedy:
      'Das Image nicht verwenden, bevor klar ist, wer es gemacht hat; mit einem Werkzeug neu bauen, das das Inhaltsverzeichnis schreibt.',
  },
  'archive/unsupported': {
    meaning: 'Plombe liest diese Kompression oder dieses Archivformat nicht.',
    remedy: 'Mit gzip, zstd oder ohne Kompression neu packen.',
  },
  'cache/unusable': {
    meaning: 'Der Cache-Ordner ist nicht lesbar oder nicht beschreibbar; es ging ohne ihn weiter.',
    remedy: 'Besitzer und freien Platz des Ordners prüfen oder mit --cache einen anderen nennen.',
  },
  'database/damaged': {
    meaning: 'Ein Teil der Datenbank hat nicht den Digest, den ihr Verzeichnis nennt, oder lässt sich nicht öffnen.',
    remedy: '`plombe db update` oder `plombe db build` noch einmal ausführen.',
  },
  'database/missing': {
    meaning: 'Wo eine Datenbank erwartet wurde, ist keine.',
    remedy: '`plombe db update` oder `plombe db build --from DIR` ausführen.',
  },
  'distribution/unknown': {
    meaning: 'Das Image sagt nicht, welche Distribution es ist, oder nennt eine, zu der es keine Daten gibt.',
    remedy: '/etc/os-release im Image prüfen; Paket-URLs brauchen einen Zusatz wie distro=debian-12.',
  },
  'feed/approximate': {
    meaning: 'Die Daten sind eine Näherung von dritter Seite: Manche Korrekturen fehlen darin.',
    remedy: 'Mit `plombe db update` die Daten des Herausgebers selbst holen.',
  },
  'feed/derived': {
    meaning:
      'Die Daten sind aus einer anderen Quelle abgeleitet, nicht so veröffentlicht: Manches fehlt oder weicht ab.',
    remedy: 'Mit `plombe db update` die Daten des Herausgebers selbst holen.',
  },
  'feed/malformed': {
    meaning: 'Daten eines Herausgebers haben nicht das Format, das er beschreibt; die letzten guten bleiben.',
    remedy: 'Neu holen; bleibt es so, mit Name und Datum der Daten melden.',
  },
  'feed/missing': {
    meaning: 'Zu diesen Paketen gibt es keine Daten.',
    remedy: '`plombe db update` ausführen; mit `--ecosystem` für das, was nicht von selbst geholt wird.',
  },
  'feed/stale': {
    meaning: 'Die Daten sind älter als die Grenze.',
    remedy: '`plombe db update` ausführen.',
  },
  'internal/bug': {
    meaning: 'Plombe ist auf einen Zustand gestoßen, den es nicht geben sollte.',
    remedy: 'Bitte mit Befehl und Meldung melden.',
  },
  'inventory/empty': {
    meaning: 'Nichts wurde gefunden, das mit Daten verglichen werden kann.',
    remedy: 'Prüfen, ob das gemeinte Image geprüft wurde; Software ohne Paketangaben lässt sich nicht prüfen.',
  },
  'inventory/excluded': {
    meaning: 'Dateien oder Ordner wurden auf Wunsch ausgelassen (`--exclude`).',
    remedy: 'Das Muster weglassen, damit sie geprüft werden; --allow excluded nimmt hin, was allein deshalb fehlt.',
  },
  'package/database-corrupt': {
    meaning: 'Eine Paketdatenbank lässt sich nicht ganz lesen.',
    remedy: 'Das Image neu bauen; die Pakete sind womöglich nicht vollständig.',
  },
  'package/database-missing': {
    meaning: 'Das Image nennt seine Distribution, enthält aber keine Paketdatenbank davon.',
    remedy: 'Die Paketdatenbank im Image lassen oder die Pakete beim Bauen bezeugen.',
  },
  'package/database-removed': {
    meaning: 'Eine Schicht entfernt oder leert die Paketdatenbank, die eine darunter gefüllt hat.',
    remedy: 'Die Paketdatenbank behalten; sie zu entfernen, versteckt Pakete und entfernt sie nicht.',
  },
  'package/database-rewritten': {
    meaning:
      'Eine spätere Schicht setzt ein Paket auf eine frühere Version zurück, oder ein Paket wurde aus seiner Datenbank geschnitten.',
    remedy: 'Prüfen, ob die Änderung gewollt ist und auch die Dateien zurückgesetzt oder entfernt wurden.',
  },
  'package/declared-not-read': {
    meaning:
      'In einem Wurzeldateisystem, in dem zählt, was installiert ist, liegen Lock-Dateien und Manifeste; sie wurden nicht gelesen.',
    remedy: 'Nichts, oder sie mit --declared always ebenfalls lesen.',
  },
  'package/dependencies-open': {
    meaning: 'Ein Manifest sagt, was ein Projekt verlangt, aber nicht, was das wiederum braucht.',
    remedy: 'Eine Lock-Datei einchecken, die alles nennt, das Gebaute prüfen oder die SBOM, die der Bau schreibt.',
  },
  'package/image-named': {
    meaning: 'Eine Datei nennt Images. Sie sind aufgeführt; was in ihnen ist, wurde nicht geprüft.',
    remedy: 'Diese Images für sich prüfen: plombe scan REFERENZ.',
  },
  'package/metadata-invalid': {
    meaning: 'Die Angaben zu einem Paket sind nicht gültig; es fehlt oder steht ohne das Falsche da.',
    remedy:
      'Die genannte Datei ansehen; das Paket neu bauen oder die Lock-Datei von ihrem Werkzeug neu schreiben lassen.',
  },
  'package/not-from-registry': {
    meaning:
      'Ein Paket kommt aus einem Commit, einer Datei oder von einer Adresse; Meldungen nennen Versionen von Registries.',
    remedy: 'Eine veröffentlichte Version verwenden oder von Hand prüfen, was Commit oder Datei enthalten.',
  },
  'package/not-listed': {
    meaning: 'Ein Programm sagt nicht, aus welchen Paketen es besteht; sie fehlen im Inventar.',
    remedy: 'So bauen, dass es das sagt (Rust: cargo auditable build), oder seine Pakete beim Bauen bezeugen.',
  },
  'package/only-system': {
    meaning: 'Nur Pakete der Distribution wurden verlangt; die von Anwendungen fehlen im Inventar.',
    remedy: 'Ohne --packages system prüfen oder es mit --allow partial hinnehmen.',
  },
  'package/version-open': {
    meaning: 'Ein Manifest verlangt ein Paket, ohne die Version zu nennen; welche installiert wird, sagt es nicht.',
    remedy: 'Eine Lock-Datei einchecken oder die Versionen festlegen (`==`); oder prüfen, was installiert wurde.',
  },
  'purl/invalid': {
    meaning: 'Eine Zeile ist keine Paket-URL.',
    remedy: 'pkg:typ/namensraum/name@version?zusätze schreiben, je Zeile eine.',
  },
  'sbom/incomplete': {
    meaning: 'Eine SBOM sagt selbst, dass sie nicht vollständig ist, oder lässt weg, was der Vergleich braucht.',
    remedy: 'Mit einem Werkzeug neu machen, das Quellpakete und Schichten nennt, oder das Image selbst prüfen.',
  },
  'sbom/limit': {
    meaning: 'Eine SBOM ist größer, tiefer oder hat mehr Werte als die Grenze dafür.',
    remedy: 'Als feindlich behandeln; die echter Software bleibt weit darunter. Dateien weglassen oder sie teilen.',
  },
  'sbom/malformed': {
    meaning: 'Ein Teil der SBOM ist von der falschen Art, oder sie ist abgeschnitten.',
    remedy:
      'Neu machen; gelesen werden CycloneDX 1.x als JSON oder XML, SPDX 2.x als JSON oder Tag-Value und SPDX 3.0 als JSON-LD.',
  },
  'sbom/not-read': {
    meaning: 'Ein Teil einer SBOM wurde nicht gelesen, da er nicht sagt, welche Pakete es gibt.',
    remedy: 'Nichts zu tun; die Meldung sagt, welcher Teil es ist.',
  },
  'sbom/not-said': {
    meaning: 'Eine SBOM sagt nicht, welche Schichten das Image hat, oder nicht ihre Reihenfolge.',
    remedy: 'Das Image selbst prüfen, wo die Schicht eines Pakets wichtig ist; die Funde sind dieselben.',
  },
  'sbom/package-unknown': {
    meaning: 'Bestandteile einer SBOM haben keine Paket-URL mit Version; nichts sagt, welche Meldungen sie betreffen.',
    remedy: 'Die SBOM mit einem Werkzeug machen, das jedem Paket seine Paket-URL (purl) gibt.',
  },
  'source/unreadable': {
    meaning: 'Eine Datei oder ein Ordner ließ sich nicht lesen.',
    remedy: 'Rechte und Format prüfen.',
  },
  'version/invalid': {
    meaning:
      'Eine Version, eines Pakets oder in einer Meldung dazu, folgt ihrem Schema nicht; beide lassen sich nicht vergleichen.',
    remedy:
      'Die genannten Meldungen mit `plombe explain` von Hand beurteilen; `plombe versions compare` zeigt, wie eine Version gelesen wird.',
  },
  'vex/unmatched': {
    meaning: 'Aussagen eines VEX-Dokuments (`--vex`) haben keinen Fund entfernt.',
    remedy: 'Die Paket-URL der Meldung mit `plombe explain PAKET GEGENSTAND` vergleichen, wenn dieser gemeint war.',
  },
};

/** What the code means in this language; undefined in English, where the message itself is said in it, and for codes without a German text. */
export function meaningIn(language: Language, code: string): string | undefined {
  return language === 'de' ? germanCodes[code as ErrorCode]?.meaning : undefined;
}

/** The remedy in this language. One that is told for the case at hand, other than that of the code, stays as it is. */
export function remedyIn(language: Language, code: string, remedy: string | undefined): string | undefined {
  if (language === 'en' || remedy === undefined || !Object.hasOwn(errorCodes, code)) return remedy;
  const known = code as ErrorCode;
  return remedy === errorCodes[known].remedy ? (germanCodes[known]?.remedy ?? remedy) : remedy;
}
