package dev.inlay.training.run;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** What a run's numbers can depend on beside its settings. */
public final class Versions {
    private Versions() {}

    /** Names and versions: {@code inlay}, {@code java}, {@code libtorch}, {@code os}. */
    public static Map<String, String> now() {
        Map<String, String> versions = new TreeMap<>();
        versions.put("inlay", ofArtifact("dev.inlay/inlay-core"));
        versions.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        versions.put("libtorch", ofArtifact("org.bytedeco/pytorch"));
        versions.put(
                "os",
                "%s %s %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")));
        return versions;
    }

    /** As Maven wrote it into the jar; classes that do not come from a jar are under development. */
    private static String ofArtifact(String artifact) {
        try (InputStream in = Versions.class.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "development");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
