// What java.util.zip.ZipFile sees of each archive named on standard input: one line `name TAB sha1` per name, `!` and the exception where it refuses.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeSet;
import java.util.zip.ZipFile;

public class JavaZip {
  public static void main(String[] none) throws Exception {
    var paths = new BufferedReader(new InputStreamReader(System.in));
    for (String path = paths.readLine(); path != null; path = paths.readLine()) {
      try (var zip = new ZipFile(path)) {
        var names = new TreeSet<String>();
        zip.stream().forEach(entry -> names.add(entry.getName()));
        for (var name : names) System.out.println(name + "\t" + read(zip, name));
      } catch (Exception refused) {
        System.out.println("!" + refused.getMessage());
      }
      System.out.println(".");
    }
  }

  static String read(ZipFile zip, String name) {
    try (var in = zip.getInputStream(zip.getEntry(name))) {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(in.readAllBytes()));
    } catch (Exception broken) {
      return "!";
    }
  }
}
